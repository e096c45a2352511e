/* SPDX-License-Identifier: ISC
 *
 * A connection to one address: TCP connect, then the TLS handshake, as one state machine with one
 * deadline and the time of each phase. Probes look at it and close it; sessions speak HTTP over it.
 */
#ifndef REACHD_PROBES_CONN_H
#define REACHD_PROBES_CONN_H

#include "lib/loop.h"
#include "probes/egress.h"
#include "probes/tcp_facts.h"
#include "probes/tls.h"

struct conn;

struct conn_spec {
    struct addr addr;
    uint16_t port;
    const char *servername; /* NULL: plain TCP, no TLS; else as in struct tls_conf */
    const char *alpn;
    struct trust *trust;
    bool require_verified; /* see struct tls_conf */
    bool full_size;        /* see struct tls_conf */
    int64_t cert_soon_ms;  /* see struct cert_case */
    struct egress egress;
    int64_t deadline_ms; /* clock_mono_ms() */
};

/* The connection is established (outcome OK, or in diagnosis mode CERT_*), or failed. Called once,
 * not before conn_start returns. The conn stays the owner's until conn_free, also after a failure.
 */
typedef void conn_fn(struct conn *conn, enum outcome outcome, void *arg);

struct conn *conn_start(struct loop *loop, const struct conn_spec *spec, conn_fn *done, void *arg);
void conn_free(struct conn *conn); /* cancels or closes; legal at any time; NULL is fine */

int64_t conn_tcp_us(const struct conn *conn); /* -1: not connected */
int64_t conn_tls_us(const struct conn *conn); /* -1: no completed handshake */
/* Of the connection as it is now, or as it was when it failed. */
void conn_tcp_facts(const struct conn *conn, struct tcp_facts *out);
const char *conn_detail(const struct conn *conn);
const struct tls *conn_tls(const struct conn *conn); /* NULL before TCP connects or without TLS */
/* Decodes the peer's certificates anew with each call; the caller owns it. NULL: none arrived. */
struct cert_facts *conn_cert(const struct conn *conn);

/* After it is established. fn runs when the stream may go on; read or write until they want more.
 */
void conn_watch(struct conn *conn, unsigned want, loop_io_fn *fn, void *arg);
enum tls_io conn_read(struct conn *conn, void *data, size_t cap, size_t *got);
enum tls_io conn_write(struct conn *conn, const void *data, size_t len, size_t *put);
/* Why conn_read or conn_write returned TLS_IO_FAILED. */
enum outcome conn_outcome(const struct conn *conn);

#endif
