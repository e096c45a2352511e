/* SPDX-License-Identifier: ISC
 *
 * ddns/backoff.h and ddns/verdict.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ddns/backoff.h"
#include "ddns/verdict.h"

static void test_windows(void **state)
{
    const struct backoff_conf conf = {.base_ms = 1000, .max_ms = 8000};
    (void)state;
    assert_int_equal(backoff_ms(&conf, 0, 500, UINT32_MAX), 500);
    assert_int_equal(backoff_ms(&conf, 1, 0, 0), 0);
    assert_int_equal(backoff_ms(&conf, 1, 0, UINT32_MAX), 1000);
    assert_int_equal(backoff_ms(&conf, 2, 0, UINT32_MAX), 2000);
    assert_int_equal(backoff_ms(&conf, 2, 0, 0), 0); /* the least wait begins with the third */
    assert_int_equal(backoff_ms(&conf, 3, 0, 0), 1000);
    assert_int_equal(backoff_ms(&conf, 4, 0, UINT32_MAX), 8000);
    assert_int_equal(backoff_ms(&conf, 1000000000, 0, UINT32_MAX), 8000);
    assert_int_equal(backoff_ms(&conf, 4, 700, UINT32_MAX), 8700);
}

static void test_hostile_numbers(void **state)
{
    const struct backoff_conf conf = {.base_ms = INT64_MAX, .max_ms = INT64_MAX};
    const struct backoff_conf none = {0, 0};
    (void)state;
    int64_t wait = backoff_ms(&conf, UINT32_MAX, INT64_MAX, UINT32_MAX);
    assert_true(wait > 0 && wait <= INT64_C(2) * 366 * 86400 * 1000);
    /* and what a person may mean is left alone */
    assert_int_equal(backoff_ms(&none, 0, INT64_C(30) * 86400 * 1000, 0),
                     INT64_C(30) * 86400 * 1000);
    assert_int_equal(backoff_ms(&none, 1, -5, UINT32_MAX), BACKOFF_BASE_MS);
    assert_int_equal(backoff_ms(&none, 40, 0, UINT32_MAX), BACKOFF_MAX_MS);
}

/* However the dice fall: at most eight tries in the first half hour of a row of failures. */
static void test_half_hour_worst_case(void **state)
{
    const struct backoff_conf conf = {0, 0};
    unsigned tries = 1;
    (void)state;
    for (int64_t t = 0; (t += backoff_ms(&conf, tries, 0, 0)) < 1800000;)
        tries++;
    assert_in_range(tries, 2, 8);
}

static void test_verdict_words(void **state)
{
    (void)state;
    for (int i = DDNS_OK; i <= DDNS_TEMPORARY; i++) {
        enum ddns_verdict back;
        assert_true(ddns_verdict_from_word(ddns_verdict_word((enum ddns_verdict)i), &back));
        assert_int_equal(back, i);
    }
    enum ddns_verdict none;
    assert_false(ddns_verdict_from_word("good", &none));
    assert_true(ddns_verdict_is_success(DDNS_NOCHANGE) && !ddns_verdict_is_success(DDNS_TEMPORARY));
    assert_true(ddns_verdict_is_permanent(DDNS_ABUSE) && !ddns_verdict_is_permanent(DDNS_OK));
    assert_string_equal(ddns_verdict_word((enum ddns_verdict)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_hostile_numbers),
        cmocka_unit_test(test_half_hour_worst_case),
        cmocka_unit_test(test_verdict_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
