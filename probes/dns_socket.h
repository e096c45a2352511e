/* SPDX-License-Identifier: ISC
 *
 * The sockets of a DNS channel, and what they heard besides answers: ICMP errors and datagrams that
 * are no answer. c-ares (1.18 above all) drops the one and the other at times and then speaks of
 * silence; here they are noted. The functions are those of c-ares' socket table, without its types.
 */
#ifndef REACHD_PROBES_DNS_SOCKET_H
#define REACHD_PROBES_DNS_SOCKET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "probes/egress.h"

/* Of the last of each kind; *_us on clock_mono_us(), 0: never. */
struct dns_heard {
    int64_t refused_us; /* ICMP, or no way to the server at all */
    char refused[96];   /* "ICMP port unreachable from 192.0.2.1", "ENETUNREACH" */
    struct addr from;   /* of the last message that came */
    int64_t noise_us;   /* a datagram from the server's address that is no answer */
    size_t noise_len;
};

struct dns_sockets {
    struct egress egress; /* the way out of each */
    struct dns_heard heard;
};

/* user: the struct dns_sockets. -1 with errno, as the system's calls. Non-blocking, and closed on
 * exec. */
int dns_socket_open(int af, int type, int protocol, void *user);
int dns_socket_close(int fd, void *user);
int dns_socket_connect(int fd, const struct sockaddr *to, socklen_t len, void *user);
/* ICMP that says "unreachable" may pass (RFC 1122 section 4.2.3.9): it is noted, and the wait goes
 * on. "Port unreachable" is told at once. */
ssize_t dns_socket_receive(int fd, void *data, size_t len, int flags, struct sockaddr *from,
                           socklen_t *from_len, void *user);
ssize_t dns_socket_send(int fd, const struct iovec *parts, int count, void *user);

#endif
