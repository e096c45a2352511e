/* SPDX-License-Identifier: ISC
 *
 * Targets: sentences of notices, stages of certificates, the readable line; and the real thing
 * against ports of this machine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/target/check_line.h"
#include "monitor/target/target.h"
#include "monitor/target/target_cert.h"
#include "monitor/target/target_notice.h"

#define DAY_MS INT64_C(86400000)
#define WALL   INT64_C(1795000000000)

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in: %s", part, text);
}

/* --- sentences -------------------------------------------------------------------------------- */

static struct config_target target_of(const char *name, const char *host)
{
    struct config_target target = {.name = (char *)(uintptr_t)name, .cert_warn_ms = 14 * DAY_MS};
    assert_null(hostport_parse(host, 443, &target.at));
    return target;
}

struct telling {
    enum health_move move;
    enum health_state from, to;
    enum outcome outcome;
    bool resolved; /* there is an address */
    enum notice_kind kind;
    const char *part;
};

static const struct telling tellings[] = {
    {HEALTH_WENT_DOWN, HEALTH_UP, HEALTH_DOWN, OUTCOME_REFUSED, true, NOTICE_TARGET_DOWN,
     "www.example.com:443 is down over IPv4 (203.0.113.7): connection refused (evidence)"},
    {HEALTH_WENT_DOWN, HEALTH_UNKNOWN, HEALTH_DOWN, OUTCOME_DNS_NXDOMAIN, false, NOTICE_TARGET_DOWN,
     "www.example.com:443 is down over IPv4: the name does not exist in DNS"},
    {HEALTH_WENT_UP, HEALTH_DOWN, HEALTH_UP, OUTCOME_OK, true, NOTICE_TARGET_UP,
     "is up again over IPv4 (203.0.113.7), after 5m"},
    {HEALTH_WENT_UP, HEALTH_NOT_PUBLISHED, HEALTH_UP, OUTCOME_OK, true, NOTICE_TARGET_UP,
     "is reached again over IPv4"},
    {HEALTH_CAUSE_CHANGED, HEALTH_DOWN, HEALTH_DOWN, OUTCOME_TIMEOUT, true, NOTICE_TARGET_CAUSE,
     "is still down over IPv4 (203.0.113.7), not for reset any more: no answer"},
    {HEALTH_WITHDRAWN, HEALTH_UP, HEALTH_NOT_PUBLISHED, OUTCOME_DNS_NODATA, false,
     NOTICE_TARGET_DOWN, "is not published any more over IPv4"},
    {HEALTH_WITHDRAWN, HEALTH_DOWN, HEALTH_NOT_PUBLISHED, OUTCOME_DNS_NODATA, false,
     NOTICE_TARGET_CAUSE, "is not published any more over IPv4"},
    {HEALTH_WENT_BLIND, HEALTH_UP, HEALTH_UNKNOWN, OUTCOME_NO_ROUTE, true, NOTICE_TARGET_CAUSE,
     "can't be judged any more over IPv4 (203.0.113.7): this machine has no route"},
    {HEALTH_BECAME_FLAPPING, HEALTH_UP, HEALTH_DOWN, OUTCOME_REFUSED, true, NOTICE_TARGET_FLAPPING,
     "is flapping over IPv4 (203.0.113.7): 6 changes"},
    {HEALTH_STEADY_AGAIN, HEALTH_UP, HEALTH_UP, OUTCOME_OK, true, NOTICE_TARGET_UP,
     "has been up for 15m"},
    {HEALTH_STEADY_AGAIN, HEALTH_DOWN, HEALTH_DOWN, OUTCOME_REFUSED, true, NOTICE_TARGET_DOWN,
     "has been down for 15m"},
};

static void test_sentence_after_a_restart(void **state)
{
    (void)state;
    struct config_target target = target_of("www.example.com", "www.example.com");
    struct round_family seen = {.asked = true};
    struct health before = {.recalled = HEALTH_DOWN, .told = OUTCOME_REFUSED};
    struct health after = {.state = HEALTH_UP};
    struct target_change change = {.target = &target,
                                   .move = HEALTH_WENT_UP,
                                   .before = &before,
                                   .after = &after,
                                   .seen = &seen,
                                   .wall_ms = WALL};
    struct notice notice;
    assert_true(target_notice(&change, &notice));
    assert_has(notice.text, "www.example.com:443 is up again over IPv4");
    assert_string_equal(notice.old_value, "down");
    change.move = HEALTH_AS_TOLD;
    assert_false(target_notice(&change, &notice));
}

/* Of a prefix, or a name with several addresses: not one alone. */
static void test_sentence_of_several_addresses(void **state)
{
    (void)state;
    struct config_target target = target_of("www.example.com", "www.example.com");
    struct probe_result results[3] = {{.outcome = OUTCOME_OK},
                                      {.outcome = OUTCOME_PORT_OPEN, .detail = "port 22"},
                                      {.outcome = OUTCOME_PORT_OPEN, .detail = "port 80"}};
    struct round_family seen = {.asked = true, .count = 3, .results = results};
    struct health before = {.state = HEALTH_UP};
    struct health after = {.state = HEALTH_DOWN, .cause = OUTCOME_PORT_OPEN};
    struct target_change change = {.target = &target,
                                   .move = HEALTH_WENT_DOWN,
                                   .before = &before,
                                   .after = &after,
                                   .seen = &seen,
                                   .wall_ms = WALL};
    struct notice notice;
    for (int i = 0; i < 3; i++)
        assert_true(addr_parse(i == 1 ? "203.0.113.7" : "203.0.113.8", &results[i].addr));
    assert_true(target_notice(&change, &notice));
    assert_has(notice.text, "is open over IPv4 (203.0.113.7 and 1 more): a port");
    seen.count = 2;
    assert_true(target_notice(&change, &notice));
    assert_has(notice.text, "is open over IPv4 (203.0.113.7): a port");
    results[1].outcome = OUTCOME_OK;
    change.move = HEALTH_WENT_UP;
    after = (struct health){.state = HEALTH_UP};
    assert_true(target_notice(&change, &notice));
    assert_has(notice.text, "over IPv4 (203.0.113.8)"); /* that all are good is what up means */
}

static void test_sentences(void **state)
{
    (void)state;
    struct config_target target = target_of("www.example.com", "www.example.com");
    for (size_t i = 0; i < sizeof tellings / sizeof *tellings; i++) {
        const struct telling *t = &tellings[i];
        struct probe_result result = {.outcome = t->outcome, .detail = "evidence"};
        assert_true(addr_parse("203.0.113.7", &result.addr));
        struct round_family seen = {.asked = true,
                                    .dns = t->resolved ? OUTCOME_OK : t->outcome,
                                    .count = t->resolved,
                                    .results = &result};
        struct health before = {.state = t->from, .since_ms = WALL - 300000, .told = OUTCOME_RESET};
        struct health after = {.state = t->to, .cause = t->outcome};
        struct target_change change = {.target = &target,
                                       .family = FAMILY_IPV4,
                                       .move = t->move,
                                       .before = &before,
                                       .after = &after,
                                       .seen = &seen,
                                       .wall_ms = WALL};
        struct notice notice;
        assert_true(target_notice(&change, &notice));
        assert_has(notice.text, t->part);
        assert_int_equal(notice.kind, t->kind);
        assert_string_equal(notice.subject, "www.example.com");
        assert_string_equal(notice.host, "www.example.com:443");
        assert_string_equal(notice.cause, t->outcome == OUTCOME_OK ? "" : outcome_word(t->outcome));
        assert_int_equal(*notice.advice == '\0', t->outcome == OUTCOME_OK);
    }
}

static void test_no_notice_for_no_news(void **state)
{
    (void)state;
    static const enum health_move silent[] = {HEALTH_SAME, HEALTH_FIRST_UP};
    for (size_t i = 0; i < 2; i++) {
        struct target_change change = {.move = silent[i]};
        struct notice notice;
        assert_false(target_notice(&change, &notice));
    }
}

static void test_own_name_and_literal(void **state)
{
    (void)state;
    char host[TARGET_HOST_LEN];
    struct notice notice;
    struct config_target target = target_of("mail", "[2001:db8::1]:8443");
    assert_string_equal(target_host(&target, host), "[2001:db8::1]:8443");
    target_notice_cert(&target, FAMILY_IPV6, WALL + 13 * DAY_MS + 5, WALL, &notice);
    assert_has(notice.text, "the certificate of mail ([2001:db8::1]:8443) expires in 13 days");
    target_notice_cert(&target, FAMILY_IPV6, WALL + 3600000, WALL, &notice);
    assert_has(notice.text, "expires in 1h");
    assert_int_equal(notice.kind, NOTICE_CERT_EXPIRING);
}

static void keep_lines(const char *line, void *arg)
{
    str_append(arg, 2048, "%s\n", line);
}

static void test_each_is_called_differently(void **state)
{
    static const struct {
        const char *name, *host;
        bool alike;
        const char *label;
    } rows[] = {
        {"www", "www.example.com", false, "www.example.com:443"},
        {"www", "www.example.com", true, "www (www.example.com:443)"},
        {"www.example.com", "www.example.com", false, "www.example.com:443"},
        {"www.example.com", "www.example.com", true, "www.example.com"},
        {"www.example.com:443", "www.example.com", true, "www.example.com:443"},
        {"mail", "www.example.com", false, "mail (www.example.com:443)"},
        {"mail", "www.example.com:993", true, "mail (www.example.com:993)"},
        {"https://www.example.com/a", "www.example.com", false, "https://www.example.com/a"},
        {"https://www.example.com/b", "www.example.com", true, "https://www.example.com/b"},
        {"2001:db8::1", "[2001:db8::1]:443", false, "[2001:db8::1]:443"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char label[TARGET_LABEL_LEN], text[2048] = "";
        struct config_target target = target_of(rows[i].name, rows[i].host);
        struct round_result result = {.families = {{.asked = true, .dns = OUTCOME_DNS_NODATA}}};
        target.alike = rows[i].alike;
        assert_string_equal(target_label(&target, label), rows[i].label);
        check_lines(&target, &result, false, WALL, keep_lines, text);
        assert_true(str_starts(text, label));
    }
}

/* --- certificates ----------------------------------------------------------------------------- */

static void test_cert_stages(void **state)
{
    (void)state;
    assert_int_equal(cert_stage(14 * DAY_MS, 14 * DAY_MS), 0);
    assert_int_equal(cert_stage(14 * DAY_MS - 1, 14 * DAY_MS), 1);
    assert_int_equal(cert_stage(7 * DAY_MS - 1, 14 * DAY_MS), 2);
    assert_int_equal(cert_stage(3 * DAY_MS - 1, 14 * DAY_MS), 3);
    assert_int_equal(cert_stage(0, 14 * DAY_MS), 4);
    assert_int_equal(cert_stage(6 * DAY_MS, 2 * DAY_MS), 0);
    assert_int_equal(cert_stage(0, 0), 0);
}

static void test_cert_is_told_once_per_stage(void **state)
{
    (void)state;
    struct cert_told told = {0};
    const int64_t one = WALL, two = WALL + 1000;
    assert_false(cert_told_is_news(&told, one, 0));
    assert_true(cert_told_is_news(&told, one, 1));
    assert_false(cert_told_is_news(&told, one, 1));
    assert_true(cert_told_is_news(&told, one, 2));
    assert_false(cert_told_is_news(&told, two, 0)); /* another address, fine */
    assert_false(cert_told_is_news(&told, one, 2)); /* not again because of that */
    assert_true(cert_told_is_news(&told, two, 1));
}

/* A notice of an earlier run, as the store gives it back. */
static void test_recalled_notices(void **state)
{
    (void)state;
    static const struct {
        enum notice_kind kind;
        const char *new_value;
        const char *cause;
        enum health_state recalled;
        bool flapping;
    } cases[] = {
        {NOTICE_TARGET_DOWN, "down", "refused", HEALTH_DOWN, false},
        {NOTICE_TARGET_DOWN, "not-published", "dns-nodata", HEALTH_NOT_PUBLISHED, false},
        {NOTICE_TARGET_CAUSE, "timeout", "timeout", HEALTH_DOWN, false},
        {NOTICE_TARGET_CAUSE, "unknown", "no-route", HEALTH_UNKNOWN, false},
        {NOTICE_TARGET_FLAPPING, "down", "refused", HEALTH_UNKNOWN, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct notice told;
        struct health health = {0};
        notice_init(&told, cases[i].kind, "www", WALL);
        str_copy(told.new_value, sizeof told.new_value, cases[i].new_value);
        str_copy(told.cause, sizeof told.cause, cases[i].cause);
        target_recall_health(&told, 0, &health);
        assert_int_equal(health.recalled, cases[i].recalled);
        assert_int_equal(health.flapping, cases[i].flapping);
        assert_string_equal(outcome_word(health.told), cases[i].cause);
        assert_true(health.told_bad);
    }
    struct notice good;
    struct health health = {0}, untouched = {0};
    notice_init(&good, NOTICE_TARGET_UP, "www", WALL);
    target_recall_health(&good, 0, &health);
    assert_memory_equal(&health, &untouched, sizeof health);
}

/* What was told of a certificate: not again after a restart, but the next stage is. */
static void test_recalled_certificate(void **state)
{
    (void)state;
    const int64_t ends = WALL + 6 * DAY_MS;
    struct config_target target = target_of("www", "www.example.com");
    struct notice told;
    struct cert_told cert = {0};
    target_notice_cert(&target, FAMILY_IPV4, ends, WALL, &told);
    target_recall_cert(&told, target.cert_warn_ms, &cert);
    assert_false(cert_told_is_news(&cert, ends, cert_stage(6 * DAY_MS, 14 * DAY_MS)));
    assert_true(cert_told_is_news(&cert, ends, cert_stage(2 * DAY_MS, 14 * DAY_MS)));
    str_copy(told.new_value, sizeof told.new_value, "nonsense");
    cert = (struct cert_told){0};
    target_recall_cert(&told, target.cert_warn_ms, &cert);
    assert_int_equal(cert.stage, 0);
}

/* --- the readable line ------------------------------------------------------------------------ */

static void test_check_lines(void **state)
{
    (void)state;
    char text[2048] = "";
    struct config_target target = target_of("www", "www.example.com");
    struct cert_facts cert = {.chain_count = 1, .chain = {{.not_after_ms = WALL + 61 * DAY_MS}}};
    struct probe_result results[2] = {
        {.outcome = OUTCOME_OK, .tcp_us = 9000, .tls_us = 31000, .cert = &cert},
        {.outcome = OUTCOME_TLS_TIMEOUT, .tcp_us = 9000, .tls_us = -1, .detail = "0 bytes"}};
    assert_true(addr_parse("203.0.113.7", &results[0].addr));
    assert_true(addr_parse("203.0.113.8", &results[1].addr));
    struct round_result result = {
        .families = {{.asked = true, .dns_us = 1000, .count = 2, .results = results},
                     {.asked = true, .dns_us = 2000, .dns = OUTCOME_DNS_NODATA}}};
    check_lines(&target, &result, false, WALL, keep_lines, text);
    assert_string_equal(
        text, "www.example.com:443  IPv4 203.0.113.7  ok  dns 1.0 ms  tcp 9.0 ms  tls 31 ms"
              "  cert 61 days\n"
              "www.example.com:443  IPv4 203.0.113.8  tls-timeout  dns 1.0 ms  tcp 9.0 ms"
              "  TCP connects but the TLS handshake gets no answer (0 bytes)\n"
              "www.example.com:443  IPv6  not published  dns 2.0 ms\n");
    text[0] = '\0';
    target.require[FAMILY_IPV6] = true;
    check_lines(&target, &result, true, WALL, keep_lines, text);
    assert_has(text, "dns-nodata");
    assert_has(text, "\033[");
}

/* --- the real thing --------------------------------------------------------------------------- */

struct bench {
    struct loop *loop;
    struct resolver *resolver;
    struct config *config;
    struct trust_pool *trusts;
    struct targets *targets;
    struct loop_timer *limit;
    size_t checks, enough; /* the loop ends at enough */
    size_t notices;
    struct notice last;
};

static void on_notice(const struct notice *notice, void *arg)
{
    struct bench *bench = arg;
    bench->notices++;
    bench->last = *notice;
}

static void on_checked(const struct config_target *target, const struct round_result *result,
                       void *arg)
{
    struct bench *bench = arg;
    (void)target;
    (void)result;
    if (++bench->checks == bench->enough)
        loop_stop(bench->loop);
}

static void on_limit(void *arg)
{
    (void)arg;
    fail_msg("not in time");
}

static void no_message(const char *line, bool is_error, void *arg)
{
    (void)arg;
    if (is_error)
        fail_msg("%s", line);
}

static struct config *config_of(const char *text)
{
    return config_from_text(text, strlen(text), "test.conf", no_message, NULL);
}

static void bench_use(struct bench *bench, const char *text)
{
    char error[256];
    struct config *config = config_of(text);
    struct trust_pool *trusts = trust_pool_new(config, error, sizeof error);
    assert_non_null(trusts);
    targets_configure(bench->targets, config, bench->resolver, trusts);
    trust_pool_free(bench->trusts);
    config_free(bench->config);
    bench->config = config;
    bench->trusts = trusts;
}

static struct bench *bench_new(const char *text)
{
    struct bench *bench = mem_zalloc(sizeof *bench);
    bench->loop = loop_new();
    bench->limit = loop_timer_new(bench->loop, on_limit, bench);
    bench->resolver = resolver_new(bench->loop, &(struct resolver_conf){0}, NULL, 0);
    bench->targets = targets_new(&(struct targets_env){
        .loop = bench->loop, .notice = on_notice, .checked = on_checked, .arg = bench});
    bench_use(bench, text);
    return bench;
}

static void bench_run(struct bench *bench, size_t checks)
{
    bench->enough = bench->checks + checks;
    loop_timer_set(bench->limit, 10000);
    loop_run(bench->loop);
    loop_timer_clear(bench->limit);
}

static void bench_free(struct bench *bench)
{
    targets_free(bench->targets);
    trust_pool_free(bench->trusts);
    resolver_free(bench->resolver);
    loop_timer_free(bench->limit);
    loop_free(bench->loop);
    config_free(bench->config);
    free(bench);
}

/* Port 1 of loopback: nothing listens there. */
#define REFUSING                                                                                   \
    "target \"www\" { host = \"127.0.0.1:1\" every = 1h retry-every = 100ms fall = 2 }\n"

static const char *state_of(const struct bench *bench, size_t index)
{
    static char word[32];
    json_t *all = targets_json(bench->targets);
    const json_t *side = json_object_get(json_array_get(all, index), "ipv4");
    str_copy(word, sizeof word, doc_get_text(side, "state"));
    json_decref(all);
    return word;
}

static void test_failure_is_confirmed_soon(void **state)
{
    (void)state;
    struct bench *bench = bench_new(REFUSING);
    int64_t started_ms = clock_mono_ms();
    bench_run(bench, 1);
    assert_int_equal(bench->notices, 0);
    assert_string_equal(state_of(bench, 0), "unknown");
    bench_run(bench, 1);
    loop_timer_set(bench->limit, 10000);
    assert_true(clock_mono_ms() - started_ms < 5000);
    assert_int_equal(bench->notices, 1);
    assert_int_equal(bench->last.kind, NOTICE_TARGET_DOWN);
    assert_string_equal(bench->last.cause, "refused");
    assert_int_equal(targets_down(bench->targets), 1);
    bench_free(bench);
}

static void test_reload_keeps_what_did_not_change(void **state)
{
    (void)state;
    struct bench *bench = bench_new(REFUSING);
    bench_run(bench, 2);
    assert_string_equal(state_of(bench, 0), "down");
    /* One more before it, which is checked at once; www is not checked again for it. */
    bench_use(bench, "target \"new\" { host = \"127.0.0.1:2\" every = 1h retry-every = 1h }\n"
                     "target \"www\" { host = \"127.0.0.1:1\" every = 2h retry-every = 100ms "
                     "fall = 3 }\n");
    assert_string_equal(state_of(bench, 1), "down");
    assert_string_equal(state_of(bench, 0), "unknown");
    bench_run(bench, 1);
    assert_int_equal(bench->notices, 1);
    /* Another port is another thing. */
    bench_use(bench, "target \"www\" { host = \"127.0.0.1:2\" every = 1h }\n");
    assert_string_equal(state_of(bench, 0), "unknown");
    bench_use(bench, "target \"other\" { host = \"127.0.0.1:1\" every = 1h }\n");
    assert_string_equal(state_of(bench, 0), "unknown");
    bench_free(bench);
}

static void test_check_on_demand(void **state)
{
    (void)state;
    struct bench *bench = bench_new("target \"a\" { host = \"127.0.0.1:1\" every = 1h "
                                    "retry-every = 1h }\n"
                                    "target \"b\" { host = \"127.0.0.1:2\" every = 1h "
                                    "retry-every = 1h }\n");
    bench_run(bench, 2);
    assert_int_equal(targets_check(bench->targets, "b"), 1);
    bench_run(bench, 1);
    assert_int_equal(targets_check(bench->targets, NULL), 2);
    bench_run(bench, 2);
    assert_int_equal(targets_check(bench->targets, "none"), 0);
    bench_free(bench);
}

/* A reload and the end while checks are under way: the peer is silent. */
static void test_interrupted_checks(void **state)
{
    (void)state;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_storage sa;
    struct addr loopback = addr_loopback(FAMILY_IPV4), bound;
    socklen_t len = addr_to_sockaddr(&loopback, 0, &sa);
    uint16_t port;
    assert_int_equal(bind(listener, (struct sockaddr *)&sa, len), 0);
    assert_int_equal(listen(listener, 16), 0);
    len = sizeof sa;
    assert_int_equal(getsockname(listener, (struct sockaddr *)&sa, &len), 0);
    assert_true(addr_from_sockaddr((struct sockaddr *)&sa, &bound, &port));
    char *silent = mem_printf("target \"silent\" { host = \"127.0.0.1:%u\" timeout = 50s }\n"
                              "target \"quick\" { host = \"127.0.0.1:1\" every = 1h "
                              "retry-every = 1h }\n",
                              port);
    struct bench *bench = bench_new(silent);
    bench_run(bench, 1); /* quick has ended, silent has not */
    bench_use(bench, silent);
    targets_check(bench->targets, NULL);
    bench_run(bench, 1);
    bench_free(bench);
    free(silent);
    close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_sentence_of_several_addresses),
        cmocka_unit_test(test_sentence_after_a_restart),
        cmocka_unit_test(test_no_notice_for_no_news),
        cmocka_unit_test(test_own_name_and_literal),
        cmocka_unit_test(test_each_is_called_differently),
        cmocka_unit_test(test_cert_stages),
        cmocka_unit_test(test_cert_is_told_once_per_stage),
        cmocka_unit_test(test_recalled_notices),
        cmocka_unit_test(test_recalled_certificate),
        cmocka_unit_test(test_check_lines),
        cmocka_unit_test(test_failure_is_confirmed_soon),
        cmocka_unit_test(test_reload_keeps_what_did_not_change),
        cmocka_unit_test(test_check_on_demand),
        cmocka_unit_test(test_interrupted_checks),
    };
    log_open(LOG_SINK_STDERR, LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
