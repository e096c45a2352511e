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
#include "probes/ladder.h"

#include "make_cert.h"

#define MAX_PEERS 64

static struct made_cert cert;
static char cert_path[] = "/tmp/reachd-test-ladder-XXXXXX";
static struct trust *trust;

/* A server on loopback in the same loop, behind a path that loses what it sends in segments larger
 * than `limit`: to whoever allows larger ones it says nothing. */
struct peer {
    struct server *server;
    int fd;
    SSL *ssl;
    struct loop_io *io;
};

struct server {
    struct loop *loop;
    int listener;
    uint16_t port;
    uint32_t limit;
    unsigned heals_after; /* connections from which on nothing is lost; 0: never */
    unsigned count;
    struct peer peers[MAX_PEERS];
    SSL_CTX *ctx;
    struct loop_io *io;
};

static void on_peer(unsigned ready, void *arg)
{
    struct peer *peer = arg;
    char byte;
    (void)ready;
    int count = SSL_read(peer->ssl, &byte, 1);
    if (count <= 0 && SSL_get_error(peer->ssl, count) != SSL_ERROR_WANT_READ)
        loop_io_want(peer->io, 0);
}

static void on_accept(unsigned ready, void *arg)
{
    struct server *s = arg;
    struct tcp_facts facts;
    (void)ready;
    assert_true(s->count < MAX_PEERS);
    struct peer *peer = &s->peers[s->count++];
    peer->server = s;
    peer->fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK);
    assert_true(peer->fd >= 0);
    tcp_facts_read(peer->fd, &facts);
    if (facts.mss_out > s->limit && !(s->heals_after && s->count > s->heals_after))
        return;
    peer->ssl = SSL_new(s->ctx);
    SSL_set_fd(peer->ssl, peer->fd);
    SSL_set_accept_state(peer->ssl);
    peer->io = loop_io_new(s->loop, peer->fd, on_peer, peer);
    loop_io_want(peer->io, LOOP_READ);
}

static void open_server(struct server *s, struct loop *loop, uint32_t limit)
{
    struct addr addr = addr_loopback(FAMILY_IPV4), bound;
    struct sockaddr_storage ss;
    socklen_t len = addr_to_sockaddr(&addr, 0, &ss);
    *s = (struct server){.loop = loop, .limit = limit};
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&ss, len), 0);
    assert_int_equal(listen(s->listener, 16), 0);
    len = sizeof ss;
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&ss, &len), 0);
    assert_true(addr_from_sockaddr((struct sockaddr *)&ss, &bound, &s->port));
    s->ctx = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(s->ctx, cert.cert);
    SSL_CTX_use_PrivateKey(s->ctx, cert.key);
    s->io = loop_io_new(loop, s->listener, on_accept, s);
    loop_io_want(s->io, LOOP_READ);
}

static void close_server(struct server *s)
{
    loop_io_free(s->io);
    for (unsigned i = 0; i < s->count; i++) {
        loop_io_free(s->peers[i].io);
        SSL_free(s->peers[i].ssl);
        close(s->peers[i].fd);
    }
    SSL_CTX_free(s->ctx);
    close(s->listener);
}

struct client {
    struct loop *loop;
    struct ladder *ladder;
    int calls;
    struct probe_result result; /* its certificate is gone */
    bool had_cert;
};

static void on_done(struct probe_result *result, void *arg)
{
    struct client *c = arg;
    c->calls++;
    c->ladder = NULL;
    c->result = *result;
    c->had_cert = result->cert != NULL;
    loop_stop(c->loop);
}

static void start(struct client *c, struct loop *loop, const struct server *s, int64_t ms)
{
    struct addr addr = addr_loopback(FAMILY_IPV4);
    struct probe_spec spec = {.servername = "a.test",
                              .port = s->port,
                              .trust = trust,
                              .deadline_ms = clock_mono_ms() + ms};
    *c = (struct client){.loop = loop};
    c->ladder = ladder_start(loop, &spec, &addr, on_done, c);
    assert_int_equal(c->calls, 0);
}

static struct client run(uint32_t limit, unsigned heals_after, int64_t ms, unsigned *connections)
{
    struct loop *loop = loop_new();
    struct server s;
    struct client c;
    open_server(&s, loop, limit);
    s.heals_after = heals_after;
    start(&c, loop, &s, ms);
    loop_run(loop);
    assert_int_equal(c.calls, 1);
    *connections = s.count;
    close_server(&s);
    loop_free(loop);
    return c;
}

static void what_answers_is_asked_once(void **arg)
{
    unsigned connections;
    (void)arg;
    struct client c = run(65535, 0, 20000, &connections);
    assert_int_equal(c.result.outcome, OUTCOME_OK);
    assert_int_equal(connections, 1);
    assert_false(c.result.mtu.proven);
}

static void a_black_hole_is_measured(void **arg)
{
    unsigned connections;
    (void)arg;
    struct client c = run(1414, 0, 8000, &connections);
    assert_int_equal(c.result.outcome, OUTCOME_MTU_BLACK_HOLE);
    assert_true(c.result.mtu.proven);
    assert_int_equal(c.result.mtu.passed, 1414);
    assert_int_equal(c.result.mtu.hung, 1415);
    assert_false(c.result.mtu.outward);
    assert_true(c.result.mtu.announced > 1460); /* loopback's own */
    assert_true(c.had_cert);                    /* the small one saw it */
    assert_true(c.result.tls_us > 0);
    assert_true(connections > 8 && connections <= MTU_MAX_ATTEMPTS);
}

static void silence_stays_silence(void **arg)
{
    unsigned connections;
    (void)arg;
    struct client c = run(0, 0, 2000, &connections);
    assert_int_equal(c.result.outcome, OUTCOME_TLS_TIMEOUT);
    assert_false(c.result.mtu.proven);
    assert_int_equal(connections, 3); /* the smallest and the full one were tried */
}

/* A server that was silent once only: the full size passes with the second attempt. */
static void one_silence_is_no_black_hole(void **arg)
{
    unsigned connections;
    (void)arg;
    struct client c = run(536, 1, 2000, &connections);
    assert_int_equal(c.result.outcome, OUTCOME_TLS_TIMEOUT);
    assert_false(c.result.mtu.proven);
}

static void on_stop(void *arg)
{
    loop_stop(arg);
}

/* While the first is under way, while it is suspected, and within each round. */
static void cancel_is_legal_in_every_state(void **arg)
{
    struct loop *loop = loop_new();
    struct loop_timer *timer = loop_timer_new(loop, on_stop, loop);
    (void)arg;
    ladder_cancel(NULL);
    static const unsigned connections[] = {0, 1, 2, 3, 4, 8, 9};
    for (size_t i = 0; i < sizeof connections / sizeof *connections; i++) {
        struct server s;
        struct client c;
        open_server(&s, loop, 1414);
        start(&c, loop, &s, 2000);
        while (s.count < connections[i] && c.calls == 0) {
            loop_timer_set(timer, 1);
            loop_run(loop);
        }
        ladder_cancel(c.ladder);
        loop_timer_set(timer, 1);
        loop_run(loop);
        close_server(&s);
    }
    loop_timer_free(timer);
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
    trust_free(trust);
    made_cert_free(&cert);
    unlink(cert_path);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_answers_is_asked_once),
        cmocka_unit_test(a_black_hole_is_measured),
        cmocka_unit_test(silence_stays_silence),
        cmocka_unit_test(one_silence_is_no_black_hole),
        cmocka_unit_test(cancel_is_legal_in_every_state),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
