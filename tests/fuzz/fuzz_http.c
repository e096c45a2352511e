/* SPDX-License-Identifier: ISC
 *
 * An HTTP reply as it arrives: whole, byte by byte and in uneven pieces, which must all end in the
 * same; and with what else is made of its text.
 */
#include "probes/http.h"
#include "tests/fuzz/fuzz.h"

#define MAX_BODY 4096
#define NOW_MS   INT64_C(1767225600000) /* 2026 */
#define WEEK_S   (7 * 24 * 3600)

/* Piece lengths: step 0 is all at once, 1 byte by byte, others uneven. */
static size_t piece(size_t step, size_t at, size_t left)
{
    size_t want = step == 0 ? left : step == 1 ? 1 : 1 + (at * 2654435761u >> 7) % step;
    return want < left ? want : left;
}

static struct http_parser *parse(const uint8_t *data, size_t size, bool head, size_t step,
                                 enum http_state *end)
{
    struct http_parser *parser = http_parser_new(head, MAX_BODY);
    enum http_state state = HTTP_MORE;
    for (size_t at = 0; at < size;) {
        size_t len = piece(step, at, size - at);
        /* exact copies, so that reading past a piece is seen */
        uint8_t *copy = malloc(len);
        MUST(copy);
        memcpy(copy, data + at, len);
        enum http_state next = http_parser_feed(parser, copy, len);
        free(copy);
        MUST(state == HTTP_MORE || next == state); /* what is over stays so */
        MUST(next != HTTP_TRUNCATED);
        if (state != HTTP_MORE)
            break; /* it was fed once more after its end: enough */
        state = next;
        at += len;
    }
    *end = http_parser_end(parser);
    MUST(state == HTTP_MORE || *end == state);
    MUST(*end != HTTP_MORE);
    return parser;
}

static void check_reply(struct http_parser *parser, enum http_state state)
{
    int status = http_parser_status(parser);
    int64_t wait_s = http_parser_retry_after_s(parser, NOW_MS);
    size_t len;
    const char *body = http_parser_body(parser, &len);
    MUST(len <= MAX_BODY && body[len] == '\0');
    MUST(status == 0 || (status >= 100 && status <= 599));
    MUST(state != HTTP_DONE || status >= 200);
    MUST(wait_s >= -1 && wait_s <= WEEK_S);
    MUST(fuzz_is_clean(http_parser_location(parser), HTTP_LOCATION_LEN));
}

static void check_same(struct http_parser *a, struct http_parser *b)
{
    size_t len_a, len_b;
    const char *body_a = http_parser_body(a, &len_a), *body_b = http_parser_body(b, &len_b);
    MUST(len_a == len_b && memcmp(body_a, body_b, len_a) == 0);
    MUST(http_parser_status(a) == http_parser_status(b));
    MUST(http_parser_date_ms(a) == http_parser_date_ms(b));
    MUST(http_parser_retry_after_s(a, NOW_MS) == http_parser_retry_after_s(b, NOW_MS));
    MUST(strcmp(http_parser_location(a), http_parser_location(b)) == 0);
}

static void check_pieces(const uint8_t *data, size_t size, bool head)
{
    static const size_t steps[] = {1, 7, 200};
    enum http_state whole, cut;
    struct http_parser *a = parse(data, size, head, 0, &whole);
    check_reply(a, whole);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct http_parser *b = parse(data, size, head, steps[i], &cut);
        MUST(whole == cut);
        check_same(a, b);
        http_parser_free(b);
    }
    http_parser_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_pieces(data, size, false);
    check_pieces(data, size, true);
    return 0;
}
