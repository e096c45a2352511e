/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/duration.h"

static void parses(void **arg)
{
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"0", 0},           {"250ms", 250},
                {"90s", 90000},     {"90", 90000},
                {"5m", 300000},     {"1h30m", 5400000},
                {"7d", 604800000},  {"1w", 604800000},
                {"1m500ms", 60500}, {"3650d", INT64_C(315360000000)},
                {"007s", 7000}};
    (void)arg;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        int64_t ms = -1;
        assert_true(duration_parse(good[i].text, &ms));
        assert_int_equal(ms, good[i].ms);
    }
}

static void refuses(void **arg)
{
    static const char *const bad[] = {"",
                                      "s",
                                      "-1s",
                                      "+1s",
                                      "1 s",
                                      " 1s",
                                      "1s ",
                                      "1.5h",
                                      "1x",
                                      "30m1h",
                                      "1m1m",
                                      "1h30",
                                      "11y",
                                      "4000d",
                                      "99999999999999999999999",
                                      "18446744073709551616ms",
                                      "1S",
                                      "1mss",
                                      "522w6d9999h999999999m"};
    int64_t ms = 42;
    (void)arg;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(duration_parse(bad[i], &ms));
    assert_int_equal(ms, 42);
}

static void formats(void **arg)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {{0, "0s"},           {-5, "0s"},        {250, "250ms"},     {1000, "1s"},
                 {999, "999ms"},      {1050, "1s"},      {1250, "1.2s"},     {4000, "4s"},
                 {9999, "9.9s"},      {10000, "10s"},    {14242, "14s"},     {59999, "59s"},
                 {60000, "1m"},       {90500, "1m 30s"}, {7500000, "2h 5m"}, {3600500, "1h"},
                 {273600000, "3d 4h"}};
    char buf[DURATION_LEN];
    (void)arg;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(duration_format(cases[i].ms, buf), cases[i].text);
    assert_string_equal(duration_format(INT64_MAX, buf), "106751991167d 7h");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses),
        cmocka_unit_test(refuses),
        cmocka_unit_test(formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
