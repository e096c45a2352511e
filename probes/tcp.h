/* SPDX-License-Identifier: ISC
 *
 * One non-blocking TCP connect to one address. Owns: the socket until it connects, the translation
 * of errno and of the ICMP error queue (IP_RECVERR) to outcomes.
 */
#ifndef REACHD_PROBES_TCP_H
#define REACHD_PROBES_TCP_H

#include "lib/loop.h"
#include "probes/egress.h"
#include "probes/outcome.h"

struct tcp_connect;

struct tcp_end {
    enum outcome outcome;
    int fd;    /* connected, non-blocking, close-on-exec, the callee's; -1 unless outcome is OK */
    bool icmp; /* an ICMP message told of the failure: not the other end itself, as a RST would */
    const char *detail; /* printable evidence ("EHOSTUNREACH, ICMP administratively prohibited from
                           192.0.2.1"), may be "" */
};

/* The end is valid during the call. */
typedef void tcp_connect_fn(const struct tcp_end *end, void *arg);

struct tcp_connect *tcp_connect_start(struct loop *loop, const struct addr *addr, uint16_t port,
                                      const struct egress *egress, int64_t deadline_ms,
                                      tcp_connect_fn *done, void *arg);
void tcp_connect_cancel(struct tcp_connect *op);
enum outcome tcp_outcome(int error); /* of an errno from connect, read or write */
/* Of an errno that connect(2) returned at once. */
enum outcome tcp_connect_outcome(int error, int af, const struct egress *egress);
const char *tcp_error_name(int error); /* "ECONNREFUSED" */

#endif
