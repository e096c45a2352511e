/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/str.h"

static void copies_truncate_and_tell(void **arg)
{
    char dst[4] = "xxx";
    (void)arg;
    assert_true(str_copy(dst, sizeof(dst), "abc"));
    assert_false(str_copy(dst, sizeof(dst), "defg"));
    assert_string_equal(dst, "def");
    assert_false(str_copy(dst, 0, "q"));
    assert_string_equal(dst, "def");
    assert_true(str_ncopy(dst, sizeof(dst), "hijklm", 2));
    assert_string_equal(dst, "hi");
    assert_true(str_ncopy(dst, sizeof(dst), "a", 99));
    assert_string_equal(dst, "a");
}

static void append(void **arg)
{
    char dst[6] = "";
    (void)arg;
    assert_true(str_append(dst, sizeof(dst), "%d", 12));
    assert_true(str_append(dst, sizeof(dst), "%s", "345"));
    assert_false(str_append(dst, sizeof(dst), "6"));
    assert_string_equal(dst, "12345");
    memset(dst, 'x', sizeof(dst));
    assert_false(str_append(dst, sizeof(dst), "y"));
}

static void compares(void **arg)
{
    (void)arg;
    assert_true(str_equal_nocase("Content-LENGTH", "content-length"));
    assert_false(str_equal_nocase("a", "ab"));
    assert_false(str_equal_nocase("ab", "a"));
    assert_false(str_equal_nocase("@", "`"));
    assert_true(str_equal_nocase("", ""));
    assert_true(str_starts("abc", "ab"));
    assert_true(str_starts("abc", ""));
    assert_false(str_starts("ab", "abc"));
}

static void numbers(void **arg)
{
    static const char *const bad[] = {
        "", " 1", "1 ", "+1", "-1", "0x1", "1.0", "101", "9999999999999999999999"};
    uint64_t value = 7;
    (void)arg;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(str_to_uint(bad[i], 100, &value));
    assert_int_equal(value, 7);
    assert_true(str_to_uint("100", 100, &value));
    assert_int_equal(value, 100);
    assert_true(str_to_uint("18446744073709551615", UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
    assert_false(str_to_uint("18446744073709551616", UINT64_MAX, &value));
    assert_true(str_to_uint("0", 0, &value));
    assert_false(str_to_uint("5", 3, &value));
}

static void expect(const char *src, size_t len, const char *want)
{
    char dst[64];
    assert_string_equal(str_printable(dst, sizeof(dst), src, len), want);
}

static void printable(void **arg)
{
    (void)arg;
    expect("plain", 5, "plain");
    expect("a\0b\n\033[1m\x7f", 9, "a?b??[1m?");
    expect("caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x98\x80", 14,
           "caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x98\x80");
    expect("\xc3", 1, "?");                /* cut off */
    expect("\xe6\x97", 2, "??");           /* cut off */
    expect("\xc0\xaf", 2, "??");           /* overlong */
    expect("\xe0\x80\x80", 3, "???");      /* overlong */
    expect("\xed\xa0\x80", 3, "???");      /* surrogate */
    expect("\xf4\x90\x80\x80", 4, "????"); /* past U+10FFFF */
    expect("\xf5\x80\x80\x80", 4, "????");
    expect("\xff", 1, "?");
    expect("\xc2\x9b"
           "31m",
           5, "?31m"); /* C1: CSI */
    expect("a\xe2\x80\xae"
           "b",
           5, "a?b"); /* right-to-left override */
    expect("", 0, "");
}

static void printable_is_bounded(void **arg)
{
    char dst[4];
    (void)arg;
    assert_string_equal(str_printable(dst, sizeof(dst), "ab\xc3\xa9", 4), "ab");
    assert_string_equal(str_printable(dst, sizeof(dst), "a\xc3\xa9", 3), "a\xc3\xa9");
    assert_string_equal(str_printable(dst, sizeof(dst), "abcdef", 6), "abc");
    assert_string_equal(str_printable(dst, 1, "abc", 3), "");
    str_printable(dst, 0, "abc", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_truncate_and_tell),
        cmocka_unit_test(append),
        cmocka_unit_test(compares),
        cmocka_unit_test(numbers),
        cmocka_unit_test(printable),
        cmocka_unit_test(printable_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
