/* SPDX-License-Identifier: ISC
 *
 * ddns/zone_text.h: which line is a record of ours, and that all others stay byte for byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ddns/zone_text.h"

#define ODD                                                                                        \
    "mx @ 10 mail\n"                                                                               \
    "txt @ v=spf1  a www 192.0.2.1 \"x;y\" -all \n"                                                \
    "a www.sub 192.0.2.9\n"                                                                        \
    "# a www 192.0.2.8\n"                                                                          \
    "\n"                                                                                           \
    "  \t\n"                                                                                       \
    "something new=yes\n"

static void sets(const char *text, const char *type, const char *host, const char *address,
                 const char *expected)
{
    struct buf out;
    buf_init(&out, 4096);
    assert_true(zone_text_set(text, type, host, address, &out));
    assert_string_equal(buf_text(&out), expected);
    assert_int_equal(zone_text_find(buf_text(&out), type, host, address), ZONE_TEXT_SAME);
    buf_clear(&out);
}

static void replaces_one_value(void **state)
{
    (void)state;
    sets(ODD "a www 203.0.113.1\na @ 203.0.113.1", "A", "www", "203.0.113.27",
         ODD "a www 203.0.113.27\na @ 203.0.113.1");
    sets("a @ 1.2.3.4\r\na * 1.2.3.4\r\naaaa @ 2001:db8::1\r\n", "AAAA", "@", "2001:db8::2",
         "a @ 1.2.3.4\r\na * 1.2.3.4\r\naaaa @ 2001:db8::2\r\n");
    sets("A\tWWW  1.2.3.4 \t 60\n", "A", "www", "5.6.7.8", "A\tWWW  5.6.7.8 \t 60\n");
    sets("a www\nns @ x", "A", "www", "5.6.7.8", "a www 5.6.7.8\nns @ x");
    sets("a * 1.2.3.4\na a.b 1.2.3.4\n", "A", "a.b", "5.6.7.8", "a * 1.2.3.4\na a.b 5.6.7.8\n");
}

static void adds_with_the_endings_of_the_text(void **state)
{
    (void)state;
    sets(ODD, "AAAA", "www", "2001:db8::2", ODD "aaaa www 2001:db8::2\n");
    sets("a @ 1.2.3.4\r\n", "A", "www", "5.6.7.8", "a @ 1.2.3.4\r\na www 5.6.7.8\r\n");
    sets("a @ 1.2.3.4\r\nmx @ 10", "A", "www", "5.6.7.8",
         "a @ 1.2.3.4\r\nmx @ 10\r\na www 5.6.7.8");
    sets("a @ 1.2.3.4", "A", "www", "5.6.7.8", "a @ 1.2.3.4\na www 5.6.7.8");
}

static void finds(void **state)
{
    (void)state;
    const char *text =
        ODD "cname alias www\naaaa six 2001:DB8:0:0::1\na two 1.1.1.1\nA TWO 2.2.2.2\n"
            "a both 1.1.1.1\ncname both x\n";
    assert_int_equal(zone_text_find(text, "A", "www", "192.0.2.1"), ZONE_TEXT_ABSENT);
    assert_int_equal(zone_text_find(text, "A", "sub", "192.0.2.9"), ZONE_TEXT_ABSENT);
    assert_int_equal(zone_text_find(text, "A", "alias", "192.0.2.1"), ZONE_TEXT_ALIAS);
    assert_int_equal(zone_text_find(text, "A", "both", "1.1.1.1"), ZONE_TEXT_ALIAS);
    assert_int_equal(zone_text_find(text, "AAAA", "six", "2001:db8::1"), ZONE_TEXT_SAME);
    assert_int_equal(zone_text_find(text, "AAAA", "six", "2001:db8::2"), ZONE_TEXT_OTHER);
    assert_int_equal(zone_text_find(text, "A", "two", "1.1.1.1"), ZONE_TEXT_SEVERAL);
    assert_int_equal(zone_text_find("a www 1.1.1.1.\n", "A", "www", "1.1.1.1"), ZONE_TEXT_OTHER);
    assert_int_equal(zone_text_find("", "A", "www", "1.1.1.1"), ZONE_TEXT_ABSENT);
}

static void removes(const char *text, const char *host, const char *want)
{
    struct buf out;
    buf_init(&out, 1000);
    assert_true(zone_text_remove(text, "A", host, &out));
    assert_string_equal(buf_text(&out), want);
    buf_clear(&out);
}

static void takes_out_one_line(void **state)
{
    (void)state;
    struct buf out;
    removes("a @ 1.2.3.4\r\nA  WWW\t5.6.7.8 x\r\nmx @ 10 m", "www", "a @ 1.2.3.4\r\nmx @ 10 m");
    removes("a @ 1.2.3.4\na www 5.6.7.8", "www", "a @ 1.2.3.4\n");
    removes("a @ 1.2.3.4\naaaa www ::1\n", "www", "a @ 1.2.3.4\naaaa www ::1\n");
    buf_init(&out, 10);
    assert_false(zone_text_remove("mx @ 10 m\na www 1.2.3.4\nmx @ 20 m\n", "A", "www", &out));
    buf_clear(&out);
}

static void counts_records(void **state)
{
    (void)state;
    assert_int_equal(zone_text_count(""), 0);
    assert_int_equal(zone_text_count("\r\n \n;x\n#y"), 0);
    assert_int_equal(zone_text_count(ODD), 4);
    assert_int_equal(zone_text_count("a @ 1\r\na b 2"), 2);
}

static void is_bounded(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 20);
    assert_false(zone_text_set("a www 1.2.3.4\nmx @ 10 m\n", "A", "www", "5.6.7.8", &out));
    buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaces_one_value),
        cmocka_unit_test(adds_with_the_endings_of_the_text),
        cmocka_unit_test(finds),
        cmocka_unit_test(takes_out_one_line),
        cmocka_unit_test(counts_records),
        cmocka_unit_test(is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
