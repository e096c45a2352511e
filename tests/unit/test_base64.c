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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(samples)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
