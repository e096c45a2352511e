/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/buf.h"

static void append_is_all_or_nothing(void **arg)
{
    struct buf buf;
    (void)arg;
    buf_init(&buf, 5);
    assert_string_equal(buf_text(&buf), "");
    assert_true(buf_append(&buf, "abc", 3));
    assert_false(buf_append(&buf, "def", 3));
    assert_true(buf_printf(&buf, "%d", 42));
    assert_false(buf_printf(&buf, "%d", 4));
    assert_true(buf_append(&buf, NULL, 0));
    assert_false(buf_append(&buf, "x", SIZE_MAX));
    assert_string_equal(buf_text(&buf), "abc42");
    buf_drop(&buf, 2);
    assert_string_equal(buf_text(&buf), "c42");
    buf_drop(&buf, 99);
    assert_int_equal(buf.len, 0);
    buf_clear(&buf);
    assert_int_equal(buf.max, 5);
    buf_drop(&buf, 1);
    assert_true(buf_append(&buf, "abcde", 5));
    buf_clear(&buf);
}

static void room(void **arg)
{
    struct buf buf;
    (void)arg;
    buf_init(&buf, 100000);
    for (int i = 0; i < 1000; i++) {
        uint8_t *to = buf_room(&buf, 100);
        assert_non_null(to);
        memset(to, 'x', 100);
        buf.len += 100;
    }
    assert_null(buf_room(&buf, 1));
    assert_non_null(buf_room(&buf, 0));
    assert_int_equal(strlen(buf_text(&buf)), 100000);
    buf_clear(&buf);
    buf_init(&buf, SIZE_MAX);
    assert_null(buf_room(&buf, SIZE_MAX));
    buf_clear(&buf);
}

static void reader_reads_big_endian(void **arg)
{
    static const uint8_t data[] = {1, 2, 3, 0xff, 0xfe, 0xfd, 0xfc, 9};
    (void)arg;
    struct reader r = reader_of(data, sizeof(data));
    assert_int_equal(reader_u8(&r), 1);
    assert_int_equal(reader_u16(&r), 0x0203);
    assert_true(reader_u32(&r) == 0xfffefdfcu);
    assert_int_equal(r.left, 1);
    assert_ptr_equal(reader_bytes(&r, 1), data + 7);
    assert_non_null(reader_bytes(&r, 0));
    assert_false(r.bad);
}

static void reader_stays_bad(void **arg)
{
    static const uint8_t data[] = {1, 2, 3};
    (void)arg;
    struct reader r = reader_of(data, sizeof(data));
    assert_int_equal(reader_u32(&r), 0);
    assert_true(r.bad);
    assert_int_equal(reader_u8(&r), 0);
    assert_null(reader_bytes(&r, 0));
    assert_false(reader_skip(&r, 1));
    r = reader_of(data, sizeof(data));
    assert_true(reader_skip(&r, 3));
    assert_false(reader_skip(&r, SIZE_MAX));
    r = reader_of(NULL, 0);
    assert_non_null(reader_bytes(&r, 0));
    assert_int_equal(reader_u16(&r), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append_is_all_or_nothing),
        cmocka_unit_test(room),
        cmocka_unit_test(reader_reads_big_endian),
        cmocka_unit_test(reader_stays_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
