/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base64.h"

/* The samples of RFC 4648 section 10. */
static void samples(void **arg)
{
    static const char *const pairs[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xff\xfe\xfd\xfb", "//79+w=="},
    };
    struct buf buf;
    (void)arg;
    buf_init(&buf, 8);
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        buf.len = 0;
        assert_true(base64_encode(&buf, pairs[i][0], strlen(pairs[i][0])));
        assert_string_equal(buf_text(&buf), pairs[i][1]);
    }
    assert_false(base64_encode(&buf, "x", 1));
    assert_string_equal(buf_text(&buf), "//79+w==");
    buf_clear(&buf);
}

static void decodes(void **arg)
{
    static const char *const good[][2] = {
        {"", ""}, {"Zg==", "f"}, {"Zm8=", "fo"}, {"Zm9vYmFy", "foobar"}};
    static const char *const bad[] = {
        "Zg=", "Zg", "Z===", "====", "Zg==Zg==", "Zm 8", "Zm-v", "Zm9v\n", "=m9v"};
    struct buf buf;
    (void)arg;
    buf_init(&buf, 8);
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        buf.len = 0;
        assert_true(base64_decode(&buf, good[i][0], strlen(good[i][0])));
        assert_string_equal(buf_text(&buf), good[i][1]);
    }
    buf.len = 0;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(base64_decode(&buf, bad[i], strlen(bad[i])));
    assert_false(base64_decode(&buf, "Zm9vYmFyZm9v", 12)); /* 9 bytes */
    assert_int_equal(buf.len, 0);
    buf_clear(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(samples), cmocka_unit_test(decodes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
