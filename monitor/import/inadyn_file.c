/* SPDX-License-Identifier: ISC
 *
 * The syntax of inadyn.conf (see import_inadyn.h).
 */
#include "monitor/import/inadyn.h"

#include <stdlib.h>
#include <string.h>

#include "lib/fsio.h"
#include "lib/mem.h"
#include "lib/str.h"

#define WORD_MAX    4096
#define MAX_DEPTH   8
#define MAX_INCLUDE 64

enum token {
    TOKEN_END,
    TOKEN_BAD,
    TOKEN_WORD,
    TOKEN_MARK
};

struct lexer {
    struct import *im;
    const char *text;
    size_t len, pos;
    struct import_at at;
    unsigned depth; /* of includes */
    char mark;      /* of TOKEN_MARK: = { } ( ) , */
    char word[WORD_MAX];
    struct import_at word_at;
};

static bool is_word_char(char c)
{
    return (unsigned char)c > ' ' && c != 0x7f && !strchr("#\"'={}(),", c);
}

static enum token fail(struct lexer *lex, const char *what)
{
    import_fail(lex->im, &lex->at, "%s%s%s", lex->at.file ? lex->at.file : "",
                lex->at.file ? ": " : "", what);
    return TOKEN_BAD;
}

static bool starts(const struct lexer *lex, const char *what)
{
    size_t len = strlen(what);
    return lex->len - lex->pos >= len && memcmp(lex->text + lex->pos, what, len) == 0;
}

static void skip_line(struct lexer *lex)
{
    while (lex->pos < lex->len && lex->text[lex->pos] != '\n')
        lex->pos++;
}

static void skip_block_comment(struct lexer *lex)
{
    for (lex->pos += 2; lex->pos < lex->len && !starts(lex, "*/"); lex->pos++)
        lex->at.line += lex->text[lex->pos] == '\n';
    lex->pos = lex->pos < lex->len ? lex->pos + 2 : lex->len;
}

static void skip_space(struct lexer *lex)
{
    while (lex->pos < lex->len) {
        char c = lex->text[lex->pos];
        if (c == '#' || starts(lex, "//"))
            skip_line(lex);
        else if (starts(lex, "/*"))
            skip_block_comment(lex);
        else if ((unsigned char)c <= ' ')
            lex->at.line += lex->text[lex->pos++] == '\n';
        else
            return;
    }
}

/* After a backslash in double quotes. */
static char unescape(char c)
{
    static const char from[] = "abefnrtv", to[] = "\a\b\033\f\n\r\t\v";
    const char *found = strchr(from, c);
    return c && found ? to[found - from] : c;
}

static enum token read_quoted(struct lexer *lex, char quote)
{
    size_t len = 0;
    for (lex->pos++; lex->pos < lex->len && lex->text[lex->pos] != quote; lex->pos++) {
        char c = lex->text[lex->pos];
        if (c == '\n')
            return fail(lex, "a string has no end on its line");
        if (c == '\\' && lex->pos + 1 < lex->len) {
            char next = lex->text[lex->pos + 1];
            if (quote == '"' || next == '\'' || next == '\\') {
                c = quote == '"' ? unescape(next) : next;
                lex->pos++;
            }
        }
        if (len + 1 >= WORD_MAX)
            return fail(lex, "a string is too long");
        lex->word[len++] = c;
    }
    if (lex->pos >= lex->len)
        return fail(lex, "a string has no end");
    lex->pos++;
    lex->word[len] = '\0';
    return TOKEN_WORD;
}

static enum token read_bare(struct lexer *lex)
{
    size_t len = 0;
    while (lex->pos < lex->len && is_word_char(lex->text[lex->pos]) && !starts(lex, "+=")) {
        if (len + 1 >= WORD_MAX)
            return fail(lex, "a word is too long");
        lex->word[len++] = lex->text[lex->pos++];
    }
    lex->word[len] = '\0';
    return len > 0 ? TOKEN_WORD : fail(lex, "a character that can't stand here");
}

static enum token next(struct lexer *lex)
{
    skip_space(lex);
    if (lex->pos >= lex->len)
        return TOKEN_END;
    lex->word_at = lex->at;
    char c = lex->text[lex->pos];
    if (c == '"' || c == '\'')
        return read_quoted(lex, c);
    if (starts(lex, "+=")) {
        lex->pos += 2;
        lex->mark = '=';
        return TOKEN_MARK;
    }
    if (strchr("={}(),", c)) {
        lex->pos++;
        lex->mark = c;
        return TOKEN_MARK;
    }
    return read_bare(lex);
}

static bool next_is(struct lexer *lex, char mark)
{
    enum token token = next(lex);
    if (token == TOKEN_MARK && lex->mark == mark)
        return true;
    if (token != TOKEN_BAD) {
        char what[32] = "";
        str_append(what, sizeof(what), "a \"%c\" is missing", mark);
        fail(lex, what);
    }
    return false;
}

/* --- statements ------------------------------------------------------------------------------- */

/* "${NAME}" and nothing else. */
static bool is_variable(const char *value)
{
    size_t len = strlen(value);
    return len > 3 && str_starts(value, "${") && strchr(value, '}') == value + len - 1;
}

static void add_option(struct lexer *lex, struct import_block *block, const char *key)
{
    const char *value = lex->word;
    if (!is_variable(value)) {
        import_option_add(lex->im, block, key, value, &lex->word_at);
        return;
    }
    char *name = mem_strndup(value + 2, strlen(value) - 3);
    if (strcmp(key, "password") == 0)
        import_option_add(lex->im, block, "password-env", name, &lex->word_at);
    else if (getenv(name))
        import_option_add(lex->im, block, key, getenv(name), &lex->word_at);
    else
        import_note(lex->im, &lex->im->notes, &lex->word_at,
                    "%s: the environment variable %s is not set", key, name);
    free(name);
}

/* After "KEY =". */
static void read_value(struct lexer *lex, struct import_block *block, const char *key)
{
    enum token token = next(lex);
    if (token == TOKEN_WORD)
        add_option(lex, block, key);
    else if (token == TOKEN_MARK && lex->mark == '{')
        while ((token = next(lex)) == TOKEN_WORD || (token == TOKEN_MARK && lex->mark == ',')) {
            if (token == TOKEN_WORD)
                add_option(lex, block, key);
        }
    else
        fail(lex, "a value is missing");
    if (token == TOKEN_END || (token == TOKEN_MARK && lex->mark != '}'))
        fail(lex, "a list has no end");
}

static void read_statements(struct lexer *lex, struct import_block *block, bool inside);

/* Beside the file that includes it, when it has no path of its own. */
static char *include_path(const struct lexer *lex)
{
    const char *from = lex->at.file ? lex->at.file : lex->im->asked->path;
    const char *slash = strrchr(from, '/');
    const char *home = getenv("HOME");
    if (str_starts(lex->word, "~/") && home)
        return mem_printf("%s/%s", home, lex->word + 2);
    if (lex->word[0] == '/' || !slash)
        return mem_strdup(lex->word);
    return mem_printf("%.*s/%s", (int)(slash - from), from, lex->word);
}

static void read_included(struct lexer *lex, struct import_block *block, const char *path)
{
    char error[FSIO_ERROR_LEN];
    size_t len;
    char *text = fsio_read(path, IMPORT_FILE_MAX, &len, error);
    if (!text) {
        import_note(lex->im, &lex->im->notes, &lex->word_at, "include: %s", error);
        return;
    }
    struct lexer *inner = mem_zalloc(sizeof(*inner));
    *inner = (struct lexer){.im = lex->im, .text = text, .len = len, .depth = lex->depth + 1};
    inner->at = (struct import_at){import_text(lex->im, path, strlen(path)), 1};
    if (memchr(text, '\0', len))
        fail(inner, "this is not text: it holds NUL bytes");
    else
        read_statements(inner, block, false);
    explicit_bzero(inner, sizeof(*inner));
    free(inner);
    mem_free_secret(text);
}

static void read_include(struct lexer *lex, struct import_block *block)
{
    if (!next_is(lex, '('))
        return;
    if (next(lex) != TOKEN_WORD) {
        fail(lex, "include takes one file");
        return;
    }
    char *path = include_path(lex);
    if (lex->im->asked->closed)
        import_note(lex->im, &lex->im->notes, &lex->word_at,
                    "include: of standard input no other file is read");
    else if (lex->depth >= MAX_DEPTH || ++lex->im->included > MAX_INCLUDE)
        fail(lex, "too many files are included");
    else
        read_included(lex, block, path);
    free(path);
    if (!lex->im->error)
        next_is(lex, ')');
}

static void read_section(struct lexer *lex, const char *type, const char *title,
                         const struct import_at *at, bool inside)
{
    if (inside)
        fail(lex, "a section inside a section");
    else
        read_statements(lex, import_block_add(lex->im, type, title, at), true);
}

/* After a word: an option, or a section with or without a title. */
static void read_statement(struct lexer *lex, struct import_block *block, bool inside)
{
    struct import_at at = lex->word_at;
    const char *word = import_text(lex->im, lex->word, strlen(lex->word));
    if (strcmp(word, "include") == 0) {
        read_include(lex, block);
        return;
    }
    enum token token = next(lex);
    const char *title = NULL;
    if (token == TOKEN_WORD) {
        title = import_text(lex->im, lex->word, strlen(lex->word));
        token = next(lex);
    }
    if (token == TOKEN_MARK && lex->mark == '=' && !title)
        read_value(lex, block, word);
    else if (token == TOKEN_MARK && lex->mark == '{')
        read_section(lex, word, title, &at, inside);
    else
        fail(lex, "neither an option nor a section");
}

static void read_statements(struct lexer *lex, struct import_block *block, bool inside)
{
    for (;;) {
        enum token token = lex->im->error ? TOKEN_BAD : next(lex);
        if (token == TOKEN_BAD)
            return;
        if (token == TOKEN_END) {
            if (inside)
                fail(lex, "a section has no end: \"}\" is missing");
            return;
        }
        if (token == TOKEN_WORD) {
            read_statement(lex, block, inside);
            continue;
        }
        if (lex->mark == '}' && inside)
            return;
        fail(lex, "a mark that can't stand here");
    }
}

void import_inadyn_file(struct import *im, struct import_block *global, const char *text,
                        size_t len)
{
    struct lexer *lex = mem_zalloc(sizeof(*lex));
    *lex = (struct lexer){.im = im, .text = text, .len = len, .at = {NULL, 1}};
    read_statements(lex, global, false);
    explicit_bzero(lex, sizeof(*lex));
    free(lex);
}
