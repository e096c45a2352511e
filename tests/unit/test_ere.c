/* SPDX-License-Identifier: ISC
 *
 * Regular expressions: what they mean, against the C library's too, and that no text makes them
 * slow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ere.h"
#include "lib/mem.h"
#include "lib/str.h"

static bool found(const char *expression, const char *text, size_t len)
{
    const char *problem;
    struct ere *ere = ere_new(expression, &problem);
    if (!ere)
        fail_msg("%s: %s", expression, problem);
    bool match = ere_search(ere, text, len);
    ere_free(ere);
    return match;
}

static void what_matches(void **state)
{
    static const struct {
        const char *expression, *text;
        bool match;
    } rows[] = {
        {"works", "it works", true},
        {"^works", "it works", false},
        {"^works$", "it\nworks\nhere", true},
        {"it.works", "it\nworks", false},
        {"it[^a]works", "it\nworks", false},
        {"it[[:space:]]works", "it\nworks", true},
        {"it\\sworks", "it works", true},
        {"^$", "a\n\nb", true},
        {"^$", "a\nb", false},
        {"a|b|cd", "xxcd", true},
        {"(a|b)+c", "xabac", true},
        {"^(ab?)*$", "aabab", true},
        {"^(ab?)*$", "aabb", false},
        {"(a*)*b", "aaab", true},
        {"(a|)b", "b", true},
        {"()", "", true},
        {"a**", "", true},
        {"\\{\"ok\" ?: ?true\\}", "{\"ok\": true}", true},
        {"1\\.5", "125", false},
        {"[]a]b", "]b", true},
        {"[^]a]b", "]b", false},
        {"[a-]b", "-b", true},
        {"[a-c]x", "bx", true},
        {"[\\]x", "\\x", true},
        {"[[:alpha:][:digit:]_]!", "7!", true},
        {"[^[:alpha:]]!", "a!", false},
        {"\\bcat\\b", "a cat.", true},
        {"\\bcat\\b", "concat", false},
        {"\\Bcat", "concat", true},
        {"^\\w+\\W\\S$", "ab c", true},
        {"caf.$", "caf\303\251", true},
        {"caf[\303\250-\303\252]$", "caf\303\251", true},
        {"caf[^a-z]$", "caf\303\251", true},
        {"caf.$", "caf\351", true}, /* Latin-1: a byte is a character */
        {"caf..$", "caf\351", false},
        {"\351", "caf\303\251", false},
        {"(((a)))", "a", true},
        {")", "", false},
    };
    (void)state;
    for (size_t i = 0; i + 1 < sizeof rows / sizeof *rows; i++)
        if (found(rows[i].expression, rows[i].text, strlen(rows[i].text)) != rows[i].match)
            fail_msg("%s in \"%s\"", rows[i].expression, rows[i].text);
    assert_true(found("^b$", "a\0b\0c", 5)); /* NUL ends a line */
    assert_false(found("a.b", "a\0b", 3));
    assert_false(found("a", "a", 0));
}

static void what_is_refused(void **state)
{
    static const char *const rows[] = {
        "",      "(",        ")",       "(a",      "a)",        "[",         "[a",  "[]",  "[^]",
        "*a",    "a|*",      "(+)",     "a{2}",    "\\",        "\\1",       "\\d", "\\n", "\\<a",
        "[b-a]", "[[:no:]]", "[[=a=]]", "[[.a.]]", "[[:alpha:", "[[:alpha]", "a\\",
    };
    char lengthy[ERE_MAX + 2];
    const char *problem;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        problem = NULL;
        if (ere_new(rows[i], &problem) || !problem)
            fail_msg("%s is taken", rows[i]);
    }
    memset(lengthy, 'a', sizeof lengthy);
    lengthy[ERE_MAX + 1] = '\0';
    assert_null(ere_new(lengthy, &problem));
    lengthy[ERE_MAX] = '\0';
    assert_true(found(lengthy, lengthy, ERE_MAX));
}

/* The densest expressions that there is room for. */
static void the_longest_fit(void **state)
{
    static const char *const units[] = {"a*", "a+", "a|", "\\w", "[a]", "a*?+", "(a)*|", "()"};
    (void)state;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        char expression[ERE_MAX + 1] = "";
        while (strlen(expression) + strlen(units[i]) <= ERE_MAX)
            str_append(expression, sizeof expression, "%s", units[i]);
        found(expression, "aaaa", 4);
    }
    char nested[ERE_MAX + 1];
    memset(nested, '(', 127);
    nested[127] = 'a';
    memset(nested + 128, ')', 127);
    nested[255] = '\0';
    assert_true(found(nested, "a", 1));
}

/* --- against the C library --- */

static uint32_t seed = 1;

static unsigned chance(unsigned below)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 16) % below;
}

static void make(char *out, size_t cap, int depth)
{
    static const char *const atoms[] = {"a", "b", ".", "[ab]", "[^a]", "[^b]", "a", "b"};
    static const char *const repeats[] = {"", "", "", "*", "+", "?"};
    for (unsigned i = 1 + chance(3); i > 0; i--) {
        if (depth > 0 && chance(3) == 0) {
            str_append(out, cap, "(");
            make(out, cap, depth - 1);
            if (chance(2)) {
                str_append(out, cap, "|");
                make(out, cap, depth - 1);
            }
            str_append(out, cap, ")");
        } else {
            str_append(out, cap, "%s", atoms[chance(8)]);
        }
        str_append(out, cap, "%s", repeats[chance(6)]);
    }
}

static void compare(const char *expression)
{
    static const char letters[] = {'a', 'b', '\n'};
    regex_t regex;
    const char *problem;
    struct ere *ere = ere_new(expression, &problem);
    assert_non_null(ere);
    assert_int_equal(regcomp(&regex, expression, REG_EXTENDED | REG_NOSUB | REG_NEWLINE), 0);
    for (unsigned number = 0; number < 3 * 3 * 3 * 3 * 3; number++) {
        char text[6] = "";
        for (unsigned i = 0, rest = number; i < 5; i++, rest /= 3)
            text[i] = letters[rest % 3];
        for (size_t len = 0; len <= 5; len++) {
            char cut[6] = "";
            memcpy(cut, text, len);
            bool theirs = regexec(&regex, cut, 0, NULL, 0) == 0;
            if (ere_search(ere, cut, len) != theirs)
                fail_msg("%s in \"%s\": %s by the C library", expression, cut,
                         theirs ? "found" : "not found");
        }
    }
    regfree(&regex);
    ere_free(ere);
}

static void as_the_c_library_has_it(void **state)
{
    (void)state;
    for (int i = 0; i < 400; i++) {
        char expression[ERE_MAX + 1] = "";
        if (chance(4) == 0)
            str_append(expression, sizeof expression, "^");
        make(expression, sizeof expression, 2);
        if (chance(4) == 0)
            str_append(expression, sizeof expression, "$");
        if (strlen(expression) < 60)
            compare(expression);
    }
}

/* The time is in proportion to the text; were it to its square, these would take hours. */
static void no_text_makes_it_slow(void **state)
{
    static const char *const rows[] = {
        "x[^y]*y$",        "(x+)+y", "x.*x.*x.*y", "(x|xx)*y", "x...................y",
        "(x?x?x?x?x?x?)*y"};
    size_t len = 1 << 18;
    char *text = mem_zalloc(len);
    (void)state;
    memset(text, 'x', len);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_false(found(rows[i], text, len));
    text[len - 1] = 'y';
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(found(rows[i], text, len));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_matches),          cmocka_unit_test(what_is_refused),
        cmocka_unit_test(the_longest_fit),       cmocka_unit_test(as_the_c_library_has_it),
        cmocka_unit_test(no_text_makes_it_slow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
