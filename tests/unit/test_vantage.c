/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probes/vantage.h"

static struct addr of(const char *text)
{
    struct addr addr = {0};
    assert_true(addr_parse(text, &addr));
    return addr;
}

static enum vantage judge(const char *target, const char *source, uint32_t rtt_us)
{
    struct addr to = of(target);
    struct route route = {.found = true, .source = of(source)};
    struct tcp_facts path = {.known = rtt_us > 0, .rtt_min_us = rtt_us};
    return vantage_judge(&to, &route, &path);
}

static void the_kernel_knows_its_own(void **arg)
{
    struct addr to = of("8.8.8.8");
    struct tcp_facts path = {0};
    struct route route = {.found = true, .local = true};
    (void)arg;
    assert_int_equal(vantage_judge(&to, &route, &path), VANTAGE_LOCAL);
    route = (struct route){.found = true, .on_link = true};
    assert_int_equal(vantage_judge(&to, &route, &path), VANTAGE_LAN);
    route = (struct route){0};
    assert_int_equal(vantage_judge(&to, &route, &path), VANTAGE_UNKNOWN);
}

static void a_quick_answer_behind_nat_is_suspicious(void **arg)
{
    (void)arg;
    assert_int_equal(judge("8.8.8.8", "192.168.1.5", 400), VANTAGE_HAIRPIN);
    assert_int_equal(judge("8.8.8.8", "192.168.1.5", 1000), VANTAGE_OUTSIDE);
    assert_int_equal(judge("8.8.8.8", "192.168.1.5", 0), VANTAGE_OUTSIDE); /* not connected */
    assert_int_equal(judge("8.8.8.8", "1.1.1.1", 400), VANTAGE_OUTSIDE);   /* not behind NAT */
    assert_int_equal(judge("10.0.0.1", "192.168.1.5", 400), VANTAGE_OUTSIDE);
    assert_int_equal(judge("2606:4700::1", "2400:4050::5", 400), VANTAGE_OUTSIDE);
    assert_int_equal(judge("2606:4700::1", "fd00::5", 400), VANTAGE_HAIRPIN); /* NAT66 */
}

static void loopback_is_local_here(void **arg)
{
    struct egress egress = {0};
    struct route route;
    struct addr to = addr_loopback(FAMILY_IPV4);
    (void)arg;
    route_lookup(&to, &egress, &route);
    assert_true(route.found);
    assert_true(route.local);
    to = of("127.0.0.53");
    route_lookup(&to, &egress, &route);
    assert_true(route.local);
    to = of("0.0.0.1");
    route_lookup(&to, &egress, &route);
    assert_false(route.local || route.on_link);
}

static void each_word_is_its_own(void **arg)
{
    (void)arg;
    for (int i = VANTAGE_UNKNOWN; i <= VANTAGE_OUTSIDE; i++)
        for (int k = VANTAGE_UNKNOWN; k < i; k++)
            assert_string_not_equal(vantage_word((enum vantage)i), vantage_word((enum vantage)k));
    assert_null(vantage_text(VANTAGE_OUTSIDE, false));
    assert_non_null(vantage_text(VANTAGE_HAIRPIN, false));
    /* No word of certificates where ports were looked at. */
    assert_null(strstr(vantage_text(VANTAGE_LAN, true), "certificate"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kernel_knows_its_own),
        cmocka_unit_test(a_quick_answer_behind_nat_is_suspicious),
        cmocka_unit_test(loopback_is_local_here),
        cmocka_unit_test(each_word_is_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
