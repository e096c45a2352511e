/* SPDX-License-Identifier: ISC
 *
 * The ICMP message behind a socket's error, from its error queue (IP_RECVERR): who refused, and
 * why. errno does not tell: IPv4 has EHOSTUNREACH for "administratively prohibited" as well as for
 * a host that is not there.
 */
#ifndef REACHD_PROBES_ICMP_H
#define REACHD_PROBES_ICMP_H

#include "lib/addr.h"
#include "probes/outcome.h"

struct icmp_error {
    int error;            /* the errno that the kernel made of it; 0: there was none */
    enum outcome outcome; /* PROHIBITED, UNREACHABLE, REFUSED, or what the errno says */
    const char *text;     /* static */
    struct addr from;     /* unset when unknown */
};

/* Asks the kernel to keep ICMP errors of a TCP or UDP socket, or to stop: once it is connected a
 * stray one would end it. */
void icmp_keep(int fd, int af, bool on);
/* Takes one message off the queue; error 0: there is none. */
struct icmp_error icmp_next(int fd);

#endif
