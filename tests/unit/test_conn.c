/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/ssl.h>

#include "lib/clock.h"
#include "probes/conn.h"
#include "probes/probe.h"

#include "make_cert.h"

static struct made_cert cert;
static char cert_path[] = "/tmp/reachd-test-conn-XXXXXX";
static struct trust *trust;

/* A server on loopback in the same loop. */
struct server {
    struct loop *loop;
    int listener, fd;
    uint16_t port;
    bool silent; /* accepts nothing; the kernel completes TCP */
    SSL_CTX *ctx;
    SSL *ssl;
    struct loop_io *accept_io, *io;
    char got[64];
    size_t got_len;
};

static void on_server_io(unsigned ready, void *arg)
{
    struct server *s = arg;
    (void)ready;
    int count = SSL_read(s->ssl, s->got + s->got_len, (int)(sizeof s->got - s->got_len));
    if (count > 0) {
        s->got_len += (size_t)count;
        SSL_write(s->ssl, "pong", 4);
    } else if (SSL_get_error(s->ssl, count) != SSL_ERROR_WANT_READ) {
        loop_io_free(s->io);
        s->io = NULL;
    }
}

static void on_accept(unsigned ready, void *arg)
{
    struct server *s = arg;
    (void)ready;
    s->fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK);
    assert_true(s->fd >= 0);
    loop_io_free(s->accept_io);
    s->accept_io = NULL;
    s->ssl = SSL_new(s->ctx);
    SSL_set_fd(s->ssl, s->fd);
    SSL_set_accept_state(s->ssl);
    s->io = loop_io_new(s->loop, s->fd, on_server_io, s);
    loop_io_want(s->io, LOOP_READ);
}

static void open_server(struct server *s, struct loop *loop, bool silent)
{
    struct addr addr = addr_loopback(FAMILY_IPV4), bound;
    struct sockaddr_storage ss;
    socklen_t len = addr_to_sockaddr(&addr, 0, &ss);
    *s = (struct server){.loop = loop, .fd = -1, .silent = silent};
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&ss, len), 0);
    assert_int_equal(listen(s->listener, 4), 0);
    len = sizeof ss;
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&ss, &len), 0);
    assert_true(addr_from_sockaddr((struct sockaddr *)&ss, &bound, &s->port));
    s->ctx = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(s->ctx, cert.cert);
    SSL_CTX_use_PrivateKey(s->ctx, cert.key);
    if (silent)
        return;
    s->accept_io = loop_io_new(loop, s->listener, on_accept, s);
    loop_io_want(s->accept_io, LOOP_READ);
}

static void close_server(struct server *s)
{
    loop_io_free(s->accept_io);
    loop_io_free(s->io);
    SSL_free(s->ssl);
    SSL_CTX_free(s->ctx);
    if (s->fd >= 0)
        close(s->fd);
    close(s->listener);
}

struct client {
    struct loop *loop;
    struct conn *conn;
    int calls;
    enum outcome outcome;
    bool free_in_done;
    char got[64];
    size_t got_len;
};

static void on_conn(struct conn *conn, enum outcome outcome, void *arg)
{
    struct client *c = arg;
    assert_ptr_equal(conn, c->conn);
    c->calls++;
    c->outcome = outcome;
    if (c->free_in_done) {
        conn_free(conn);
        c->conn = NULL;
    }
    loop_stop(c->loop);
}

static void start(struct client *c, struct loop *loop, uint16_t port, const char *name,
                  int64_t timeout_ms)
{
    struct conn_spec spec = {.addr = addr_loopback(FAMILY_IPV4),
                             .port = port,
                             .servername = name,
                             .trust = trust,
                             .deadline_ms = clock_mono_ms() + timeout_ms};
    c->loop = loop;
    c->calls = 0;
    c->conn = conn_start(loop, &spec, on_conn, c);
    assert_int_equal(c->calls, 0);
}

static void phases_are_timed_and_data_passes(void **arg)
{
    struct loop *loop = loop_new();
    struct server s;
    struct client c = {0};
    size_t count;
    (void)arg;
    open_server(&s, loop, false);
    start(&c, loop, s.port, "a.test", 5000);
    assert_int_equal(conn_tcp_us(c.conn), -1);
    assert_null(conn_tls(c.conn));
    loop_run(loop);
    assert_int_equal(c.calls, 1);
    assert_int_equal(c.outcome, OUTCOME_OK);
    assert_true(conn_tcp_us(c.conn) >= 0 && conn_tls_us(c.conn) > 0);
    assert_int_equal(conn_write(c.conn, "ping", 4, &count), TLS_IO_OK);
    assert_int_equal(count, 4);
    conn_free(c.conn); /* says goodbye */
    loop_run(loop);
    assert_int_equal(s.got_len, 4);
    assert_true(SSL_get_shutdown(s.ssl) & SSL_RECEIVED_SHUTDOWN);
    close_server(&s);
    loop_free(loop);
}

static void on_reply(unsigned ready, void *arg)
{
    struct client *c = arg;
    size_t count;
    enum tls_io io;
    assert_true(ready & LOOP_READ);
    while ((io = conn_read(c->conn, c->got + c->got_len, sizeof c->got - c->got_len, &count)) ==
           TLS_IO_OK)
        c->got_len += count;
    if (c->got_len >= 4)
        loop_stop(c->loop);
}

static void a_watch_tells_of_data(void **arg)
{
    struct loop *loop = loop_new();
    struct server s;
    struct client c = {0};
    size_t count;
    (void)arg;
    open_server(&s, loop, false);
    start(&c, loop, s.port, "a.test", 5000);
    loop_run(loop);
    assert_int_equal(conn_write(c.conn, "ping", 4, &count), TLS_IO_OK);
    conn_watch(c.conn, LOOP_READ, on_reply, &c);
    loop_run(loop);
    assert_memory_equal(c.got, "pong", 4);
    conn_free(c.conn);
    close_server(&s);
    loop_free(loop);
}

static void plain_tcp_needs_no_tls(void **arg)
{
    struct loop *loop = loop_new();
    struct server s;
    struct client c = {0};
    char byte;
    size_t count;
    (void)arg;
    open_server(&s, loop, true);
    start(&c, loop, s.port, NULL, 5000);
    loop_run(loop);
    assert_int_equal(c.outcome, OUTCOME_OK);
    assert_null(conn_tls(c.conn));
    assert_null(conn_cert(c.conn));
    assert_int_equal(conn_tls_us(c.conn), -1);
    assert_int_equal(conn_read(c.conn, &byte, 1, &count), TLS_IO_WANT_READ);
    int fd = accept(s.listener, NULL, NULL);
    assert_int_equal(conn_write(c.conn, "x", 1, &count), TLS_IO_OK);
    assert_int_equal(read(fd, &byte, 1), 1);
    close(fd);
    /* Its FIN is on the way over loopback already. */
    assert_int_equal(conn_read(c.conn, &byte, 1, &count), TLS_IO_CLOSED);
    conn_free(c.conn);
    close_server(&s);
    loop_free(loop);
}

static void a_silent_server_is_a_tls_timeout(void **arg)
{
    struct loop *loop = loop_new();
    struct server s;
    struct client c = {0};
    (void)arg;
    open_server(&s, loop, true);
    start(&c, loop, s.port, "a.test", 60);
    loop_run(loop);
    assert_int_equal(c.outcome, OUTCOME_TLS_TIMEOUT);
    assert_string_equal(conn_detail(c.conn), "no byte came back after our ClientHello");
    assert_true(conn_tcp_us(c.conn) >= 0);
    assert_int_equal(conn_tls_us(c.conn), -1);
    conn_free(c.conn);
    close_server(&s);
    loop_free(loop);
}

/* In TLS 1.3 the handshake ends well before the server says that it wants a certificate. */
static void a_demanded_client_certificate_is_told(void **arg)
{
    (void)arg;
    for (int demanded = 0; demanded < 2; demanded++) {
        struct loop *loop = loop_new();
        struct server s;
        struct client c = {0};
        open_server(&s, loop, false);
        SSL_CTX_set_verify(
            s.ctx, SSL_VERIFY_PEER | (demanded ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), NULL);
        start(&c, loop, s.port, "a.test", 5000);
        loop_run(loop);
        assert_int_equal(c.outcome, demanded ? OUTCOME_TLS_ALERT_CERTIFICATE_REQUIRED : OUTCOME_OK);
        assert_true(conn_tls_us(c.conn) > 0);
        conn_free(c.conn);
        close_server(&s);
        loop_free(loop);
    }
}

static void on_stop(void *arg)
{
    loop_stop(arg);
}

static void free_is_legal_in_every_state(void **arg)
{
    struct loop *loop = loop_new();
    struct loop_timer *timer = loop_timer_new(loop, on_stop, loop);
    struct server s;
    struct client c = {0};
    (void)arg;
    conn_free(NULL);
    open_server(&s, loop, true);
    start(&c, loop, s.port, "a.test", 5000); /* TCP under way */
    conn_free(c.conn);
    start(&c, loop, s.port, "a.test", 5000);
    for (int i = 0; i < 100 && !conn_tls(c.conn); i++) { /* TLS under way */
        loop_timer_set(timer, 1);
        loop_run(loop);
    }
    assert_non_null(conn_tls(c.conn));
    conn_free(c.conn);
    loop_timer_set(timer, 5);
    loop_run(loop);
    assert_int_equal(c.calls, 0);
    c.free_in_done = true; /* inside the callback, after success and failure */
    start(&c, loop, s.port, NULL, 5000);
    loop_run(loop);
    assert_int_equal(c.calls, 1);
    start(&c, loop, s.port, "a.test", 20);
    loop_run(loop);
    assert_int_equal(c.calls, 1);
    assert_int_equal(c.outcome, OUTCOME_TLS_TIMEOUT);
    loop_timer_free(timer);
    close_server(&s);
    loop_free(loop);
}

struct probed {
    struct loop *loop;
    int calls;
    struct probe_result result;
};

static void on_probe(struct probe_result *result, void *arg)
{
    struct probed *p = arg;
    p->calls++;
    p->result = *result;
    result->cert = NULL;
    loop_stop(p->loop);
}

static void a_probe_tells_all(void **arg)
{
    struct loop *loop = loop_new();
    struct probed p = {.loop = loop};
    struct addr addr = addr_loopback(FAMILY_IPV4);
    struct server s;
    (void)arg;
    open_server(&s, loop, false);
    struct probe_spec spec = {.servername = "b.test",
                              .port = s.port,
                              .trust = trust,
                              .deadline_ms = clock_mono_ms() + 5000};
    probe_start(loop, &spec, &addr, on_probe, &p);
    loop_run(loop);
    assert_int_equal(p.calls, 1);
    assert_int_equal(p.result.outcome, OUTCOME_CERT_NAME_MISMATCH);
    json_t *json = probe_result_json(&p.result, clock_wall_ms());
    assert_string_equal(json_string_value(json_object_get(json, "outcome")), "cert-name-mismatch");
    assert_string_equal(json_string_value(json_object_get(json, "layer")), "cert");
    assert_string_equal(json_string_value(json_object_get(json, "protocol")), "TLSv1.3");
    assert_true(json_integer_value(json_object_get(json, "tls_us")) > 0);
    json_t *problems = json_object_get(json_object_get(json, "certificate"), "problems");
    assert_int_equal(json_array_size(problems), 1);
    json_decref(json);
    probe_result_clear(&p.result);
    probe_cancel(probe_start(loop, &spec, &addr, on_probe, &p));
    assert_int_equal(p.calls, 1);
    spec.kind = PROBE_TCP; /* what the port speaks is not looked at then */
    probe_start(loop, &spec, &addr, on_probe, &p);
    loop_run(loop);
    assert_int_equal(p.calls, 2);
    assert_int_equal(p.result.outcome, OUTCOME_OK);
    assert_true(p.result.tcp_us >= 0 && p.result.tls_us == -1 && !p.result.cert);
    close_server(&s);
    loop_free(loop);
}

static int set_up(void **state)
{
    char error[256];
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    cert = make_cert("Root", "DNS:a.test", NULL, true, -30, 30);
    write_pem(cert_path, cert.cert);
    trust = trust_new(cert_path, error, sizeof error);
    return trust ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    made_cert_free(&cert);
    trust_free(trust);
    unlink(cert_path);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_are_timed_and_data_passes),
        cmocka_unit_test(a_watch_tells_of_data),
        cmocka_unit_test(plain_tcp_needs_no_tls),
        cmocka_unit_test(a_silent_server_is_a_tls_timeout),
        cmocka_unit_test(a_demanded_client_certificate_is_told),
        cmocka_unit_test(free_is_legal_in_every_state),
        cmocka_unit_test(a_probe_tells_all),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
