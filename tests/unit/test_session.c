/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>

#include "lib/clock.h"
#include "lib/str.h"
#include "probes/session.h"
#include "tests/unit/fake_dns.h"
#include "tests/unit/make_cert.h"

#define LIMIT_MS 20000
#define SECRET   "hunter2"

enum manner {
    REPLY_AND_CLOSE, /* close_notify, then FIN */
    REPLY_AND_CUT,   /* FIN alone */
    REPLY_AND_STAY,  /* until the client closes */
    REPLY_UNASKED,   /* without reading the request */
};

/* A server in a thread that serves one connection; everything but start and stop is its own. */
struct server {
    int fd;
    uint16_t port;
    pthread_t thread;
    SSL_CTX *ctx; /* NULL: plain HTTP */
    enum manner manner;
    const char *reply;
    size_t reply_len;
    char request[8192];
    size_t received;
    bool handshake;
};

struct bench {
    struct loop *loop;
    struct fake_dns dns;
    struct resolver *resolver;
    struct trust *trust;
    char ca_path[64];
    struct made_cert ca, good, other;
    struct server server;
    /* the reply, copied */
    struct session_reply reply;
    char location[600];
    char body[70000];
    unsigned calls;
    struct session *cancel;
};

/* --- the server --- */

static ssize_t server_read(int fd, SSL *ssl, char *data, size_t cap)
{
    return ssl ? SSL_read(ssl, data, (int)cap) : read(fd, data, cap);
}

static void server_talk(struct server *s, int fd, SSL *ssl)
{
    char rest[256];
    while (s->manner != REPLY_UNASKED && s->received + 1 < sizeof(s->request) &&
           !strstr(s->request, "\r\n\r\n")) {
        ssize_t got =
            server_read(fd, ssl, s->request + s->received, sizeof(s->request) - 1 - s->received);
        if (got <= 0)
            return;
        s->received += (size_t)got;
    }
    if (s->reply_len > 0 && ssl)
        SSL_write(ssl, s->reply, (int)s->reply_len);
    else if (s->reply_len > 0)
        (void)!write(fd, s->reply, s->reply_len);
    if (s->manner == REPLY_AND_CLOSE && ssl)
        SSL_shutdown(ssl);
    bool stay = s->manner == REPLY_AND_STAY || s->manner == REPLY_UNASKED;
    while (stay && server_read(fd, ssl, rest, sizeof(rest)) > 0)
        continue;
}

static void *server_main(void *arg)
{
    struct server *s = arg;
    int fd = accept(s->fd, NULL, NULL);
    if (fd < 0)
        return NULL;
    SSL *ssl = s->ctx ? SSL_new(s->ctx) : NULL;
    if (ssl)
        SSL_set_fd(ssl, fd);
    s->handshake = ssl && SSL_accept(ssl) == 1;
    if (!ssl || s->handshake)
        server_talk(s, fd, ssl);
    SSL_free(ssl);
    close(fd);
    return NULL;
}

static uint16_t listen_on(const char *ip, uint16_t port, int *fd)
{
    struct sockaddr_storage sa;
    struct addr addr;
    int on = 1;
    assert_true(addr_parse(ip, &addr));
    socklen_t len = addr_to_sockaddr(&addr, port, &sa);
    *fd = socket(addr.af, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd < 0)
        return 0;
    setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(*fd, (struct sockaddr *)&sa, len) != 0 || listen(*fd, 5) != 0) {
        close(*fd);
        return 0;
    }
    assert_int_equal(getsockname(*fd, (struct sockaddr *)&sa, &len), 0);
    assert_true(addr_from_sockaddr((struct sockaddr *)&sa, &addr, &port));
    return port;
}

static void server_start(struct bench *b, const char *ip, const struct made_cert *cert,
                         enum manner manner, const char *reply)
{
    struct server *s = &b->server;
    memset(s, 0, sizeof(*s));
    s->port = listen_on(ip, 0, &s->fd);
    assert_int_not_equal(s->port, 0);
    s->manner = manner;
    s->reply = reply;
    s->reply_len = strlen(reply);
    if (cert) {
        s->ctx = SSL_CTX_new(TLS_server_method());
        assert_int_equal(SSL_CTX_use_certificate(s->ctx, cert->cert), 1);
        assert_int_equal(SSL_CTX_use_PrivateKey(s->ctx, cert->key), 1);
    }
    assert_int_equal(pthread_create(&s->thread, NULL, server_main, s), 0);
}

static void server_stop(struct bench *b)
{
    struct server *s = &b->server;
    shutdown(s->fd, SHUT_RDWR); /* wakes accept */
    pthread_join(s->thread, NULL);
    close(s->fd);
    SSL_CTX_free(s->ctx);
}

/* --- the client --- */

static void on_limit(void *arg)
{
    (void)arg;
    fail_msg("nothing happened within %d ms", LIMIT_MS);
}

static void on_done(const struct session_reply *reply, void *arg)
{
    struct bench *b = arg;
    b->reply = *reply;
    b->calls++;
    str_copy(b->location, sizeof(b->location), reply->location);
    assert_true(reply->body_len < sizeof(b->body));
    memcpy(b->body, reply->body, reply->body_len + 1);
    assert_null(strstr(reply->detail, SECRET));
    if (b->cancel)
        session_cancel(b->cancel);
    loop_stop(b->loop);
}

static struct session *start(struct bench *b, const struct session_request *request)
{
    unsigned before = b->calls;
    struct session *session = session_start(b->loop, b->resolver, b->trust, request, on_done, b);
    assert_int_equal(b->calls, before);
    return session;
}

static enum outcome run(struct bench *b)
{
    struct loop_timer *limit = loop_timer_new(b->loop, on_limit, NULL);
    loop_timer_set(limit, LIMIT_MS);
    unsigned before = b->calls;
    loop_run(b->loop);
    loop_timer_free(limit);
    assert_int_equal(b->calls, before + 1);
    if (b->reply.outcome != OUTCOME_OK)
        print_message("%s: %s\n", outcome_word(b->reply.outcome), b->reply.detail);
    return b->reply.outcome;
}

static struct session_request request_to(char url[256], const char *host, uint16_t port, bool tls)
{
    snprintf(url, 256, "%s://%s:%u/nic/update?d=a.example&p=" SECRET, tls ? "https" : "http", host,
             port);
    return (struct session_request){
        .method = "GET", .url = url, .max_body = 1000, .family = SESSION_IPV4, .timeout_ms = 10000};
}

/* One exchange with a TLS server of the right certificate. */
static enum outcome exchange(struct bench *b, enum manner manner, const char *reply)
{
    char url[256];
    server_start(b, "127.0.0.1", &b->good, manner, reply);
    struct session_request request = request_to(url, "good.test", b->server.port, true);
    start(b, &request);
    enum outcome outcome = run(b);
    server_stop(b);
    return outcome;
}

static bool resolve_all(const struct fake_question *q, struct made_dns *m, void *arg)
{
    (void)arg;
    *m = make_reply(q->id, MAKE_QR | MAKE_RA, q->name, q->type);
    if (q->type != RR_A)
        return !str_starts(q->name, "half"); /* a resolver that drops AAAA */
    if (str_starts(q->name, "two"))
        make_addr(m, 0, "@12", 60, "127.0.0.2");
    make_addr(m, 0, "@12", 60, "127.0.0.1");
    return true;
}

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    char error[200], servers[64];
    b->loop = loop_new();
    fake_dns_start(&b->dns, b->loop, "127.0.0.1", 0, resolve_all, b);
    snprintf(servers, sizeof(servers), "127.0.0.1:%u", b->dns.port);
    struct resolver_conf conf = {.servers = servers};
    b->resolver = resolver_new(b->loop, &conf, error, sizeof(error));
    b->ca = make_cert("Test CA", NULL, NULL, true, -1, 10);
    b->good = make_cert("good.test", "DNS:good.test,DNS:two.test,DNS:half.test,IP:127.0.0.1",
                        &b->ca, false, -1, 10);
    b->other = make_cert("other.example", "DNS:other.example", &b->ca, false, -1, 10);
    str_copy(b->ca_path, sizeof(b->ca_path), "/tmp/reachd-session-XXXXXX");
    write_pem(b->ca_path, b->ca.cert);
    b->trust = trust_new(b->ca_path, error, sizeof(error));
    assert_non_null(b->resolver);
    assert_non_null(b->trust);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    resolver_free(b->resolver);
    trust_free(b->trust);
    fake_dns_stop(&b->dns);
    loop_free(b->loop);
    unlink(b->ca_path);
    made_cert_free(&b->good);
    made_cert_free(&b->other);
    made_cert_free(&b->ca);
    free(b);
    return 0;
}

/* --- tests --- */

#define OK200 "HTTP/1.1 200 OK\r\n"

static void whole_exchange(void **state)
{
    struct bench *b = *state;
    char url[256], expected[1024], text[ADDR_STRLEN];
    server_start(b, "127.0.0.1", &b->good, REPLY_AND_CLOSE, OK200 "Content-Length: 4\r\n\r\ngood");
    struct session_request request = request_to(url, "good.test", b->server.port, true);
    request.basic_user = "user";
    request.basic_password = SECRET;
    request.headers = "X-Test: 1\r\n";
    start(b, &request);
    memset(url, 'x', sizeof(url) - 1); /* the strings were copied */
    assert_int_equal(run(b), OUTCOME_OK);
    server_stop(b);
    assert_int_equal(b->reply.status, 200);
    assert_true(b->reply.request_left);
    assert_string_equal(b->body, "good");
    assert_int_equal(b->reply.retry_after_s, -1);
    assert_string_equal(addr_format(&b->reply.peer, text), "127.0.0.1");
    snprintf(expected, sizeof(expected),
             "GET /nic/update?d=a.example&p=" SECRET " HTTP/1.1\r\nHost: good.test:%u\r\n"
             "User-Agent: reachd/" PACKAGE_VERSION "\r\nAccept: */*\r\nConnection: close\r\n"
             "Authorization: Basic dXNlcjpodW50ZXIy\r\nX-Test: 1\r\n\r\n",
             b->server.port);
    assert_string_equal(b->server.request, expected);
}

static void post_with_a_body(void **state)
{
    struct bench *b = *state;
    char url[256];
    server_start(b, "127.0.0.1", NULL, REPLY_AND_CLOSE, OK200 "Content-Length: 0\r\n\r\n");
    struct session_request request = request_to(url, "127.0.0.1", b->server.port, false);
    request.method = "POST";
    request.body = "{}\r\n\r\n"; /* the server reads up to a blank line, so all of it */
    start(b, &request);
    assert_int_equal(run(b), OUTCOME_OK);
    server_stop(b);
    assert_non_null(strstr(b->server.request, "Content-Length: 6\r\n\r\n"));
    assert_non_null(strstr(b->server.request, "POST /nic/"));
}

static void redirect_is_reported(void **state)
{
    struct bench *b = *state;
    assert_int_equal(exchange(b, REPLY_AND_CLOSE,
                              "HTTP/1.1 302 Found\r\nLocation: https://x.test/\r\n"
                              "Content-Length: 0\r\n\r\n"),
                     OUTCOME_OK);
    assert_int_equal(b->reply.status, 302);
    assert_string_equal(b->location, "https://x.test/");
}

static void too_many_requests(void **state)
{
    struct bench *b = *state;
    assert_int_equal(exchange(b, REPLY_AND_STAY,
                              "HTTP/1.1 503 Busy\r\nRetry-After: 61\r\nContent-Length: 1\r\n\r\n9"),
                     OUTCOME_OK);
    assert_int_equal(b->reply.status, 503);
    assert_int_equal(b->reply.retry_after_s, 61);
}

static void body_until_the_end(void **state)
{
    struct bench *b = *state;
    assert_int_equal(exchange(b, REPLY_AND_CUT, OK200 "\r\nopen end"), OUTCOME_OK);
    assert_string_equal(b->body, "open end");
    assert_int_equal(exchange(b, REPLY_AND_CLOSE, OK200 "\r\nopen end"), OUTCOME_OK);
    assert_string_equal(b->body, "open end");
}

static void broken_replies(void **state)
{
    struct bench *b = *state;
    char large[3000] = OK200 "\r\n";
    assert_int_equal(exchange(b, REPLY_AND_CUT, OK200 "Content-Length: 9\r\n\r\nhalf"),
                     OUTCOME_HTTP_TRUNCATED);
    assert_int_equal(b->reply.status, 200);
    assert_int_equal(exchange(b, REPLY_AND_CLOSE, OK200 "Content-Length: 9\r\n\r\nhalf"),
                     OUTCOME_HTTP_TRUNCATED);
    assert_int_equal(exchange(b, REPLY_AND_CLOSE, ""), OUTCOME_HTTP_TRUNCATED);
    assert_string_equal(b->reply.detail, "the connection was closed before a reply");
    assert_int_equal(exchange(b, REPLY_AND_STAY, "220 mail.test ESMTP\r\n"),
                     OUTCOME_HTTP_MALFORMED);
    memset(large + strlen(large), 'x', 2000);
    assert_int_equal(exchange(b, REPLY_AND_STAY, large), OUTCOME_HTTP_TOO_LARGE);
    assert_true(b->reply.request_left);
}

static void early_answer(void **state)
{
    struct bench *b = *state;
    assert_int_equal(exchange(b, REPLY_UNASKED, "HTTP/1.1 408 Late\r\nContent-Length: 0\r\n\r\n"),
                     OUTCOME_OK);
    assert_int_equal(b->reply.status, 408);
}

static void silence(void **state)
{
    struct bench *b = *state;
    char url[256];
    int64_t start_ms = clock_mono_ms();
    server_start(b, "127.0.0.1", &b->good, REPLY_AND_STAY, "");
    struct session_request request = request_to(url, "good.test", b->server.port, true);
    request.timeout_ms = 400;
    start(b, &request);
    assert_int_equal(run(b), OUTCOME_HTTP_TIMEOUT);
    server_stop(b);
    assert_in_range(clock_mono_ms() - start_ms, 400, 2000);
    assert_true(b->reply.request_left);
    assert_int_equal(b->reply.status, 0);
}

static void nothing_leaves_to_an_unverified_peer(void **state)
{
    struct bench *b = *state;
    char url[256];
    struct made_cert self = make_cert("good.test", "DNS:good.test", NULL, false, -1, 10);
    const struct made_cert *certs[] = {&b->other, &self};
    const enum outcome outcomes[] = {OUTCOME_CERT_NAME_MISMATCH, OUTCOME_CERT_SELF_SIGNED};
    for (size_t i = 0; i < 2; i++) {
        server_start(b, "127.0.0.1", certs[i], REPLY_AND_CLOSE, OK200 "\r\n");
        struct session_request request = request_to(url, "good.test", b->server.port, true);
        start(b, &request);
        assert_int_equal(run(b), outcomes[i]);
        server_stop(b);
        assert_false(b->reply.request_left);
        assert_int_equal(b->server.received, 0);
    }
    made_cert_free(&self);
}

static void refused(void **state)
{
    struct bench *b = *state;
    char url[256];
    int fd;
    uint16_t port = listen_on("127.0.0.1", 0, &fd);
    close(fd);
    struct session_request request = request_to(url, "good.test", port, true);
    start(b, &request);
    assert_int_equal(run(b), OUTCOME_REFUSED);
    assert_false(b->reply.request_left);
}

/* 127.0.0.2 takes the connection and says nothing: it gets its share only. */
static void next_address_is_tried(void **state)
{
    struct bench *b = *state;
    char url[256];
    int fd;
    for (int dead = 0; dead < 2; dead++) {
        server_start(b, "127.0.0.1", &b->good, REPLY_AND_CLOSE, OK200 "\r\nyes");
        if (dead)
            assert_int_equal(listen_on("127.0.0.2", b->server.port, &fd), b->server.port);
        struct session_request request = request_to(url, "two.test", b->server.port, true);
        request.timeout_ms = 1500;
        request.family = SESSION_ANY;
        start(b, &request);
        assert_int_equal(run(b), OUTCOME_OK);
        assert_string_equal(b->body, "yes");
        assert_string_equal(b->reply.detail, "");
        if (dead)
            close(fd);
        server_stop(b);
    }
}

static void a_lost_lookup_costs_half(void **state)
{
    struct bench *b = *state;
    char url[256];
    server_start(b, "127.0.0.1", &b->good, REPLY_AND_CLOSE, OK200 "\r\nyes");
    struct session_request request = request_to(url, "half.test", b->server.port, true);
    request.timeout_ms = 4000; /* the other half must do on a busy machine */
    request.family = SESSION_ANY;
    start(b, &request);
    assert_int_equal(run(b), OUTCOME_OK);
    server_stop(b);
}

static void literals(void **state)
{
    struct bench *b = *state;
    char url[256], host[64];
    int fd;
    server_start(b, "127.0.0.1", &b->good, REPLY_AND_CLOSE, OK200 "\r\nyes");
    struct session_request request = request_to(url, "127.0.0.1", b->server.port, true);
    request.family = SESSION_IPV6;
    start(b, &request);
    assert_int_equal(run(b), OUTCOME_DNS_NODATA);
    request.family = SESSION_ANY;
    start(b, &request);
    assert_int_equal(run(b), OUTCOME_OK); /* by its IP SAN */
    server_stop(b);
    if (listen_on("::1", 0, &fd) == 0) {
        print_message("no ::1 here: IPv6 literal skipped\n");
        return;
    }
    close(fd);
    server_start(b, "::1", NULL, REPLY_AND_CLOSE, OK200 "\r\nyes");
    request = request_to(url, "[::1]", b->server.port, false);
    request.family = SESSION_IPV6;
    start(b, &request);
    assert_int_equal(run(b), OUTCOME_OK);
    server_stop(b);
    snprintf(host, sizeof(host), "Host: [::1]:%u\r\n", b->server.port);
    assert_non_null(strstr(b->server.request, host));
}

static void bad_requests(void **state)
{
    struct bench *b = *state;
    struct session_request request = {
        .method = "GET", .url = "ftp://x/?p=" SECRET, .timeout_ms = 1000};
    start(b, &request);
    assert_int_equal(run(b), OUTCOME_LOCAL_ERROR);
    assert_false(b->reply.request_left);
    request.url = "http://good.test/";
    request.basic_user = "a:b";
    start(b, &request);
    assert_int_equal(run(b), OUTCOME_LOCAL_ERROR);
    request.basic_user = NULL;
    request.family = SESSION_IPV6;
    start(b, &request);
    assert_int_equal(run(b), OUTCOME_DNS_NODATA);
}

static void cancel(void **state)
{
    struct bench *b = *state;
    char url[256];
    session_cancel(NULL);
    struct session_request bad = {.method = "GET", .url = "x", .timeout_ms = 1000};
    session_cancel(start(b, &bad));
    server_start(b, "127.0.0.1", &b->good, REPLY_AND_STAY, "");
    struct session_request request = request_to(url, "good.test", b->server.port, true);
    session_cancel(start(b, &request)); /* while it resolves */
    request.url = url;
    b->cancel = start(b, &request); /* while it waits for the reply, in another's callback */
    request.timeout_ms = 600;
    char refused_url[64];
    int fd;
    uint16_t port = listen_on("127.0.0.1", 0, &fd); /* never answers: ends after the other sent */
    snprintf(refused_url, sizeof(refused_url), "https://127.0.0.1:%u/", port);
    request.url = refused_url;
    start(b, &request);
    assert_int_equal(run(b), OUTCOME_TLS_TIMEOUT);
    b->cancel = NULL;
    close(fd);
    server_stop(b);
    assert_true(b->server.received > 0);
    assert_int_equal(b->calls, 1);
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(whole_exchange),
        WITH_BENCH(post_with_a_body),
        WITH_BENCH(redirect_is_reported),
        WITH_BENCH(too_many_requests),
        WITH_BENCH(body_until_the_end),
        WITH_BENCH(broken_replies),
        WITH_BENCH(early_answer),
        WITH_BENCH(silence),
        WITH_BENCH(nothing_leaves_to_an_unverified_peer),
        WITH_BENCH(refused),
        WITH_BENCH(next_address_is_tried),
        WITH_BENCH(a_lost_lookup_costs_half),
        WITH_BENCH(literals),
        WITH_BENCH(bad_requests),
        WITH_BENCH(cancel),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
