/* SPDX-License-Identifier: ISC
 *
 * What is made of DNS answers: expected addresses, servers of a zone against each other, the
 * resolver against them, and when they are asked at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/str.h"
#include "probes/round.h"

static struct addr ip(const char *text)
{
    struct addr addr;
    assert_true(addr_parse(text, &addr));
    return addr;
}

/* --- expected addresses --- */

static struct resolver_reply reply_of(enum outcome outcome, const char *one, const char *two)
{
    struct resolver_reply reply = {.outcome = outcome};
    reply.msg.ttl = 52;
    reply.msg.negative_ttl = 30;
    if (one)
        reply.msg.addrs[reply.msg.addr_count++] = ip(one);
    if (two)
        reply.msg.addrs[reply.msg.addr_count++] = ip(two);
    return reply;
}

static void stale_says_both_values_and_how_long(void **state)
{
    static const struct {
        enum outcome outcome;
        const char *one, *two;
        bool from_cache;
        enum outcome judged;
        const char *detail;
    } rows[] = {
        {OUTCOME_OK, "192.0.2.7", NULL, true, OUTCOME_OK, ""},
        {OUTCOME_OK, "192.0.2.6", "192.0.2.7", true, OUTCOME_OK, ""}, /* the other one is probed */
        {OUTCOME_OK, "192.0.2.6", NULL, true, OUTCOME_DNS_STALE,
         "DNS has 192.0.2.6, it should have 192.0.2.7; the resolver keeps its answer for 52s more, "
         "at most"},
        {OUTCOME_OK, "192.0.2.6", "192.0.2.5", false, OUTCOME_DNS_STALE,
         "DNS has 192.0.2.6, 192.0.2.5, it should have 192.0.2.7; caches may keep this for 52s"},
        {OUTCOME_DNS_NODATA, NULL, NULL, false, OUTCOME_DNS_STALE,
         "DNS has no A record, it should have 192.0.2.7; caches may keep this for 30s"},
        {OUTCOME_DNS_NXDOMAIN, NULL, NULL, true, OUTCOME_DNS_NXDOMAIN, ""},
        {OUTCOME_DNS_TIMEOUT, NULL, NULL, true, OUTCOME_DNS_TIMEOUT, ""},
    };
    struct expect expect = {0};
    struct addr wanted = ip("192.0.2.7"), other_family = ip("2001:db8::7");
    (void)state;
    assert_true(expect_add(&expect, &wanted) && expect_add(&expect, &other_family));
    assert_true(expect_add(&expect, &wanted) && expect.count == 2);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct resolver_reply reply = reply_of(rows[i].outcome, rows[i].one, rows[i].two);
        expect_judge(&expect, FAMILY_IPV4, rows[i].from_cache, &reply);
        assert_int_equal(reply.outcome, rows[i].judged);
        assert_string_equal(reply.detail, rows[i].detail);
    }
}

static void what_is_not_expected_is_not_judged(void **state)
{
    struct expect expect = {0};
    struct addr addr = ip("192.0.2.7");
    char text[32];
    (void)state;
    struct resolver_reply reply = reply_of(OUTCOME_OK, "192.0.2.6", NULL);
    expect_judge(&expect, FAMILY_IPV4, true, &reply);
    assert_int_equal(reply.outcome, OUTCOME_OK);
    expect_add(&expect, &addr);
    expect_judge(&expect, FAMILY_IPV6, true, &reply);
    assert_int_equal(reply.outcome, OUTCOME_OK);
    reply.msg.addrs_cut = true; /* it may be among those that were cut off */
    expect_judge(&expect, FAMILY_IPV4, true, &reply);
    assert_int_equal(reply.outcome, OUTCOME_OK);
    assert_true(expect_family(&expect, FAMILY_IPV4) && !expect_family(&expect, FAMILY_IPV6));
    for (int i = 0; i < EXPECT_MAX; i++) {
        snprintf(text, sizeof text, "192.0.2.%d", 100 + i);
        addr = ip(text);
        assert_int_equal(expect_add(&expect, &addr), i < EXPECT_MAX - 1);
    }
}

/* --- a zone's servers --- */

struct rig {
    struct dns_report report;
};

static struct dns_view *view(struct rig *rig)
{
    rig->report.views[FAMILY_IPV4].asked = true;
    return &rig->report.views[FAMILY_IPV4];
}

/* value: NULL and OK make no sense together */
static struct verify_server *add(struct rig *rig, const char *name, const char *addr,
                                 enum outcome outcome, const char *value)
{
    struct verify_look *look = &view(rig)->look;
    struct verify_server *server = &look->servers[look->count++];
    *server = (struct verify_server){.addr = ip(addr), .port = 53, .outcome = outcome, .ttl = 60};
    server->authoritative = outcome == OUTCOME_OK || outcome == OUTCOME_DNS_NODATA;
    str_copy(server->name, sizeof server->name, name);
    if (value) {
        server->values[0] = ip(value);
        server->count = 1;
    }
    return server;
}

static void resolver_says(struct rig *rig, enum outcome outcome, const char *value)
{
    view(rig)->resolver = reply_of(outcome, value, NULL);
}

static void judge(struct rig *rig)
{
    struct dns_view *v = view(rig);
    verify_judge(&v->look);
    if (v->look.answered)
        v->zone = reply_of(OUTCOME_OK, "192.0.2.7", NULL);
    dns_report_judge(&rig->report);
}

static const char *found(const struct rig *rig, enum outcome outcome)
{
    for (size_t i = 0; i < rig->report.findings.count; i++)
        if (rig->report.findings.list[i].outcome == outcome)
            return rig->report.findings.list[i].detail;
    return "";
}

static void clear(struct rig *rig)
{
    cert_findings_clear(&rig->report.findings);
    memset(rig, 0, sizeof *rig);
}

static void servers_that_agree_are_no_news(void **state)
{
    struct rig *rig = *state;
    add(rig, "ns1", "192.0.2.1", OUTCOME_OK, "192.0.2.7");
    add(rig, "ns2", "192.0.2.2", OUTCOME_OK, "192.0.2.7");
    resolver_says(rig, OUTCOME_OK, "192.0.2.7");
    judge(rig);
    assert_int_equal(rig->report.findings.count, 0);
    clear(rig);
}

static void each_server_is_named_once_with_its_addresses(void **state)
{
    struct rig *rig = *state;
    add(rig, "ns1", "192.0.2.1", OUTCOME_OK, "192.0.2.7")->serial = 7;
    view(rig)->look.servers[0].has_serial = true;
    add(rig, "ns2", "192.0.2.2", OUTCOME_DNS_NODATA, NULL);
    add(rig, "ns2", "192.0.2.22", OUTCOME_DNS_NODATA, NULL);
    add(rig, "ns3", "192.0.2.3", OUTCOME_OK, "192.0.2.6");
    add(rig, "ns4", "192.0.2.4", OUTCOME_DNS_REFUSED, NULL);
    add(rig, "ns5", "192.0.2.5", OUTCOME_OK, "192.0.2.7")->authoritative = false;
    add(rig, "ns6", "192.0.2.6", OUTCOME_DNS_TIMEOUT, NULL);
    add(rig, "ns7", "2001:db8::7", OUTCOME_DNS_UNREACHABLE, NULL); /* we may have no IPv6 */
    resolver_says(rig, OUTCOME_OK, "192.0.2.6");
    judge(rig);
    assert_string_equal(found(rig, OUTCOME_DNS_SERVER_LACKS),
                        "ns2 (192.0.2.2, 192.0.2.22) has no A record, ns1 (192.0.2.1) has "
                        "192.0.2.7 (zone serial 7)");
    assert_string_equal(found(rig, OUTCOME_DNS_SERVERS_DIFFER),
                        "ns3 (192.0.2.3) has 192.0.2.6, ns1 (192.0.2.1) has 192.0.2.7 (zone "
                        "serial 7)");
    assert_string_equal(found(rig, OUTCOME_DNS_SERVER_LAME),
                        "ns4 (192.0.2.4): REFUSED; ns5 (192.0.2.5): answers without authority");
    assert_string_equal(found(rig, OUTCOME_DNS_SERVER_SILENT), "ns6 (192.0.2.6)");
    assert_string_equal(found(rig, OUTCOME_DNS_RESOLVER_DIFFERS), ""); /* ns3 says so too */
    clear(rig);
}

static void the_resolver_may_be_behind(void **state)
{
    static const struct {
        enum outcome outcome;
        const char *value, *detail;
    } rows[] = {
        {OUTCOME_OK, "192.0.2.6",
         "A: the resolver has 192.0.2.6, for 52s more; the zone has 192.0.2.7"},
        {OUTCOME_DNS_NODATA, NULL,
         "A: the resolver has no A record, for 30s more; the zone has 192.0.2.7"},
        {OUTCOME_DNS_SERVFAIL, NULL,
         "A: the resolver says: the resolver could not get an answer (SERVFAIL); the zone has "
         "192.0.2.7"},
        {OUTCOME_DNS_REFUSED, NULL, ""}, /* it says nothing about the name */
        {OUTCOME_DNS_UNREACHABLE, NULL, ""},
        {OUTCOME_OK, "192.0.2.7", ""},
    };
    struct rig *rig = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        add(rig, "ns1", "192.0.2.1", OUTCOME_OK, "192.0.2.7");
        resolver_says(rig, rows[i].outcome, rows[i].value);
        judge(rig);
        assert_string_equal(found(rig, OUTCOME_DNS_RESOLVER_DIFFERS), rows[i].detail);
        clear(rig);
    }
}

static void servfail_gets_the_zones_word(void **state)
{
    char detail[RESOLVER_DETAIL_LEN];
    struct rig *rig = *state;
    struct dns_view *v = view(rig);
    assert_int_equal(dns_report_cause(v, OUTCOME_DNS_SERVFAIL, detail), OUTCOME_DNS_SERVFAIL);
    add(rig, "ns1", "192.0.2.1", OUTCOME_DNS_TIMEOUT, NULL);
    verify_judge(&v->look);
    str_copy(v->zone.detail, sizeof v->zone.detail, "ns1 (192.0.2.1): no answer");
    assert_int_equal(dns_report_cause(v, OUTCOME_DNS_SERVFAIL, detail), OUTCOME_DNS_LAME);
    assert_string_equal(detail, "ns1 (192.0.2.1): no answer");
    assert_int_equal(dns_report_cause(v, OUTCOME_DNS_TIMEOUT, detail), OUTCOME_DNS_LAME);
    assert_int_equal(dns_report_cause(v, OUTCOME_DNS_UNREACHABLE, detail), OUTCOME_DNS_UNREACHABLE);
    assert_int_equal(dns_report_cause(v, OUTCOME_OK, detail), OUTCOME_OK);
    v->zone.outcome = OUTCOME_DNS_CNAME_LOOP;
    assert_int_equal(dns_report_cause(v, OUTCOME_DNS_SERVFAIL, detail), OUTCOME_DNS_CNAME_LOOP);
    v->asked = false;
    assert_int_equal(dns_report_cause(v, OUTCOME_DNS_SERVFAIL, detail), OUTCOME_DNS_SERVFAIL);
    clear(rig);
}

static void the_views_as_json(void **state)
{
    struct rig *rig = *state;
    add(rig, "ns1", "192.0.2.1", OUTCOME_OK, "192.0.2.7");
    resolver_says(rig, OUTCOME_OK, "192.0.2.6");
    json_t *json = dns_view_json(view(rig));
    char *text = json_dumps(json, JSON_COMPACT);
    assert_string_equal(
        text, "{\"resolver\":{\"server\":null,\"authenticated\":false,\"outcome\":\"ok\","
              "\"values\":[\"192.0.2.6\"],\"ttl\":52},"
              "\"servers\":[{\"name\":\"ns1\",\"address\":\"192.0.2.1\",\"authoritative\":true,"
              "\"outcome\":\"ok\",\"values\":[\"192.0.2.7\"],\"ttl\":60,\"serial\":null}]}");
    free(text);
    json_decref(json);
    clear(rig);
}

/* --- when the zone is asked --- */

static bool wants_when(enum round_check when, const char *host, enum outcome v4, enum outcome v6,
                       enum outcome address)
{
    struct probe_result results[1] = {{.outcome = address}};
    struct round_result result = {0};
    enum outcome dns[FAMILY_COUNT] = {v4, v6};
    for (int f = 0; f < FAMILY_COUNT; f++) {
        bool has = dns[f] == OUTCOME_OK || dns[f] == OUTCOME_DNS_STALE;
        result.families[f] = (struct round_family){
            .asked = true, .dns = dns[f], .dns_us = 1, .count = has, .results = results};
    }
    return round_wants_check(host, &result, when);
}

static bool wants(const char *host, enum outcome v4, enum outcome v6, enum outcome address)
{
    return wants_when(ROUND_CHECK_ON_FAILURE, host, v4, v6, address);
}

/* What a daemon asks again and again: only where the resolver itself fails. */
static void a_failure_of_dns_alone_asks_the_zone(void **state)
{
    const enum round_check when = ROUND_CHECK_ON_DNS_FAILURE;
    const enum outcome ok = OUTCOME_OK, none = OUTCOME_DNS_NODATA;
    (void)state;
    assert_true(wants_when(when, "a.example", ok, OUTCOME_DNS_SERVFAIL, ok));
    assert_true(wants_when(when, "a.example", OUTCOME_DNS_TIMEOUT, OUTCOME_DNS_TIMEOUT, ok));
    assert_true(wants_when(when, "a.example", OUTCOME_DNS_NXDOMAIN, OUTCOME_DNS_NXDOMAIN, ok));
    assert_false(wants_when(when, "a.example", none, none, ok));
    assert_false(wants_when(when, "a.example", ok, none, OUTCOME_TIMEOUT));
    assert_false(wants_when(when, "a.example", ok, ok, OUTCOME_REFUSED));
    assert_false(wants_when(when, "nas", OUTCOME_DNS_SERVFAIL, OUTCOME_DNS_SERVFAIL, ok));
    for (int never = 0; never < 2; never++)
        assert_false(wants_when(never ? ROUND_CHECK_NEVER : ROUND_CHECK_ALWAYS, "a.example",
                                OUTCOME_DNS_SERVFAIL, OUTCOME_DNS_SERVFAIL, ok));
}

static void only_a_failure_that_smells_of_dns_asks_the_zone(void **state)
{
    const enum outcome ok = OUTCOME_OK, none = OUTCOME_DNS_NODATA;
    (void)state;
    assert_false(wants("a.example", ok, ok, ok));
    assert_false(wants("a.example", ok, none, ok)); /* a family that is left out */
    assert_true(wants("a.example", none, none, ok));
    assert_true(wants("a.example", ok, OUTCOME_DNS_SERVFAIL, ok));
    assert_true(wants("a.example", ok, OUTCOME_DNS_STALE, ok));
    assert_true(wants("a.example", OUTCOME_DNS_NXDOMAIN, OUTCOME_DNS_NXDOMAIN, ok));
    assert_true(wants("a.example", ok, none, OUTCOME_TIMEOUT));
    assert_true(wants("a.example", ok, none, OUTCOME_CERT_NAME_MISMATCH));
    assert_false(wants("a.example", ok, none, OUTCOME_CERT_EXPIRED));
    assert_false(wants("a.example", ok, none, OUTCOME_HTTP_STATUS));
    /* without a resolver there is nobody to ask */
    assert_false(wants("a.example", OUTCOME_DNS_UNREACHABLE, OUTCOME_DNS_UNREACHABLE, ok));
    assert_false(wants("a.example", OUTCOME_DNS_REFUSED, OUTCOME_DNS_REFUSED, ok));
    /* names of no zone that others see */
    assert_false(wants("localhost", ok, ok, OUTCOME_REFUSED));
    assert_false(wants("a.localhost", ok, ok, OUTCOME_REFUSED));
    assert_false(wants("nas", ok, ok, OUTCOME_TIMEOUT));
}

static void a_given_address_asks_nobody(void **state)
{
    struct probe_result results[1] = {{.outcome = OUTCOME_TIMEOUT}};
    struct round_result result = {.families = {{.asked = true, .dns_us = -1, .count = 1}}};
    (void)state;
    result.families[0].results = results;
    assert_false(round_wants_check("a.example", &result, ROUND_CHECK_ON_FAILURE));
    assert_false(round_may_check("a.example", &result));
}

static int set_up(void **state)
{
    *state = calloc(1, sizeof(struct rig));
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stale_says_both_values_and_how_long),
        cmocka_unit_test(what_is_not_expected_is_not_judged),
        cmocka_unit_test(servers_that_agree_are_no_news),
        cmocka_unit_test(each_server_is_named_once_with_its_addresses),
        cmocka_unit_test(the_resolver_may_be_behind),
        cmocka_unit_test(servfail_gets_the_zones_word),
        cmocka_unit_test(the_views_as_json),
        cmocka_unit_test(only_a_failure_that_smells_of_dns_asks_the_zone),
        cmocka_unit_test(a_failure_of_dns_alone_asks_the_zone),
        cmocka_unit_test(a_given_address_asks_nobody),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
