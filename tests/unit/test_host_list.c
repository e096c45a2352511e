/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/probe/host_input.h"
#include "monitor/probe/host_list.h"

/* "1:a 3:b" of what a list holds, fed `step` bytes at a time; "3!" is a wrong line. */
static const char *read_all(const char *data, size_t len, size_t step, char *out, size_t cap)
{
    struct host_list *list = mem_zalloc(sizeof *list);
    const char *text;
    size_t at = 0;
    *out = '\0';
    for (;;) {
        switch (host_list_next(list, &text)) {
        case HOST_LIST_HOST:
            str_append(out, cap, "%s%zu:%s", *out ? " " : "", list->line, text);
            break;
        case HOST_LIST_WRONG:
            str_append(out, cap, "%s%zu!", *out ? " " : "", list->line);
            break;
        case HOST_LIST_MORE:
            if (at == len)
                host_list_end(list);
            step = step < len - at ? step : len - at;
            host_list_add(list, data + at, step);
            at += step;
            break;
        case HOST_LIST_END:
            free(list);
            return out;
        }
    }
}

static void expect(const char *data, size_t len, const char *wanted)
{
    char out[512];
    for (size_t step = 1; step <= HOST_LIST_CHUNK; step = step * 3 + 1)
        assert_string_equal(read_all(data, len, step, out, sizeof out), wanted);
}

static void lines_are_hosts(void **arg)
{
    (void)arg;
#define LIST(text, wanted) expect(text, sizeof(text) - 1, wanted)
    LIST("", "");
    LIST("a", "1:a");
    LIST("a\nb\n", "1:a 2:b");
    LIST("a\n\n \t\nb", "1:a 4:b");
    LIST("# a\n  # b\nc # d\n e\t#f\n", "3:c 4:e");
    LIST("https://h/a#b\n", "1:https://h/a#b"); /* no comment: what a URL says to that, it says */
    LIST("a\r\nb\r\n", "1:a 2:b");
    LIST("\xef\xbb\xbf"
         "a\n\xef\xbb\xbf"
         "b",
         "1:a 2:\xef\xbb\xbf"
         "b");
    LIST("a\0b\nc", "1! 2:c");
    LIST("two words\n", "1:two words"); /* for the parser of targets to refuse */
#undef LIST
}

static void long_lines_are_skipped(void **arg)
{
    static const size_t lengths[] = {HOST_LIST_LINE_MAX, HOST_LIST_LINE_MAX + 1,
                                     HOST_LIST_CHUNK * 2, HOST_LIST_CHUNK * 5 + 1};
    (void)arg;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size_t len = lengths[i];
        char *data = mem_array(len + 8, 1), out[HOST_LIST_LINE_MAX + 64];
        memset(data, 'x', len);
        memcpy(data + len, "\nb", 2);
        read_all(data, len + 2, HOST_LIST_CHUNK, out, sizeof out);
        if (len <= HOST_LIST_LINE_MAX)
            assert_true(str_starts(out, "1:xxx") && strlen(out) == len + 6);
        else
            assert_string_equal(out, "1! 2:b");
        assert_string_equal(read_all(data + 1, len - 1, 7, out, sizeof out),
                            len <= HOST_LIST_LINE_MAX + 1 ? out : "1!");
        free(data);
    }
}

/* --- reading --- */

struct reader {
    struct loop *loop;
    struct host_input *input;
    char out[256];
};

static void take(void *arg)
{
    struct reader *reader = arg;
    const char *text;
    for (;;) {
        enum host_list_step step = host_input_next(reader->input, &text);
        if (step == HOST_LIST_MORE)
            return;
        if (step == HOST_LIST_END) {
            loop_stop(reader->loop);
            return;
        }
        str_append(reader->out, sizeof reader->out, "%s ", text);
    }
}

static void write_rest(void *arg)
{
    const int *fd = arg;
    assert_int_equal(write(*fd, "ost2\n", 5), 5);
    close(*fd);
}

static void a_pipe_is_waited_for(void **arg)
{
    char *words[] = {(char[]){"first"}, (char[]){"-"}, (char[]){"last"}};
    struct reader reader = {.loop = loop_new()};
    int fds[2];
    (void)arg;
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], "host1\nh", 7), 7);
    reader.input = host_input_new(reader.loop, words, 3, fds[0], take, &reader);
    take(&reader);
    assert_string_equal(reader.out, "first host1 ");
    struct loop_timer *timer = loop_timer_new(reader.loop, write_rest, &fds[1]);
    loop_timer_set(timer, 0);
    loop_run(reader.loop);
    assert_string_equal(reader.out, "first host1 host2 last ");
    assert_null(host_input_error(reader.input));
    host_input_free(reader.input);
    loop_timer_free(timer);
    loop_free(reader.loop);
    close(fds[0]);
}

static void what_cannot_be_read_is_told(void **arg)
{
    char *words[] = {(char[]){"-"}};
    struct loop *loop = loop_new();
    struct host_input *input = host_input_new(loop, words, 1, -1, NULL, NULL);
    const char *text;
    int fds[2];
    (void)arg;
    assert_int_equal(pipe(fds), 0);
    host_input_free(input);
    input = host_input_new(loop, words, 1, fds[1], NULL, NULL); /* the end for writing */
    close(fds[0]);
    assert_int_equal(host_input_next(input, &text), HOST_LIST_END);
    assert_non_null(host_input_error(input));
    host_input_free(input);
    loop_free(loop);
    close(fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_hosts),
        cmocka_unit_test(long_lines_are_skipped),
        cmocka_unit_test(a_pipe_is_waited_for),
        cmocka_unit_test(what_cannot_be_read_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
