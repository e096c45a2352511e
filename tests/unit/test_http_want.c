/* SPDX-License-Identifier: ISC
 *
 * Options of HTTP probes, and which replies are as expected.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/mem.h"
#include "probes/http_request.h"
#include "probes/http_want.h"

/* --- options --- */

static void options_are_read(void **state)
{
    struct http_want *want = mem_zalloc(sizeof *want);
    (void)state;
    assert_null(http_want_option(want, "method", "HEAD"));
    assert_null(http_want_option(want, "host-header", "www.example.com:8080"));
    assert_null(http_want_option(want, "headers", "X-One:1"));
    assert_null(http_want_option(want, "header", "X-Two:  two words"));
    assert_null(http_want_option(want, "expect-status", "200,3xx"));
    assert_null(http_want_option(want, "expect-status", "400-4xx"));
    assert_null(http_want_option(want, "expect-text", "it works"));
    assert_null(http_want_option(want, "expect-regex", "^it (works|runs)$"));
    assert_null(http_want_option(want, "max-body", "64k"));
    assert_string_equal(want->method, "HEAD");
    assert_string_equal(want->host_header, "www.example.com:8080");
    assert_string_equal(want->headers, "X-One: 1\r\nX-Two: two words\r\n");
    assert_int_equal(want->status_count, 3);
    assert_true(want->statuses[1].low == 300 && want->statuses[1].high == 399);
    assert_true(want->statuses[2].low == 400 && want->statuses[2].high == 499);
    assert_int_equal(want->max_body, 65536);
    assert_null(http_want_option(want, "max-body", "1024M"));
    assert_int_equal(want->max_body, 1u << 30);
    http_want_free(want);
}

static void wrong_options_are_refused(void **state)
{
    static const struct {
        const char *name, *text;
    } rows[] = {
        {"method", ""},
        {"method", "get"},
        {"method", "CONNECT"},
        {"method", "GET /"},
        {"method", "AVERYLONGMETHODNAME"},
        {"host-header", "a b"},
        {"host-header", ""},
        {"host-header", "a\r\nX: y"},
        {"headers", "no colon"},
        {"headers", ": value"},
        {"headers", "Na me: value"},
        {"headers", "X: a\r\nY: b"},
        {"headers", "host: other"},
        {"headers", "Content-Length: 3"},
        {"headers", "transfer-encoding: chunked"},
        {"expect-status", ""},
        {"expect-status", "99"},
        {"expect-status", "600"},
        {"expect-status", "2x0"},
        {"expect-status", "2xx,x"},
        {"expect-status", "300-200"},
        {"expect-status", "200-"},
        {"expect-status", "200-299-300"},
        {"expect-text", ""},
        {"expect-regex", ""},
        {"expect-regex", "(a"},
        {"expect-regex", "(a)\\1"},
        {"expect-regex", "\\\\{2}"},
        {"expect-regex", "a{1,9}"},
        {"max-body", ""},
        {"max-body", "0"},
        {"max-body", "-1"},
        {"max-body", "10G"},
        {"max-body", "1025M"},
        {"max-body", "9999999999999999"},
        {"unknown", "x"},
    };
    struct http_want *want = mem_zalloc(sizeof *want);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!http_want_option(want, rows[i].name, rows[i].text))
            fail_msg("%s \"%s\" is taken", rows[i].name, rows[i].text);
    assert_null(http_want_option(want, "expect-regex", "\\{\"ok\"\\}"));
    assert_null(http_want_path("/a?b=c"));
    assert_non_null(http_want_path("a"));
    assert_non_null(http_want_path("/a b"));
    assert_non_null(http_want_path("/a#b"));
    http_want_free(want);
}

static void headers_and_statuses_are_bounded(void **state)
{
    struct http_want *want = mem_zalloc(sizeof *want);
    char header[1003] = "X:";
    unsigned taken = 0;
    (void)state;
    memset(header + 2, 'x', 1000);
    while (taken < 100 && !http_want_option(want, "headers", header))
        taken++;
    assert_int_equal(taken, 8);
    for (taken = 0; taken < 100 && !http_want_option(want, "expect-status", "200");)
        taken++;
    assert_int_equal(taken, HTTP_WANT_RANGES);
    http_want_free(want);
}

static void wants_are_compared(void **state)
{
    static const char *const rows[][2] = {{"method", "HEAD"},          {"headers", "A: b"},
                                          {"expect-status", "200"},    {"expect-text", "t"},
                                          {"expect-regex", "r"},       {"max-body", "5"},
                                          {"host-header", "h.example"}};
    (void)state;
    assert_true(http_want_equal(NULL, NULL));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_want *a = mem_zalloc(sizeof *a), *b = mem_zalloc(sizeof *b);
        assert_true(http_want_equal(a, b));
        assert_false(http_want_equal(a, NULL));
        assert_null(http_want_option(a, rows[i][0], rows[i][1]));
        assert_false(http_want_equal(a, b));
        assert_null(http_want_option(b, rows[i][0], rows[i][1]));
        assert_true(http_want_equal(a, b));
        http_want_free(a);
        http_want_free(b);
    }
}

/* --- judging --- */

static enum outcome judge(const char *name, const char *text, const struct http_seen *seen)
{
    struct http_want *want = mem_zalloc(sizeof *want);
    char detail[160];
    if (name)
        assert_null(http_want_option(want, name, text));
    enum outcome outcome = http_want_judge(want, seen, detail, sizeof detail);
    assert_true((outcome == OUTCOME_OK) == (detail[0] == '\0'));
    http_want_free(want);
    return outcome;
}

static void statuses_are_judged(void **state)
{
    static const struct {
        const char *expected;
        int status;
        enum outcome outcome;
    } rows[] = {
        {NULL, 200, OUTCOME_OK},
        {NULL, 204, OUTCOME_OK},
        {NULL, 304, OUTCOME_OK},
        {NULL, 400, OUTCOME_HTTP_STATUS},
        {NULL, 404, OUTCOME_HTTP_STATUS},
        {NULL, 503, OUTCOME_HTTP_STATUS},
        {"200", 200, OUTCOME_OK},
        {"200", 201, OUTCOME_HTTP_STATUS},
        {"401,403", 403, OUTCOME_OK},
        {"401,403", 402, OUTCOME_HTTP_STATUS},
        {"4xx", 499, OUTCOME_OK},
        {"200-204", 204, OUTCOME_OK},
        {"200-204", 205, OUTCOME_HTTP_STATUS},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_seen seen = {
            .host = "a.example", .status = rows[i].status, .location = "", .body = ""};
        assert_int_equal(judge(rows[i].expected ? "expect-status" : NULL, rows[i].expected, &seen),
                         rows[i].outcome);
    }
}

static void redirects_are_judged(void **state)
{
    static const struct {
        bool tls;
        const char *location;
        enum outcome outcome;
    } rows[] = {
        {true, "/login", OUTCOME_OK},
        {true, "login?to=http://b.example/", OUTCOME_OK},
        {true, "https://a.example/", OUTCOME_OK},
        {true, "HTTPS://A.Example:8443", OUTCOME_OK},
        {true, "https://www.a.example/", OUTCOME_OK},
        {false, "https://a.example/", OUTCOME_OK},
        {false, "http://a.example./x", OUTCOME_OK},
        {true, "//a.example/", OUTCOME_OK},
        {true, "//b.example/", OUTCOME_HTTP_REDIRECT},
        {true, "http://a.example/", OUTCOME_HTTP_REDIRECT},
        {true, "https://b.example/", OUTCOME_HTTP_REDIRECT},
        {true, "https://a.example.b.example/", OUTCOME_HTTP_REDIRECT},
        {true, "https://a.example@b.example/", OUTCOME_HTTP_REDIRECT},
        {true, "https://x@a.example/", OUTCOME_OK},
        {true, "https://[2001:db8::1]/", OUTCOME_HTTP_REDIRECT},
        {true, "https://", OUTCOME_HTTP_REDIRECT},
        {true, "https://[", OUTCOME_HTTP_REDIRECT},
        {false, "ftp://a.example/", OUTCOME_HTTP_REDIRECT},
        {false, "javascript:1", OUTCOME_HTTP_REDIRECT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_seen seen = {.host = "a.example",
                                 .tls = rows[i].tls,
                                 .status = 302,
                                 .location = rows[i].location,
                                 .body = ""};
        if (judge(NULL, NULL, &seen) != rows[i].outcome)
            fail_msg("%s", rows[i].location);
        assert_int_equal(judge("expect-status", "302", &seen), OUTCOME_OK);
        assert_int_equal(judge("expect-status", "200", &seen), OUTCOME_HTTP_STATUS);
    }
}

static void text_is_judged(void **state)
{
    static const char body[] = "first\nit works\0hidden\nlast";
    struct http_seen seen = {.host = "a.example",
                             .status = 200,
                             .location = "",
                             .body = body,
                             .body_len = sizeof body - 1,
                             .body_bytes = sizeof body - 1};
    (void)state;
    assert_int_equal(judge("expect-text", "it works", &seen), OUTCOME_OK);
    assert_int_equal(judge("expect-text", "hidden", &seen), OUTCOME_OK); /* behind a NUL byte */
    assert_int_equal(judge("expect-text", "It works", &seen), OUTCOME_HTTP_TEXT_MISSING);
    assert_int_equal(judge("expect-regex", "^it w.*s$", &seen), OUTCOME_OK);
    assert_int_equal(judge("expect-regex", "^last$", &seen), OUTCOME_OK);
    assert_int_equal(judge("expect-regex", "^works", &seen), OUTCOME_HTTP_TEXT_MISSING);
    seen.status = 500; /* the status comes first */
    assert_int_equal(judge("expect-text", "it works", &seen), OUTCOME_HTTP_STATUS);
}

/* --- requests --- */

static void requests_are_written(void **state)
{
    struct http_request request = {.method = "POST",
                                   .target = "/a?b",
                                   .host = "2001:db8::1",
                                   .port = 8080,
                                   .headers = "X-One: 1\r\n"};
    struct buf out;
    (void)state;
    assert_true(http_request_build(&request, &out));
    assert_string_equal(buf_text(&out), "POST /a?b HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n"
                                        "User-Agent: reachd/" PACKAGE_VERSION "\r\nAccept: */*\r\n"
                                        "Connection: close\r\nContent-Length: 0\r\n"
                                        "X-One: 1\r\n\r\n");
    buf_clear(&out);
    request = (struct http_request){.method = "GET",
                                    .target = "/",
                                    .host = "a.example",
                                    .port = 443,
                                    .tls = true,
                                    .host_header = "b.example"};
    assert_true(http_request_build(&request, &out));
    assert_non_null(strstr(buf_text(&out), "\r\nHost: b.example\r\n"));
    assert_null(strstr(buf_text(&out), "Content-Length"));
    buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_read),
        cmocka_unit_test(wrong_options_are_refused),
        cmocka_unit_test(headers_and_statuses_are_bounded),
        cmocka_unit_test(wants_are_compared),
        cmocka_unit_test(statuses_are_judged),
        cmocka_unit_test(redirects_are_judged),
        cmocka_unit_test(text_is_judged),
        cmocka_unit_test(requests_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
