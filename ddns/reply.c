/* SPDX-License-Identifier: ISC
 *
 * Reply patterns. Owns: their kinds, their written form, matching. Every match is one pass over the
 * reply, or one per byte of the pattern, both bounded.
 */
#include "ddns/reply.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/str.h"

#define MINUTE_MS   INT64_C(60000)
#define WAIT_MAX_MS (INT64_C(7) * 86400 * 1000)
#define SPACE       " \t\r\n"

static const struct kind_row {
    const char *word;
    enum reply_kind kind;
    bool takes_text;
} kind_rows[] = {
    {"word", REPLY_WORD, true},        {"line", REPLY_LINE, true},
    {"start", REPLY_START, true},      {"has", REPLY_HAS, true},
    {"json", REPLY_JSON, true},        {"http", REPLY_HTTP, true},
    {"address", REPLY_ADDRESS, false}, {"empty", REPLY_EMPTY, false},
    {"wait-code", REPLY_WAIT, false},
};

/* --- the written form --- */

static char *skip_space(char *at)
{
    return at + strspn(at, SPACE);
}

static void cut_end(char *text)
{
    size_t len = strlen(text);
    while (len > 0 && strchr(SPACE, text[len - 1]))
        text[--len] = '\0';
}

/* The word at *at, terminated; *at moves behind the space after it. */
static char *take_word(char **at)
{
    char *word = *at;
    char *end = word + strcspn(word, SPACE);
    *at = *end ? skip_space(end + 1) : end;
    *end = '\0';
    return word;
}

static bool http_status_is_valid(const char *text)
{
    return strlen(text) == 3 && text[0] >= '1' && text[0] <= '5' &&
           (strcmp(text + 1, "xx") == 0 || strspn(text, "0123456789") == 3);
}

static const char *check_text(const struct reply_rule *rule)
{
    if (strlen(rule->text) > REPLY_TEXT_MAX)
        return "the text of this pattern is too long";
    if (rule->kind == REPLY_HTTP && !http_status_is_valid(rule->text))
        return "http takes a status: 204, 2xx";
    if (rule->kind == REPLY_JSON && (rule->text[0] == '=' || !strchr(rule->text, '=')))
        return "json takes MEMBER=VALUE";
    if (rule->kind == REPLY_HTTP && ddns_verdict_is_success(rule->verdict) && rule->text[0] != '2')
        return "no success has such a status";
    return NULL;
}

static const char *take_kind(char *word, char *rest, struct reply_rule *out)
{
    for (size_t i = 0; i < sizeof(kind_rows) / sizeof(kind_rows[0]); i++) {
        const struct kind_row *row = &kind_rows[i];
        if (strcmp(row->word, word) != 0)
            continue;
        if (row->takes_text != (rest[0] != '\0'))
            return row->takes_text ? "a text is missing" : "this pattern takes no text";
        out->kind = row->kind;
        out->text = rest;
        return check_text(out);
    }
    return "a pattern is one of: word, line, start, has, json, http, address, empty, wait-code; "
           "before "
           "it: account, value, wait DURATION";
}

const char *reply_rule_parse(char *line, enum ddns_verdict verdict, struct reply_rule *out)
{
    *out = (struct reply_rule){.verdict = verdict};
    char *meaning = strstr(line, " => ");
    if (meaning) {
        *meaning = '\0';
        out->meaning = skip_space(meaning + 4);
    }
    cut_end(line);
    char *rest = skip_space(line);
    for (;;) {
        char *word = take_word(&rest);
        if (strcmp(word, "account") == 0) {
            out->account = true;
        } else if (strcmp(word, "value") == 0) {
            out->this_value = true;
        } else if (strcmp(word, "wait") == 0) {
            if (!duration_parse(take_word(&rest), &out->wait_ms) || out->wait_ms > WAIT_MAX_MS)
                return "wait takes a duration of at most 7 days";
        } else {
            return take_kind(word, rest, out);
        }
    }
}

/* --- matching --- */

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool same(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

static bool is_space(char c)
{
    return c != '\0' && strchr(SPACE, c);
}

/* Without the space at both ends. */
static struct reply_facts trimmed(const char *text, size_t len)
{
    while (len > 0 && is_space(text[0])) {
        text++;
        len--;
    }
    while (len > 0 && is_space(text[len - 1]))
        len--;
    return (struct reply_facts){.body = text, .len = len};
}

/* The next word of *text; its length is returned and *text moved to its start. */
static size_t word_at(const char **text, const char *end)
{
    size_t len = 0;
    while (*text < end && is_space(**text))
        (*text)++;
    while (*text + len < end && (*text)[len] && !is_space((*text)[len]))
        len++;
    return len;
}

static bool match_words(const struct reply_facts *facts, const char *words)
{
    const char *at = facts->body, *end = at + facts->len;
    const char *want = words, *want_end = words + strlen(words);
    for (;;) {
        size_t want_len = word_at(&want, want_end);
        if (want_len == 0)
            return true;
        size_t len = word_at(&at, end);
        if (len != want_len || !same(at, want, len))
            return false;
        at += len;
        want += want_len;
    }
}

static bool match_line(const struct reply_facts *facts, const char *text)
{
    size_t want = strlen(text);
    const char *end = facts->body + facts->len;
    for (const char *line = facts->body; line < end;) {
        size_t width = 0;
        while (line + width < end && line[width] != '\n' && line[width] != '\r')
            width++;
        struct reply_facts part = trimmed(line, width);
        if (part.len == want && same(part.body, text, want))
            return true;
        line += width + 1;
    }
    return false;
}

static bool match_start(const struct reply_facts *facts, const char *text)
{
    struct reply_facts body = trimmed(facts->body, facts->len);
    size_t want = strlen(text);
    return body.len >= want && same(body.body, text, want);
}

static bool match_has(const struct reply_facts *facts, const char *text)
{
    size_t want = strlen(text);
    for (size_t i = 0; i + want <= facts->len; i++)
        if (same(facts->body + i, text, want))
            return true;
    return false;
}

static bool match_address(const struct reply_facts *facts)
{
    struct reply_facts body = trimmed(facts->body, facts->len);
    for (size_t i = 0; i < 2; i++)
        if (facts->sent[i] && body.len == strlen(facts->sent[i]) &&
            same(body.body, facts->sent[i], body.len))
            return true;
    return false;
}

/* One step of "a.b.0" into value. */
static const json_t *step_into(const json_t *value, const char *name)
{
    uint64_t index;
    if (json_is_array(value))
        return str_to_uint(name, 1000, &index) ? json_array_get(value, (size_t)index) : NULL;
    return json_object_get(value, name);
}

static bool json_is(const json_t *value, const char *text)
{
    char number[32];
    if (json_is_string(value))
        return str_equal_nocase(json_string_value(value), text);
    if (json_is_integer(value)) {
        snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
        return strcmp(number, text) == 0;
    }
    if (json_is_boolean(value))
        return strcmp(text, json_is_true(value) ? "true" : "false") == 0;
    return json_is_null(value) && strcmp(text, "null") == 0;
}

static bool match_json(const struct reply_facts *facts, const char *text)
{
    json_error_t error;
    char name[REPLY_TEXT_MAX + 1];
    json_t *root = json_loadb(facts->body, facts->len, 0, &error);
    const json_t *value = root;
    size_t len = 0;
    for (; value; text += len + 1) {
        len = strcspn(text, ".=");
        if (!str_ncopy(name, sizeof(name), text, len))
            value = NULL;
        else
            value = step_into(value, name);
        if (text[len] == '=')
            break;
    }
    bool found = value && json_is(value, text + len + 1);
    json_decref(root);
    return found;
}

static bool match_http(const struct reply_facts *facts, const char *text)
{
    if (text[1] == 'x')
        return facts->status / 100 == text[0] - '0';
    return facts->status == (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
}

/* "w30m": the provider asks to wait for 30 minutes. */
static bool match_wait(const struct reply_facts *facts, int64_t *wait_ms)
{
    char digits[8];
    uint64_t count;
    const char *word = facts->body;
    size_t len = word_at(&word, facts->body + facts->len);
    if (len < 3 || lower(word[0]) != 'w' || !str_ncopy(digits, sizeof(digits), word + 1, len - 2) ||
        !str_to_uint(digits, 99999, &count))
        return false;
    char unit = word[len - 1];
    int64_t each = unit == 'h' ? 60 * MINUTE_MS : unit == 'm' ? MINUTE_MS : unit == 's' ? 1000 : 0;
    *wait_ms = (int64_t)count * each < WAIT_MAX_MS ? (int64_t)count * each : WAIT_MAX_MS;
    return each > 0;
}

bool reply_is_html(const char *body, size_t len)
{
    size_t at = 0;
    while (at < len && memchr(" \t\r\n\xef\xbb\xbf", body[at], 7))
        at++;
    return at < len && body[at] == '<';
}

static bool matches(const struct reply_rule *rule, const struct reply_facts *facts,
                    int64_t *wait_ms)
{
    switch (rule->kind) {
    case REPLY_WORD:
        return match_words(facts, rule->text);
    case REPLY_LINE:
        return match_line(facts, rule->text);
    case REPLY_START:
        return match_start(facts, rule->text);
    case REPLY_HAS:
        return match_has(facts, rule->text);
    case REPLY_JSON:
        return match_json(facts, rule->text);
    case REPLY_ADDRESS:
        return match_address(facts);
    case REPLY_EMPTY:
        return trimmed(facts->body, facts->len).len == 0;
    case REPLY_HTTP:
        return match_http(facts, rule->text);
    case REPLY_WAIT:
        return match_wait(facts, wait_ms);
    }
    return false;
}

static void tell(const struct reply_rule *rule, const struct reply_facts *facts,
                 struct ddns_answer *out)
{
    char word[32];
    const char *at = facts->body;
    size_t len = word_at(&at, facts->body + facts->len);
    const char *text = rule->text;
    if (rule->kind == REPLY_WAIT)
        text = str_printable(word, sizeof(word), at, len);
    else if (rule->kind == REPLY_ADDRESS)
        text = "the address";
    else if (rule->kind == REPLY_EMPTY)
        text = "empty reply";
    else if (rule->kind == REPLY_HTTP && snprintf(word, sizeof(word), "HTTP %d", facts->status) > 0)
        text = word;
    str_append(out->text, sizeof(out->text), "%s%s%s%s", text, rule->meaning ? " (" : "",
               rule->meaning ? rule->meaning : "", rule->meaning ? ")" : "");
}

bool reply_judge(const struct reply_rule *rules, size_t count, const struct reply_facts *facts,
                 struct ddns_answer *out)
{
    bool html = reply_is_html(facts->body, facts->len);
    for (size_t i = 0; i < count; i++) {
        const struct reply_rule *rule = &rules[i];
        bool success = ddns_verdict_is_success(rule->verdict);
        int64_t wait_ms = rule->wait_ms;
        if ((html && success && rule->kind == REPLY_HTTP) || !matches(rule, facts, &wait_ms))
            continue;
        out->verdict = rule->verdict;
        out->account = rule->account;
        out->this_value = rule->this_value;
        out->wait_ms = wait_ms;
        tell(rule, facts, out);
        return true;
    }
    return false;
}
