/* SPDX-License-Identifier: ISC
 *
 * Structured output as a JSON value. Owns: the setters that keep text from outside harmless, and
 * the two renderings. Not its job: text for people.
 */
#include "lib/doc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"

/* Jansson reports only running out of memory here: keys are ours, values are made valid before. */
static json_t *checked(json_t *value)
{
    if (!value)
        log_fatal("doc", "cannot make a JSON value");
    return value;
}

void doc_value(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, checked(value)) != 0)
        log_fatal("doc", "cannot set the member %s", key);
}

void doc_push(json_t *array, json_t *value)
{
    if (json_array_append_new(array, checked(value)) != 0)
        log_fatal("doc", "cannot append to an array");
}

json_t *doc_object(void)
{
    return checked(json_object());
}

json_t *doc_array(void)
{
    return checked(json_array());
}

void doc_text(json_t *object, const char *key, const char *text)
{
    if (!text) {
        doc_value(object, key, json_null());
        return;
    }
    size_t len = strlen(text);
    char *clean = mem_array(len + 1, 1);
    doc_value(object, key, json_string(str_printable(clean, len + 1, text, len)));
    free(clean);
}

void doc_int(json_t *object, const char *key, int64_t value)
{
    doc_value(object, key, json_integer(value));
}

void doc_count(json_t *object, const char *key, int64_t value)
{
    doc_value(object, key, value < 0 ? json_null() : json_integer(value));
}

void doc_bool(json_t *object, const char *key, bool value)
{
    doc_value(object, key, json_boolean(value));
}

void doc_addr(json_t *object, const char *key, const struct addr *addr)
{
    char text[ADDR_STRLEN];
    doc_text(object, key, addr && addr_is_set(addr) ? addr_format(addr, text) : NULL);
}

void doc_time(json_t *object, const char *key, int64_t wall_ms)
{
    char text[CLOCK_TEXT_LEN];
    clock_format_utc(wall_ms, text);
    doc_text(object, key, strcmp(text, "-") == 0 ? NULL : text);
}

const char *doc_get_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

char *doc_to_json(const json_t *value, bool indent)
{
    size_t flags = JSON_ENCODE_ANY | (indent ? JSON_INDENT(2) : JSON_COMPACT);
    char *text = json_dumps(value, flags);
    if (!text)
        log_fatal("doc", "cannot render a JSON value");
    return text;
}

void doc_print(const json_t *value)
{
    char *text = doc_to_json(value, isatty(STDOUT_FILENO));
    puts(text);
    free(text);
}

/* The output is as large as the value, which was bounded where it was built. */
#define KV_MAX (SIZE_MAX / 4)

static const char safe_chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                 "_-+.,:/@%";

/* In single quotes nothing has a meaning to a shell but the quote itself. */
static void put_quoted(struct buf *out, const char *text, size_t len)
{
    bool safe = len > 0;
    for (size_t i = 0; i < len; i++)
        safe = safe && text[i] && strchr(safe_chars, text[i]);
    if (safe) {
        buf_append(out, text, len);
        return;
    }
    buf_append(out, "'", 1);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\'')
            buf_append(out, "'\\''", 4);
        else
            buf_append(out, text[i] == '\n' || !text[i] ? " " : &text[i], 1); /* a line is a line */
    }
    buf_append(out, "'", 1);
}

/* Appends one step to the path. A key never breaks the "key=value" form, whatever it is. */
static void push_key(struct buf *path, const char *key)
{
    if (path->len > 0)
        buf_append(path, ".", 1);
    for (; *key; key++) {
        bool fine = strchr(safe_chars, *key) && !strchr("+,/@%", *key);
        buf_append(path, fine ? key : "_", 1);
    }
}

static void put_scalar(struct buf *out, struct buf *path, const json_t *value)
{
    buf_printf(out, "%s=", path->len > 0 ? buf_text(path) : "value");
    if (json_is_string(value))
        put_quoted(out, json_string_value(value), json_string_length(value));
    else if (json_is_integer(value))
        buf_printf(out, "%" PRId64, (int64_t)json_integer_value(value));
    else if (json_is_real(value))
        buf_printf(out, "%.6g", json_real_value(value));
    else if (json_is_boolean(value))
        buf_printf(out, "%s", json_is_true(value) ? "true" : "false");
    buf_append(out, "\n", 1); /* null and what is empty: nothing after "=" */
}

static void put_value(struct buf *out, struct buf *path, const json_t *value);

static void put_member(struct buf *out, struct buf *path, const char *key, const json_t *value)
{
    size_t before = path->len;
    push_key(path, key);
    put_value(out, path, value);
    path->len = before;
}

static void put_object(struct buf *out, struct buf *path, const json_t *object)
{
    /* Jansson iterates without changing the object, but its interface is not const. */
    json_t *walk = (json_t *)(uintptr_t)object;
    const char *key;
    json_t *value;
    json_object_foreach(walk, key, value) put_member(out, path, key, value);
}

static void put_value(struct buf *out, struct buf *path, const json_t *value)
{
    size_t count = json_array_size(value);
    if (json_object_size(value) > 0) {
        put_object(out, path, value);
    } else if (count > 0) {
        for (size_t i = 0; i < count; i++) {
            char key[24];
            snprintf(key, sizeof(key), "%zu", i);
            put_member(out, path, key, json_array_get(value, i));
        }
    } else if (path->len > 0 || !(json_is_object(value) || json_is_array(value))) {
        put_scalar(out, path, value);
    }
}

char *doc_to_kv(const json_t *value)
{
    struct buf out, path;
    buf_init(&out, KV_MAX);
    buf_init(&path, KV_MAX);
    put_value(&out, &path, value);
    char *text = mem_strndup(buf_text(&out), out.len);
    buf_clear(&path);
    buf_clear(&out);
    return text;
}

const char *doc_version(void)
{
    return jansson_version_str();
}
