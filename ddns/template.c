/* SPDX-License-Identifier: ISC
 *
 * Templates. Owns: their syntax, encoding. A "{" that no lower-case name and "}" follow is itself,
 * so that JSON needs no escapes.
 */
#include "ddns/template.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/str.h"
#include "probes/url.h"

#define NAME_MAX_LEN 16

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The length of the "{name}" at text, its name copied out; 0 when there is none. */
static size_t placeholder(const char *text, char name[NAME_MAX_LEN + 1])
{
    size_t len = 1;
    if (text[0] != '{')
        return 0;
    while (is_name_char(text[len]))
        len++;
    if (len == 1 || text[len] != '}' || len - 1 > NAME_MAX_LEN)
        return 0;
    str_ncopy(name, NAME_MAX_LEN + 1, text + 1, len - 1);
    return len + 1;
}

static const struct template_value *find(const struct template_value *values, const char *name)
{
    for (; values->name; values++)
        if (strcmp(values->name, name) == 0)
            return values;
    return NULL;
}

const char *template_problem(const char *text, const struct template_value *names)
{
    char name[NAME_MAX_LEN + 1];
    bool inside = false, uses = false;
    while (*text) {
        size_t step = placeholder(text, name);
        if (step > 0 && !find(names, name))
            return "an unknown {name}";
        uses = uses || step > 0;
        if (*text == '<' && inside)
            return "a \"<\" inside \"<…>\"";
        if (*text == '>' && !inside)
            return "a \">\" without \"<\"";
        if (*text == '>' && !uses)
            return "a \"<…>\" without a {name} in it";
        if (*text == '<' || *text == '>') {
            inside = *text == '<';
            uses = false;
        }
        text += step > 0 ? step : 1;
    }
    return inside ? "a \"<\" without \">\"" : NULL;
}

bool template_uses(const char *text, const char *name)
{
    char found[NAME_MAX_LEN + 1];
    while (text && *text) {
        size_t step = placeholder(text, found);
        if (step > 0 && strcmp(found, name) == 0)
            return true;
        text += step > 0 ? step : 1;
    }
    return false;
}

static bool add_json(struct buf *out, const char *text)
{
    bool fits = true;
    for (; *text && fits; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fits = buf_printf(out, "\\%c", c);
        else if (c < ' ' || c == 0x7f)
            fits = buf_printf(out, "\\u%04x", c);
        else
            fits = buf_append(out, text, 1);
    }
    return fits;
}

static bool add_header(struct buf *out, const char *text)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c >= 0x7f)
            return false;
    return buf_append(out, text, strlen(text));
}

static bool add_text(struct buf *out, enum template_place place, const char *text)
{
    switch (place) {
    case TEMPLATE_URL:
        return url_encode(out, text);
    case TEMPLATE_JSON:
        return add_json(out, text);
    case TEMPLATE_HEADER:
        return add_header(out, text);
    }
    return false;
}

static bool add_list(struct buf *out, enum template_place place, const char *text)
{
    bool fits = true;
    while (*text && fits) {
        size_t len = strcspn(text, ",");
        char *part = mem_strndup(text, len);
        fits = add_text(out, place, part) && (!text[len] || buf_append(out, ",", 1));
        free(part);
        text += len + (text[len] == ',');
    }
    return fits;
}

static bool add_value(struct buf *out, enum template_place place,
                      const struct template_value *value)
{
    return value->list ? add_list(out, place, value->text) : add_text(out, place, value->text);
}

/* The end of the "<…>" that starts at text, and whether all its values are there. */
static const char *group_end(const char *text, const struct template_value *values, bool *complete)
{
    char name[NAME_MAX_LEN + 1];
    *complete = true;
    while (*text && *text != '>') {
        size_t step = placeholder(text, name);
        const struct template_value *value = step > 0 ? find(values, name) : NULL;
        if (step > 0 && !(value && value->text && value->text[0]))
            *complete = false;
        text += step > 0 ? step : 1;
    }
    return text;
}

static bool expand(const char *text, enum template_place place, const struct template_value *values,
                   struct buf *out)
{
    char name[NAME_MAX_LEN + 1];
    bool complete, fits = true;
    while (*text && fits) {
        size_t step = placeholder(text, name);
        if (step > 0) {
            const struct template_value *value = find(values, name);
            fits = value && value->text && add_value(out, place, value);
        } else if (*text == '<') {
            const char *end = group_end(text, values, &complete);
            step = complete ? 1 : (size_t)(end - text);
        } else if (*text == '>') {
            step = 1;
        } else {
            step = 1;
            fits = buf_append(out, text, 1);
        }
        text += step;
    }
    return fits;
}

bool template_expand(const char *text, enum template_place place,
                     const struct template_value *values, struct buf *out)
{
    size_t before = out->len;
    if (!template_problem(text, values) && expand(text, place, values, out))
        return true;
    out->len = before;
    return false;
}
