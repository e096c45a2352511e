/* SPDX-License-Identifier: ISC
 *
 * HTTP/1.1 replies. Owns: the framing (RFC 9112) and the few header fields that we use. Not its
 * job: the connection, redirects, content codings.
 *
 * Strict where a doubt would be read differently by others (status line, lengths, chunk sizes),
 * lenient about a bare LF and reason phrases.
 */
#include "probes/http.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/str.h"

#define MAX_CHUNK_LINE    1024
#define RETRY_AFTER_MAX_S (7 * 24 * 3600)

enum phase {
    PHASE_STATUS,
    PHASE_HEADER,
    PHASE_LENGTH, /* body of a known length */
    PHASE_STREAM, /* body until the connection closes */
    PHASE_CHUNK_SIZE,
    PHASE_CHUNK_DATA,
    PHASE_CHUNK_END,
    PHASE_TRAILER,
    PHASE_OVER,
};

struct http_parser {
    enum phase phase;
    enum http_state state; /* when PHASE_OVER */
    bool head_request;
    size_t head_used; /* bytes of all lines outside the body so far */
    struct buf line;
    struct buf body;     /* what is kept of it */
    uint64_t max_body;   /* allowed */
    uint64_t body_bytes; /* arrived */
    int status;
    bool has_length;
    bool chunked;
    bool framing_line; /* the last header line may not be continued */
    bool first_line;   /* no header line yet */
    uint64_t left;     /* of the body or the chunk */
    char retry_after[64];
    char date[64];
    char location[HTTP_LOCATION_LEN];
};

struct http_parser *http_parser_new(bool head_request, size_t max_body)
{
    struct http_parser *parser = mem_zalloc(sizeof(*parser));
    parser->head_request = head_request;
    buf_init(&parser->line, HTTP_MAX_HEAD);
    parser->max_body = max_body;
    buf_init(&parser->body, max_body);
    return parser;
}

void http_parser_keep(struct http_parser *parser, size_t keep)
{
    if (keep < parser->body.max)
        buf_init(&parser->body, keep);
}

void http_parser_free(struct http_parser *parser)
{
    if (!parser)
        return;
    buf_clear(&parser->line);
    buf_clear(&parser->body);
    free(parser);
}

static void end_with(struct http_parser *p, enum http_state state)
{
    p->phase = PHASE_OVER;
    p->state = state;
}

/* --- status line --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void forget_head(struct http_parser *p)
{
    p->has_length = p->chunked = p->framing_line = false;
    p->first_line = true;
    p->left = 0;
    p->retry_after[0] = p->date[0] = p->location[0] = '\0';
}

static void on_status_line(struct http_parser *p, const char *line)
{
    /* "HTTP/1.1 200 OK"; the reason and the space before it may be missing */
    bool good = str_starts(line, "HTTP/1.") && is_digit(line[7]) && line[8] == ' ' &&
                line[9] >= '1' && line[9] <= '5' && is_digit(line[10]) && is_digit(line[11]) &&
                (line[12] == '\0' || line[12] == ' ');
    if (!good) {
        end_with(p, HTTP_MALFORMED);
        return;
    }
    forget_head(p);
    p->status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    p->phase = PHASE_HEADER;
}

/* What cannot become a status line is not waited for: SSH and the like send no line end for long.
 */
static bool may_be_status_line(const struct buf *line)
{
    static const char start[] = "HTTP/1.";
    size_t len = line->len < sizeof(start) - 1 ? line->len : sizeof(start) - 1;
    return memcmp(line->data, start, len) == 0;
}

/* --- header lines --- */

static bool is_token(const char *text, size_t len)
{
    if (len == 0)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] >= 0x7f ||
            strchr("\"(),/:;<=>?@[\\]{}", text[i]))
            return false;
    return true;
}

/* "42", also "42, 42" (RFC 9110 section 8.6); anything else is refused. */
static bool take_length(struct http_parser *p, const char *value)
{
    char one[24];
    uint64_t length;
    for (;;) {
        size_t len = strcspn(value, ", \t");
        if (!str_ncopy(one, sizeof(one), value, len) || !str_to_uint(one, INT64_MAX, &length))
            return false;
        if (p->has_length && length != p->left)
            return false;
        p->has_length = true;
        p->left = length;
        value += len;
        value += strspn(value, " \t");
        if (*value == '\0')
            return true;
        if (*value++ != ',')
            return false;
        value += strspn(value, " \t");
    }
}

static bool on_field(struct http_parser *p, const char *name, const char *value)
{
    p->framing_line = false;
    if (str_equal_nocase(name, "Content-Length")) {
        p->framing_line = true;
        return take_length(p, value);
    }
    if (str_equal_nocase(name, "Transfer-Encoding")) {
        p->framing_line = true;
        if (p->chunked || !str_equal_nocase(value, "chunked"))
            return false;
        p->chunked = true;
        return true;
    }
    if (str_equal_nocase(name, "Retry-After") && !str_copy(p->retry_after, 64, value))
        p->retry_after[0] = '\0';
    if (str_equal_nocase(name, "Date") && !str_copy(p->date, 64, value))
        p->date[0] = '\0';
    if (str_equal_nocase(name, "Location")) {
        size_t len = strlen(value);
        str_printable(p->location, sizeof(p->location), value, len < HTTP_LOCATION_LEN ? len : 0);
    }
    return true;
}

static bool on_header_line(struct http_parser *p, char *line)
{
    if (*line == ' ' || *line == '\t') /* obs-fold: of no field that we use */
        return !p->first_line && !p->framing_line;
    p->first_line = false;
    char *colon = strchr(line, ':');
    if (!colon || !is_token(line, (size_t)(colon - line)))
        return false;
    *colon = '\0';
    char *value = colon + 1 + strspn(colon + 1, " \t");
    size_t len = strlen(value);
    while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
        value[--len] = '\0';
    return on_field(p, line, value);
}

/* The blank line after the header: what follows? */
static void on_head_end(struct http_parser *p)
{
    bool no_body = p->head_request || p->status == 204 || p->status == 304;
    if (p->status == 101 || (p->chunked && p->has_length)) {
        end_with(p, HTTP_MALFORMED); /* nobody asked to switch; two lengths are one too many */
    } else if (p->status < 200) {
        p->phase = PHASE_STATUS;
    } else if (no_body || (p->has_length && p->left == 0)) {
        end_with(p, HTTP_DONE);
    } else if (p->chunked) {
        p->phase = PHASE_CHUNK_SIZE;
    } else if (!p->has_length) {
        p->phase = PHASE_STREAM;
    } else if (p->left > p->max_body) {
        end_with(p, HTTP_TOO_LARGE);
    } else {
        p->phase = PHASE_LENGTH;
    }
}

/* --- chunks --- */

static int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void on_chunk_size(struct http_parser *p, const char *line)
{
    uint64_t size = 0;
    size_t digits = 0;
    for (; hex_value(line[digits]) >= 0; digits++) {
        if (size >> 60) {
            end_with(p, HTTP_MALFORMED);
            return;
        }
        size = size << 4 | (uint64_t)hex_value(line[digits]);
    }
    const char *rest = line + digits + strspn(line + digits, " \t");
    if (digits == 0 || (*rest && *rest != ';'))
        end_with(p, HTTP_MALFORMED);
    else if (size > p->max_body - p->body_bytes)
        end_with(p, HTTP_TOO_LARGE);
    else
        p->phase = size > 0 ? PHASE_CHUNK_DATA : PHASE_TRAILER;
    p->left = size;
}

/* --- feeding --- */

static void on_line(struct http_parser *p, char *line)
{
    switch (p->phase) {
    case PHASE_STATUS:
        on_status_line(p, line);
        break;
    case PHASE_HEADER:
        if (*line == '\0')
            on_head_end(p);
        else if (!on_header_line(p, line))
            end_with(p, HTTP_MALFORMED);
        break;
    case PHASE_CHUNK_SIZE:
        on_chunk_size(p, line);
        break;
    case PHASE_CHUNK_END:
        p->phase = PHASE_CHUNK_SIZE;
        if (*line)
            end_with(p, HTTP_MALFORMED);
        break;
    case PHASE_TRAILER:
        if (*line == '\0')
            end_with(p, HTTP_DONE);
        break;
    case PHASE_LENGTH:
    case PHASE_STREAM:
    case PHASE_CHUNK_DATA:
    case PHASE_OVER:
        break;
    }
}

/* The bound for the line at hand; chunk lines do not count against the head. */
static size_t line_bound(const struct http_parser *p)
{
    if (p->phase == PHASE_CHUNK_SIZE)
        return MAX_CHUNK_LINE;
    if (p->phase == PHASE_CHUNK_END)
        return 2;
    return HTTP_MAX_HEAD - p->head_used;
}

/* A line that cannot be right is refused before its end is seen. */
static enum http_state judge_part(const struct http_parser *p)
{
    if (p->phase == PHASE_STATUS && !may_be_status_line(&p->line))
        return HTTP_MALFORMED;
    if (p->phase == PHASE_CHUNK_END && p->line.len > 0 && p->line.data[0] != '\r')
        return HTTP_MALFORMED;
    return HTTP_MORE;
}

static void finish_line(struct http_parser *p)
{
    struct buf *line = &p->line;
    if (p->phase != PHASE_CHUNK_SIZE && p->phase != PHASE_CHUNK_END)
        p->head_used += line->len + 1;
    if (line->len > 0 && line->data[line->len - 1] == '\r')
        line->len--;
    bool clean = line->len == 0 ||
                 (!memchr(line->data, '\r', line->len) && !memchr(line->data, '\0', line->len));
    buf_text(line);
    if (clean)
        on_line(p, (char *)line->data);
    else
        end_with(p, HTTP_MALFORMED);
    line->len = 0;
}

/* Returns how much of data it used. */
static size_t feed_line(struct http_parser *p, const uint8_t *data, size_t len)
{
    const uint8_t *end = memchr(data, '\n', len);
    size_t take = end ? (size_t)(end - data) : len;
    size_t bound = line_bound(p);
    bool fits = p->line.len + take < bound;
    size_t keep = fits ? take : bound - (p->line.len < bound ? p->line.len : bound);
    buf_append(&p->line, data, keep);
    enum http_state judged = judge_part(p);
    if (judged != HTTP_MORE)
        end_with(p, judged);
    else if (!fits)
        end_with(p, p->phase == PHASE_CHUNK_END ? HTTP_MALFORMED : HTTP_TOO_LARGE);
    else if (end)
        finish_line(p);
    return take + (end ? 1 : 0);
}

static size_t feed_body(struct http_parser *p, const uint8_t *data, size_t len)
{
    bool counted = p->phase != PHASE_STREAM;
    size_t take = counted && p->left < len ? (size_t)p->left : len;
    uint64_t allowed = p->max_body - p->body_bytes;
    size_t good = take < allowed ? take : (size_t)allowed;
    size_t room = p->body.max - p->body.len;
    buf_append(&p->body, data, good < room ? good : room);
    p->body_bytes += good;
    if (take > good) {
        end_with(p, HTTP_TOO_LARGE);
        return take;
    }
    if (!counted)
        return take;
    p->left -= take;
    if (p->left == 0 && p->phase == PHASE_LENGTH)
        end_with(p, HTTP_DONE);
    else if (p->left == 0)
        p->phase = PHASE_CHUNK_END;
    return take;
}

static enum http_state state_of(const struct http_parser *p)
{
    return p->phase == PHASE_OVER ? p->state : HTTP_MORE;
}

enum http_state http_parser_feed(struct http_parser *p, const void *data, size_t len)
{
    const uint8_t *at = data;
    while (len > 0 && p->phase != PHASE_OVER) {
        bool body =
            p->phase == PHASE_LENGTH || p->phase == PHASE_STREAM || p->phase == PHASE_CHUNK_DATA;
        size_t used = body ? feed_body(p, at, len) : feed_line(p, at, len);
        at += used;
        len -= used;
    }
    return state_of(p);
}

enum http_state http_parser_end(struct http_parser *p)
{
    if (p->phase == PHASE_STREAM)
        end_with(p, HTTP_DONE);
    else if (p->phase != PHASE_OVER)
        end_with(p, HTTP_TRUNCATED);
    return p->state;
}

/* --- what it said --- */

int http_parser_status(const struct http_parser *parser)
{
    return parser->status;
}

int64_t http_parser_retry_after_s(const struct http_parser *parser, int64_t now_wall_ms)
{
    const char *text = parser->retry_after;
    int64_t at_ms, seconds;
    uint64_t number;
    if (text[0] != '\0' && strspn(text, "0123456789") == strlen(text))
        return str_to_uint(text, RETRY_AFTER_MAX_S, &number) ? (int64_t)number : RETRY_AFTER_MAX_S;
    if (!http_date_parse(text, &at_ms))
        return -1;
    seconds = at_ms <= now_wall_ms ? 0 : (at_ms - now_wall_ms + 999) / 1000;
    return seconds < RETRY_AFTER_MAX_S ? seconds : RETRY_AFTER_MAX_S;
}

const char *http_parser_location(const struct http_parser *parser)
{
    return parser->location;
}

int64_t http_parser_date_ms(const struct http_parser *parser)
{
    int64_t ms;
    return http_date_parse(parser->date, &ms) ? ms : 0;
}

const char *http_parser_body(struct http_parser *parser, size_t *len)
{
    if (len)
        *len = parser->body.len;
    return buf_text(&parser->body);
}

uint64_t http_parser_body_bytes(const struct http_parser *parser)
{
    return parser->body_bytes;
}
