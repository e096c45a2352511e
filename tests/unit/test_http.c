/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probes/http.h"

#define OK "HTTP/1.1 200 OK\r\n"

struct sample {
    const char *text;
    enum http_state state; /* after the end of the stream */
    const char *body;
    bool head;
};

static const struct sample samples[] = {
    {OK "Content-Length: 5\r\n\r\nhello", HTTP_DONE, "hello", false},
    {OK "content-length:5\r\n\r\nhello and more", HTTP_DONE, "hello", false},
    {OK "Content-Length: 5, 5\r\nContent-Length: 5\r\n\r\nhello", HTTP_DONE, "hello", false},
    {OK "Content-Length: 0\r\n\r\n", HTTP_DONE, "", false},
    {OK "\r\nuntil the end", HTTP_DONE, "until the end", false},
    {"HTTP/1.0 200\n\nbare line feeds", HTTP_DONE, "bare line feeds", false},
    {"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", HTTP_DONE, "", false},
    {"HTTP/1.1 304 \r\n\r\n", HTTP_DONE, "", false},
    {OK "Content-Length: 7\r\n\r\n", HTTP_DONE, "", true},
    {OK "Content-Length: 70000\r\n\r\n", HTTP_DONE, "", true},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLocation: /x\r\n\r\n" OK
     "Content-Length: 2\r\n\r\nok",
     HTTP_DONE, "ok", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;a=b\r\n!\r\n0\r\n\r\n", HTTP_DONE,
     "hello!", false},
    {OK "Transfer-Encoding: Chunked\n\n0005 \nhello\n0\nTrailer: x\n\n", HTTP_DONE, "hello", false},
    {"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", HTTP_DONE, "", false},
    {"HTTP/1.1 103 Early\r\nContent-Length: 1\r\n\r\n" OK "\r\nall", HTTP_DONE, "all", false},
    {OK "X: a\r\n folded\r\nContent-Length: 1\r\n\r\nx", HTTP_DONE, "x", false},
    /* cut */
    {"", HTTP_TRUNCATED, "", false},
    {"HTT", HTTP_TRUNCATED, "", false},
    {OK "Content-Len", HTTP_TRUNCATED, "", false},
    {OK "Content-Length: 5\r\n\r\nhell", HTTP_TRUNCATED, "hell", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", HTTP_TRUNCATED, "hello", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", HTTP_TRUNCATED, "hello", false},
    {"HTTP/1.1 100 Continue\r\n\r\n", HTTP_TRUNCATED, "", false},
    /* not HTTP */
    {"SSH-2.0-OpenSSH_9.2p1", HTTP_MALFORMED, "", false},
    {"\r\n" OK "\r\n", HTTP_MALFORMED, "", false},
    {"HTTP/2 200 OK\r\n\r\n", HTTP_MALFORMED, "", false},
    {"HTTP/1.1  200 OK\r\n\r\n", HTTP_MALFORMED, "", false},
    {"HTTP/1.1 20 OK\r\n\r\n", HTTP_MALFORMED, "", false},
    {"HTTP/1.1 2000\r\n\r\n", HTTP_MALFORMED, "", false},
    {"HTTP/1.1 099 x\r\n\r\n", HTTP_MALFORMED, "", false},
    {"HTTP/1.1 600 x\r\n\r\n", HTTP_MALFORMED, "", false},
    {"HTTP/1.1\r\n\r\n", HTTP_MALFORMED, "", false},
    {"HTTP/1.\r\n\r\n", HTTP_MALFORMED, "", false},
    {"http/1.1 200 OK\r\n\r\n", HTTP_MALFORMED, "", false},
    {"HTTP/1.1 101 Switching\r\n\r\n", HTTP_MALFORMED, "", false},
    {OK "No colon\r\n\r\n", HTTP_MALFORMED, "", false},
    {OK "Name : x\r\n\r\n", HTTP_MALFORMED, "", false},
    {OK ": x\r\n\r\n", HTTP_MALFORMED, "", false},
    {OK " folded: first\r\n\r\n", HTTP_MALFORMED, "", false},
    {OK "X: a\rb\r\n\r\n", HTTP_MALFORMED, "", false},
    {OK "Content-Length: 1\r\n 2\r\n\r\nx", HTTP_MALFORMED, "", false},
    {OK "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", HTTP_MALFORMED, "", false},
    {OK "Content-Length: 5, 6\r\n\r\nhello", HTTP_MALFORMED, "", false},
    {OK "Content-Length: -1\r\n\r\n", HTTP_MALFORMED, "", false},
    {OK "Content-Length: +1\r\n\r\n", HTTP_MALFORMED, "", false},
    {OK "Content-Length: \r\n\r\n", HTTP_MALFORMED, "", false},
    {OK "Content-Length: 99999999999999999999\r\n\r\n", HTTP_MALFORMED, "", false},
    {OK "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_MALFORMED, "", false},
    {OK "Transfer-Encoding: gzip\r\n\r\n", HTTP_MALFORMED, "", false},
    {OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_MALFORMED, "",
     false},
    {OK "Transfer-Encoding: chunked\r\n\r\nx\r\n", HTTP_MALFORMED, "", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n\r\n", HTTP_MALFORMED, "", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello", HTTP_MALFORMED, "", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n5 x\r\nhello", HTTP_MALFORMED, "", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello", HTTP_MALFORMED, "", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n", HTTP_MALFORMED, "hello", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n1ffffffffffffffff\r\n", HTTP_MALFORMED, "", false},
    /* too large for the 100 that the tests allow */
    {OK "Content-Length: 101\r\n\r\n", HTTP_TOO_LARGE, "", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n60\r\n", HTTP_TOO_LARGE, "hello", false},
    {OK "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", HTTP_TOO_LARGE, "", false},
};

static enum http_state feed(struct http_parser *parser, const char *text, size_t len, size_t step)
{
    enum http_state state = HTTP_MORE;
    for (size_t at = 0; at < len; at += step)
        state = http_parser_feed(parser, text + at, len - at < step ? len - at : step);
    return state == HTTP_MORE ? http_parser_end(parser) : state;
}

/* Whole, byte by byte and in other steps: always the same. */
static void replies(void **arg)
{
    static const size_t steps[] = {100000, 1, 2, 3, 7, 16};
    (void)arg;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        for (size_t s = 0; s < sizeof(steps) / sizeof(steps[0]); s++) {
            const struct sample *sample = &samples[i];
            struct http_parser *parser = http_parser_new(sample->head, 100);
            size_t len;
            enum http_state state = feed(parser, sample->text, strlen(sample->text), steps[s]);
            const char *body = http_parser_body(parser, &len);
            if (state != sample->state || strcmp(body, sample->body) != 0)
                fail_msg("sample %zu in steps of %zu: state %d, body \"%s\"", i, steps[s], state,
                         body);
            assert_int_equal(len, strlen(sample->body));
            http_parser_free(parser);
        }
    }
}

static void status_and_headers(void **arg)
{
    static const char text[] = "HTTP/1.1 302 Found\r\nLocation:  https://example.com/\x1b \r\n"
                               "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: 120\r\n"
                               "Content-Length: 0\r\n\r\n";
    struct http_parser *parser = http_parser_new(false, 10);
    (void)arg;
    assert_int_equal(http_parser_status(parser), 0);
    assert_int_equal(http_parser_retry_after_s(parser, 0), -1);
    assert_int_equal(http_parser_feed(parser, text, sizeof(text) - 1), HTTP_DONE);
    assert_int_equal(http_parser_status(parser), 302);
    assert_string_equal(http_parser_location(parser), "https://example.com/?");
    assert_true(http_parser_date_ms(parser) == INT64_C(784111777000));
    assert_int_equal(http_parser_retry_after_s(parser, 0), 120);
    http_parser_free(parser);
    http_parser_free(NULL);
}

static int64_t retry_after(const char *value, int64_t now_ms)
{
    struct http_parser *parser = http_parser_new(false, 10);
    char text[300];
    snprintf(text, sizeof(text), "HTTP/1.1 503 x\r\nRetry-After: %s\r\n\r\n", value);
    http_parser_feed(parser, text, strlen(text));
    int64_t seconds = http_parser_retry_after_s(parser, now_ms);
    http_parser_free(parser);
    return seconds;
}

static void retry_after_forms(void **arg)
{
    int64_t now = INT64_C(784111777000) - 60500;
    (void)arg;
    assert_int_equal(retry_after("0", now), 0);
    assert_int_equal(retry_after("99999999999999999999999", now), 7 * 86400);
    assert_int_equal(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), 61);
    assert_int_equal(retry_after("Sunday, 06-Nov-94 08:49:37 GMT", now), 61);
    assert_int_equal(retry_after("Sun Nov  6 08:49:37 1994", now), 61);
    assert_int_equal(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now + 100000), 0);
    assert_int_equal(retry_after("Sun, 06 Nov 2094 08:49:37 GMT", now), 7 * 86400);
    assert_int_equal(retry_after("-5", now), -1);
    assert_int_equal(retry_after("soon", now), -1);
    assert_int_equal(retry_after("", now), -1);
}

static void dates(void **arg)
{
    static const char *const bad[] = {
        "",
        "Sun",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 29 Feb 1900 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1969 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Xxx, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06 Nov 1994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
    };
    int64_t ms = 5;
    (void)arg;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(http_date_parse(bad[i], &ms));
    assert_int_equal(ms, 5);
    assert_true(http_date_parse("Thu, 01 Jan 1970 00:00:00 GMT", &ms));
    assert_true(ms == 0);
    assert_true(http_date_parse("Thu, 29 Feb 2024 23:59:60 GMT", &ms));
    assert_true(ms == INT64_C(1709251200000));
    assert_true(http_date_parse("Tuesday, 24-Nov-26 08:15:30 GMT", &ms));
    assert_true(ms == INT64_C(1795508130000));
}

/* A bound holds in one gulp and byte by byte. */
static void head_is_bounded(void **arg)
{
    static const size_t steps[] = {100000, 1};
    (void)arg;
    for (size_t s = 0; s < 2; s++) {
        struct http_parser *parser = http_parser_new(false, 10);
        static char text[HTTP_MAX_HEAD + 1000];
        memset(text, 'a', sizeof(text));
        memcpy(text, "HTTP/1.1 200 OK\r\nX: ", 20);
        assert_int_equal(feed(parser, text, sizeof(text), steps[s]), HTTP_TOO_LARGE);
        http_parser_free(parser);
        parser = http_parser_new(false, 10);
        enum http_state state = HTTP_MORE;
        for (int i = 0; i < 2000 && state == HTTP_MORE; i++) /* endless 1xx */
            state = http_parser_feed(parser, "HTTP/1.1 100 x\r\n\r\n", 18);
        assert_int_equal(state, HTTP_TOO_LARGE);
        http_parser_free(parser);
    }
}

/* The line of a chunk size has a bound of its own, and does not count against the head's. */
static void chunk_lines_are_bounded(void **arg)
{
    static char line[1100];
    struct http_parser *parser = http_parser_new(false, 100000);
    (void)arg;
    http_parser_feed(parser, OK "Transfer-Encoding: chunked\r\n\r\n",
                     strlen(OK "Transfer-Encoding: chunked\r\n\r\n"));
    memset(line, 'x', sizeof(line));
    memcpy(line, "1;", 2);
    memcpy(line + 1000, "\r\n.\r\n", 5);
    for (int i = 0; i < 100; i++)
        assert_int_equal(http_parser_feed(parser, line, 1005), HTTP_MORE);
    memset(line + 1000, 'x', 100);
    assert_int_equal(http_parser_feed(parser, line, sizeof(line)), HTTP_TOO_LARGE);
    http_parser_free(parser);
}

/* What an interim reply says is not said by the final one. */
static void interim_headers_are_forgotten(void **arg)
{
    static const char text[] =
        "HTTP/1.1 103 Early\r\nLocation: /x\r\nRetry-After: 9\r\n"
        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n" OK "Content-Length: 0\r\n\r\n";
    struct http_parser *parser = http_parser_new(false, 10);
    (void)arg;
    assert_int_equal(http_parser_feed(parser, text, sizeof(text) - 1), HTTP_DONE);
    assert_int_equal(http_parser_status(parser), 200);
    assert_string_equal(http_parser_location(parser), "");
    assert_int_equal(http_parser_retry_after_s(parser, 0), -1);
    assert_true(http_parser_date_ms(parser) == 0);
    http_parser_free(parser);
}

/* Half a URL would lead elsewhere. */
static void long_location_is_none(void **arg)
{
    (void)arg;
    for (size_t len = HTTP_LOCATION_LEN - 1; len <= HTTP_LOCATION_LEN; len++) {
        struct http_parser *parser = http_parser_new(false, 10);
        char url[HTTP_LOCATION_LEN + 1], text[HTTP_LOCATION_LEN + 100];
        memset(url, 'u', len);
        url[len] = '\0';
        snprintf(text, sizeof(text), "HTTP/1.1 302 x\r\nLocation: %s\r\n\r\n", url);
        http_parser_feed(parser, text, strlen(text));
        assert_string_equal(http_parser_location(parser), len < HTTP_LOCATION_LEN ? url : "");
        http_parser_free(parser);
    }
}

static void nul_is_refused(void **arg)
{
    static const char text[] = "HTTP/1.1 200 OK\0\r\n\r\n";
    struct http_parser *parser = http_parser_new(false, 10);
    (void)arg;
    assert_int_equal(http_parser_feed(parser, text, sizeof(text) - 1), HTTP_MALFORMED);
    http_parser_free(parser);
}

static void urls(void **arg)
{
    struct url url;
    (void)arg;
    assert_null(url_parse("https://Example.com", &url));
    assert_true(url.tls);
    assert_int_equal(url.port, 443);
    assert_string_equal(url.host, "example.com");
    assert_string_equal(url.target, "/");
    assert_null(url_parse("HTTP://example.com:8080/a/b?c=d&e=%20", &url));
    assert_false(url.tls);
    assert_int_equal(url.port, 8080);
    assert_string_equal(url.target, "/a/b?c=d&e=%20");
    assert_null(url_parse("http://[2001:DB8::1]:80?x", &url));
    assert_string_equal(url.host, "2001:db8::1");
    assert_true(addr_is_set(&url.literal));
    assert_string_equal(url.target, "/?x");
}

static void urls_refused(void **arg)
{
    static const char *const bad[] = {
        "",
        "example.com",
        "ftp://example.com/",
        "https://",
        "https:///x",
        "https://user@example.com/",
        "https://user:pass@example.com/",
        "https://2001:db8::1/",
        "https://[2001:db8::1/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com/a b",
        "https://example.com/a\r\nX: y",
        "https://example.com/\xc3\xa9",
        "https://example.com/#frag",
        "https://ex ample.com/",
    };
    struct url url = {.port = 7};
    char text[3000] = "http://example.com/";
    (void)arg;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (!url_parse(bad[i], &url))
            fail_msg("accepted: %s", bad[i]);
    memset(text + strlen(text), 'a', 2500);
    assert_non_null(url_parse(text, &url));
    assert_int_equal(url.port, 7);
}

static void encoding(void **arg)
{
    struct buf buf;
    (void)arg;
    buf_init(&buf, 40);
    assert_true(url_encode(&buf, "aZ09-._~"));
    assert_true(url_encode(&buf, "&= +%/\xc3\xa9"));
    assert_string_equal(buf_text(&buf), "aZ09-._~%26%3D%20%2B%25%2F%C3%A9");
    assert_false(url_encode(&buf, "abcdef&&&"));
    assert_int_equal(buf.len, 32);
    buf_clear(&buf);
}

static void only_a_part_is_kept(void **state)
{
    static const char head[] = "HTTP/1.1 200 OK\r\n\r\n";
    struct http_parser *p = http_parser_new(false, 100);
    char data[100];
    size_t len;
    (void)state;
    memset(data, 'x', sizeof data);
    http_parser_keep(p, 10);
    assert_int_equal(http_parser_feed(p, head, strlen(head)), HTTP_MORE);
    for (int i = 0; i < 4; i++)
        assert_int_equal(http_parser_feed(p, data, 25), HTTP_MORE);
    assert_int_equal(http_parser_body_bytes(p), 100);
    assert_string_equal(http_parser_body(p, &len), "xxxxxxxxxx");
    assert_int_equal(len, 10);
    assert_int_equal(http_parser_feed(p, data, 1), HTTP_TOO_LARGE);
    assert_int_equal(http_parser_body_bytes(p), 100);
    http_parser_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_part_is_kept),
        cmocka_unit_test(replies),
        cmocka_unit_test(status_and_headers),
        cmocka_unit_test(retry_after_forms),
        cmocka_unit_test(dates),
        cmocka_unit_test(head_is_bounded),
        cmocka_unit_test(chunk_lines_are_bounded),
        cmocka_unit_test(interim_headers_are_forgotten),
        cmocka_unit_test(long_location_is_none),
        cmocka_unit_test(nul_is_refused),
        cmocka_unit_test(urls),
        cmocka_unit_test(urls_refused),
        cmocka_unit_test(encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
