/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probes/client.h"
#include "probes/dest_order.h"

static struct addr of(const char *text)
{
    struct addr addr = {0};
    if (text)
        assert_true(addr_parse(text, &addr));
    return addr;
}

/* --- RFC 6724, the examples of section 10.2 that need no more than addresses --- */

static void destinations_are_ordered(void **arg)
{
    static const struct {
        const char *first, *first_source, *second, *second_source;
    } rows[] = {
        /* matching scope */
        {"2001:db8:1::1", "2001:db8:1::2", "198.51.100.121", "169.254.13.78"},
        {"198.51.100.121", "198.51.100.117", "2001:db8:1::1", "fe80::1"},
        /* precedence */
        {"2001:db8:1::1", "2001:db8:1::2", "10.1.2.3", "10.1.2.4"},
        /* smaller scope */
        {"fe80::1", "fe80::2", "2001:db8:1::1", "2001:db8:1::2"},
        /* longest matching prefix */
        {"2001:db8:1::1", "2001:db8:1::2", "2001:db8:3ffe::1", "2001:db8:3f44::2"},
        /* matching label */
        {"2002:c633:6401::1", "2002:c633:6401::2", "2001:db8:1::1", "2002:c633:6401::2"},
        {"2001:db8:1::1", "2001:db8:1::2", "2002:c633:6401::1", "2002:c633:6401::2"},
        /* an address that nothing leads to comes last */
        {"198.51.100.121", "198.51.100.117", "2001:db8:1::1", NULL},
        /* a ULA is no way to the world: why some clients pick IPv4 */
        {"198.51.100.121", "192.168.1.5", "2001:db8:1::1", "fd00::5"},
        {"2001:db8:1::1", "2001:db8:1::2", "fd00::1", "fd00::5"},
    };
    (void)arg;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t swap = 0; swap < 2; swap++) {
            struct dest dests[2];
            dests[swap] = (struct dest){of(rows[i].first), of(rows[i].first_source), swap};
            dests[!swap] = (struct dest){of(rows[i].second), of(rows[i].second_source), !swap};
            dest_sort(dests, 2);
            struct addr first = of(rows[i].first);
            if (!addr_equal(&dests[0].addr, &first))
                fail_msg("%s should come before %s", rows[i].first, rows[i].second);
        }
}

static void families_take_turns(void **arg)
{
    static const char *const in[] = {"2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1",
                                     "192.0.2.2"};
    static const size_t out[] = {0, 3, 1, 4, 2};
    struct dest dests[5];
    (void)arg;
    for (size_t i = 0; i < 5; i++)
        dests[i] = (struct dest){.addr = of(in[i]), .index = i};
    dest_interleave(dests, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(dests[i].index, out[i]);
}

/* --- the race --- */

#define MS 1000

static struct probe_result results[FAMILY_COUNT][2];
static struct round_result now;

static void given(enum family family, size_t count, enum outcome outcome, int64_t tcp_us)
{
    now.families[family] = (struct round_family){
        .asked = true, .dns_us = 2 * MS, .count = count, .results = results[family]};
    for (size_t i = 0; i < count; i++)
        results[family][i] = (struct probe_result){
            .addr = of(family == FAMILY_IPV4 ? "198.51.100.2" : "2001:db8::2"),
            .source = of(family == FAMILY_IPV4 ? "192.0.2.1" : "2001:db8::1"),
            .outcome = outcome,
            .tcp_us = tcp_us};
}

static struct client_view judge(void)
{
    struct client_view view;
    client_judge(&now, &view);
    return view;
}

static void expect_sentence(const struct client_view *view, const char *sentence)
{
    char text[320];
    client_sentence(view, text, sizeof text);
    assert_string_equal(text, sentence);
}

static void all_is_well(void **arg)
{
    (void)arg;
    given(FAMILY_IPV4, 1, OUTCOME_OK, 5 * MS);
    given(FAMILY_IPV6, 1, OUTCOME_OK, 9 * MS);
    struct client_view view = judge();
    assert_int_equal(view.preferred, FAMILY_IPV6);
    assert_ptr_equal(view.picked, results[FAMILY_IPV6]);
    assert_int_equal(view.picked_us, 11 * MS);
    assert_int_equal(view.late_us, 0);
    assert_ptr_equal(view.fallback, results[FAMILY_IPV4]);
    assert_int_equal(view.fallback_us, (2 + 250 + 5) * MS);
    expect_sentence(&view, "A browser would take IPv6 after 11 ms; if that fell silent, IPv4 after "
                           "257 ms.");
}

static void a_silent_family_costs_a_quarter_of_a_second(void **arg)
{
    (void)arg;
    given(FAMILY_IPV4, 1, OUTCOME_OK, 5 * MS);
    given(FAMILY_IPV6, 1, OUTCOME_TIMEOUT, -1);
    struct client_view view = judge();
    assert_ptr_equal(view.picked, results[FAMILY_IPV4]);
    assert_int_equal(view.picked_us, 257 * MS);
    assert_int_equal(view.late_us, 250 * MS);
    assert_null(view.fallback);
    expect_sentence(&view,
                    "A browser would try IPv6 first, in vain, and take IPv4 250 ms late, "
                    "after 257 ms; a program that tries one after another waits for minutes.");
}

static void a_refusal_costs_nothing(void **arg)
{
    (void)arg;
    given(FAMILY_IPV4, 1, OUTCOME_OK, 5 * MS);
    given(FAMILY_IPV6, 1, OUTCOME_REFUSED, -1);
    struct client_view view = judge();
    assert_int_equal(view.picked_us, 7 * MS);
    expect_sentence(&view,
                    "A browser would try IPv6 first, fail at once, and take IPv4 after 7.0 ms.");
}

/* The worst: TCP connects, so nobody falls back. */
static void a_black_hole_holds_its_clients(void **arg)
{
    (void)arg;
    given(FAMILY_IPV4, 1, OUTCOME_OK, 5 * MS);
    given(FAMILY_IPV6, 1, OUTCOME_MTU_BLACK_HOLE, 9 * MS);
    struct client_view view = judge();
    assert_true(view.stuck);
    expect_sentence(&view, "A browser would take IPv6 after 11 ms and stay there, though it then "
                           "fails (mtu-black-hole): once TCP connects nothing else is tried.");
}

static void a_slow_family_loses_the_race(void **arg)
{
    (void)arg;
    given(FAMILY_IPV4, 1, OUTCOME_OK, 5 * MS);
    given(FAMILY_IPV6, 1, OUTCOME_OK, 300 * MS);
    struct client_view view = judge();
    assert_ptr_equal(view.picked, results[FAMILY_IPV4]);
    assert_int_equal(view.picked_us, 257 * MS);
    given(FAMILY_IPV6, 1, OUTCOME_OK, 254 * MS);
    view = judge();
    assert_ptr_equal(view.picked, results[FAMILY_IPV6]);
}

static void a_late_aaaa_gives_ipv4_the_start(void **arg)
{
    (void)arg;
    given(FAMILY_IPV4, 1, OUTCOME_OK, 5 * MS);
    given(FAMILY_IPV6, 1, OUTCOME_OK, 9 * MS);
    now.families[FAMILY_IPV6].dns_us = 51 * MS; /* within the delay: waited for */
    struct client_view view = judge();
    assert_ptr_equal(view.picked, results[FAMILY_IPV6]);
    assert_int_equal(view.picked_us, 60 * MS);
    now.families[FAMILY_IPV6].dns_us = 900 * MS;
    view = judge();
    assert_int_equal(view.preferred, FAMILY_IPV4);
    assert_ptr_equal(view.picked, results[FAMILY_IPV4]);
    assert_int_equal(view.picked_us, 57 * MS);
}

static void one_family_is_no_choice(void **arg)
{
    (void)arg;
    given(FAMILY_IPV4, 2, OUTCOME_OK, 5 * MS);
    given(FAMILY_IPV6, 0, OUTCOME_OK, -1);
    now.families[FAMILY_IPV6].dns = OUTCOME_DNS_NODATA;
    struct client_view view = judge();
    assert_true(view.known);
    assert_int_equal(view.picked_us, 7 * MS);
    expect_sentence(&view, "");
    given(FAMILY_IPV4, 0, OUTCOME_OK, -1);
    view = judge();
    assert_false(view.known);
    assert_true(json_is_null(client_json(&view)));
}

static void nothing_is_reached(void **arg)
{
    (void)arg;
    given(FAMILY_IPV4, 1, OUTCOME_TIMEOUT, -1);
    given(FAMILY_IPV6, 2, OUTCOME_REFUSED, -1);
    struct client_view view = judge();
    assert_null(view.picked);
    expect_sentence(&view, "A browser would try IPv6 first, and reach nothing.");
    json_t *json = client_json(&view);
    assert_true(json_is_null(json_object_get(json, "picked_us")));
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(destinations_are_ordered),
        cmocka_unit_test(families_take_turns),
        cmocka_unit_test(all_is_well),
        cmocka_unit_test(a_silent_family_costs_a_quarter_of_a_second),
        cmocka_unit_test(a_refusal_costs_nothing),
        cmocka_unit_test(a_black_hole_holds_its_clients),
        cmocka_unit_test(a_slow_family_loses_the_race),
        cmocka_unit_test(a_late_aaaa_gives_ipv4_the_start),
        cmocka_unit_test(one_family_is_no_choice),
        cmocka_unit_test(nothing_is_reached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
