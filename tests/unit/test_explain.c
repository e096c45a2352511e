/* SPDX-License-Identifier: ISC
 *
 * --explain: every word with its three texts, a layer as a whole, the nearest of an unknown word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/probe/explain.h"
#include "probes/outcome.h"

#define WIDE 10000 /* nothing is wrapped */

static char *said(bool (*fn)(FILE *, const char *), const char *word, bool *found)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    *found = fn(out, word);
    fclose(out);
    return text;
}

static bool one(FILE *out, const char *word)
{
    return explain_word(out, word, false, WIDE);
}

static bool all(FILE *out, const char *word)
{
    (void)word;
    explain_list(out, false, WIDE);
    return true;
}

static void each_word_has_its_texts(void **state)
{
    (void)state;
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        const struct outcome_info *info = outcome_info((enum outcome)i);
        bool found;
        char *text = said(one, info->word, &found);
        assert_true(found);
        assert_non_null(strstr(text, info->text));
        assert_non_null(strstr(text, info->how));
        assert_non_null(strstr(text, info->advice));
        free(text);
    }
}

static void a_layer_has_its_words_and_no_others(void **state)
{
    bool found;
    char *text = said(one, "tls", &found);
    (void)state;
    assert_true(found);
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        const struct outcome_info *info = outcome_info((enum outcome)i);
        char line[64];
        snprintf(line, sizeof(line), "\n%s  (tls", info->word);
        assert_int_equal(strncmp(text, line + 1, strlen(line + 1)) == 0 ||
                             strstr(text, line) != NULL,
                         info->layer == LAYER_TLS);
    }
    free(text);
}

static void the_list_is_by_layer(void **state)
{
    bool found;
    char *text = said(all, NULL, &found);
    const char *at = text;
    (void)state;
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        char line[64];
        snprintf(line, sizeof(line), "\n  %s ", outcome_word((enum outcome)i));
        at = strstr(at, line);
        assert_non_null(at);
    }
    assert_non_null(strstr(text, "\n\nlocal: "));
    free(text);
}

static void an_unknown_word_gets_the_nearest(void **state)
{
    static const char *const rows[][2] = {
        {"refusd", "refused"},      {"nxdomain", "dns-nxdomain"},
        {"cert-weka", "cert-weak"}, {"internal-error", "tls-alert-internal-error"},
        {"elephant", ""},           {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[256];
        bool found;
        free(said(one, rows[i][0], &found));
        assert_false(found);
        assert_string_equal(explain_similar(rows[i][0], text, sizeof(text)), rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word_has_its_texts),
        cmocka_unit_test(a_layer_has_its_words_and_no_others),
        cmocka_unit_test(the_list_is_by_layer),
        cmocka_unit_test(an_unknown_word_gets_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
