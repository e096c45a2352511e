/* SPDX-License-Identifier: ISC
 *
 * ddns/xml_scan.h: elements by name, what only looks like one, text and its entities.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ddns/xml_scan.h"

static struct xml_span span(const char *text)
{
    return (struct xml_span){text, strlen(text)};
}

static void check(const char *text, const char *expected)
{
    struct xml_span content;
    char value[64];
    if (!expected) {
        assert_false(xml_find(span(text), "Id", &content) &&
                     xml_text(content, value, sizeof value));
        return;
    }
    assert_true(xml_find(span(text), "Id", &content));
    assert_true(xml_text(content, value, sizeof value));
    assert_string_equal(value, expected);
}

static void finds_text(void **state)
{
    (void)state;
    check("<?xml version=\"1.0\"?>\n<A xmlns=\"x\"><Id>Z1</Id></A>", "Z1");
    check("<Id a=\"1>2\" b='/>'>Z1</Id >", "Z1");
    check("<Ids>no</Ids><id>no</id><Id>a&amp;b&lt;&gt;&quot;&apos;</Id>", "a&b<>\"'");
    check("<!-- <Id>no</Id> --><![CDATA[<Id>no</Id>]]><?x <Id>no</Id>?><Id>yes</Id>", "yes");
    check("<Id/><Id>second</Id>", "");
    check("<Id></Id>", "");
}

static void refuses(void **state)
{
    (void)state;
    check("", NULL);
    check("<Id>Z1", NULL);
    check("<Id>Z1</Id", NULL);
    check("<Id", NULL);
    check("</Id>Z1</Id>", NULL);
    check("<Id>a<b/></Id>", NULL);
    check("<Id>&#65;</Id>", NULL);
    check("<Id>&unknown;</Id>", NULL);
    check("<!DOCTYPE x [<!ENTITY a \"b\">]><Id>Z1</Id>", NULL);
    check("<!-- <Id>Z1</Id>", NULL);
    check("<Id>0123456789012345678901234567890123456789012345678901234567890123</Id>", NULL);
}

static void walks_through_a_list(void **state)
{
    (void)state;
    struct xml_span in = span("<L><Z><Id>1</Id></Z><Z><Z>in</Z></Z><Z/></L>"), zone;
    assert_true(xml_next(&in, "Z", &zone) && zone.len == strlen("<Id>1</Id>"));
    assert_true(xml_next(&in, "Z", &zone) && zone.len == strlen("<Z>in</Z>"));
    assert_true(xml_next(&in, "Z", &zone) && zone.len == 0);
    assert_false(xml_next(&in, "Z", &zone));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_text),
        cmocka_unit_test(refuses),
        cmocka_unit_test(walks_through_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
