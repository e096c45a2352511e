/* SPDX-License-Identifier: ISC
 *
 * The first pass over a configuration's text. It exists because libconfuse 3.3 counts the line of a
 * comment three times, stays inside a string that never ends (also in the next parse of the same
 * process), skips characters it does not know in silence, takes a file that ends inside a section
 * for complete, and stops at the first unknown option.
 * Owns: exact lines for all of that. Not its job: values, escapes, meaning.
 */
#include "monitor/config/config_scan.h"

#include <stdlib.h>
#include <string.h>

#include "lib/str.h"
#include "monitor/config/config_schema.h"

#define WORD_MAX 1024

enum token {
    TOKEN_END,
    TOKEN_BAD, /* reported already */
    TOKEN_STRING,
    TOKEN_ASSIGN, /* = and += */
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_PAREN_OPEN,
    TOKEN_PAREN_CLOSE,
    TOKEN_COMMA,
};

struct scan {
    char *text;
    size_t len;
    size_t pos;
    struct config_at at;
    struct config_report *report;
    size_t start;        /* of the token read last */
    char word[WORD_MAX]; /* of a string: as written, without quotes */
    bool broken;         /* not to be handed on */
};

static bool is_word_char(char c)
{
    return (unsigned char)c > ' ' && c != 0x7f && !strchr("#\"'={}()+,*", c);
}

static enum token fail(struct scan *s, const char *what)
{
    config_error(s->report, &s->at, "%s", what);
    s->broken = true;
    return TOKEN_BAD;
}

static void blank(struct scan *s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (s->text[i] != '\n')
            s->text[i] = ' ';
}

static void skip_line(struct scan *s)
{
    while (s->pos < s->len && s->text[s->pos] != '\n')
        s->pos++;
}

static bool starts(const struct scan *s, const char *what)
{
    size_t len = strlen(what);
    return s->len - s->pos >= len && memcmp(s->text + s->pos, what, len) == 0;
}

/* False when the comment never ends. */
static bool skip_block_comment(struct scan *s)
{
    size_t from = s->pos;
    struct config_at begin = s->at;
    for (s->pos += 2; !starts(s, "*/"); s->pos++) {
        if (s->pos >= s->len) {
            config_error(s->report, &begin, "this comment never ends: \"*/\" is missing");
            s->broken = true;
            return false;
        }
        if (s->text[s->pos] == '\n')
            s->at.line++;
    }
    s->pos += 2;
    blank(s, from, s->pos);
    return true;
}

/* False at the end of what can be read. */
static bool skip_space(struct scan *s)
{
    while (s->pos < s->len) {
        char c = s->text[s->pos];
        if (c == '#' || starts(s, "//")) {
            size_t from = s->pos;
            skip_line(s);
            blank(s, from, s->pos);
        } else if (starts(s, "/*")) {
            if (!skip_block_comment(s))
                return false;
        } else if (c == '\n') {
            s->at.line++;
            s->pos++;
        } else if (c == ' ' || c == '\t' || c == '\r') {
            s->text[s->pos++] = ' ';
        } else {
            return true;
        }
    }
    return false;
}

/* "${NAME}" or "${NAME:-default}" inside a double-quoted string. */
static const char *check_variable(struct scan *s)
{
    size_t from = s->pos + 2;
    size_t end = from;
    while (end < s->len && !strchr("}\"\n", s->text[end]))
        end++;
    if (end >= s->len || s->text[end] != '}')
        return "\"${\" without \"}\": write \"\\${\" for the plain characters";
    char name[128];
    if (!str_ncopy(name, sizeof name, s->text + from, end - from))
        return "the name of this environment variable is too long";
    s->pos = end;
    if (!strstr(name, ":-") && !getenv(name)) {
        config_error(s->report, &s->at,
                     "the environment variable %s is not set; \"${%s:-default}\" would give a "
                     "default",
                     name, name);
    }
    return NULL;
}

/* One character inside quotes; leaves pos on its last byte. */
static const char *check_quoted(struct scan *s, char quote)
{
    char c = s->text[s->pos];
    char next = s->pos + 1 < s->len ? s->text[s->pos + 1] : '\n';
    if (c == '\n')
        return quote == '"' ? "this string has no closing \" on its line"
                            : "this string has no closing ' on its line";
    if (((unsigned char)c < ' ' && c != '\t') || c == 0x7f)
        return "a control character inside a string";
    if (quote == '"' && c == '$' && next == '{')
        return check_variable(s);
    if (c != '\\')
        return NULL;
    if (next == '\n')
        return "a string can't go on over the end of a line";
    if (quote == '"' && ((next >= '0' && next <= '9') || next == 'x'))
        return "escapes by number (\\0, \\x00) are not supported; write \"\\\\\" for a backslash";
    if ((unsigned char)next < ' ')
        return "a control character inside a string";
    if (quote == '"' || next == '\\' || next == '\'')
        s->pos++;
    return NULL;
}

static enum token take_word(struct scan *s, size_t from, size_t to)
{
    if (str_ncopy(s->word, sizeof s->word, s->text + from, to - from))
        return TOKEN_STRING;
    return fail(s, "this text is too long");
}

static enum token read_quoted(struct scan *s, char quote)
{
    size_t from = ++s->pos;
    while (s->pos < s->len && s->text[s->pos] != quote) {
        const char *problem = check_quoted(s, quote);
        if (problem) {
            skip_line(s);
            return fail(s, problem);
        }
        s->pos++;
    }
    if (s->pos >= s->len)
        return fail(s, "this string has no end");
    return take_word(s, from, s->pos++);
}

static enum token read_bare(struct scan *s)
{
    size_t from = s->pos;
    while (s->pos < s->len && is_word_char(s->text[s->pos]))
        s->pos++;
    char stop = s->pos < s->len ? s->text[s->pos] : ' ';
    if (strchr("#*\"'+", stop) && !starts(s, "+=")) {
        skip_line(s);
        return fail(s, "text with #, *, + or quotes in it must stand in double quotes");
    }
    if (s->text[s->pos - 1] == '$' && stop == '{')
        return fail(s, "environment variables are filled in inside double quotes only: "
                       "\"${NAME}\"");
    return take_word(s, from, s->pos);
}

static enum token next_token(struct scan *s)
{
    static const char marks[] = "{}(),=";
    static const enum token mark_tokens[] = {TOKEN_OPEN,        TOKEN_CLOSE, TOKEN_PAREN_OPEN,
                                             TOKEN_PAREN_CLOSE, TOKEN_COMMA, TOKEN_ASSIGN};
    if (!skip_space(s))
        return TOKEN_END;
    s->start = s->pos;
    char c = s->text[s->pos];
    if (c == '"' || c == '\'')
        return read_quoted(s, c);
    const char *mark = strchr(marks, c);
    if (c && mark) {
        s->pos++;
        return mark_tokens[mark - marks];
    }
    if (starts(s, "+=")) {
        s->pos += 2;
        return TOKEN_ASSIGN;
    }
    if (is_word_char(c))
        return read_bare(s);
    s->pos++;
    return fail(s, c == '*' || c == '+' ? "text with * or + in it must stand in double quotes"
                                        : "a character that can't stand here");
}

/* Up to the closing mark that fits the opening one just read. */
static enum token skip_group(struct scan *s, enum token open, enum token close)
{
    for (unsigned depth = 1; depth > 0;) {
        enum token token = next_token(s);
        if (token == TOKEN_END)
            return token;
        if (token == open)
            depth++;
        else if (token == close)
            depth--;
    }
    return close;
}

/* The rest of a statement whose name was not known, then its text is blanked out. */
static void skip_unknown(struct scan *s, size_t from)
{
    enum token token = next_token(s);
    if (token == TOKEN_STRING) /* the title of a section */
        token = next_token(s);
    else if (token == TOKEN_ASSIGN)
        token = next_token(s);
    if (token == TOKEN_OPEN)
        skip_group(s, TOKEN_OPEN, TOKEN_CLOSE);
    else if (token == TOKEN_PAREN_OPEN)
        skip_group(s, TOKEN_PAREN_OPEN, TOKEN_PAREN_CLOSE);
    else if (token == TOKEN_CLOSE)
        s->pos--; /* the section's own */
    blank(s, from, s->pos);
}

static void say_unknown(struct scan *s, const struct config_kind *in, const char *nearest,
                        const char *names)
{
    config_error(s->report, &s->at, "unknown %s \"%s\"%s%s%s%s%s; allowed: %s",
                 in ? "option" : "section", s->word, in ? " in " : "", in ? in->name : "",
                 nearest ? ", did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "",
                 names);
}

/* After the name of a known option: false when the form is not the one of an option. */
static bool scan_value(struct scan *s, const struct config_key *key, size_t from)
{
    struct config_at at = s->at;
    if (next_token(s) != TOKEN_ASSIGN)
        return false;
    enum token token = next_token(s);
    if (token == TOKEN_STRING)
        return true;
    if (token != TOKEN_OPEN)
        return false;
    skip_group(s, TOKEN_OPEN, TOKEN_CLOSE);
    if (!config_key_is_list(key)) {
        config_error(s->report, &at, "\"%s\" takes one value, not a list", key->name);
        blank(s, from, s->pos);
    }
    return true;
}

/* The options of a section up to its closing brace: false when the rest can't be followed. begin:
 * where it was opened. libconfuse takes a file that ends inside a section for complete. */
static bool scan_section(struct scan *s, const struct config_kind *kind,
                         const struct config_at *begin)
{
    char names[CONFIG_NAMES_LEN];
    for (;;) {
        enum token token = next_token(s);
        if (token == TOKEN_CLOSE)
            return true;
        if (token == TOKEN_END && !s->broken) {
            config_error(s->report, begin, "this %s section never ends: \"}\" is missing",
                         kind->name);
            s->broken = true;
        }
        if (token == TOKEN_BAD)
            continue;
        if (token != TOKEN_STRING)
            return false;
        size_t from = s->start;
        const struct config_key *key = config_key_find(kind, s->word);
        if (key && !scan_value(s, key, from))
            return false;
        if (!key) {
            say_unknown(s, kind, config_key_nearest(kind, s->word), config_key_names(kind, names));
            skip_unknown(s, from);
        }
    }
}

/* After the name of a known section. */
static bool scan_known_section(struct scan *s, const struct config_kind *kind)
{
    struct config_at begin = s->at;
    enum token token = next_token(s);
    if (token == TOKEN_STRING)
        token = next_token(s);
    return token == TOKEN_OPEN && scan_section(s, kind, &begin);
}

/* include("file"). Any other form is refused here: libconfuse forgets to free what it read of one.
 */
static bool scan_include(struct scan *s)
{
    struct config_at at = s->at;
    if (next_token(s) != TOKEN_PAREN_OPEN)
        return false;
    enum token name = next_token(s);
    enum token end = name == TOKEN_STRING ? next_token(s) : name;
    if (name == TOKEN_STRING && end == TOKEN_PAREN_CLOSE)
        return true;
    config_error(s->report, &at, "include takes one file: include(\"file\")");
    s->broken = true;
    if (end != TOKEN_PAREN_CLOSE)
        skip_group(s, TOKEN_PAREN_OPEN, TOKEN_PAREN_CLOSE);
    return true;
}

static bool scan_statement(struct scan *s)
{
    char names[CONFIG_NAMES_LEN];
    size_t from = s->start;
    if (strcmp(s->word, "include") == 0)
        return scan_include(s);
    const struct config_kind *kind = config_kind_find(s->word);
    if (kind)
        return scan_known_section(s, kind);
    say_unknown(s, NULL, config_kind_nearest(s->word), config_kind_names(names));
    skip_unknown(s, from);
    return true;
}

bool config_scan(char *text, size_t len, const char *file, struct config_report *report)
{
    struct scan s = {.text = text, .len = len, .at = {file, 1}, .report = report};
    bool followed = true; /* the form is right so far; else libconfuse says what is wrong */
    if (memchr(text, '\0', len)) {
        config_error(report, &(struct config_at){file, 0}, "this is not text: it holds NUL bytes");
        return false;
    }
    for (;;) {
        enum token token = next_token(&s);
        if (token == TOKEN_END)
            return !s.broken;
        if (token == TOKEN_STRING && followed)
            followed = scan_statement(&s);
        else if (token != TOKEN_BAD)
            followed = false;
    }
}
