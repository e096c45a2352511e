/* SPDX-License-Identifier: ISC
 *
 * The look that ends when the connection stands: all of kind tls, and without TLS all of tcp.
 */
#ifndef REACHD_PROBES_KINDS_CONNECT_H
#define REACHD_PROBES_KINDS_CONNECT_H

#include "probes/conn.h"
#include "probes/probe.h"

struct connect_look;

/* servername NULL: without TLS. */
struct connect_look *connect_look_start(struct loop *loop, const struct probe_spec *spec,
                                        const struct addr *addr, const char *servername,
                                        probe_fn *done, void *arg);
void connect_look_cancel(void *look);
void connect_look_path(const void *look, struct tcp_facts *out);
/* Puts what the connection knows into the result: phases, TLS, certificate. */
void connect_look_read(const struct conn *conn, struct probe_result *out);

#endif
