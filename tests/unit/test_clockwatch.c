/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "monitor/clockwatch.h"

struct row {
    int64_t mono, boot, wall; /* how far each clock went */
    bool told;
    int64_t suspended, step;
};

static void test_compare(void **state)
{
    static const struct row rows[] = {
        {60000, 60000, 60000, false, 0, 0},
        {60000, 60000, 60999, false, 0, 0},          /* below a second */
        {60000, 60000, 59001, false, 0, 0},          /* the same back */
        {60000, 60000, 61000, true, 0, 1000},        /* stepped ahead */
        {60000, 60000, -3540000, true, 0, -3600000}, /* an hour back */
        {60000, 660000, 660000, true, 600000, 0},    /* slept for ten minutes */
        {60000, 660000, 665000, true, 600000, 5000}, /* slept, and the clock was off */
        {60000, 60500, 60500, false, 0, 0},          /* a nap */
        {1000, 1000, INT64_C(1764000000000), true, 0, INT64_C(1763999999000)}, /* 1970 to now */
    };
    (void)state;
    const struct clock_reading before = {.mono_ms = 5000, .boot_ms = 7000, .wall_ms = 9000};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct clock_reading after = {.mono_ms = before.mono_ms + row->mono,
                                      .boot_ms = before.boot_ms + row->boot,
                                      .wall_ms = before.wall_ms + row->wall};
        int64_t suspended;
        int64_t step;
        assert_int_equal(clockwatch_compare(&before, &after, &suspended, &step), row->told);
        assert_int_equal(suspended, row->suspended);
        assert_int_equal(step, row->step);
    }
}

static void never(int64_t suspended_ms, int64_t step_ms, void *arg)
{
    (void)suspended_ms;
    (void)step_ms;
    (void)arg;
    fail_msg("nothing happened to the clock");
}

static void stop(void *arg)
{
    loop_stop(arg);
}

static void test_quiet_clock_is_quiet(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    struct clockwatch *watch = clockwatch_new(loop, never, NULL);
    struct loop_timer *timer = loop_timer_new(loop, stop, loop);
    assert_non_null(watch);
    loop_timer_set(timer, 20);
    loop_run(loop);
    loop_timer_free(timer);
    clockwatch_free(watch);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_quiet_clock_is_quiet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
