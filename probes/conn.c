/* SPDX-License-Identifier: ISC
 *
 * One connection: TCP, then TLS, timed. Owns: the descriptor and the TLS object until conn_free.
 * Not its job: what is said over it, retries, other addresses.
 */
#include "probes/conn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/tcp.h"

#define LINGER_MS 500

enum conn_state {
    CONN_TCP,
    CONN_TLS,
    CONN_LINGER, /* the handshake is done, but the server may still refuse us */
    CONN_OPEN,
    CONN_FAILED,
};

struct conn {
    struct loop *loop;
    enum conn_state state;
    struct tcp_connect *tcp;
    int fd;
    struct loop_io *io;
    struct loop_timer *timer; /* the deadline, during TLS; TCP has its own */
    struct tls *tls;
    int64_t deadline_ms;
    int64_t since_us; /* when the present phase began */
    int64_t tcp_us;
    int64_t tls_us;
    enum outcome outcome;
    char detail[160];
    struct tcp_facts last; /* what was known of it when it failed */
    bool require_verified;
    bool full_size;
    int64_t cert_soon_ms;
    struct trust *trust;
    char *servername;
    char *alpn;
    conn_fn *done;
    void *arg;
    loop_io_fn *watch_fn; /* of conn_watch */
    void *watch_arg;
};

/* --- the end of the beginning --- */

static void release(struct conn *conn)
{
    tcp_connect_cancel(conn->tcp);
    conn->tcp = NULL;
    loop_timer_free(conn->timer);
    conn->timer = NULL;
    loop_io_free(conn->io);
    conn->io = NULL;
    if (conn->fd >= 0)
        close(conn->fd);
    conn->fd = -1;
}

static void fail(struct conn *conn, enum outcome outcome, const char *detail)
{
    conn->state = CONN_FAILED;
    conn->outcome = outcome;
    str_copy(conn->detail, sizeof conn->detail, detail);
    tcp_facts_read(conn->fd, &conn->last);
    release(conn);
    conn->done(conn, outcome, conn->arg);
}

static void established(struct conn *conn)
{
    conn->state = CONN_OPEN;
    conn->outcome = conn->tls ? tls_outcome(conn->tls) : OUTCOME_OK;
    if (conn->tls)
        str_copy(conn->detail, sizeof conn->detail, tls_detail(conn->tls));
    loop_timer_free(conn->timer);
    conn->timer = NULL;
    if (conn->io)
        loop_io_want(conn->io, 0);
    conn->done(conn, conn->outcome, conn->arg);
}

/* --- TLS --- */

static void on_io(unsigned ready, void *arg);
static void handshake_done(struct conn *conn);

/* A handshake with a near server may be over before it has waited once. */
static void watch_socket(struct conn *conn)
{
    if (!conn->io)
        conn->io = loop_io_new(conn->loop, conn->fd, on_io, conn);
}

static void step_tls(struct conn *conn)
{
    enum tls_io io = tls_handshake(conn->tls);
    switch (io) {
    case TLS_IO_WANT_READ:
    case TLS_IO_WANT_WRITE:
        watch_socket(conn);
        loop_io_want(conn->io, io == TLS_IO_WANT_READ ? LOOP_READ : LOOP_WRITE);
        return;
    case TLS_IO_OK:
        handshake_done(conn);
        return;
    case TLS_IO_CLOSED:
    case TLS_IO_FAILED:
        fail(conn, tls_outcome(conn->tls), tls_detail(conn->tls));
        return;
    }
}

/* Any byte that is not an alert (session tickets, usually) means that the server let us in; so does
 * silence, once the time is up. */
static void step_linger(struct conn *conn, bool time_is_up)
{
    char byte;
    size_t got, before = tls_received(conn->tls);
    enum tls_io io = tls_read(conn->tls, &byte, sizeof byte, &got);
    if (io == TLS_IO_FAILED)
        fail(conn, tls_outcome(conn->tls), tls_detail(conn->tls));
    else if (io == TLS_IO_CLOSED)
        fail(conn, OUTCOME_TLS_CLIENT_CERTIFICATE,
             "closed after it asked for a client certificate");
    else if (time_is_up || tls_received(conn->tls) != before)
        established(conn);
}

static void on_lingered(void *arg)
{
    step_linger(arg, true); /* a loop that was held up may find the alert there */
}

static void start_linger(struct conn *conn)
{
    int64_t left_ms = conn->deadline_ms - clock_mono_ms();
    conn->state = CONN_LINGER;
    loop_timer_free(conn->timer);
    conn->timer = loop_timer_new(conn->loop, on_lingered, conn);
    loop_timer_set(conn->timer, left_ms < LINGER_MS ? left_ms : LINGER_MS);
    watch_socket(conn);
    loop_io_want(conn->io, LOOP_READ);
}

static void handshake_done(struct conn *conn)
{
    conn->tls_us = clock_mono_us() - conn->since_us;
    if (!conn->require_verified && tls_may_be_refused(conn->tls))
        start_linger(conn);
    else
        established(conn);
}

static void on_io(unsigned ready, void *arg)
{
    struct conn *conn = arg;
    if (conn->state == CONN_TLS)
        step_tls(conn);
    else if (conn->state == CONN_LINGER)
        step_linger(conn, false);
    else if (conn->state == CONN_OPEN && conn->watch_fn)
        conn->watch_fn(ready, conn->watch_arg);
}

/* Where the peer fell silent tells a lost large packet (MTU) from a dead server. */
static void on_deadline(void *arg)
{
    struct conn *conn = arg;
    size_t received = tls_received(conn->tls);
    char detail[sizeof conn->detail];
    if (received == 0)
        str_copy(detail, sizeof detail, "no byte came back after our ClientHello");
    else
        snprintf(detail, sizeof detail, "the handshake stopped after %zu bytes from the server",
                 received);
    fail(conn, OUTCOME_TLS_TIMEOUT, detail);
}

static void start_tls(struct conn *conn)
{
    struct tls_conf conf = {.trust = conn->trust,
                            .servername = conn->servername,
                            .alpn = conn->alpn,
                            .require_verified = conn->require_verified,
                            .full_size = conn->full_size,
                            .cert_soon_ms = conn->cert_soon_ms};
    conn->state = CONN_TLS;
    conn->tls = tls_new(&conf, conn->fd);
    conn->since_us = clock_mono_us(); /* what setting up took here is not the peer's time */
    conn->timer = loop_timer_new(conn->loop, on_deadline, conn);
    loop_timer_set(conn->timer, conn->deadline_ms - clock_mono_ms());
    step_tls(conn); /* the ClientHello leaves now, not with the next turn of the loop */
}

/* --- TCP --- */

static void on_tcp(const struct tcp_end *end, void *arg)
{
    struct conn *conn = arg;
    int64_t now_us = clock_mono_us();
    conn->tcp = NULL;
    conn->fd = end->fd;
    if (end->outcome != OUTCOME_OK) {
        fail(conn, end->outcome, end->detail);
        return;
    }
    conn->tcp_us = now_us - conn->since_us;
    if (conn->servername)
        start_tls(conn);
    else
        established(conn);
}

struct conn *conn_start(struct loop *loop, const struct conn_spec *spec, conn_fn *done, void *arg)
{
    struct conn *conn = mem_zalloc(sizeof(*conn));
    conn->loop = loop;
    conn->fd = -1;
    conn->deadline_ms = spec->deadline_ms;
    conn->tcp_us = conn->tls_us = -1;
    conn->require_verified = spec->require_verified;
    conn->full_size = spec->full_size;
    conn->cert_soon_ms = spec->cert_soon_ms;
    conn->trust = spec->trust;
    conn->servername = mem_strdup(spec->servername);
    conn->alpn = mem_strdup(spec->alpn);
    conn->done = done;
    conn->arg = arg;
    conn->since_us = clock_mono_us();
    conn->tcp = tcp_connect_start(loop, &spec->addr, spec->port, &spec->egress, spec->deadline_ms,
                                  on_tcp, conn);
    return conn;
}

void conn_free(struct conn *conn)
{
    if (!conn)
        return;
    if (conn->state == CONN_OPEN && conn->tls)
        tls_close(conn->tls);
    release(conn);
    tls_free(conn->tls);
    free(conn->servername);
    free(conn->alpn);
    free(conn);
}

/* --- asking --- */

int64_t conn_tcp_us(const struct conn *conn)
{
    return conn->tcp_us;
}

int64_t conn_tls_us(const struct conn *conn)
{
    return conn->tls_us;
}

void conn_tcp_facts(const struct conn *conn, struct tcp_facts *out)
{
    *out = conn->last;
    if (conn->fd >= 0)
        tcp_facts_read(conn->fd, out);
}

const char *conn_detail(const struct conn *conn)
{
    return conn->detail;
}

const struct tls *conn_tls(const struct conn *conn)
{
    return conn->tls;
}

struct cert_facts *conn_cert(const struct conn *conn)
{
    return conn->tls ? tls_cert(conn->tls) : NULL;
}

enum outcome conn_outcome(const struct conn *conn)
{
    return conn->outcome;
}

/* --- using it --- */

void conn_watch(struct conn *conn, unsigned want, loop_io_fn *fn, void *arg)
{
    conn->watch_fn = fn;
    conn->watch_arg = arg;
    if (conn->state != CONN_OPEN)
        return;
    watch_socket(conn);
    loop_io_want(conn->io, want);
}

static enum tls_io after_plain(struct conn *conn, ssize_t n, enum tls_io again, size_t *count)
{
    if (n > 0) {
        *count = (size_t)n;
        return TLS_IO_OK;
    }
    if (n == 0)
        return TLS_IO_CLOSED;
    if (errno == EAGAIN || errno == EINTR)
        return again;
    conn->outcome = tcp_outcome(errno);
    str_copy(conn->detail, sizeof conn->detail, strerror(errno));
    return TLS_IO_FAILED;
}

static enum tls_io after_tls(struct conn *conn, enum tls_io io)
{
    if (io == TLS_IO_FAILED) {
        conn->outcome = tls_outcome(conn->tls);
        str_copy(conn->detail, sizeof conn->detail, tls_detail(conn->tls));
    }
    return io;
}

enum tls_io conn_read(struct conn *conn, void *data, size_t cap, size_t *got)
{
    *got = 0;
    if (conn->state != CONN_OPEN)
        return TLS_IO_FAILED;
    if (conn->tls)
        return after_tls(conn, tls_read(conn->tls, data, cap, got));
    return after_plain(conn, recv(conn->fd, data, cap, 0), TLS_IO_WANT_READ, got);
}

enum tls_io conn_write(struct conn *conn, const void *data, size_t len, size_t *put)
{
    *put = 0;
    if (conn->state != CONN_OPEN)
        return TLS_IO_FAILED;
    if (conn->tls)
        return after_tls(conn, tls_write(conn->tls, data, len, put));
    return after_plain(conn, send(conn->fd, data, len, MSG_NOSIGNAL), TLS_IO_WANT_WRITE, put);
}
