/* SPDX-License-Identifier: ISC
 *
 * URLs of services of one's own, as templates here (ddns/template.h). Owns: that no password that
 * stands in such a URL goes into the configuration. Internal to this folder.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/import/model.h"

/* "[IP]" to "{ip}". What a template would take for a sign of its own is encoded. */
static void put_part(struct buf *out, const char *from, size_t len, const struct import_mark *marks)
{
    for (size_t i = 0; i < len;) {
        const struct import_mark *mark = marks;
        while (mark->mark && (strlen(mark->mark) > len - i ||
                              memcmp(from + i, mark->mark, strlen(mark->mark)) != 0))
            mark++;
        if (mark->mark) {
            buf_printf(out, "%s", mark->text ? mark->text : "");
            i += strlen(mark->mark);
        } else if (strchr("<>{} \"", from[i]) && from[i]) {
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)from[i++]);
        } else {
            buf_append(out, from + i++, 1);
        }
    }
}

/* Names of parameters whose values nobody should see. */
static bool is_secret_name(const char *name, size_t len)
{
    static const char *const parts[] = {"pass", "pw",   "key",        "token", "secret",
                                        "auth", "hash", "credential", "sig"};
    char lower[64];
    if (!str_ncopy(lower, sizeof(lower), name, len))
        return false;
    for (char *c = lower; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (strstr(lower, parts[i]))
            return true;
    return len == 1 && (lower[0] == 'p' || lower[0] == 'k' || lower[0] == 'q');
}

static char *percent_decode(const char *text, size_t len)
{
    char *out = mem_zalloc(len + 1), *to = out;
    for (size_t i = 0; i < len; i++) {
        char hex[3] = {0};
        if (text[i] == '%' && i + 2 < len && isxdigit((unsigned char)text[i + 1]) &&
            isxdigit((unsigned char)text[i + 2])) {
            memcpy(hex, text + i + 1, 2);
            *to = (char)strtoul(hex, NULL, 16);
            to += *to != '\0';
            i += 2;
        } else {
            *to++ = text[i];
        }
    }
    *to = '\0';
    return out;
}

static bool has_mark(const char *text, size_t len, const struct import_mark *marks)
{
    char *copy = mem_strndup(text, len);
    bool found = false;
    for (; marks->mark && !found; marks++)
        found = strstr(copy, marks->mark) != NULL;
    mem_free_secret(copy);
    return found;
}

/* True: the text stands for the password from now on. Two secrets are one too many. */
static bool take_secret(struct import *im, struct import_name *name, const char *text, size_t len)
{
    char *plain = percent_decode(text, len);
    bool taken = !name->secret || strcmp(name->secret, plain) == 0;
    for (const char *c = plain; *c; c++)
        taken = taken && (unsigned char)*c >= ' ' && *c != 0x7f;
    if (taken && !name->secret)
        name->secret = import_text(im, plain, strlen(plain));
    mem_free_secret(plain);
    return taken;
}

/* What looks like a secret goes to the file of the password, or nowhere. */
static void put_secret(struct import *im, struct import_name *name, const char *text, size_t len,
                       const struct import_at *at, struct buf *out)
{
    if (take_secret(im, name, text, len)) {
        buf_printf(out, "{password}");
        return;
    }
    buf_printf(out, "FILL-IN");
    import_note(im, &name->notes, at,
                "FILL-IN in the url stands for a value that looks like a second secret");
}

bool import_url_has_secret(const char *url)
{
    for (const char *at = url + strcspn(url, "?"); *at; at += strcspn(at, "&")) {
        size_t len = strcspn(++at, "=&");
        if (at[len] == '=' && at[len + 1] && at[len + 1] != '&' && is_secret_name(at, len))
            return true;
    }
    return false;
}

/* One "name=value" of the query. */
static void put_parameter(struct import *im, struct import_name *name, const char *from, size_t len,
                          const struct import_mark *marks, const struct import_at *at,
                          struct buf *out)
{
    const char *equals = memchr(from, '=', len);
    size_t name_len = equals ? (size_t)(equals - from) : 0;
    const char *value = equals ? equals + 1 : from;
    size_t value_len = len - (size_t)(value - from);
    bool literal = value_len > 0 && !has_mark(value, value_len, marks);
    bool hidden = literal && (equals ? is_secret_name(from, name_len) : value_len >= 16);
    if (equals)
        put_part(out, from, name_len + 1, marks);
    if (hidden)
        put_secret(im, name, value, value_len, at, out);
    else
        put_part(out, value, value_len, marks);
}

static void put_query(struct import *im, struct import_name *name, const char *query,
                      const struct import_mark *marks, const struct import_at *at, struct buf *out)
{
    for (const char *sign = "?"; *query; sign = "&") {
        size_t len = strcspn(query, "&");
        buf_printf(out, "%s", sign);
        put_parameter(im, name, query, len, marks, at, out);
        query += len + (query[len] == '&');
    }
}

/* "USER:PASSWORD@" before the host: by HTTP Basic here, which is what is done where a record has a
 * user and its url does not say where it goes. */
static const char *skip_login(struct import *im, struct import_name *name, const char *rest,
                              const struct import_mark *marks)
{
    size_t host_end = strcspn(rest, "/?");
    const char *at_sign = NULL;
    for (size_t i = 0; i < host_end; i++)
        if (rest[i] == '@')
            at_sign = rest + i;
    if (!at_sign)
        return rest;
    size_t len = (size_t)(at_sign - rest);
    const char *colon = memchr(rest, ':', len);
    size_t user_len = colon ? (size_t)(colon - rest) : len;
    if (!has_mark(rest, user_len, marks)) {
        char *user = percent_decode(rest, user_len);
        name->user = import_text(im, user, strlen(user));
        mem_free_secret(user);
    }
    if (colon && !has_mark(colon + 1, len - user_len - 1, marks))
        take_secret(im, name, colon + 1, len - user_len - 1);
    return at_sign + 1;
}

/* "/u/0123456789abcdef0123/": long, with a digit in it, and no file: nobody should see that. */
static bool is_secret_step(const char *from, size_t len, const struct import_mark *marks)
{
    bool digit = false;
    for (size_t i = 0; i < len; i++) {
        digit = digit || isdigit((unsigned char)from[i]);
        if (from[i] == '.')
            return false;
    }
    return digit && len >= 20 && !has_mark(from, len, marks);
}

static void put_path(struct import *im, struct import_name *name, const char *from, size_t len,
                     const struct import_mark *marks, const struct import_at *at_file,
                     struct buf *out)
{
    size_t host = strcspn(from, "/?");
    put_part(out, from, host < len ? host : len, marks);
    for (size_t at = host; at < len;) {
        size_t step = 1 + strcspn(from + at + 1, "/?");
        if (is_secret_step(from + at + 1, step - 1, marks)) {
            buf_printf(out, "/");
            put_secret(im, name, from + at + 1, step - 1, at_file, out);
        } else {
            put_part(out, from + at, step, marks);
        }
        at += step;
    }
}

void import_set_template(struct import *im, struct import_name *name, const char *url,
                         const struct import_mark *marks, const struct import_at *at)
{
    struct buf out;
    const char *scheme = strstr(url, "://");
    const char *rest = skip_login(im, name, scheme ? scheme + 3 : url, marks);
    size_t path = strcspn(rest, "?");
    buf_init(&out, 8 * IMPORT_VALUE_MAX);
    if (scheme && str_starts(url, "http://"))
        import_note(im, &name->notes, at,
                    "the password went over http there, readable for all: https is written here; "
                    "where the service has none, write http");
    buf_printf(&out, "https://");
    put_path(im, name, rest, path, marks, at, &out);
    put_query(im, name, rest[path] ? rest + path + 1 : "", marks, at, &out);
    name->url = import_text(im, (const char *)buf_text(&out), out.len);
    if (out.data)
        explicit_bzero(out.data, out.cap);
    buf_clear(&out);
}
