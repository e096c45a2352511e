/* SPDX-License-Identifier: ISC
 *
 * The model of an import: its memory, options that are taken or told, and which format a file has.
 */
#include "monitor/import/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/str.h"

#define NOTE_MAX 400

/* Every string of the model, so that all can be wiped. */
struct import_text {
    struct import_text *next;
    size_t len;
    char text[];
};

const char *import_text(struct import *im, const char *text, size_t len)
{
    struct import_text *t = mem_zalloc(sizeof(*t) + len + 1);
    t->len = len;
    if (len > 0)
        memcpy(t->text, text, len);
    t->next = im->texts;
    im->texts = t;
    return t->text;
}

const char *import_printf(struct import *im, const char *fmt, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0)
        return import_text(im, "", 0);
    text = mem_zalloc((size_t)len + 1);
    va_start(args, fmt);
    vsnprintf(text, (size_t)len + 1, fmt, args);
    va_end(args);
    const char *kept = import_text(im, text, (size_t)len);
    mem_free_secret(text);
    return kept;
}

/* --- notes ------------------------------------------------------------------------------------ */

static void add_note(struct import *im, struct import_notes *notes, const struct import_at *at,
                     const char *text)
{
    char clean[NOTE_MAX];
    if (im->note_count >= IMPORT_NOTES_MAX)
        text = im->note_count > IMPORT_NOTES_MAX ? NULL : "and more that is not told here";
    im->note_count++;
    if (!text)
        return;
    str_printable(clean, sizeof(clean), text, strlen(text));
    struct import_note *note = mem_zalloc(sizeof(*note));
    note->at = at ? *at : (struct import_at){NULL, 0};
    note->text = import_text(im, clean, strlen(clean));
    if (!notes->last)
        notes->last = &notes->first;
    *notes->last = note;
    notes->last = &note->next;
}

void import_note(struct import *im, struct import_notes *notes, const struct import_at *at,
                 const char *fmt, ...)
{
    char text[NOTE_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    add_note(im, notes, at, text);
}

void import_fail(struct import *im, const struct import_at *at, const char *fmt, ...)
{
    char text[NOTE_MAX], clean[NOTE_MAX];
    va_list args;
    if (im->error)
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    str_printable(clean, sizeof(clean), text, strlen(text));
    im->error = import_text(im, clean, strlen(clean));
    im->error_line = at ? at->line : 0;
}

static void free_notes(struct import_notes *notes)
{
    while (notes->first) {
        struct import_note *next = notes->first->next;
        free(notes->first);
        notes->first = next;
    }
    notes->last = NULL;
}

/* --- options ---------------------------------------------------------------------------------- */

struct import_block *import_block_add(struct import *im, const char *type, const char *title,
                                      const struct import_at *at)
{
    struct import_block *block = mem_zalloc(sizeof(*block));
    if (++im->block_count > IMPORT_BLOCKS_MAX)
        import_fail(im, at, "more than %d sections", IMPORT_BLOCKS_MAX);
    block->type = type;
    block->title = title;
    block->at = *at;
    *im->blocks_end = block;
    im->blocks_end = &block->next;
    return block;
}

bool import_is_printable(const char *value)
{
    char clean[IMPORT_VALUE_MAX + 1];
    return strcmp(str_printable(clean, sizeof clean, value, strlen(value)), value) == 0;
}

/* What reachd.conf has no way to write, or a terminal might obey. A password is not written there.
 */
static const char *value_problem(const char *key, const char *value)
{
    if (strlen(value) > IMPORT_VALUE_MAX)
        return "is too long to be taken over";
    for (const char *c = value; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return "holds control characters and is not taken over";
    if (strcmp(key, "password") != 0 && !import_is_printable(value))
        return "holds what is no text of UTF-8 or steers a terminal, and is not taken over";
    return NULL;
}

void import_option_add(struct import *im, struct import_block *block, const char *key,
                       const char *value, const struct import_at *at)
{
    const char *problem = value_problem(key, value);
    if (problem) {
        import_note(im, &im->notes, at, "%s %s", key, problem);
        return;
    }
    if (block->count >= IMPORT_OPTIONS_MAX) {
        import_fail(im, at, "more than %d options in one place", IMPORT_OPTIONS_MAX);
        return;
    }
    if (block->count == block->capacity) {
        block->capacity = block->capacity ? 2 * block->capacity : 8;
        block->options = mem_regrow(block->options, block->capacity, sizeof(*block->options));
    }
    block->options[block->count++] = (struct import_option){
        import_text(im, key, strlen(key)), import_text(im, value, strlen(value)), *at, false};
}

/* The last one before the line; 0: of all. */
static struct import_option *last_option(struct import_block *block, const char *key,
                                         unsigned before)
{
    for (size_t i = block->count; i > 0; i--) {
        struct import_option *option = &block->options[i - 1];
        if (strcmp(option->key, key) == 0 && (before == 0 || option->at.line < before))
            return option;
    }
    return NULL;
}

static struct import_option *find_option(struct import_block *block, const char *key)
{
    struct import_option *option = last_option(block, key, 0);
    if (!option && block->outer && block->outer_line > 0)
        option = last_option(block->outer, key, block->outer_line);
    if (!option && block->outer)
        option = last_option(block->outer, key, 0);
    return option;
}

struct import_option *import_option(struct import_block *block, const char *key)
{
    struct import_option *option = find_option(block, key);
    if (option)
        option->used = true;
    return option;
}

const char *import_peek(struct import_block *block, const char *key)
{
    const struct import_option *option = find_option(block, key);
    return option ? option->value : NULL;
}

const char *import_value(struct import_block *block, const char *key)
{
    const struct import_option *option = import_option(block, key);
    return option ? option->value : NULL;
}

void import_take_all(struct import_block *block, const char *key)
{
    for (size_t i = 0; i < block->count; i++)
        if (strcmp(block->options[i].key, key) == 0)
            block->options[i].used = true;
}

bool import_is_yes(const char *value)
{
    static const char *const yes[] = {"1", "yes", "true", "on", "enabled"};
    for (size_t i = 0; value && i < sizeof(yes) / sizeof(yes[0]); i++)
        if (str_equal_nocase(value, yes[i]))
            return true;
    return false;
}

bool import_flag(struct import_block *block, const char *key, bool fallback)
{
    const char *value = import_value(block, key);
    return value ? import_is_yes(value) : fallback;
}

int64_t import_number(struct import_block *block, const char *key, int64_t unit_ms)
{
    uint64_t number;
    const char *value = import_value(block, key);
    if (!value || !str_to_uint(value, 1000000000, &number))
        return 0;
    return (int64_t)number * unit_ms;
}

static const char *reason_of(const struct import_reason *reasons, const char *key)
{
    for (; reasons->key; reasons++)
        if (strcmp(reasons->key, key) == 0)
            return reasons->text;
    return NULL;
}

void import_leftovers(struct import *im, struct import_block *block, struct import_notes *notes,
                      const struct import_reason *reasons)
{
    for (size_t i = 0; i < block->count; i++) {
        struct import_option *option = &block->options[i];
        const struct import_option *last = last_option(block, option->key, 0);
        const char *reason = reason_of(reasons, option->key);
        if (option->used)
            continue;
        option->used = true;
        if (last != option && last->used)
            import_note(im, notes, &option->at, "%s: given again in line %u, which counts",
                        option->key, last->at.line);
        else
            import_note(im, notes, &option->at, "%s: %s", option->key,
                        reason ? reason : "unknown, it has no counterpart");
    }
}

/* --- names ------------------------------------------------------------------------------------ */

struct import_name *import_name_add(struct import *im, const char *fqdn, const struct import_at *at)
{
    if (im->name_count >= IMPORT_NAMES_MAX) {
        import_fail(im, at, "more than %d names", IMPORT_NAMES_MAX);
        return NULL;
    }
    struct import_name *name = mem_zalloc(sizeof(*name));
    char *lower = mem_strdup(fqdn);
    size_t len = strlen(lower);
    for (char *c = lower; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    if (len > 1 && lower[len - 1] == '.')
        len--;
    name->written = import_text(im, fqdn, strlen(fqdn));
    name->fqdn = import_text(im, lower, len);
    name->at = *at;
    free(lower);
    *im->names_end = name;
    im->names_end = &name->next;
    im->name_count++;
    return name;
}

/* --- formats ---------------------------------------------------------------------------------- */

static const char *const format_words[] = {
    [IMPORT_INADYN] = "inadyn", [IMPORT_DDCLIENT] = "ddclient", [IMPORT_UCI] = "ddns-scripts"};

const char *import_format_word(enum import_format format)
{
    return format == IMPORT_UNKNOWN ? "unknown" : format_words[format];
}

enum import_format import_format_find(const char *word)
{
    for (enum import_format f = IMPORT_INADYN; f <= IMPORT_UCI; f++)
        if (strcmp(format_words[f], word) == 0)
            return f;
    return strcmp(word, "uci") == 0 ? IMPORT_UCI : IMPORT_UNKNOWN;
}

static bool line_starts(const char *line, size_t len, const char *word, const char *after)
{
    size_t word_len = strlen(word);
    return len > word_len && memcmp(line, word, word_len) == 0 && strchr(after, line[word_len]);
}

/* What one line speaks for. */
static enum import_format format_of_line(const char *line, size_t len)
{
    static const char *const ddclient[] = {"protocol", "use",    "usev4",    "usev6", "server",
                                           "login",    "daemon", "password", "ssl"};
    while (len > 0 && (*line == ' ' || *line == '\t'))
        line++, len--;
    if (line_starts(line, len, "config", " \t") || line_starts(line, len, "option", " \t") ||
        line_starts(line, len, "list", " \t"))
        return IMPORT_UCI;
    if (line_starts(line, len, "provider", " \t\"'") || line_starts(line, len, "custom", " \t\"'"))
        return IMPORT_INADYN;
    for (size_t i = 0; i < sizeof(ddclient) / sizeof(ddclient[0]); i++)
        if (line_starts(line, len, ddclient[i], "="))
            return IMPORT_DDCLIENT;
    return IMPORT_UNKNOWN;
}

enum import_format import_detect(const char *text, size_t len)
{
    size_t votes[IMPORT_UCI + 1] = {0};
    enum import_format best = IMPORT_UNKNOWN;
    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t line = end ? (size_t)(end - text) - at : len - at;
        votes[format_of_line(text + at, line)]++;
        at += line + 1;
    }
    for (enum import_format f = IMPORT_INADYN; f <= IMPORT_UCI; f++)
        if (votes[f] > (best == IMPORT_UNKNOWN ? 0 : votes[best]))
            best = f;
    return best;
}

/* --- the whole -------------------------------------------------------------------------------- */

struct import *import_empty(const struct import_asked *asked)
{
    struct import *im = mem_zalloc(sizeof(*im));
    im->asked = asked;
    im->names_end = &im->names;
    im->blocks_end = &im->blocks;
    return im;
}

struct import *import_new(const struct import_asked *asked, enum import_format format,
                          const char *text, size_t len)
{
    static void (*const readers[])(struct import *, const char *,
                                   size_t) = {[IMPORT_INADYN] = import_inadyn,
                                              [IMPORT_DDCLIENT] = import_ddclient,
                                              [IMPORT_UCI] = import_uci};
    struct import *im = import_empty(asked);
    im->format = format;
    if (format == IMPORT_UNKNOWN)
        import_fail(
            im, NULL,
            "it looks like none of inadyn's (version 2), ddclient's, ddns-scripts': --format "
            "FORMAT, if it is one of them");
    else if (memchr(text, '\0', len))
        import_fail(im, NULL, "this is not text: it holds NUL bytes");
    else
        readers[format](im, text, len);
    if (im->name_count == 0)
        import_fail(im, NULL, "there is no name in it to be published");
    if (!im->error)
        import_plan(im);
    return im;
}

static void free_blocks(struct import *im)
{
    while (im->blocks) {
        struct import_block *next = im->blocks->next;
        free(im->blocks->options);
        free(im->blocks);
        im->blocks = next;
    }
}

static void free_names(struct import *im)
{
    while (im->names) {
        struct import_name *next = im->names->next;
        free_notes(&im->names->notes);
        free(im->names);
        im->names = next;
    }
}

void import_free(struct import *im)
{
    if (!im)
        return;
    free_blocks(im);
    free_names(im);
    free_notes(&im->notes);
    while (im->secrets) {
        struct import_secret *next = im->secrets->next;
        free(im->secrets);
        im->secrets = next;
    }
    while (im->addresses) {
        struct import_address *next = im->addresses->next;
        free(im->addresses);
        im->addresses = next;
    }
    while (im->texts) {
        struct import_text *next = im->texts->next;
        explicit_bzero(im->texts->text, im->texts->len);
        free(im->texts);
        im->texts = next;
    }
    free(im);
}

const char *import_error(const struct import *im, unsigned *line)
{
    *line = im->error_line;
    return im->error;
}

size_t import_name_count(const struct import *im)
{
    return im->name_count;
}

size_t import_refused_count(const struct import *im)
{
    size_t count = 0;
    for (const struct import_name *name = im->names; name; name = name->next)
        count += name->problem != NULL;
    return count;
}

size_t import_secret_count(const struct import *im)
{
    size_t count = 0;
    for (const struct import_secret *secret = im->secrets; secret; secret = secret->next)
        count++;
    return count;
}
