/* SPDX-License-Identifier: ISC
 *
 * monitor/target/schedule.h: never all on one tick, nobody left out, never outside the period.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "monitor/target/schedule.h"

#define EVERY_MS INT64_C(60000)

static void a_few_start_at_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCHEDULE_AT_ONCE; i++) {
        assert_int_equal(schedule_first_ms(i, 1000, EVERY_MS, UINT32_MAX), 0);
        assert_int_equal(schedule_burst_ms(i), 0);
    }
    assert_true(schedule_first_ms(SCHEDULE_AT_ONCE, 1000, EVERY_MS, UINT32_MAX) > 0);
}

/* Each has a slot of its own: the rest covers the time evenly, whatever the dice say. */
static void the_rest_is_spread(void **state)
{
    static const uint32_t dice[] = {0, 1u << 31, UINT32_MAX};
    (void)state;
    for (size_t d = 0; d < 3; d++) {
        int64_t before = -1, gap = 0;
        for (size_t i = SCHEDULE_AT_ONCE; i < 608; i++) {
            int64_t at = schedule_first_ms(i, 608, EVERY_MS, dice[d]);
            assert_in_range(at, 0, EVERY_MS - 1);
            assert_true(at > before);
            gap = before >= 0 && at - before > gap ? at - before : gap;
            before = at;
        }
        assert_in_range(gap, 1, 2 * EVERY_MS / 600);
        assert_in_range(before, EVERY_MS - 2 * EVERY_MS / 600, EVERY_MS - 1);
    }
}

/* A period shorter than that is kept to; a long one does not put the first verdict off. */
static void the_first_look_comes_soon(void **state)
{
    int64_t last_short = schedule_first_ms(99, 100, 5000, UINT32_MAX);
    int64_t last_long = schedule_first_ms(99, 100, INT64_C(86400000), UINT32_MAX);
    (void)state;
    assert_in_range(last_short, 4500, 4999);
    assert_in_range(last_long, SCHEDULE_FIRST_MS / 2, SCHEDULE_FIRST_MS - 1);
    /* one behind the first ones, and more than there are milliseconds */
    assert_in_range(schedule_first_ms(SCHEDULE_AT_ONCE, SCHEDULE_AT_ONCE + 1, 5000, UINT32_MAX), 0,
                    4999);
    assert_in_range(schedule_first_ms(9999, 10000, 100, UINT32_MAX), 0, 100);
}

static void the_next_look_is_jittered_by_a_tenth(void **state)
{
    (void)state;
    assert_int_equal(schedule_next_ms(EVERY_MS, 0), EVERY_MS - EVERY_MS / 10);
    assert_int_equal(schedule_next_ms(EVERY_MS, UINT32_MAX), EVERY_MS + EVERY_MS / 10);
    assert_in_range(schedule_next_ms(EVERY_MS, 1u << 31), EVERY_MS - 1, EVERY_MS + 1);
    assert_true(schedule_next_ms(1, UINT32_MAX) >= 1);
}

static void a_burst_goes_in_steps(void **state)
{
    (void)state;
    for (size_t i = SCHEDULE_AT_ONCE; i < 10000; i++)
        assert_int_equal(schedule_burst_ms(i), 5 * (int64_t)(i - SCHEDULE_AT_ONCE + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_few_start_at_once),
        cmocka_unit_test(the_rest_is_spread),
        cmocka_unit_test(the_first_look_comes_soon),
        cmocka_unit_test(the_next_look_is_jittered_by_a_tenth),
        cmocka_unit_test(a_burst_goes_in_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
