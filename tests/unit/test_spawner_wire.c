/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "monitor/spawner/spawner_wire.h"

static const char *const argv[] = {"/bin/prog", "", "two words", NULL};
static const char *const envp[] = {"A=1", NULL};
static const struct spawn_job job = {
    .argv = argv, .envp = envp, .input = "in\0put", .input_len = 6, .timeout_ms = 1500};

static void a_job_comes_back_as_it_was(void **state)
{
    (void)state;
    struct buf buf;
    struct wire_frame frame;
    buf_init(&buf, SPAWNER_MAX_FRAME);
    assert_true(spawner_wire_job(&buf, 77, &job));
    assert_int_equal(spawner_wire_parse(buf.data, buf.len, &frame), WIRE_OK);
    assert_int_equal(frame.type, WIRE_JOB);
    assert_int_equal(frame.id, 77);
    assert_int_equal(frame.len, buf.len);
    assert_int_equal(frame.job.timeout_ms, 1500);
    assert_int_equal(frame.job.argc, 3);
    assert_int_equal(frame.job.envc, 1);
    assert_memory_equal(frame.job.strings, "/bin/prog\0\0two words\0A=1", 25);
    assert_int_equal(frame.job.input_len, 6);
    assert_memory_equal(frame.job.input, "in\0put", 6);
    for (size_t len = 0; len < buf.len; len++)
        assert_int_equal(spawner_wire_parse(buf.data, len, &frame), WIRE_MORE);
    buf_clear(&buf);
}

static void a_result_comes_back_as_it_was(void **state)
{
    (void)state;
    struct buf buf;
    struct wire_frame frame;
    struct spawn_result result = {.end = SPAWN_SIGNALLED,
                                  .code = 9,
                                  .output = "out",
                                  .output_len = 3,
                                  .output_cut = true,
                                  .took_ms = 12};
    buf_init(&buf, SPAWNER_MAX_FRAME);
    assert_true(spawner_wire_result(&buf, 5, &result));
    assert_true(spawner_wire_cancel(&buf, 6));
    assert_int_equal(spawner_wire_parse(buf.data, buf.len, &frame), WIRE_OK);
    assert_int_equal(frame.type, WIRE_RESULT);
    assert_int_equal(frame.result.end, SPAWN_SIGNALLED);
    assert_int_equal(frame.result.code, 9);
    assert_int_equal(frame.result.took_ms, 12);
    assert_true(frame.result.output_cut);
    assert_int_equal(frame.result.output_len, 3);
    assert_memory_equal(frame.result.output, "out", 3);
    buf_drop(&buf, frame.len);
    assert_int_equal(spawner_wire_parse(buf.data, buf.len, &frame), WIRE_OK);
    assert_int_equal(frame.type, WIRE_CANCEL);
    assert_int_equal(frame.id, 6);
    buf_clear(&buf);
}

/* Every byte changed in turn: never read past the end (sanitizers watch), never a bound passed. */
static void damaged_frames_stay_in_bounds(void **state)
{
    (void)state;
    struct buf buf;
    struct wire_frame frame;
    buf_init(&buf, SPAWNER_MAX_FRAME);
    assert_true(spawner_wire_job(&buf, 77, &job));
    unsigned broken = 0;
    for (size_t i = 0; i < buf.len; i++) {
        for (unsigned v = 0; v < 256; v++) {
            uint8_t *copy = malloc(buf.len);
            assert_non_null(copy);
            memcpy(copy, buf.data, buf.len);
            copy[i] = (uint8_t)v;
            enum wire_status status = spawner_wire_parse(copy, buf.len, &frame);
            broken += status == WIRE_BROKEN;
            if (status == WIRE_OK && frame.type == WIRE_JOB) {
                assert_in_range(frame.job.argc, 1, SPAWNER_MAX_ARGS);
                assert_in_range(frame.job.input_len, 0, SPAWN_MAX_INPUT);
                assert_int_equal(frame.job.strings[0], '/');
            }
            free(copy);
        }
    }
    assert_true(broken > 1000);
    buf_clear(&buf);
}

static void broken_ones_are_told_from_short_ones(void **state)
{
    (void)state;
    struct wire_frame frame;
    static const struct {
        const char *bytes;
        size_t len;
        enum wire_status status;
    } rows[] = {
        {"", 0, WIRE_MORE},
        {"\0\0\0", 3, WIRE_MORE},
        {"\0\0\0\4\2\0\0\0", 8, WIRE_BROKEN},      /* no room for an id */
        {"\xff\xff\xff\xff", 4, WIRE_BROKEN},      /* too long, known before it is there */
        {"\0\0\0\5\2\0\0\0\1", 9, WIRE_OK},        /* cancel */
        {"\0\0\0\6\2\0\0\0\1\0", 10, WIRE_BROKEN}, /* cancel with a tail */
        {"\0\0\0\5\0\0\0\0\1", 9, WIRE_BROKEN},    /* no such types */
        {"\0\0\0\5\4\0\0\0\1", 9, WIRE_BROKEN},
        {"\0\0\0\5\1\0\0\0\1", 9, WIRE_BROKEN}, /* an empty job */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(spawner_wire_parse(rows[i].bytes, rows[i].len, &frame), rows[i].status);
}

static void jobs_past_the_bounds_are_refused(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, SPAWNER_MAX_FRAME);
    struct spawn_job bad = job;
    bad.input_len = SPAWN_MAX_INPUT + 1;
    assert_false(spawner_wire_job(&buf, 1, &bad));
    const char *none[] = {NULL};
    bad = job;
    bad.argv = none;
    assert_false(spawner_wire_job(&buf, 1, &bad));
    char *huge = malloc(SPAWNER_MAX_STRINGS);
    assert_non_null(huge);
    memset(huge, 'x', SPAWNER_MAX_STRINGS - 1);
    huge[SPAWNER_MAX_STRINGS - 1] = '\0';
    const char *long_env[] = {huge, NULL};
    bad = job;
    bad.envp = long_env;
    assert_false(spawner_wire_job(&buf, 1, &bad));
    free(huge);
    const char *many[SPAWNER_MAX_ARGS + 2];
    for (size_t i = 0; i <= SPAWNER_MAX_ARGS; i++)
        many[i] = "/x";
    many[SPAWNER_MAX_ARGS + 1] = NULL;
    bad = job;
    bad.argv = many;
    assert_false(spawner_wire_job(&buf, 1, &bad));
    assert_int_equal(buf.len, 0);
    many[SPAWNER_MAX_ARGS] = NULL;
    assert_true(spawner_wire_job(&buf, 1, &bad));
    struct wire_frame frame;
    assert_int_equal(spawner_wire_parse(buf.data, buf.len, &frame), WIRE_OK);
    buf_clear(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_comes_back_as_it_was),
        cmocka_unit_test(a_result_comes_back_as_it_was),
        cmocka_unit_test(damaged_frames_stay_in_bounds),
        cmocka_unit_test(broken_ones_are_told_from_short_ones),
        cmocka_unit_test(jobs_past_the_bounds_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
