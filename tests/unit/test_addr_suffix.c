/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/address/addr_suffix.h"

static struct addr addr(const char *text)
{
    struct addr out;
    assert_true(addr_parse(text, &out));
    return out;
}

static void assert_suffix(const char *text, const char *expected)
{
    struct addr suffix;
    char buf[ADDR_STRLEN];
    assert_true(addr_suffix_parse(text, &suffix));
    assert_string_equal(addr_format(&suffix, buf), expected);
}

static void texts_are_read(void **state)
{
    (void)state;
    assert_suffix("::5", "::5");
    assert_suffix("::1:0:0:0:5", "::1:0:0:0:5");
    assert_suffix("02:00:5e:10:00:05", "::5eff:fe10:5");
    assert_suffix("34-56-78-9A-bc-DE", "::3656:78ff:fe9a:bcde");
}

static void other_texts_are_none(void **state)
{
    static const char *const texts[] = {"",
                                        "5",
                                        "192.0.2.5",
                                        "::5/64",
                                        "02:00:5e:10:00",
                                        "02:00:5e:10:00:05:06",
                                        "02:00:5e:10:00:0g",
                                        "02:00:5e:10:0005:",
                                        "0:2:00:5e:10:00:05",
                                        "::::::::::::::::5"};
    struct addr suffix = addr("::9");
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (addr_suffix_parse(texts[i], &suffix))
            fail_msg("'%s' was taken for a suffix", texts[i]);
    }
    assert_true(suffix.bytes[15] == 9);
}

/* Against the definition, bit by bit. */
static void every_length_is_exact(void **state)
{
    struct addr ours = addr("2001:db8:aaaa:5555:ffff:0:a5a5:1234");
    struct addr suffix = addr("fe01:ffff:0:3c3c:aaaa:5555:6789:fedc");
    (void)state;
    for (unsigned len = 0; len <= 128; len++) {
        struct addr made = addr_suffix_apply(&ours, len, &suffix);
        bool fits = true;
        for (unsigned bit = 0; bit < 128; bit++) {
            const struct addr *of = bit < len ? &ours : &suffix;
            unsigned mask = 0x80u >> bit % 8;
            assert_int_equal(made.bytes[bit / 8] & mask, of->bytes[bit / 8] & mask);
            fits = fits && !(bit < len && suffix.bytes[bit / 8] & mask);
        }
        assert_int_equal(made.af, AF_INET6);
        assert_int_equal(addr_suffix_fits(&suffix, len), fits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_read),
        cmocka_unit_test(other_texts_are_none),
        cmocka_unit_test(every_length_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
