/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/doc.h"

static json_t *sample(void)
{
    json_t *doc = doc_object();
    struct addr addr = addr_loopback(FAMILY_IPV6), none = {0};
    doc_text(doc, "name", "it's \"x\"\n\xff");
    doc_text(doc, "none", NULL);
    doc_int(doc, "int", -5);
    doc_count(doc, "count", -1);
    doc_bool(doc, "yes", true);
    doc_addr(doc, "addr", &addr);
    doc_addr(doc, "no_addr", &none);
    doc_time(doc, "at", INT64_C(1795508130000));
    doc_time(doc, "never", 0);
    json_t *list = doc_array();
    doc_push(list, json_string("a b"));
    doc_push(list, json_integer(2));
    doc_value(doc, "list", list);
    json_t *sub = doc_object();
    doc_text(sub, "plain", "a.b:c/d");
    doc_value(doc, "sub", sub);
    doc_value(doc, "empty", doc_array());
    return doc;
}

static void json_rendering(void **arg)
{
    json_t *doc = sample();
    (void)arg;
    char *text = doc_to_json(doc, false);
    assert_string_equal(text,
                        "{\"name\":\"it's \\\"x\\\"??\",\"none\":null,\"int\":-5,\"count\":null,"
                        "\"yes\":true,\"addr\":\"::1\",\"no_addr\":null,"
                        "\"at\":\"2026-11-24T08:15:30Z\",\"never\":null,\"list\":[\"a b\",2],"
                        "\"sub\":{\"plain\":\"a.b:c/d\"},\"empty\":[]}");
    free(text);
    text = doc_to_json(doc, true);
    assert_non_null(strstr(text, "\n  \"int\": -5,\n"));
    free(text);
    json_decref(doc);
}

static void kv_rendering(void **arg)
{
    json_t *doc = sample();
    (void)arg;
    char *text = doc_to_kv(doc);
    assert_string_equal(text,
                        "name='it'\\''s \"x\"?\?'\nnone=\nint=-5\ncount=\nyes=true\naddr=::1\n"
                        "no_addr=\nat=2026-11-24T08:15:30Z\nnever=\nlist.0='a b'\nlist.1=2\n"
                        "sub.plain=a.b:c/d\nempty=\n");
    free(text);
    json_decref(doc);
}

static void kv_is_safe(void **arg)
{
    json_t *doc = doc_object();
    (void)arg;
    doc_value(doc, "a=b c\n", json_string("$(reboot)\nx=1"));
    doc_text(doc, "empty", "");
    char *text = doc_to_kv(doc);
    assert_string_equal(text, "a_b_c_='$(reboot) x=1'\nempty=''\n");
    free(text);
    json_decref(doc);
    doc = doc_object();
    text = doc_to_kv(doc);
    assert_string_equal(text, "");
    free(text);
    json_decref(doc);
}

static void getter(void **arg)
{
    json_t *doc = sample();
    (void)arg;
    assert_string_equal(doc_get_text(doc, "addr"), "::1");
    assert_string_equal(doc_get_text(doc, "int"), "");
    assert_string_equal(doc_get_text(doc, "missing"), "");
    assert_string_equal(doc_get_text(NULL, "missing"), "");
    json_decref(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_rendering),
        cmocka_unit_test(kv_rendering),
        cmocka_unit_test(kv_is_safe),
        cmocka_unit_test(getter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
