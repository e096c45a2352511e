/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "probes/round.h"

/* --- the judgement --- */

static enum outcome judge(enum outcome dns, size_t count, const enum outcome *outcomes)
{
    struct probe_result results[4] = {0};
    struct round_family family = {.asked = true, .dns = dns, .count = count, .results = results};
    for (size_t i = 0; i < count; i++)
        results[i].outcome = outcomes[i];
    return round_family_outcome(&family);
}

static void every_address_must_answer(void **arg)
{
    static const struct {
        size_t count;
        enum outcome outcomes[3], judged;
    } rows[] = {
        {1, {OUTCOME_OK}, OUTCOME_OK},
        {3, {OUTCOME_OK, OUTCOME_OK, OUTCOME_OK}, OUTCOME_OK},
        {2, {OUTCOME_OK, OUTCOME_REFUSED}, OUTCOME_REFUSED},
        /* the earliest layer */
        {3, {OUTCOME_CERT_EXPIRED, OUTCOME_OK, OUTCOME_TIMEOUT}, OUTCOME_TIMEOUT},
        {2, {OUTCOME_TLS_CLOSED, OUTCOME_PROHIBITED}, OUTCOME_PROHIBITED},
        /* what says nothing about the target comes last */
        {2, {OUTCOME_NO_ROUTE, OUTCOME_REFUSED}, OUTCOME_REFUSED},
        {2, {OUTCOME_CERT_EXPIRED, OUTCOME_LOCAL_RESOURCES}, OUTCOME_CERT_EXPIRED},
        {2, {OUTCOME_OK, OUTCOME_LOCAL_RESOURCES}, OUTCOME_LOCAL_RESOURCES},
        {2, {OUTCOME_LOCAL_RESOURCES, OUTCOME_NO_ROUTE}, OUTCOME_NO_ROUTE},
    };
    (void)arg;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(judge(OUTCOME_OK, rows[i].count, rows[i].outcomes), rows[i].judged);
}

static void without_addresses_dns_stands(void **arg)
{
    (void)arg;
    assert_int_equal(judge(OUTCOME_DNS_SERVFAIL, 0, NULL), OUTCOME_DNS_SERVFAIL);
    assert_int_equal(judge(OUTCOME_OK, 0, NULL), OUTCOME_DNS_NODATA);
}

/* --- both families together --- */

static struct cert_facts facts_of(const char *print, const char *issuer, int64_t above_ends_ms)
{
    struct cert_facts facts = {.chain_count = 2,
                               .chain = {{.not_after_ms = 1000,
                                          .subject = (char *)(uintptr_t) "CN=a.test",
                                          .issuer = (char *)(uintptr_t)issuer},
                                         {.subject = (char *)(uintptr_t)issuer,
                                          .issuer = (char *)(uintptr_t) "CN=Root",
                                          .not_after_ms = above_ends_ms}}};
    memset(facts.fingerprint, print[0], sizeof facts.fingerprint - 1);
    return facts;
}

static void different_chains_are_remarked_on(void **arg)
{
    struct cert_facts one = facts_of("1", "CN=R1", 5), two = facts_of("2", "CN=R2", 5);
    struct cert_facts renewed = facts_of("1", "CN=R1", 9); /* the intermediate only */
    struct {
        struct cert_facts *v4[2], *v6[2];
        bool differ;
    } rows[] = {
        {{&one}, {&one}, false},
        {{&one}, {&two}, true},
        {{&one}, {&renewed}, true},
        {{&one, &two}, {&two, &one}, false}, /* the same servers behind both */
        {{&one, &two}, {&one}, true},
        {{&one}, {&one, &two}, true},
        {{&one}, {NULL}, false}, /* nothing to compare with */
        {{NULL}, {NULL}, false},
    };
    (void)arg;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct probe_result v4[2] = {{.cert = rows[i].v4[0]}, {.cert = rows[i].v4[1]}};
        struct probe_result v6[2] = {{.cert = rows[i].v6[0]}, {.cert = rows[i].v6[1]}};
        struct round_result result = {.families = {[FAMILY_IPV4] = {.count = 2, .results = v4},
                                                   [FAMILY_IPV6] = {.count = 2, .results = v6}}};
        char detail[320];
        enum outcome outcome = round_remark(&result, detail, sizeof detail);
        assert_int_equal(outcome == OUTCOME_CERT_FAMILIES_DIFFER, rows[i].differ);
        assert_int_equal(*detail != '\0', rows[i].differ);
    }
    struct probe_result v4 = {.cert = &one}, v6 = {.cert = &two};
    struct round_result result = {.families = {[FAMILY_IPV4] = {.count = 1, .results = &v4},
                                               [FAMILY_IPV6] = {.count = 1, .results = &v6}}};
    char detail[320];
    round_remark(&result, detail, sizeof detail);
    assert_string_equal(detail,
                        "IPv4: CN=a.test by CN=R1, until 1970-01-01, SHA-256 11111111…, 2 sent; "
                        "IPv6: CN=a.test by CN=R2, until 1970-01-01, SHA-256 22222222…, 2 sent");
}

/* --- rounds over loopback, without any server --- */

struct ctx {
    struct loop *loop;
    struct resolver *resolver;
    struct trust *trust;
    struct round *round;
    int each, done;
    int cancel_at; /* this call of each */
    struct round_result result;
};

static void on_each(const struct probe_result *result, void *arg)
{
    struct ctx *c = arg;
    assert_int_equal(c->done, 0);
    assert_int_equal(result->outcome, OUTCOME_REFUSED);
    if (++c->each == c->cancel_at) {
        round_cancel(c->round);
        loop_stop(c->loop);
    }
}

static void on_done(struct round_result *result, void *arg)
{
    struct ctx *c = arg;
    c->done++;
    c->result = *result;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        result->families[f].results = NULL; /* moved */
        result->families[f].count = 0;
    }
    loop_stop(c->loop);
}

static void clear_result(struct ctx *c)
{
    for (int f = 0; f < FAMILY_COUNT; f++)
        free(c->result.families[f].results);
    c->result = (struct round_result){0};
}

/* A port of loopback that nobody listens on: bound, not listening, until the test ends. */
static uint16_t dead_port(int fds[2])
{
    uint16_t port = 0;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        struct addr addr = addr_loopback((enum family)f), bound;
        struct sockaddr_storage ss;
        socklen_t len = addr_to_sockaddr(&addr, port, &ss);
        fds[f] = socket(addr.af, SOCK_STREAM, 0);
        if (bind(fds[f], (struct sockaddr *)&ss, len) == 0) {
            len = sizeof ss;
            getsockname(fds[f], (struct sockaddr *)&ss, &len);
            addr_from_sockaddr((struct sockaddr *)&ss, &bound, &port);
        }
    }
    return port;
}

static void run(struct ctx *c, const struct round_spec *spec)
{
    c->each = c->done = 0;
    c->round = round_start(c->loop, c->resolver, c->trust, spec, on_each, on_done, c);
    assert_int_equal(c->done, 0); /* never before start returns */
    loop_run(c->loop);
}

/* Both families of loopback are needed. */
static void need_ipv6(const int fds[2])
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    struct addr bound;
    uint16_t port = 0;
    if (getsockname(fds[FAMILY_IPV6], (struct sockaddr *)&ss, &len) == 0 &&
        addr_from_sockaddr((struct sockaddr *)&ss, &bound, &port) && port != 0)
        return;
    print_message("skipped: no IPv6 on loopback here\n");
    close(fds[FAMILY_IPV4]);
    skip();
}

static struct round_spec spec_of(const char *target, uint16_t port)
{
    struct round_spec spec = {.families = {true, true}, .timeout_ms = 5000};
    assert_null(hostport_parse(target, port, &spec.target));
    return spec;
}

static void both_families_of_a_name_are_probed(void **arg)
{
    struct ctx *c = *arg;
    int fds[2];
    struct round_spec spec = spec_of("localhost", dead_port(fds));
    need_ipv6(fds);
    run(c, &spec);
    assert_int_equal(c->done, 1);
    assert_int_equal(c->each, 2);
    for (int f = 0; f < FAMILY_COUNT; f++) {
        const struct round_family *family = &c->result.families[f];
        struct addr loopback = addr_loopback((enum family)f);
        assert_true(family->asked && family->dns == OUTCOME_OK && family->dns_us >= 0);
        assert_int_equal(family->count, 1);
        assert_true(addr_equal(&family->results[0].addr, &loopback));
        assert_int_equal(round_family_outcome(family), OUTCOME_REFUSED);
        close(fds[f]);
    }
    clear_result(c);
}

static void a_literal_is_of_one_family(void **arg)
{
    struct ctx *c = *arg;
    int fds[2];
    struct round_spec spec = spec_of("127.0.0.1", dead_port(fds));
    run(c, &spec);
    assert_int_equal(c->done, 1);
    assert_int_equal(c->result.families[FAMILY_IPV4].count, 1);
    assert_int_equal(c->result.families[FAMILY_IPV4].dns_us, -1);
    assert_false(c->result.families[FAMILY_IPV6].asked);
    json_t *json = round_result_json(&spec, &c->result, clock_wall_ms());
    assert_true(json_is_null(json_object_get(json, "ipv6")));
    json_t *v4 = json_object_get(json, "ipv4");
    assert_string_equal(json_string_value(json_object_get(v4, "outcome")), "refused");
    assert_true(json_is_null(json_object_get(v4, "ttl")));
    assert_int_equal(json_array_size(json_object_get(v4, "addresses")), 1);
    json_decref(json);
    clear_result(c);
    /* Asked for the other family only: nothing to probe, and that is an answer. */
    spec.families[FAMILY_IPV4] = false;
    run(c, &spec);
    assert_int_equal(c->done, 1);
    assert_int_equal(c->each, 0);
    assert_int_equal(round_family_outcome(&c->result.families[FAMILY_IPV6]), OUTCOME_DNS_NODATA);
    clear_result(c);
    close(fds[0]);
    close(fds[1]);
}

static void connect_goes_before_dns(void **arg)
{
    struct ctx *c = *arg;
    int fds[2];
    struct round_spec spec = spec_of("name.invalid", dead_port(fds));
    need_ipv6(fds);
    spec.connect = addr_loopback(FAMILY_IPV6);
    run(c, &spec);
    assert_int_equal(c->done, 1);
    assert_false(c->result.families[FAMILY_IPV4].asked);
    assert_int_equal(c->result.families[FAMILY_IPV6].count, 1);
    clear_result(c);
    close(fds[0]);
    close(fds[1]);
}

static void cancel_is_legal_in_every_state(void **arg)
{
    struct ctx *c = *arg;
    int fds[2];
    uint16_t port = dead_port(fds);
    struct round_spec spec = spec_of("localhost", port);
    need_ipv6(fds);
    round_cancel(NULL);
    c->each = c->done = 0;
    round_cancel(round_start(c->loop, c->resolver, c->trust, &spec, on_each, on_done, c));
    spec = spec_of("127.0.0.1", port);
    round_cancel(round_start(c->loop, c->resolver, c->trust, &spec, on_each, on_done, c));
    spec.families[FAMILY_IPV4] = false;
    round_cancel(round_start(c->loop, c->resolver, c->trust, &spec, on_each, on_done, c));
    assert_int_equal(c->each + c->done, 0);
    for (c->cancel_at = 1; c->cancel_at <= 2; c->cancel_at++) { /* inside each, first and last */
        spec = spec_of("localhost", port);
        run(c, &spec);
        assert_int_equal(c->done, 0);
        assert_int_equal(c->each, c->cancel_at);
    }
    c->cancel_at = 0;
    close(fds[0]);
    close(fds[1]);
}

static int set_up(void **state)
{
    static struct ctx ctx;
    struct resolver_conf conf = {0};
    char error[256];
    ctx.loop = loop_new();
    ctx.resolver = resolver_new(ctx.loop, &conf, error, sizeof error);
    ctx.trust = trust_new(NULL, error, sizeof error);
    *state = &ctx;
    return ctx.resolver && ctx.trust ? 0 : -1;
}

static int tear_down(void **state)
{
    struct ctx *c = *state;
    trust_free(c->trust);
    resolver_free(c->resolver);
    loop_free(c->loop);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_address_must_answer),
        cmocka_unit_test(without_addresses_dns_stands),
        cmocka_unit_test(different_chains_are_remarked_on),
        cmocka_unit_test(both_families_of_a_name_are_probed),
        cmocka_unit_test(a_literal_is_of_one_family),
        cmocka_unit_test(connect_goes_before_dns),
        cmocka_unit_test(cancel_is_legal_in_every_state),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
