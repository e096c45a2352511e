/* SPDX-License-Identifier: ISC
 *
 * The options of HTTP probes: their syntax and bounds. Not its job: judging (http_judge.c).
 */
#include "probes/http_want.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ere.h"
#include "lib/hostport.h"
#include "lib/mem.h"
#include "lib/str.h"

#define MAX_METHOD  16
#define MAX_HEADERS 8192
#define MAX_TEXT    1024
#define MAX_PATH    2047
#define MAX_BODY    (1u << 30)

static void put(char **slot, const char *text)
{
    free(*slot);
    *slot = mem_strdup(text);
}

/* Printable ASCII, and in a header value also what is beyond it. */
static bool is_clean(const char *text, bool beyond, bool space)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < ' ' || c == 0x7f || (c > 0x7f && !beyond) || (c == ' ' && !space))
            return false;
    }
    return true;
}

static const char *set_method(struct http_want *want, const char *text)
{
    size_t len = strlen(text);
    for (const char *c = text; *c; c++)
        if (*c < 'A' || *c > 'Z')
            return "a method is written in capital letters: GET, HEAD, POST";
    if (len == 0 || len > MAX_METHOD)
        return "a method has 1 to 16 letters";
    if (strcmp(text, "CONNECT") == 0)
        return "CONNECT is for proxies";
    put(&want->method, text);
    return NULL;
}

static const char *set_host(struct http_want *want, const char *text)
{
    struct hostport parsed;
    const char *problem = hostport_parse(text, 80, &parsed);
    if (!problem)
        put(&want->host_header, text);
    return problem;
}

const char *http_want_path(const char *text)
{
    if (text[0] != '/')
        return "a path begins with '/'";
    if (strchr(text, '#'))
        return "a '#' must be written as %23";
    if (!is_clean(text, false, false))
        return "spaces, control and non-ASCII characters must be percent-encoded";
    return strlen(text) <= MAX_PATH ? NULL : "it is too long";
}

static bool is_token_char(unsigned char c)
{
    return c > ' ' && c < 0x7f && !strchr("\"(),/:;<=>?@[\\]{}", c);
}

/* Fields that frame the message or that have an option of their own. */
static const char *check_field(const char *name)
{
    static const char *const ours[] = {
        "Content-Length", "Transfer-Encoding", "Connection", "TE", "Upgrade", "Expect", "Trailer"};
    if (str_equal_nocase(name, "Host"))
        return "Host has an option of its own";
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (str_equal_nocase(name, ours[i]))
            return "this header belongs to the transport and can't be set";
    return NULL;
}

static const char *set_header(struct http_want *want, const char *text)
{
    char name[64];
    size_t len = 0;
    while (is_token_char((unsigned char)text[len]))
        len++;
    if (len == 0 || text[len] != ':')
        return "a header is written as \"Name: value\"";
    if (!str_ncopy(name, sizeof name, text, len))
        return "the name of this header is too long";
    const char *problem = check_field(name);
    if (problem)
        return problem;
    const char *value = text + len + 1;
    value += strspn(value, " \t");
    if (!is_clean(value, true, true))
        return "a header holds no control characters";
    size_t had = want->headers ? strlen(want->headers) : 0;
    if (had + strlen(text) > MAX_HEADERS)
        return "the headers are too long";
    char *all = mem_printf("%s%s: %s\r\n", had ? want->headers : "", name, value);
    mem_free_secret(want->headers);
    want->headers = all;
    return NULL;
}

static const char status_form[] = "a status is written as 200, 2xx or 200-299";

static bool read_status(const char *text, size_t len, uint16_t *low, uint16_t *high)
{
    if (len != 3 || text[0] < '1' || text[0] > '5')
        return false;
    *low = *high = (uint16_t)((text[0] - '0') * 100);
    if (text[1] == 'x' && text[2] == 'x') {
        *high = (uint16_t)(*low + 99);
        return true;
    }
    if (!isdigit((unsigned char)text[1]) || !isdigit((unsigned char)text[2]))
        return false;
    *low = *high = (uint16_t)(*low + (text[1] - '0') * 10 + text[2] - '0');
    return true;
}

static const char *add_status(struct http_want *want, const char *text)
{
    struct http_range range, end;
    size_t len = strcspn(text, "-");
    if (!read_status(text, len, &range.low, &range.high))
        return status_form;
    if (text[len]) {
        if (!read_status(text + len + 1, strlen(text + len + 1), &end.low, &end.high) ||
            end.high < range.low)
            return status_form;
        range.high = end.high;
    }
    if (want->status_count == HTTP_WANT_RANGES)
        return "there are too many statuses: write ranges";
    want->statuses[want->status_count++] = range;
    return NULL;
}

/* One, or several with commas between them. */
static const char *set_status(struct http_want *want, const char *text)
{
    char one[16];
    const char *problem = NULL;
    do {
        size_t len = strcspn(text, ",");
        problem = str_ncopy(one, sizeof one, text, len) ? add_status(want, one) : status_form;
        text += len + (text[len] != '\0');
    } while (!problem && *text);
    return problem;
}

static const char *set_text(struct http_want *want, const char *text)
{
    if (*text == '\0' || strlen(text) > MAX_TEXT)
        return "the text has 1 to 1024 bytes";
    put(&want->text, text);
    return NULL;
}

static const char *set_regex(struct http_want *want, const char *text)
{
    const char *problem;
    struct ere *ere = ere_new(text, &problem);
    if (!ere)
        return problem;
    ere_free(ere);
    put(&want->regex, text);
    return NULL;
}

static const char *set_max_body(struct http_want *want, const char *text)
{
    char number[16];
    uint64_t value;
    size_t digits = strspn(text, "0123456789");
    const char *unit = text + digits;
    unsigned shift = str_equal_nocase(unit, "k") ? 10 : str_equal_nocase(unit, "M") ? 20 : 0;
    if (!str_ncopy(number, sizeof number, text, digits) ||
        !str_to_uint(number, MAX_BODY >> shift, &value) || value == 0 || (*unit && shift == 0))
        return "a size is written as 4096, 64k or 10M, at most 1024M";
    want->max_body = (uint32_t)(value << shift);
    return NULL;
}

const char *http_want_option(struct http_want *want, const char *name, const char *text)
{
    static const struct {
        const char *name;
        const char *(*set)(struct http_want *want, const char *text);
    } options[] = {
        {"method", set_method},      {"header", set_header},        {"headers", set_header},
        {"host-header", set_host},   {"expect-status", set_status}, {"expect-text", set_text},
        {"expect-regex", set_regex}, {"max-body", set_max_body},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (strcmp(options[i].name, name) == 0)
            return options[i].set(want, text);
    return "there is no such option";
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool http_want_equal(const struct http_want *a, const struct http_want *b)
{
    if (!a || !b)
        return a == b;
    return same(a->method, b->method) && same(a->host_header, b->host_header) &&
           same(a->headers, b->headers) && same(a->text, b->text) && same(a->regex, b->regex) &&
           a->max_body == b->max_body && a->status_count == b->status_count &&
           memcmp(a->statuses, b->statuses, sizeof a->statuses) == 0;
}

void http_want_free(struct http_want *want)
{
    if (!want)
        return;
    free(want->method);
    free(want->host_header);
    mem_free_secret(want->headers);
    free(want->text);
    free(want->regex);
    free(want);
}
