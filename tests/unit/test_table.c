/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/table.h"

static void expect_table(struct table *table, int indent, const char *want)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    table_print(table, out, indent);
    fclose(out);
    assert_string_equal(text, want);
    free(text);
    table_free(table);
}

static void columns_line_up(void **arg)
{
    struct table *table = table_new(false);
    (void)arg;
    table_row(table);
    table_cell(table, TERM_BOLD, "name");
    table_cell(table, TERM_PLAIN, "%s", "state");
    table_row(table);
    table_cell(table, TERM_PLAIN, "\xe6\x97\xa5\xe6\x9c\xac"); /* two characters, four columns */
    table_cell(table, TERM_GREEN, "up");
    table_cell(table, TERM_PLAIN, "%d", 7);
    table_row(table);
    table_cell(table, TERM_PLAIN, "caf\xc3\xa9-x");
    table_cell(table, TERM_PLAIN, "%s", "");
    expect_table(table, 2,
                 "  name    state\n  \xe6\x97\xa5\xe6\x9c\xac    up     7\n  caf\xc3\xa9-x\n");
}

static void colour_does_not_count(void **arg)
{
    struct table *table = table_new(true);
    (void)arg;
    table_cell(table, TERM_GREEN, "ok");
    table_cell(table, TERM_PLAIN, "x");
    table_row(table);
    table_cell(table, TERM_RED, "bad\033[2J");
    table_cell(table, TERM_PLAIN, "y");
    expect_table(table, 0, "\033[32mok\033[0m       x\n\033[31mbad?[2J\033[0m  y\n");
}

static void empty_tables(void **arg)
{
    (void)arg;
    expect_table(table_new(true), 4, "");
    struct table *table = table_new(false);
    table_row(table);
    expect_table(table, 4, "\n");
    table_free(NULL);
}

static void expect_wrap(const char *text, int indent, int width, const char *want)
{
    char *got = NULL;
    size_t len;
    FILE *out = open_memstream(&got, &len);
    term_wrap(out, text, indent, width);
    fclose(out);
    assert_string_equal(got, want);
    free(got);
}

static void wrapping(void **arg)
{
    (void)arg;
    expect_wrap("one two three", 0, 7, "one two\nthree\n");
    expect_wrap("one two three", 2, 7, "one\n  two\n  three\n");
    expect_wrap("a  b", 0, 80, "a b\n");
    expect_wrap("averyveryverylongword x", 0, 5, "averyveryverylongword\nx\n");
    expect_wrap("a\nb\n", 1, 80, "a\n b\n");
    expect_wrap("", 0, 80, "\n");
    expect_wrap("a\033b", 0, 0, "a?b\n");
}

static void colour_codes(void **arg)
{
    (void)arg;
    assert_string_equal(term_start(TERM_RED, false), "");
    assert_string_equal(term_start(TERM_RED, true), "\033[31m");
    assert_string_equal(term_end(false), "");
    assert_false(term_wants_colour(-1));
    assert_int_equal(term_width(-1), 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_line_up), cmocka_unit_test(colour_does_not_count),
        cmocka_unit_test(empty_tables),    cmocka_unit_test(wrapping),
        cmocka_unit_test(colour_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
