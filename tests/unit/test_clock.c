/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "lib/clock.h"

#define Y2026 INT64_C(1780000000000)

static struct stamp stamp(const char *boot, int64_t boot_ms, int64_t wall_ms)
{
    struct stamp s = {.boot_ms = boot_ms, .wall_ms = wall_ms};
    strcpy(s.boot_id, boot);
    return s;
}

static void expect(struct stamp since, struct stamp now, int64_t length, int64_t left)
{
    assert_int_equal(stamp_left_ms(&since, length, &now), left);
}

static void same_boot_ignores_the_wall_clock(void **arg)
{
    (void)arg;
    expect(stamp("a", 1000, Y2026), stamp("a", 1400, Y2026 + 999999), 1000, 600);
    expect(stamp("a", 1000, Y2026), stamp("a", 1400, 5), 1000, 600);
    expect(stamp("a", 1000, 5), stamp("a", 1400, Y2026), 1000, 600);
    expect(stamp("a", 1000, Y2026), stamp("a", 2000, Y2026), 1000, 0);
    expect(stamp("a", 1000, Y2026), stamp("a", 900, Y2026), 1000, 1000);
    expect(stamp("a", INT64_MIN, Y2026), stamp("a", 900, Y2026), 1000, 1000);
    expect(stamp("a", INT64_MAX, Y2026), stamp("a", 900, Y2026), 1000, 1000);
}

static void another_boot_uses_the_wall_clock(void **arg)
{
    (void)arg;
    expect(stamp("a", 99999, Y2026), stamp("b", 10, Y2026 + 300), 1000, 700);
    expect(stamp("a", 99999, Y2026), stamp("b", 10, Y2026 + 5000), 1000, 0);
    expect(stamp("", 99999, Y2026), stamp("", 10, Y2026 + 300), 1000, 700);
}

static void implausible_wall_counts_since_boot(void **arg)
{
    (void)arg;
    expect(stamp("a", 99999, Y2026), stamp("b", 10, 5000), 1000, 990);
    expect(stamp("a", 99999, 5000), stamp("b", 10, Y2026), 1000, 990);
    expect(stamp("a", 99999, Y2026), stamp("b", 10, Y2026 - 1), 1000, 990);
    expect(stamp("a", 99999, Y2026), stamp("b", 5000, 10), 1000, 0);
}

static void unset_or_empty_is_over(void **arg)
{
    (void)arg;
    expect(stamp("a", 1000, 0), stamp("a", 1400, Y2026), 1000, 0);
    expect(stamp("a", 1000, Y2026), stamp("a", 1000, Y2026), 0, 0);
    expect(stamp("a", 1000, Y2026), stamp("a", 1000, Y2026), -5, 0);
}

static void stamps_are_of_this_boot(void **arg)
{
    (void)arg;
    struct stamp a = clock_stamp(), b = clock_stamp();
    assert_string_equal(a.boot_id, b.boot_id);
    assert_true(b.boot_ms >= a.boot_ms && a.boot_ms > 0 && a.wall_ms > 0);
    assert_true(clock_mono_us() / 1000 <= clock_mono_ms());
}

static void text(void **arg)
{
    char buf[CLOCK_TEXT_LEN];
    (void)arg;
    setenv("TZ", "JST-9", 1);
    tzset();
    assert_string_equal(clock_format_utc(INT64_C(1795508130000), buf), "2026-11-24T08:15:30Z");
    assert_string_equal(clock_format_local(INT64_C(1795508130999), buf), "2026-11-24 17:15:30");
    int64_t back = 0;
    assert_true(clock_parse_utc("2026-11-24T08:15:30Z", &back));
    assert_int_equal(back, INT64_C(1795508130000));
    assert_false(clock_parse_utc("2026-11-24T08:15:30Z.", &back));
    assert_false(clock_parse_utc("-", &back));
    assert_string_equal(clock_format_utc(0, buf), "-");
    assert_string_equal(clock_format_utc(-1, buf), "1969-12-31T23:59:59Z");
    assert_string_equal(clock_format_utc(INT64_MAX, buf), "-");
    assert_string_equal(clock_format_local(INT64_MIN, buf), "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_boot_ignores_the_wall_clock),
        cmocka_unit_test(another_boot_uses_the_wall_clock),
        cmocka_unit_test(implausible_wall_counts_since_boot),
        cmocka_unit_test(unset_or_empty_is_over),
        cmocka_unit_test(stamps_are_of_this_boot),
        cmocka_unit_test(text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
