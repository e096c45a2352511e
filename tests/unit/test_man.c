/* SPDX-License-Identifier: ISC
 *
 * The manual pages name what the program has: every section and key of the configuration with its
 * words, default and bounds, every provider, event, option, outcome and JSON member. Options and
 * members are read from the sources.
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

#include "ddns/plan.h"
#include "ddns/provider.h"
#include "lib/duration.h"
#include "lib/fsio.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/config/config_schema.h"
#include "monitor/notice.h"
#include "probes/outcome.h"

#define PAGE_MAX (1u << 20)

/* --- reading a page --------------------------------------------------------------------------- */

static char *read_source(const char *name)
{
    const char *srcdir = getenv("srcdir");
    char error[FSIO_ERROR_LEN];
    char *path = mem_printf("%s/%s", srcdir ? srcdir : ".", name);
    char *text = fsio_read(path, PAGE_MAX, NULL, error);
    if (!text)
        fail_msg("%s", error);
    free(path);
    return text;
}

/* The line after the one at `at`; NULL at the end. */
static const char *next_line(const char *at)
{
    const char *end = strchr(at, '\n');
    return end && end[1] ? end + 1 : NULL;
}

/* A word at the start of `at`: what follows is white space or the end. */
static bool word_is(const char *at, const char *word)
{
    size_t len = strlen(word);
    return strncmp(at, word, len) == 0 && (at[len] == '\0' || strchr(" \n", at[len]));
}

/* What stands between the line "MACRO WORD…" and the next line that begins with MACRO or one of the
 * stops; NULL when there is none. */
static char *part(const char *page, const char *macro, const char *word, const char *const *stops)
{
    const char *from = NULL;
    for (const char *line = page; line; line = next_line(line)) {
        if (from) {
            bool stop = str_starts(line, macro);
            for (size_t i = 0; stops[i]; i++)
                stop |= str_starts(line, stops[i]);
            if (stop)
                return mem_strndup(from, (size_t)(line - from));
        } else if (str_starts(line, macro) && word_is(line + strlen(macro), word)) {
            from = next_line(line);
        }
    }
    return from ? mem_strdup(from) : NULL;
}

static char *section_of(const char *page, const char *name)
{
    static const char *const stops[] = {".Sh ", NULL};
    return part(page, ".Ss ", name, stops);
}

static char *item_of(const char *section, const char *name)
{
    static const char *const stops[] = {".Sh ", ".Ss ", NULL};
    return part(section, ".It Ic ", name, stops);
}

/* The words that stand as ".Cm word" in a text, also where one line names several. */
static bool names_word(const char *text, const char *word)
{
    for (const char *line = text; line; line = next_line(line)) {
        const char *at = strstr(line, "Cm ");
        const char *end = strchr(line, '\n');
        while (at && at < end) {
            at += strspn(at, " ,");
            if (word_is(at, word))
                return true;
            at = strpbrk(at, " \n");
            if (at && *at == '\n')
                break;
        }
    }
    return false;
}

/* --- reachd.conf(5) --------------------------------------------------------------------------- */

static void expect(const char *where, const struct config_key *key, const char *text,
                   const char *what)
{
    if (!strstr(text, what))
        fail_msg("reachd.conf.5, %s, %s: \"%s\" is not said", where, key->name, what);
}

static void check_bounds(const char *where, const struct config_key *key, const char *text)
{
    char low[DURATION_LEN], high[DURATION_LEN], said[2 * DURATION_LEN + 8];
    bool duration = key->type == CONFIG_DURATION || key->type == CONFIG_SECONDS;
    if (duration)
        snprintf(said, sizeof(said), "%s to %s", duration_format(key->min, low),
                 duration_format(key->max, high));
    else if (key->type == CONFIG_COUNT)
        snprintf(said, sizeof(said), "%d to %d", (int)key->min, (int)key->max);
    else
        return;
    expect(where, key, text, said);
}

static void check_key(const char *where, const struct config_key *key, const char *text)
{
    char said[128];
    check_bounds(where, key, text);
    if (key->fallback && key->type != CONFIG_PATH) { /* a path depends on configure */
        snprintf(said, sizeof(said), "default %s", key->fallback);
        expect(where, key, text, said);
    }
    for (const struct config_word *word = key->words; word && word->word; word++)
        if (!names_word(text, word->word))
            fail_msg("reachd.conf.5, %s, %s: no .Cm %s", where, key->name, word->word);
}

static void check_kind(const struct config_kind *kind, const char *section)
{
    for (size_t i = 0; i < kind->key_count; i++) {
        char *item = item_of(section, kind->keys[i].name);
        if (!item)
            fail_msg("reachd.conf.5, %s: no .It Ic %s", kind->name, kind->keys[i].name);
        check_key(kind->name, &kind->keys[i], item);
        free(item);
    }
}

static void test_every_key_is_told(void **state)
{
    char *page = read_source("doc/reachd.conf.5");
    (void)state;
    for (unsigned i = 0; i < KIND_COUNT; i++) {
        const struct config_kind *kind = config_kind((enum config_kind_id)i);
        char *section = section_of(page, kind->name);
        if (!section)
            fail_msg("reachd.conf.5: no .Ss %s", kind->name);
        check_kind(kind, section);
        free(section);
    }
    free(page);
}

static const char *first_word(const char *at, char word[64])
{
    str_ncopy(word, 64, at, strcspn(at, " \n"));
    return word;
}

static void test_nothing_else_is_told(void **state)
{
    char *page = read_source("doc/reachd.conf.5");
    const struct config_kind *kind = NULL;
    size_t keys = 0;
    (void)state;
    for (const char *line = page; line; line = next_line(line)) {
        char word[64];
        if (str_starts(line, ".Sh "))
            kind = NULL;
        if (str_starts(line, ".Ss ")) {
            kind = config_kind_find(first_word(line + 4, word));
            if (!kind)
                fail_msg("reachd.conf.5 tells of a section %s", word);
        }
        if (!kind || !str_starts(line, ".It Ic "))
            continue;
        if (!config_key_find(kind, first_word(line + 7, word)))
            fail_msg("reachd.conf.5 tells of %s in %s", word, kind->name);
        keys++;
    }
    assert_true(keys > 0);
    free(page);
}

static void test_providers(void **state)
{
    char *page = read_source("doc/reachd.conf.5");
    size_t count;
    const struct provider *const *list = provider_list(&count);
    const char *section = strstr(page, ".Sh PROVIDERS\n");
    (void)state;
    assert_non_null(section);
    for (size_t i = 0; i < count; i++) {
        char item[80];
        snprintf(item, sizeof(item), ".It Cm %s\n", list[i]->id);
        const char *at = strstr(section, item);
        if (!at)
            fail_msg("reachd.conf.5: no %s", item);
        snprintf(item, sizeof(item), "gap of %d s", (int)(list[i]->gap_ms / 1000));
        const char *told = strstr(at, item);
        if (!told || told - at > 1000)
            fail_msg("reachd.conf.5: %s: no \"%s\"", list[i]->id, item);
    }
    free(page);
}

/* --- reachd-hooks(7) -------------------------------------------------------------------------- */

static void test_events(void **state)
{
    char *page = read_source("doc/reachd-hooks.7");
    (void)state;
    for (int i = 0; i < NOTICE_KIND_COUNT; i++)
        if (!names_word(page, notice_word((enum notice_kind)i)))
            fail_msg("reachd-hooks.7 does not name %s", notice_word((enum notice_kind)i));
    free(page);
}

/* --- reachd(8) -------------------------------------------------------------------------------- */

/* The text up to the next double quote. */
static const char *quoted(const char *at, char *out, size_t cap)
{
    assert_true(str_ncopy(out, cap, at, strcspn(at, "\"")));
    return out;
}

static void expect_option(const char *cmd, const char *section, const char *source,
                          const char *option)
{
    char said[80];
    snprintf(said, sizeof(said), "Fl %s%s", option[1] ? "-" : "", option);
    const char *at = strstr(section, said);
    while (at && !strchr(" \n", at[strlen(said)]))
        at = strstr(at + 1, said);
    if (!at)
        fail_msg("reachd.8, %s: no %s", cmd, said);
    snprintf(said, sizeof(said), "%s%s", option[1] ? "--" : "-", option);
    if (!strstr(source, said))
        fail_msg("reachd %s --help: no %s", cmd, said);
}

/* {"name", no_argument, … */
static size_t check_long(const char *cmd, const char *section, const char *source)
{
    size_t count = 0;
    for (const char *at = strstr(source, "{\""); at; at = strstr(at + 1, "{\"")) {
        char name[64];
        size_t len = strcspn(at + 2, "\"");
        if (len >= sizeof(name) || (!str_starts(at + 2 + len, "\", no_argument") &&
                                    !str_starts(at + 2 + len, "\", optional_argument") &&
                                    !str_starts(at + 2 + len, "\", required_argument")))
            continue;
        expect_option(cmd, section, source, quoted(at + 2, name, sizeof(name)));
        count++;
    }
    return count;
}

/* {"config", 'c', … or {"since", 0, … of monitor/cmd_options.h, which has --help for all. */
static size_t check_rows(const char *cmd, const char *section, const char *source)
{
    size_t count = 0;
    const char *at = strstr(source, "struct cmd_option rows[]");
    const char *end = at ? strstr(at, "};") : NULL;
    for (at = at ? strstr(at, "{\"") : NULL; at && at < end; at = strstr(at + 1, "{\"")) {
        char name[64];
        const char *letter = at + 2 + strcspn(at + 2, "\"") + 3;
        expect_option(cmd, section, source, quoted(at + 2, name, sizeof(name)));
        if (*letter == '\'')
            expect_option(cmd, section, source, (char[]){letter[1], '\0'});
        count++;
    }
    if (count > 0) {
        expect_option(cmd, section, source, "help");
        expect_option(cmd, section, source, "h");
    }
    return count;
}

/* getopt_long(argc, argv, ":c:h", … */
static void check_short(const char *cmd, const char *section, const char *source)
{
    static const char call[] = "getopt_long(argc, argv, \"";
    const char *at = strstr(source, call);
    char letters[32];
    assert_non_null(at);
    quoted(at + strlen(call), letters, sizeof(letters));
    for (const char *c = letters; *c; c++) {
        char option[2] = {*c, '\0'};
        if (*c != ':')
            expect_option(cmd, section, source, option);
    }
}

/* ".It Fl c , Fl -config Ar file": each of them is in the source. */
static void check_no_others(const char *cmd, const char *section, const char *source)
{
    for (const char *line = section; line; line = next_line(line)) {
        const char *at = str_starts(line, ".It Fl ") ? line + 4 : NULL;
        const char *end = line + strcspn(line, "\n");
        for (; at && at < end; at = strstr(at + 1, "Fl ")) {
            char word[64], said[80];
            first_word(at + 3, word);
            snprintf(said, sizeof(said), word[0] == '-' ? "\"%s\"" : "-%s",
                     word[0] == '-' ? word + 1 : word);
            if (!strstr(source, said) && strcmp(word, "-help") != 0)
                fail_msg("reachd.8, %s tells of an option %s", cmd, word);
        }
    }
}

static void check_command(const char *page, const char *name)
{
    bool apart = strcmp(name, "probe") == 0; /* its options fill a file of their own */
    char *path = mem_printf("monitor/cmd_%s%s.c", name, apart ? "_options" : "");
    char *source = read_source(path);
    char *section = section_of(page, name);
    if (!section)
        fail_msg("reachd.8: no .Ss %s", name);
    if (check_rows(name, section, source) == 0) {
        assert_true(check_long(name, section, source) > 0);
        check_short(name, section, source);
    }
    check_no_others(name, section, source);
    free(section);
    free(source);
    free(path);
}

static void test_every_option_is_told(void **state)
{
    static const char row[] = "&cmd_";
    char *page = read_source("doc/reachd.8");
    char *rows = read_source("monitor/main.c");
    size_t count = 0;
    (void)state;
    for (const char *at = strstr(rows, row); at; at = strstr(at + 1, row)) {
        char name[32];
        at += strlen(row);
        assert_true(str_ncopy(name, sizeof(name), at, strcspn(at, ",")));
        check_command(page, name);
        count++;
    }
    assert_true(count > 0);
    free(rows);
    free(page);
}

/* As mdoc prints it: escapes and line breaks undone. */
static char *plain(const char *text)
{
    char *out = mem_strdup(text);
    size_t len = 0;
    for (const char *c = text; *c; c++) {
        if (str_starts(c, "\\&"))
            c++;
        else
            out[len++] = *c;
        if (str_starts(c, "\\e"))
            c++;
        if (*c == '\n')
            out[len - 1] = ' ';
    }
    out[len] = '\0';
    return out;
}

/* tools/outcomes.awk reads the table in its own way. */
static void test_every_outcome_is_told(void **state)
{
    char error[FSIO_ERROR_LEN];
    char *raw = fsio_read("doc/reachd-outcomes.7", PAGE_MAX, NULL, error);
    (void)state;
    if (!raw)
        fail_msg("%s (it is built by make)", error);
    char *page = plain(raw);
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        const struct outcome_info *info = outcome_info((enum outcome)i);
        char *said = mem_printf(".It Cm %s%s %s. .Pp .Em Detected : %s .Pp .Em Advice : %s .",
                                info->word, info->verdict == VERDICT_UNKNOWN ? " No *" : "",
                                info->text, info->how, info->advice);
        if (!strstr(page, said))
            fail_msg("reachd-outcomes.7: not as in the table: %s", said);
        free(said);
    }
    free(page);
    free(raw);
}

static void test_every_update_word_is_told(void **state)
{
    char *page = read_source("doc/reachd.8");
    (void)state;
    for (int i = DDNS_NOTHING; i <= DDNS_BUSY; i++)
        if (!names_word(page, ddns_action_word((enum ddns_action)i)))
            fail_msg("reachd.8: no .Cm %s", ddns_action_word((enum ddns_action)i));
    for (int i = DDNS_OK; i <= DDNS_TEMPORARY; i++)
        if (!names_word(page, ddns_verdict_word((enum ddns_verdict)i)))
            fail_msg("reachd.8: no .Cm %s", ddns_verdict_word((enum ddns_verdict)i));
    free(page);
}

/* doc_text(out, "name", …; `schema`: NULL when the file's members are not part of it. */
static size_t check_members(const char *page, const char *schema, const char *file)
{
    char *source = read_source(file);
    size_t count = 0;
    for (const char *at = strstr(source, "    doc_"); at; at = strstr(at + 1, "    doc_")) {
        char name[64];
        const char *comma = at + strcspn(at, ",\n");
        if (!str_starts(comma, ", \"") || str_starts(at, "    doc_push"))
            continue;
        if (!names_word(page, quoted(comma + 3, name, sizeof(name))))
            fail_msg("reachd.8: no .Cm %s (%s)", name, file);
        char *member = mem_printf("\"%s\": {", name);
        if (schema && !strstr(schema, member))
            fail_msg("reachd-probe.schema.json: no %s (%s)", name, file);
        free(member);
        count++;
    }
    free(source);
    return count;
}

static void test_every_json_member_is_told(void **state)
{
    /* clang-format off */ /* one in a line: changes meet less often */
    static const char *const files[] = {
        "monitor/address/addr_view.c",
        "monitor/address/addrwatch_json.c",
        "monitor/cmd_providers.c",
        "monitor/daemon_control.c",
        "monitor/hooks/hook_reload.c",
        "monitor/control/record_json.c",
        "monitor/target/target_json.c",
        "probes/cert.c",
        "probes/cert_finding.c",
        "probes/client.c",
        "probes/kinds/closed.c",
        "probes/kinds/http.c",
        "probes/kinds/quic.c",
        "probes/mtu_report.c",
        "probes/probe.c",
        "probes/round_json.c",
        "probes/tcp_facts.c",
    };
    /* clang-format on */
    char *page = read_source("doc/reachd.8");
    char *schema = read_source("doc/reachd-probe.schema.json");
    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        bool probe = str_starts(files[i], "probes/"); /* what they tell is part of probe --json */
        assert_true(check_members(page, probe ? schema : NULL, files[i]) > 0);
    }
    free(schema);
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_is_told),
        cmocka_unit_test(test_nothing_else_is_told),
        cmocka_unit_test(test_providers),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_every_option_is_told),
        cmocka_unit_test(test_every_outcome_is_told),
        cmocka_unit_test(test_every_update_word_is_told),
        cmocka_unit_test(test_every_json_member_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
