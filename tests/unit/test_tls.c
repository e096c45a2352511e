/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/param_build.h>
#include <openssl/ssl.h>

#include "lib/clock.h"
#include "probes/crypto.h"
#include "probes/tls.h"

#include "make_cert.h"

static struct made_cert root, middle, good, expired, future, alone, foreign_root, foreign, aia,
    client_only, revoked, stapled, caught, constrained;
#define ROOT_PATH "/tmp/reachd-test-root-XXXXXX"
static char root_path[] = ROOT_PATH;
static struct trust *trust;

struct pair {
    int fds[2]; /* ours, the server's */
    struct tls *tls;
    SSL_CTX *server_ctx;
    SSL *server;
};

static void open_pair(struct pair *p, const char *name, bool require_verified)
{
    struct tls_conf conf = {.trust = trust,
                            .servername = name,
                            .alpn = "http/1.1",
                            .require_verified = require_verified};
    memset(p, 0, sizeof *p);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p->fds), 0);
    p->tls = tls_new(&conf, p->fds[0]);
}

static void use_server(struct pair *p, const struct made_cert *leaf, const struct made_cert *chain)
{
    p->server_ctx = SSL_CTX_new(TLS_server_method());
    assert_int_equal(SSL_CTX_use_certificate(p->server_ctx, leaf->cert), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(p->server_ctx, leaf->key), 1);
    if (chain)
        assert_int_equal(SSL_CTX_add1_chain_cert(p->server_ctx, chain->cert), 1);
    p->server = SSL_new(p->server_ctx);
    SSL_set_fd(p->server, p->fds[1]);
    SSL_set_accept_state(p->server);
}

static void close_pair(struct pair *p)
{
    tls_free(p->tls);
    SSL_free(p->server);
    SSL_CTX_free(p->server_ctx);
    close(p->fds[0]);
    if (p->fds[1] >= 0)
        close(p->fds[1]);
}

/* Both sides in turn until ours ends. */
static enum tls_io shake(struct pair *p)
{
    enum tls_io io = TLS_IO_WANT_READ;
    for (int i = 0; i < 20; i++) {
        io = tls_handshake(p->tls);
        if (io != TLS_IO_WANT_READ && io != TLS_IO_WANT_WRITE)
            return io;
        if (p->server)
            SSL_do_handshake(p->server);
    }
    return io;
}

static size_t count_problems(const struct cert_findings *found)
{
    size_t count = 0;
    while (count < found->count && !cert_finding_is_remark(&found->list[count]))
        count++;
    return count;
}

static void check_problems(const struct cert_facts *facts, const enum outcome *want, size_t count)
{
    assert_int_equal(count_problems(&facts->findings), count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(facts->findings.list[i].outcome, want[i]);
        assert_string_not_equal(facts->findings.list[i].detail, "");
    }
}

static void a_good_chain_verifies(void **arg)
{
    static const char *const names[] = {"a.test", "192.0.2.1", "2001:db8::1", "x.w.test"};
    (void)arg;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct pair p;
        open_pair(&p, names[i], i % 2);
        use_server(&p, &good, &middle);
        assert_int_equal(shake(&p), TLS_IO_OK);
        assert_int_equal(tls_outcome(p.tls), OUTCOME_OK);
        assert_string_equal(tls_detail(p.tls), "");
        assert_string_equal(tls_protocol(p.tls), "TLSv1.3");
        assert_string_equal(tls_cipher(p.tls), "TLS_AES_128_GCM_SHA256");
        close_pair(&p);
    }
}

static void the_facts_are_read(void **arg)
{
    struct pair p;
    int64_t day = INT64_C(86400000), now = clock_wall_ms();
    (void)arg;
    open_pair(&p, "a.test", false);
    use_server(&p, &good, &middle);
    assert_null(tls_cert(p.tls));
    assert_int_equal(shake(&p), TLS_IO_OK);
    struct cert_facts *facts = tls_cert(p.tls);
    assert_string_equal(facts->names, "a.test, *.w.test, p?q.test, 192.0.2.1, 2001:db8::1");
    assert_string_equal(facts->key, "EC P-256");
    assert_int_equal(strlen(facts->fingerprint), 64);
    assert_int_equal(facts->chain_count, 2);
    assert_string_equal(facts->chain[0].subject, "CN=good \xc3\xa9?");
    assert_string_equal(facts->chain[0].issuer, "CN=Middle");
    assert_string_equal(facts->chain[1].issuer, "CN=Root");
    assert_true(llabs(facts->chain[0].not_after_ms - (now + 30 * day)) < day);
    assert_true(llabs(facts->chain[0].not_before_ms - (now - 30 * day)) < day);
    check_problems(facts, NULL, 0);
    json_t *json = cert_facts_json(facts, now);
    assert_int_equal(json_integer_value(json_object_get(json, "days_left")), 29);
    assert_int_equal(json_array_size(json_object_get(json, "names")), 5);
    assert_string_equal(json_string_value(json_array_get(json_object_get(json, "names"), 2)),
                        "p?q.test");
    json_decref(json);
    json = cert_facts_json(facts, facts->chain[0].not_after_ms + 1);
    assert_int_equal(json_integer_value(json_object_get(json, "days_left")), -1);
    json_decref(json);
    cert_facts_free(facts);
    close_pair(&p);
}

/* The name, the server's certificate, and all that shall be found. */
struct case_row {
    const char *name;
    const struct made_cert *leaf, *chain;
    size_t count;
    enum outcome problems[3];
};

static const struct case_row cases[] = {
    {"other.test", &good, &middle, 1, {OUTCOME_CERT_NAME_MISMATCH}},
    {"192.0.2.9", &good, &middle, 1, {OUTCOME_CERT_NAME_MISMATCH}},
    {"good", &good, &middle, 1, {OUTCOME_CERT_NAME_MISMATCH}}, /* the subject is no name */
    {"a.test", &expired, &middle, 1, {OUTCOME_CERT_EXPIRED}},
    {"other.test", &expired, &middle, 2, {OUTCOME_CERT_NAME_MISMATCH, OUTCOME_CERT_EXPIRED}},
    {"a.test", &future, &middle, 1, {OUTCOME_CERT_NOT_YET_VALID}},
    {"a.test", &alone, NULL, 1, {OUTCOME_CERT_SELF_SIGNED}},
    {"b.test", &alone, NULL, 2, {OUTCOME_CERT_SELF_SIGNED, OUTCOME_CERT_NAME_MISMATCH}},
    {"a.test", &good, NULL, 1, {OUTCOME_CERT_UNKNOWN_ISSUER}}, /* the intermediate is missing */
    {"a.test", &foreign, NULL, 1, {OUTCOME_CERT_UNKNOWN_ISSUER}},
    {"a.test", &foreign, &foreign_root, 1, {OUTCOME_CERT_UNKNOWN_ISSUER}},
    {"a.test", &aia, NULL, 1, {OUTCOME_CERT_INTERMEDIATE_MISSING}},
    {"a.test", &aia, &middle, 0, {OUTCOME_OK}},
    {"a.test", &client_only, &middle, 1, {OUTCOME_CERT_WRONG_PURPOSE}},
    {"b.test", &client_only, &middle, 2, {OUTCOME_CERT_NAME_MISMATCH, OUTCOME_CERT_WRONG_PURPOSE}},
    {"a.test", &stapled, &middle, 1, {OUTCOME_CERT_STAPLE_MISSING}},
    {"a.test", &caught, &constrained, 1, {OUTCOME_CERT_NAME_CONSTRAINT}},
    {"a.test", &good, &expired, 1, {OUTCOME_CERT_UNKNOWN_ISSUER}}, /* another one was sent */
};

static void a_diagnosis_finds_every_problem(void **arg)
{
    (void)arg;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pair p;
        open_pair(&p, cases[i].name, false);
        use_server(&p, cases[i].leaf, cases[i].chain);
        assert_int_equal(shake(&p), TLS_IO_OK);
        assert_int_equal(tls_outcome(p.tls), cases[i].problems[0]);
        assert_int_equal(*tls_detail(p.tls) != '\0', cases[i].count > 0);
        struct cert_facts *facts = tls_cert(p.tls);
        check_problems(facts, cases[i].problems, cases[i].count);
        cert_facts_free(facts);
        close_pair(&p);
    }
}

static void a_session_refuses_an_unverified_peer(void **arg)
{
    (void)arg;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pair p;
        size_t put;
        if (cases[i].count == 0)
            continue;
        open_pair(&p, cases[i].name, true);
        use_server(&p, cases[i].leaf, cases[i].chain);
        assert_int_equal(shake(&p), TLS_IO_FAILED);
        assert_int_equal(outcome_info(tls_outcome(p.tls))->layer, LAYER_CERT);
        assert_int_not_equal(tls_write(p.tls, "secret", 6, &put), TLS_IO_OK);
        struct cert_facts *facts = tls_cert(p.tls); /* told all the same */
        assert_non_null(facts);
        assert_int_equal(facts->findings.list[0].outcome, tls_outcome(p.tls));
        assert_int_equal(facts->chain_count, cases[i].chain ? 2 : 1);
        cert_facts_free(facts);
        close_pair(&p);
    }
}

/* What a probe remembers of a chain. */
static void open_known(struct pair *p)
{
    open_pair(p, "a.test", false);
    use_server(p, &good, &middle);
    assert_int_equal(shake(p), TLS_IO_OK);
    assert_int_equal(tls_outcome(p->tls), OUTCOME_OK);
    close_pair(p);
}

/* The public key of one, the private key of another: all that a thief of the chain can show. */
static EVP_PKEY *make_stolen(EVP_PKEY *public, EVP_PKEY *private)
{
    unsigned char point[133];
    size_t len = 0;
    BIGNUM *secret = NULL;
    EVP_PKEY *made = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    assert_int_equal(EVP_PKEY_get_octet_string_param(public, "pub", point, sizeof point, &len), 1);
    assert_int_equal(EVP_PKEY_get_bn_param(private, "priv", &secret), 1);
    OSSL_PARAM_BLD_push_utf8_string(build, "group", "P-256", 0);
    OSSL_PARAM_BLD_push_octet_string(build, "pub", point, len);
    OSSL_PARAM_BLD_push_BN(build, "priv", secret);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &made, EVP_PKEY_KEYPAIR, params), 1);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(ctx);
    BN_free(secret);
    return made;
}

static void a_known_chain_needs_its_key_all_the_same(void **arg)
{
    (void)arg;
    for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
        struct made_cert stolen = {.key = make_stolen(good.key, foreign.key), .cert = good.cert};
        struct pair p;
        open_known(&p);
        open_pair(&p, "a.test", false);
        use_server(&p, &stolen, &middle);
        SSL_set_max_proto_version(p.server, version);
        assert_int_equal(shake(&p), TLS_IO_FAILED);
        assert_int_equal(tls_outcome(p.tls), OUTCOME_TLS_BAD_PROOF);
        assert_string_equal(tls_detail(p.tls), "bad signature");
        close_pair(&p);
        EVP_PKEY_free(stolen.key);
    }
}

static void a_known_chain_is_unknown_to_another_store(void **arg)
{
    char path[] = "/tmp/reachd-test-root-XXXXXX", error[256];
    struct trust *mine = trust;
    struct pair p;
    (void)arg;
    write_pem(path, foreign_root.cert);
    open_known(&p);
    trust = trust_new(path, error, sizeof error);
    open_pair(&p, "a.test", false);
    trust_free(trust); /* the connection holds on to it */
    trust = mine;
    use_server(&p, &good, &middle);
    assert_int_equal(shake(&p), TLS_IO_OK);
    assert_int_equal(tls_outcome(p.tls), OUTCOME_CERT_UNKNOWN_ISSUER);
    close_pair(&p);
    unlink(path);
}

/* OpenSSL's clock alone: whoever remembers a verdict does not ask it. */
static time_t openssl_ahead_s;

time_t time(time_t *out)
{
    time_t now = (time_t)(clock_wall_ms() / 1000) + openssl_ahead_s;
    if (out)
        *out = now;
    return now;
}

/* Who sends a password verifies all of the chain each time, known or not. */
static void a_session_remembers_nothing(void **arg)
{
    struct pair p;
    (void)arg;
    open_known(&p);
    openssl_ahead_s = 20 * 365 * 86400;
    open_known(&p); /* a probe takes the memory's word */
    open_pair(&p, "a.test", true);
    use_server(&p, &good, &middle);
    assert_int_equal(shake(&p), TLS_IO_FAILED);
    assert_int_equal(tls_outcome(p.tls), OUTCOME_CERT_EXPIRED);
    close_pair(&p);
    openssl_ahead_s = 0;
    open_pair(&p, "a.test", true);
    use_server(&p, &good, &middle);
    assert_int_equal(shake(&p), TLS_IO_OK);
    close_pair(&p);
}

static void another_protocol_is_named(void **arg)
{
    static const struct {
        const char *bytes, *detail;
    } rows[] = {
        {"HTTP/1.1 400 Bad Request\r\nServer: x\r\n",
         "it speaks HTTP: \"HTTP/1.1 400 Bad Request\""},
        {"SSH-2.0-OpenSSH_9.2\r\n", "it speaks SSH: \"SSH-2.0-OpenSSH_9.2\""},
        {"220 mail.test ESMTP\r\n", "it speaks SMTP or FTP: \"220 mail.test ESMTP\""},
        {"\x01\x1b[31mred", "its first bytes are \"??[31mred\""},
        {"\x16HELLO", "its first bytes are \"?HELLO\""},
    };
    (void)arg;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int hang_up = 0; hang_up < 2; hang_up++) {
            struct pair p;
            open_pair(&p, "a.test", false);
            assert_true(write(p.fds[1], rows[i].bytes, strlen(rows[i].bytes)) > 0);
            if (hang_up) {
                close(p.fds[1]);
                p.fds[1] = -1;
            }
            assert_int_equal(shake(&p), TLS_IO_FAILED);
            assert_int_equal(tls_outcome(p.tls), OUTCOME_TLS_NOT_TLS);
            assert_string_equal(tls_detail(p.tls), rows[i].detail);
            close_pair(&p);
        }
    }
}

static void a_close_is_told_from_a_reset(void **arg)
{
    struct pair p;
    (void)arg;
    open_pair(&p, "a.test", false);
    assert_int_equal(tls_handshake(p.tls), TLS_IO_WANT_READ);
    assert_int_equal(shutdown(p.fds[1], SHUT_WR), 0);
    assert_int_equal(tls_handshake(p.tls), TLS_IO_FAILED);
    assert_int_equal(tls_outcome(p.tls), OUTCOME_TLS_CLOSED);
    assert_null(tls_cert(p.tls));
    close_pair(&p);
    /* A peer that closes with our ClientHello unread resets, on a Unix socket too. */
    open_pair(&p, "a.test", false);
    assert_int_equal(tls_handshake(p.tls), TLS_IO_WANT_READ);
    close(p.fds[1]);
    p.fds[1] = -1;
    assert_int_equal(tls_handshake(p.tls), TLS_IO_FAILED);
    assert_int_equal(tls_outcome(p.tls), OUTCOME_RESET);
    close_pair(&p);
}

static void alerts_have_names(void **arg)
{
    static const struct {
        unsigned char number;
        enum outcome outcome;
        const char *detail;
    } rows[] = {
        {40, OUTCOME_TLS_ALERT_HANDSHAKE_FAILURE, "alert 40, handshake failure"},
        {47, OUTCOME_TLS_ALERT_ILLEGAL_PARAMETER, "alert 47, illegal parameter"},
        {49, OUTCOME_TLS_ALERT_ACCESS_DENIED, "alert 49, access denied"},
        {50, OUTCOME_TLS_ALERT_DECODE_ERROR, "alert 50, decode error"},
        {70, OUTCOME_TLS_ALERT_PROTOCOL_VERSION, "alert 70, protocol version"},
        {71, OUTCOME_TLS_ALERT_INSUFFICIENT_SECURITY, "alert 71, insufficient security"},
        {80, OUTCOME_TLS_ALERT_INTERNAL_ERROR, "alert 80, internal error"},
        {112, OUTCOME_TLS_ALERT_UNRECOGNIZED_NAME, "alert 112, unrecognized name"},
        {116, OUTCOME_TLS_ALERT_CERTIFICATE_REQUIRED, "alert 116, certificate required"},
        {120, OUTCOME_TLS_ALERT_NO_APPLICATION_PROTOCOL, "alert 120, no application protocol"},
        {51, OUTCOME_TLS_ALERT_DECRYPT_ERROR, "alert 51, decrypt error"},
        {121, OUTCOME_TLS_ALERT_ECH_REQUIRED, "alert 121, ECH required"},
        {99, OUTCOME_TLS_ALERT_OTHER, "alert 99, unassigned"},
    };
    (void)arg;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned char alert[] = {0x15, 3, 3, 0, 2, 2, rows[i].number};
        struct pair p;
        open_pair(&p, "a.test", false);
        assert_int_equal(tls_handshake(p.tls), TLS_IO_WANT_READ);
        assert_int_equal(write(p.fds[1], alert, sizeof alert), sizeof alert);
        assert_int_equal(tls_handshake(p.tls), TLS_IO_FAILED);
        assert_int_equal(tls_outcome(p.tls), rows[i].outcome);
        if (rows[i].detail)
            assert_string_equal(tls_detail(p.tls), rows[i].detail);
        close_pair(&p);
    }
}

static int refuse_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                       const unsigned char *in, unsigned in_len, void *arg)
{
    (void)ssl;
    (void)out;
    (void)out_len;
    (void)in;
    (void)in_len;
    (void)arg;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void a_refused_alpn_is_told(void **arg)
{
    struct pair p;
    (void)arg;
    open_pair(&p, "a.test", false);
    use_server(&p, &good, &middle);
    SSL_CTX_set_alpn_select_cb(p.server_ctx, refuse_alpn, NULL);
    assert_int_equal(shake(&p), TLS_IO_FAILED);
    assert_int_equal(tls_outcome(p.tls), OUTCOME_TLS_ALERT_NO_APPLICATION_PROTOCOL);
    assert_string_equal(tls_detail(p.tls), "alert 120, no application protocol");
    close_pair(&p);
}

static void an_old_version_is_told(void **arg)
{
    struct pair p;
    (void)arg;
    open_pair(&p, "a.test", false);
    use_server(&p, &good, &middle);
    SSL_set_security_level(p.server, 0);
    SSL_set_min_proto_version(p.server, TLS1_VERSION);
    SSL_set_max_proto_version(p.server, TLS1_1_VERSION);
    assert_int_equal(shake(&p), TLS_IO_FAILED);
    assert_int_equal(tls_outcome(p.tls), OUTCOME_TLS_ALERT_PROTOCOL_VERSION);
    close_pair(&p);
}

static void data_and_the_end_of_it_pass(void **arg)
{
    (void)arg;
    for (int clean = 0; clean < 2; clean++) {
        struct pair p;
        char data[64];
        size_t count;
        open_pair(&p, "a.test", true);
        use_server(&p, &good, &middle);
        assert_int_equal(shake(&p), TLS_IO_OK);
        assert_int_equal(tls_write(p.tls, "ping", 4, &count), TLS_IO_OK);
        assert_int_equal(SSL_read(p.server, data, sizeof data), 4);
        assert_int_equal(tls_read(p.tls, data, sizeof data, &count), TLS_IO_WANT_READ);
        assert_int_equal(SSL_write(p.server, "pong!", 5), 5);
        assert_int_equal(tls_read(p.tls, data, sizeof data, &count), TLS_IO_OK);
        assert_int_equal(count, 5);
        if (clean)
            SSL_shutdown(p.server);
        else
            shutdown(p.fds[1], SHUT_WR);
        assert_int_equal(tls_read(p.tls, data, sizeof data, &count), TLS_IO_CLOSED);
        tls_close(p.tls);
        assert_true(SSL_read(p.server, data, sizeof data) <= 0);
        assert_true(SSL_get_shutdown(p.server) & SSL_RECEIVED_SHUTDOWN);
        close_pair(&p);
    }
}

/* HelloRequest again and again (RFC 5246 has a client skip it): OpenSSL would read on for as long
 * as there is more, and the loop never come to the deadline. */
static void an_endless_handshake_leaves_the_loop_its_turn(void **arg)
{
    static const char hello_request[] = {0x16, 3, 3, 0, 4, 0, 0, 0, 0};
    char flood[9 * 1000];
    struct pair p;
    size_t sent = 0;
    int left = 0;
    (void)arg;
    for (size_t i = 0; i < sizeof flood; i++)
        flood[i] = hello_request[i % sizeof hello_request];
    open_pair(&p, "a.test", false);
    enum tls_io io = tls_handshake(p.tls);
    for (int turn = 0; io == TLS_IO_WANT_READ && turn < 1000; turn++) {
        for (ssize_t n; left < 66000 && (n = send(p.fds[1], flood, sizeof flood, 0)) > 0;) {
            assert_int_equal(n % (ssize_t)sizeof hello_request, 0);
            sent += (size_t)n;
            left += (int)n;
        }
        io = tls_handshake(p.tls);
        int before = left;
        assert_int_equal(ioctl(p.fds[0], FIONREAD, &left), 0);
        assert_in_range(before - left, 9, 50000); /* some, not all */
    }
    assert_int_equal(io, TLS_IO_FAILED);
    assert_int_equal(tls_outcome(p.tls), OUTCOME_TLS_ERROR);
    assert_in_range(sent, 500000, 700000);
    close_pair(&p);
}

static void much_data_passes(void **arg)
{
    char data[10000] = "";
    struct pair p;
    size_t count;
    (void)arg;
    open_pair(&p, "a.test", true);
    use_server(&p, &good, &middle);
    assert_int_equal(shake(&p), TLS_IO_OK);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(SSL_write(p.server, data, sizeof data), sizeof data);
        assert_int_equal(tls_read(p.tls, data, sizeof data, &count), TLS_IO_OK);
        assert_int_equal(count, sizeof data);
    }
    close_pair(&p);
}

static void trust_says_what_is_wrong(void **arg)
{
    char error[256] = "";
    char folder[] = "/tmp/reachd-test-ca-XXXXXX";
    (void)arg;
    assert_null(trust_new("/nonexistent/ca.pem", error, sizeof error));
    assert_string_equal(error, "cannot read /nonexistent/ca.pem: No such file or directory");
    assert_null(trust_new("/dev/null", error, sizeof error));
    assert_string_equal(error, "/dev/null holds no certificate in PEM form");
    assert_non_null(mkdtemp(folder));
    assert_null(trust_new(folder, error, sizeof error));
    assert_non_null(strstr(error, "openssl rehash"));
    rmdir(folder);
    struct trust *system = trust_new(NULL, error, sizeof error);
    assert_non_null(system);
    assert_non_null(trust_ssl_ctx(system));
    trust_free(system);
    trust_free(NULL);
}

static int set_up(void **state)
{
    char error[256];
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    root = make_cert("Root", NULL, NULL, true, -100, 100);
    middle = make_cert("Middle", NULL, &root, true, -90, 90);
    good = make_cert("good \xc3\xa9\x01",
                     "DNS:a.test,DNS:*.w.test,DNS:p\x02q.test,IP:192.0.2.1,IP:2001:db8::1", &middle,
                     false, -30, 30);
    expired = make_cert("expired", "DNS:a.test", &middle, false, -60, -3);
    future = make_cert("future", "DNS:a.test", &middle, false, 3, 60);
    alone = make_cert("alone", "DNS:a.test", NULL, false, -30, 30);
    foreign_root = make_cert("Foreign Root", NULL, NULL, true, -30, 30);
    foreign = make_cert("foreign", "DNS:a.test", &foreign_root, false, -30, 30);
    aia = make_cert("aia", "DNS:a.test", &middle, false, -30, 30);
    extend_cert(&aia, &middle, NID_info_access, "caIssuers;URI:http://ca.test/middle.cer");
    client_only = make_cert("client", "DNS:a.test", &middle, false, -30, 30);
    extend_cert(&client_only, &middle, NID_ext_key_usage, "clientAuth");
    stapled = make_cert("stapled", "DNS:a.test", &middle, false, -30, 30);
    extend_cert(&stapled, &middle, NID_tlsfeature, "status_request");
    constrained = make_cert("Constrained", NULL, &root, true, -90, 90);
    extend_cert(&constrained, &root, NID_name_constraints, "critical,permitted;DNS:b.test");
    caught = make_cert("caught", "DNS:a.test", &constrained, false, -30, 30);
    revoked = make_cert("revoked", "DNS:a.test", &middle, false, -30, 30);
    strcpy(root_path, ROOT_PATH);
    write_pem(root_path, root.cert);
    trust = trust_new(root_path, error, sizeof error);
    return trust ? 0 : -1;
}

static int tear_down(void **state)
{
    struct made_cert *all[] = {&root,    &middle,       &good,    &expired,    &future,
                               &alone,   &foreign_root, &foreign, &aia,        &client_only,
                               &revoked, &stapled,      &caught,  &constrained};
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        made_cert_free(all[i]);
    trust_free(trust);
    unlink(root_path);
    return 0;
}

/* What is decoded is decoded anew: in the context that handshakes use. */
static void check_key(EVP_PKEY *key)
{
    unsigned char *der = NULL;
    X509_PUBKEY *info = NULL;
    assert_non_null(key);
    assert_int_equal(X509_PUBKEY_set(&info, key), 1);
    int len = i2d_X509_PUBKEY(info, &der);
    assert_true(len > 0);
    const unsigned char *at = der;
    X509_PUBKEY *again = X509_PUBKEY_new_ex(crypto_context(), NULL);
    assert_non_null(d2i_X509_PUBKEY(&again, &at, len));
    assert_int_equal(EVP_PKEY_eq(X509_PUBKEY_get0(again), key), 1);
    X509_PUBKEY_free(again);
    X509_PUBKEY_free(info);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
}

static void no_kind_of_key_is_lost(void **state)
{
    (void)state;
    check_key(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048));
    check_key(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"));
    check_key(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
    check_key(EVP_PKEY_Q_keygen(NULL, NULL, "ED448"));
    check_key(EVP_PKEY_Q_keygen(NULL, NULL, "X25519"));
    check_key(EVP_PKEY_Q_keygen(NULL, NULL, "SM2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_chain_verifies),
        cmocka_unit_test(the_facts_are_read),
        cmocka_unit_test(a_diagnosis_finds_every_problem),
        cmocka_unit_test(a_session_refuses_an_unverified_peer),
        cmocka_unit_test(a_known_chain_needs_its_key_all_the_same),
        cmocka_unit_test(a_known_chain_is_unknown_to_another_store),
        cmocka_unit_test(a_session_remembers_nothing),
        cmocka_unit_test(another_protocol_is_named),
        cmocka_unit_test(a_close_is_told_from_a_reset),
        cmocka_unit_test(alerts_have_names),
        cmocka_unit_test(a_refused_alpn_is_told),
        cmocka_unit_test(an_old_version_is_told),
        cmocka_unit_test(data_and_the_end_of_it_pass),
        cmocka_unit_test(an_endless_handshake_leaves_the_loop_its_turn),
        cmocka_unit_test(much_data_passes),
        cmocka_unit_test(trust_says_what_is_wrong),
        cmocka_unit_test(no_kind_of_key_is_lost),
    };
    int failed = cmocka_run_group_tests_name("for a few handshakes", tests, set_up, tear_down);
    crypto_expect_many();
    failed += cmocka_run_group_tests_name("for many", tests, set_up, tear_down);
    return failed;
}
