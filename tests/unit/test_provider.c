/* SPDX-License-Identifier: ISC
 *
 * ddns/provider.h: requests as built, and the recorded replies of tests/replay/providers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ddns/api.h"
#include "ddns/provider.h"
#include "ddns/providers/command.h"
#include "lib/str.h"
#include "tests/unit/samples.h"

/* --- requests --- */

static struct provider_input input_of(const char *host, const char *address)
{
    struct provider_input input = {.url = "https://ddns.test/x",
                                   .host = host,
                                   .domain = "example.test",
                                   .fqdn = "www.example.test",
                                   .user = "me",
                                   .password = "p&a=s+s%",
                                   .apex = "@"};
    struct addr addr;
    assert_true(addr_parse(address, &addr));
    input.addrs[addr_family(&addr)] = addr;
    return input;
}

static void check_url(const char *id, const struct provider_input *input, const char *expected)
{
    struct provider_request request = {0};
    provider_build(provider_find(id), input, &request);
    assert_string_equal(request.method, "GET");
    assert_string_equal(request.url, expected);
    provider_request_clear(&request);
    assert_null(request.url);
}

static void builds_value_domain(void **state)
{
    struct provider_input input = input_of("www", "203.0.113.9");
    (void)state;
    check_url("value-domain", &input,
              "https://ddns.test/x?d=example.test&p=p%26a%3Ds%2Bs%25&h=www&i=203.0.113.9");
    input = input_of("", "2001:db8::1");
    check_url("value-domain", &input,
              "https://ddns.test/x?d=example.test&p=p%26a%3Ds%2Bs%25&h=%40&i=2001%3Adb8%3A%3A1");
    input.apex = "";
    input.url = "https://ddns.test/x?v=1";
    input.password = "";
    check_url("value-domain", &input,
              "https://ddns.test/x?v=1&d=example.test&p=&i=2001%3Adb8%3A%3A1");
    input = input_of("*", "203.0.113.9");
    check_url("value-domain", &input,
              "https://ddns.test/x?d=example.test&p=p%26a%3Ds%2Bs%25&h=%2A&i=203.0.113.9");
}

static void builds_dyndns2(void **state)
{
    struct provider_input input = input_of("www", "2001:db8::1");
    struct provider_request request = {0};
    (void)state;
    check_url("dyndns2", &input,
              "https://ddns.test/x?hostname=www.example.test&myip=2001%3Adb8%3A%3A1");
    provider_build(provider_find("dyndns2"), &input, &request);
    assert_true(request.basic);
    assert_null(strstr(request.url, "p%26a")); /* the password travels in the header only */
    provider_request_clear(&request);
}

static void refuses_what_is_too_long(void **state)
{
    struct provider_input input = input_of("www", "203.0.113.9");
    struct provider_request request = {0};
    char password[PROVIDER_URL_MAX];
    (void)state;
    memset(password, '&', sizeof(password) - 1);
    password[sizeof(password) - 1] = '\0';
    input.password = password;
    provider_build(provider_find("value-domain"), &input, &request);
    assert_null(request.url);
    provider_request_clear(&request);
}

static void knows_its_table(void **state)
{
    size_t count;
    const struct provider *const *list = provider_list(&count);
    (void)state;
    assert_true(count >= 8);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(provider_find(list[i]->id), list[i]);
        assert_true(i == 0 || strcmp(list[i - 1]->id, list[i]->id) < 0);
        assert_int_equal(list[i]->protocol == &api_protocol, list[i]->api != NULL);
    }
    assert_null(provider_find("no-such"));
    assert_true(provider_find("value-domain")->gap_ms >= 61000);
}

/* --- transport --- */

static void judges_transport(void **state)
{
    struct session_reply reply = {.outcome = OUTCOME_REFUSED, .retry_after_s = -1};
    struct ddns_answer answer;
    (void)state;
    provider_judge(provider_find("dyndns2"), &reply, NULL, &answer);
    assert_int_equal(answer.verdict, DDNS_TEMPORARY);
    assert_false(answer.replied);
    assert_string_equal(answer.text, "refused");
    assert_int_equal(answer.cause, OUTCOME_REFUSED);
    reply.outcome = OUTCOME_HTTP_TRUNCATED;
    reply.request_left = true;
    str_copy(reply.detail, sizeof(reply.detail), "cut");
    reply.body = "good";
    reply.body_len = 4;
    reply.status = 200;
    provider_judge(provider_find("dyndns2"), &reply, NULL, &answer);
    assert_int_equal(answer.verdict, DDNS_TEMPORARY);
    assert_string_equal(answer.text, "http-truncated: cut (the request may have arrived)");
    reply.outcome = OUTCOME_CERT_EXPIRED;
    provider_judge(provider_find("dyndns2"), &reply, NULL, &answer);
    assert_int_equal(answer.verdict, DDNS_TEMPORARY);
    assert_non_null(strstr(answer.text, "CERTIFICATE DOES NOT VERIFY"));
}

/* --- what a reply says back --- */

static const char *judged_text(const char *id, const char *body, const char *location)
{
    static struct ddns_answer answer;
    struct provider_input input = input_of("www", "203.0.113.9");
    input.url = "https://ddns.test/x?token=T0k3nT0k3n";
    input.password = "pa/s+s&w0rd%";
    struct session_reply reply = {.outcome = OUTCOME_OK,
                                  .status = location ? 302 : 200,
                                  .body = body,
                                  .body_len = strlen(body),
                                  .location = location ? location : "",
                                  .retry_after_s = -1};
    provider_judge(provider_find(id), &reply, &input, &answer);
    assert_int_equal(answer.verdict, DDNS_TEMPORARY);
    return answer.text;
}

/* The start of a reply is quoted, and so reaches log, status, hooks and database: never with what
 * the server read in our request. */
static void does_not_quote_secrets(void **state)
{
    static const char *const bodies[] = {
        "bad request: pa/s+s&w0rd%",
        "GET /x?d=example.test&p=pa%2Fs%2Bs%26w0rd%25&h=www",
        "{\"request\": \"pa\\/s+s&w0rd%\"}",
        "bad request: pa/s+s&amp;w0rd%",
        "Authorization: Basic bWU6cGEvcytzJncwcmQl",
        "no such token T0k3nT0k3n",
        /* cut in the middle of the secret by the length of a quote */
        "0123456789 0123456789 0123456789 0123456789 pa/s+s&w0rd%",
    };
    (void)state;
    assert_non_null(strstr(judged_text("dyndns2", "what?", NULL), "\"what?\""));
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        assert_non_null(strstr(judged_text("dyndns2", bodies[i], NULL), "not shown"));
        assert_non_null(strstr(judged_text("value-domain", bodies[i], NULL), "not shown"));
    }
    assert_non_null(strstr(judged_text("dyndns2", "", "https://a.test/b"), "https://a.test/b"));
    assert_null(strstr(judged_text("dyndns2", "", "https://me:pa/s+s&w0rd%@a.test/"), "w0rd"));
}

/* --- programs --- */

static void judges_programs(void **state)
{
    static const struct {
        int code;
        const char *output;
        enum ddns_verdict verdict;
        int64_t wait_ms;
    } ends[] = {
        {0, "", DDNS_OK, 0},
        {0, "ok\n", DDNS_OK, 0},
        {0, "\nnochange: was so\nmore", DDNS_NOCHANGE, 0},
        {0, "good 203.0.113.9", DDNS_OK, 0},
        {0, "badauth", DDNS_AUTH, 0},
        {0, "temporary wait=90", DDNS_TEMPORARY, 90000},
        {0, "temporary wait=99999999999", DDNS_TEMPORARY, 0},
        {0, "w2m", DDNS_TEMPORARY, 120000},
        {0, "done", DDNS_TEMPORARY, 0},
        {0, "okay", DDNS_TEMPORARY, 0},
        {1, "", DDNS_TEMPORARY, 0},
        {1, "ok", DDNS_TEMPORARY, 0},
        {77, "ok", DDNS_TEMPORARY, 0},
        {77, "", DDNS_AUTH, 0},
        {77, "what?", DDNS_AUTH, 0},
        {78, "", DDNS_CONFIG, 0},
        {75, "", DDNS_TEMPORARY, 0},
        {1, "abuse: blocked", DDNS_ABUSE, 0},
    };
    struct ddns_answer answer;
    (void)state;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        const struct run_result result = {.exited = true,
                                          .code = ends[i].code,
                                          .output = ends[i].output,
                                          .len = strlen(ends[i].output)};
        command_judge(&result, &answer);
        if (answer.verdict != ends[i].verdict || answer.wait_ms != ends[i].wait_ms)
            fail_msg("%d \"%s\": %s, %lld ms", ends[i].code, ends[i].output,
                     ddns_verdict_word(answer.verdict), (long long)answer.wait_ms);
        assert_true(answer.text[0] && answer.replied);
    }
    const struct run_result killed = {.failure = "killed at its time limit", .output = "ok"};
    command_judge(&killed, &answer);
    assert_int_equal(answer.verdict, DDNS_TEMPORARY);
    assert_false(answer.replied);
    assert_string_equal(answer.text, "the program: killed at its time limit");
}

/* --- recorded replies --- */

static void replays(const char *id, size_t least)
{
    unsigned seen = 0;
    assert_in_range(replay_samples(provider_find(id), NULL, &seen), least, 1000);
}

static void replays_value_domain(void **state)
{
    (void)state;
    replays("value-domain", 39);
}

static void replays_dyndns2(void **state)
{
    (void)state;
    replays("dyndns2", 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_value_domain),      cmocka_unit_test(builds_dyndns2),
        cmocka_unit_test(refuses_what_is_too_long), cmocka_unit_test(knows_its_table),
        cmocka_unit_test(judges_programs),          cmocka_unit_test(judges_transport),
        cmocka_unit_test(does_not_quote_secrets),   cmocka_unit_test(replays_value_domain),
        cmocka_unit_test(replays_dyndns2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
