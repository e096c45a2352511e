/* SPDX-License-Identifier: ISC
 *
 * The syntax of ddclient.conf (see import_ddclient.h).
 */
#include "monitor/import/ddclient.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/str.h"

#define LINE_MAX_LEN 65536
#define KEY_MAX      64

/* A line with all that continues it; at[i]: the line of the file that text[i] is of. */
struct logical {
    char *text;
    unsigned *at;
    size_t len, capacity;
};

struct reading {
    struct import *im;
    struct import_block *global;
    struct logical line;
    /* Passwords are taken out before anything else looks at the line: they may hold all signs. */
    struct import_block *passwords;
};

static void add_char(struct logical *line, char c, unsigned at)
{
    if (line->len + 1 >= line->capacity) {
        line->capacity = line->capacity ? 2 * line->capacity : 256;
        line->text = mem_regrow(line->text, line->capacity, 1);
        line->at = mem_regrow(line->at, line->capacity, sizeof(*line->at));
    }
    line->text[line->len] = c;
    line->at[line->len++] = at;
    line->text[line->len] = '\0';
}

static bool is_key_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* --- passwords -------------------------------------------------------------------------------- */

/* "KEY=" with "password" in the key, before any comment; spaces may stand around the sign. Sets
 * *from to the key, *value to behind the sign. */
static bool find_password(const char *text, size_t len, size_t *from, size_t *key_len,
                          size_t *value)
{
    for (size_t i = 0; i < len && text[i] != '#'; i++) {
        if (i > 0 && (is_key_char(text[i - 1]) || text[i - 1] == '='))
            continue;
        size_t end = i;
        while (end < len && is_key_char(text[end]))
            end++;
        char *key = mem_strndup(text + i, end - i);
        bool fits = strstr(key, "password") && end - i < KEY_MAX;
        free(key);
        size_t sign = end;
        while (sign < len && (text[sign] == ' ' || text[sign] == '\t'))
            sign++;
        if (!fits || sign >= len || text[sign] != '=')
            continue;
        for (sign++; sign < len && (text[sign] == ' ' || text[sign] == '\t');)
            sign++;
        *from = i, *key_len = end - i, *value = sign;
        return sign < len;
    }
    return false;
}

static size_t last_quote(const char *text, size_t from, size_t len)
{
    size_t last = 0;
    for (size_t i = from; i < len; i++)
        if (text[i] == '\'')
            last = i;
    return last;
}

/* In single quotes up to the last one of the line, else up to a space. Returns where it ends. */
static size_t take_password(struct reading *r, const char *text, size_t len, size_t from,
                            size_t key_len, size_t value, const struct import_at *at)
{
    size_t start = value, end = value, close;
    if (text[value] == '\'' && (close = last_quote(text, value + 1, len)) > 0) {
        start = value + 1;
        end = close;
        value = close + 1;
    } else {
        while (end < len && !isspace((unsigned char)text[end]))
            end++;
        value = end;
    }
    char *key = mem_strndup(text + from, key_len),
         *password = mem_strndup(text + start, end - start);
    size_t password_len = strlen(password);
    if (password_len > 1 && password[password_len - 1] == ',' && start != end && text[end] != '\'')
        import_note(r->im, &r->im->notes, at,
                    "%s: ddclient takes the comma at its end for a part of it, and so does this",
                    key);
    const char *env = strcmp(key, "password_env") == 0 ? "password-env" : key;
    import_option_add(r->im, r->passwords, env, password, at);
    free(key);
    mem_free_secret(password);
    return value;
}

/* --- lines ------------------------------------------------------------------------------------ */

/* Adds a line of the file; true when it goes on in the next. */
static bool add_line(struct reading *r, const char *text, size_t len, unsigned number)
{
    struct import_at at = {NULL, number};
    size_t from = 0, key_len = 0, value = 0, skip_from = len, skip_to = len;
    if (find_password(text, len, &from, &key_len, &value)) {
        skip_to = take_password(r, text, len, from, key_len, value, &at);
        skip_from = from;
    }
    size_t end = len;
    for (size_t i = 0; i < len; i++) {
        bool inside = i >= skip_from && i < skip_to;
        if (!inside && text[i] == '#') {
            end = i;
            break;
        }
    }
    bool comment = end < len;
    while (end > 0 && isspace((unsigned char)text[end - 1]))
        end--;
    bool goes_on = end > 0 && text[end - 1] == '\\' && (end - 1 < skip_from || end - 1 >= skip_to);
    if (goes_on && comment)
        import_note(r->im, &r->im->notes, &at,
                    "ddclient before 4.0 does not see a \"\\\" before a comment; this goes on");
    for (size_t i = 0; i < end - goes_on; i++)
        if (i < skip_from || i >= skip_to)
            add_char(&r->line, text[i], number);
    add_char(&r->line, ' ', number);
    return goes_on;
}

/* --- options and hosts ------------------------------------------------------------------------ */

static size_t skip_separators(const struct logical *line, size_t i)
{
    while (i < line->len && (isspace((unsigned char)line->text[i]) || line->text[i] == ','))
        i++;
    return i;
}

/* The end of a "key" that "=" follows, with spaces before it or not; 0: there is none. */
static size_t key_end(const struct logical *line, size_t i, size_t *value)
{
    size_t end = i;
    while (end < line->len && is_key_char(line->text[end]))
        end++;
    size_t sign = end;
    while (sign < line->len && isspace((unsigned char)line->text[sign]))
        sign++;
    if (end == i || !isalpha((unsigned char)line->text[i]) || sign >= line->len ||
        line->text[sign] != '=')
        return 0;
    sign++;
    if (sign - end > 1) /* spaces around the sign, which ddclient does not take */
        while (sign < line->len && isspace((unsigned char)line->text[sign]))
            sign++;
    *value = sign;
    return end;
}

/* A value with quoted parts; *i is left at the sign that ends it. */
static char *read_value(const struct logical *line, size_t *i)
{
    char *value = mem_zalloc(line->len - *i + 1), quote = 0;
    size_t len = 0;
    bool escaped = false;
    for (; *i < line->len; ++*i) {
        char c = line->text[*i];
        if (escaped)
            value[len++] = c, escaped = false;
        else if (c == '\\')
            escaped = true;
        else if (quote && c == quote)
            quote = 0;
        else if (!quote && (c == '\'' || c == '"'))
            quote = c;
        else if (!quote && (isspace((unsigned char)c) || c == ','))
            break;
        else
            value[len++] = c;
    }
    return value;
}

/* "login_env=NAME" reads the variable. */
static void add_option(struct reading *r, struct import_block *block, const char *key,
                       const char *value, const struct import_at *at)
{
    size_t len = strlen(key);
    bool env = len > 4 && strcmp(key + len - 4, "_env") == 0;
    char *plain = mem_strndup(key, env ? len - 4 : len);
    if (!env)
        import_option_add(r->im, block, key, value, at);
    else if (getenv(value))
        import_option_add(r->im, block, plain, getenv(value), at);
    else
        import_note(r->im, &r->im->notes, at, "%s: this environment variable is not set here", key);
    free(plain);
}

static size_t read_options(struct reading *r, struct import_block *block)
{
    const struct logical *line = &r->line;
    size_t i = skip_separators(line, 0), value, end;
    while (!r->im->error && (end = key_end(line, i, &value)) > 0) {
        struct import_at at = {NULL, line->at[i]};
        char *key = mem_strndup(line->text + i, end - i);
        for (char *c = key; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        if (value > end + 1)
            import_note(
                r->im, &r->im->notes, &at,
                "%s: ddclient takes no blanks around \"=\", which makes names of hosts of it; "
                "here it is an option",
                key);
        i = value;
        char *text = read_value(line, &i);
        add_option(r, block, key, text, &at);
        free(key);
        mem_free_secret(text);
        i = skip_separators(line, i);
    }
    return i;
}

/* What is left: "host1,host2 login password". Lists of hosts may have spaces behind commas. */
static char *read_word(const struct logical *line, size_t *i)
{
    size_t from = *i, len = 0;
    char *word = mem_zalloc(line->len - from + 1);
    while (*i < line->len) {
        char c = line->text[*i];
        size_t next = *i;
        while (next < line->len && isspace((unsigned char)line->text[next]))
            next++;
        bool joins = next < line->len && (line->text[next] == ',' || (len && word[len - 1] == ','));
        if (next > *i && !joins)
            break;
        if (next == *i)
            word[len++] = c;
        *i = next > *i ? next : next + 1;
    }
    while (*i < line->len && isspace((unsigned char)line->text[*i]))
        ++*i;
    return word;
}

static void take_options(struct reading *r, struct import_block *from, struct import_block *to)
{
    for (size_t i = 0; i < from->count; i++)
        import_option_add(r->im, to, from->options[i].key, from->options[i].value,
                          &from->options[i].at);
    from->count = 0;
}

/* host: "host=NAME", one more; NULL: none. i: where the words begin. */
static void add_hosts(struct reading *r, struct import_block *options, size_t i, const char *host)
{
    static const char *const old[] = {"login", "password"};
    struct import_at at = {NULL, r->line.at[i < r->line.len ? i : r->line.len - 1]};
    char *hosts = read_word(&r->line, &i);
    struct import_block *block = import_block_add(
        r->im, "host", import_printf(r->im, "%s,%s", hosts, host ? host : ""), &at);
    block->outer = r->global;
    block->outer_line = r->line.at[0];
    take_options(r, options, block);
    import_take_all(block, "host");
    for (size_t k = 0; k < 2 && i < r->line.len; k++) {
        char *word = read_word(&r->line, &i);
        import_option_add(r->im, block, old[k], word, &at);
        mem_free_secret(word);
    }
    if (i < r->line.len)
        import_note(r->im, &r->im->notes, &at, "more words than hosts, login and password");
    free(hosts);
}

static const char *value_of(const struct import_block *block, const char *key)
{
    for (size_t i = 0; i < block->count; i++)
        if (strcmp(block->options[i].key, key) == 0)
            return block->options[i].value;
    return NULL;
}

/* A whole logical line. */
static void read_line(struct reading *r)
{
    struct import_block options = {.type = ""};
    take_options(r, r->passwords, &options);
    size_t i = read_options(r, &options);
    const char *host = value_of(&options, "host");
    if (i < r->line.len || host)
        add_hosts(r, &options, i, host);
    else
        take_options(r, &options, r->global);
    free(options.options);
    r->line.len = 0;
}

void import_ddclient_file(struct import *im, struct import_block *global, const char *text,
                          size_t len)
{
    struct import_block passwords = {.type = ""};
    struct reading r = {.im = im, .global = global, .passwords = &passwords};
    unsigned number = 0;
    bool goes_on = false;
    for (size_t at = 0; at < len && !im->error;) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t line = end ? (size_t)(end - text) - at : len - at;
        size_t bare = line > 0 && text[at + line - 1] == '\r' ? line - 1 : line;
        goes_on = add_line(&r, text + at, bare, ++number);
        if (r.line.len > LINE_MAX_LEN)
            import_fail(im, &(struct import_at){NULL, number}, "a line is too long");
        else if (!goes_on)
            read_line(&r);
        at += line + 1;
    }
    if (goes_on && !im->error)
        read_line(&r);
    if (r.line.text)
        explicit_bzero(r.line.text, r.line.capacity);
    free(r.line.text);
    free(r.line.at);
    free(passwords.options);
}
