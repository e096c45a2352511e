/* SPDX-License-Identifier: ISC
 *
 * Sentences about what a look at DNS shows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ddns/evidence.h"
#include "lib/str.h"

static struct addr ip(const char *text)
{
    struct addr addr = {.af = AF_UNSPEC};
    if (text)
        assert_true(addr_parse(text, &addr));
    return addr;
}

static struct verify_server server(const char *name, const char *at, const char *value)
{
    struct verify_server server = {.addr = ip(at),
                                   .authoritative = true,
                                   .outcome = value ? OUTCOME_OK : OUTCOME_DNS_NODATA,
                                   .count = value ? 1 : 0,
                                   .ttl = 60};
    str_copy(server.name, sizeof server.name, name);
    server.values[0] = ip(value);
    return server;
}

/* Both servers of a zone. */
static struct verify_look look_of(const char *one, const char *two)
{
    struct verify_look look = {.count = 2};
    look.servers[0] = server("ns1.test", "192.0.2.1", one);
    look.servers[1] = server("ns2.test", "192.0.2.2", two);
    look.resolver.outcome = look.beside.outcome = OUTCOME_DNS_TIMEOUT;
    return look;
}

static void expect(struct verify_look *look, enum evidence evidence, const char *said)
{
    char text[EVIDENCE_LEN];
    struct addr wanted = ip("203.0.113.7");
    verify_judge(look);
    assert_int_equal(evidence_judge(look, &wanted, FAMILY_IPV4, text), evidence);
    assert_string_equal(text, said);
}

static void a_lagging_server_is_named(void **state)
{
    struct verify_look look = look_of("203.0.113.7", "203.0.113.6");
    (void)state;
    look.servers[0].has_serial = look.servers[1].has_serial = true;
    look.servers[0].serial = 7;
    look.servers[1].serial = 5;
    expect(&look, EVIDENCE_DIFFERS,
           "ns2.test (192.0.2.2) has 203.0.113.6 (zone serial 5), ns1.test (192.0.2.1) has "
           "203.0.113.7 (zone serial 7)");
    look = look_of("203.0.113.5", NULL); /* neither has it */
    expect(&look, EVIDENCE_DIFFERS,
           "ns1.test (192.0.2.1) has 203.0.113.5, ns2.test (192.0.2.2) has no A record");
}

static void what_stands_there_instead(void **state)
{
    struct verify_look look = look_of("203.0.113.6", "203.0.113.6");
    (void)state;
    expect(&look, EVIDENCE_OTHER,
           "DNS shows 203.0.113.6 instead of 203.0.113.7; caches may keep that for 1m");
    look.beside = server("", "192.0.2.1", "203.0.113.6");
    expect(&look, EVIDENCE_WILDCARD,
           "DNS shows 203.0.113.6 instead of 203.0.113.7, and the same for any other name beside "
           "it: a wildcard record; caches may keep that for 1m");
    look = look_of(NULL, NULL);
    expect(&look, EVIDENCE_ABSENT, "DNS has no A record; caches may keep that for 1m");
    look.servers[0].outcome = look.servers[1].outcome = OUTCOME_DNS_NXDOMAIN;
    expect(&look, EVIDENCE_ABSENT, "DNS has no such name; caches may keep that for 1m");
    str_copy(look.servers[0].cname, HOST_MAX, "www.elsewhere.test");
    expect(&look, EVIDENCE_ALIAS, "the name is an alias (CNAME) of www.elsewhere.test");
}

static void what_is_odd_though_it_is_there(void **state)
{
    struct verify_look look = look_of("203.0.113.7", "203.0.113.7");
    (void)state;
    expect(&look, EVIDENCE_FINE, "");
    look.resolver = server("", "192.0.2.53", "203.0.113.6");
    look.resolver.authoritative = false;
    expect(
        &look, EVIDENCE_FINE,
        "the world sees it, but the resolver 192.0.2.53 still gives 203.0.113.6, for another 1m");
    look.resolver.authoritative = true;
    expect(&look, EVIDENCE_FINE, "split horizon: the resolver 192.0.2.53 gives 203.0.113.6");
    look = look_of("93.184.215.14", "93.184.215.14");
    look.resolver = server("", "192.0.2.53", "192.168.1.7");
    look.resolver.authoritative = false;
    struct addr wanted = ip("93.184.215.14");
    char text[EVIDENCE_LEN];
    verify_judge(&look);
    assert_int_equal(evidence_judge(&look, &wanted, FAMILY_IPV4, text), EVIDENCE_FINE);
    assert_string_equal(text, "split horizon: the resolver 192.0.2.53 gives 192.168.1.7");
    look = look_of("203.0.113.7", "203.0.113.7");
    look.servers[1].outcome = OUTCOME_DNS_REFUSED;
    look.servers[1].count = 0;
    expect(&look, EVIDENCE_FINE,
           "ns2.test (192.0.2.2) does not serve the zone: the DNS server refused the question");
}

static void each_has_its_advice(void **state)
{
    (void)state;
    for (int evidence = EVIDENCE_FINE; evidence <= EVIDENCE_OTHER; evidence++)
        assert_int_equal(*evidence_advice((enum evidence)evidence) == '\0',
                         evidence == EVIDENCE_FINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lagging_server_is_named),
        cmocka_unit_test(what_stands_there_instead),
        cmocka_unit_test(what_is_odd_though_it_is_there),
        cmocka_unit_test(each_has_its_advice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
