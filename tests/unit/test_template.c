/* SPDX-License-Identifier: ISC
 *
 * ddns/template.h: expansion by place, parts that are left out, what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ddns/template.h"

static const struct template_value values[] = {
    {"name", "a b&c=\"d\"\r\nX: y", false},
    {"plain", "www", false},
    {"empty", "", false},
    {"absent", NULL, false},
    {"ip", "2001:db8::9", false},
    {"list", "a,b&c,", true},
    {NULL, NULL, false},
};

static void check_max(const char *text, enum template_place place, const char *expected, size_t max)
{
    struct buf out;
    buf_init(&out, max);
    buf_append(&out, "=", 1);
    bool good = template_expand(text, place, values, &out);
    assert_int_equal(good, expected != NULL);
    assert_string_equal(buf_text(&out) + 1, expected ? expected : "");
    buf_clear(&out);
}

static void check(const char *text, enum template_place place, const char *expected)
{
    check_max(text, place, expected, 200);
}

static void encodes_for_the_place(void **state)
{
    (void)state;
    check("https://x/?a={name}&b={plain}", TEMPLATE_URL,
          "https://x/?a=a%20b%26c%3D%22d%22%0D%0AX%3A%20y&b=www");
    check("/{ip}/", TEMPLATE_URL, "/2001%3Adb8%3A%3A9/");
    check("?h={list}", TEMPLATE_URL, "?h=a,b%26c,");
    check("{\"a\":\"{name}\",\"b\":[{\"c\":\"{ip}\"}]}", TEMPLATE_JSON,
          "{\"a\":\"a b&c=\\\"d\\\"\\u000d\\u000aX: y\",\"b\":[{\"c\":\"2001:db8::9\"}]}");
    check("X-Name: {plain}", TEMPLATE_HEADER, "X-Name: www");
    check("X-Name: {name}", TEMPLATE_HEADER, NULL); /* a line of its own would be a header */
}

static void leaves_parts_out(void **state)
{
    (void)state;
    check("a<&b={plain}><&c={absent}><&d={empty}>e", TEMPLATE_URL, "a&b=wwwe");
    check("a<&b={plain}&c={absent}>", TEMPLATE_URL, "a");
    check("a={empty}", TEMPLATE_URL, "a=");
    check("a={absent}", TEMPLATE_URL, NULL);
    check("", TEMPLATE_URL, "");
}

static void takes_braces_for_themselves(void **state)
{
    (void)state;
    check("{} { plain} {Plain} {", TEMPLATE_URL, "{} { plain} {Plain} {");
    check("{{plain}}", TEMPLATE_URL, "{www}");
}

static void refuses_what_is_wrong(void **state)
{
    (void)state;
    assert_null(template_problem("a<{plain}>b{ip}", values));
    assert_non_null(template_problem("{unknown}", values));
    assert_non_null(template_problem("<{unknown}>", values));
    assert_non_null(template_problem("a<{plain}", values));
    assert_non_null(template_problem("a>b", values));
    assert_non_null(template_problem("<a<{plain}>>", values));
    assert_non_null(template_problem("<nothing>", values));
    check("a<{plain}", TEMPLATE_URL, NULL);
    check("{unknown}", TEMPLATE_URL, NULL);
    check_max("0123456789", TEMPLATE_URL, "0123456789", 11);
    check_max("0123456789", TEMPLATE_URL, NULL, 10);
    check_max("{name}", TEMPLATE_URL, NULL, 20);
    check_max("{name}", TEMPLATE_JSON, NULL, 20);
}

static void knows_what_it_uses(void **state)
{
    (void)state;
    assert_true(template_uses("a<{plain}>", "plain"));
    assert_false(template_uses("a{plain}", "pla"));
    assert_false(template_uses(NULL, "plain"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_for_the_place),       cmocka_unit_test(leaves_parts_out),
        cmocka_unit_test(takes_braces_for_themselves), cmocka_unit_test(refuses_what_is_wrong),
        cmocka_unit_test(knows_what_it_uses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
