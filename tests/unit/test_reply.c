/* SPDX-License-Identifier: ISC
 *
 * ddns/reply.h: the written form of patterns, what each kind matches, and what it does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ddns/reply.h"
#include "lib/str.h"

static struct reply_rule parsed(const char *line, char buf[300], enum ddns_verdict verdict)
{
    struct reply_rule rule;
    assert_true(str_copy(buf, 300, line));
    const char *problem = reply_rule_parse(buf, verdict, &rule);
    if (problem)
        fail_msg("%s: %s", line, problem);
    return rule;
}

static void parses(void **state)
{
    char buf[300];
    (void)state;
    struct reply_rule rule =
        parsed(" account value wait 30m  word  good 127.0.0.1  =>  told so ", buf, DDNS_CONFIG);
    assert_int_equal(rule.kind, REPLY_WORD);
    assert_string_equal(rule.text, "good 127.0.0.1");
    assert_string_equal(rule.meaning, "told so ");
    assert_true(rule.account && rule.this_value);
    assert_int_equal(rule.wait_ms, 1800000);
    rule = parsed("empty", buf, DDNS_OK);
    assert_int_equal(rule.kind, REPLY_EMPTY);
    assert_null(rule.meaning);
}

static void refuses(void **state)
{
    static const char *const wrong[] = {
        "",         "good",    "word",          "word => good", "empty x",     "http 20",
        "http 600", "http 2x", "json code",     "json =0",      "wait word x", "wait 8d word x",
        "account",  "HAS x",   "value account", "http 404",     "wait 1m",     "http xxx",
    };
    char buf[300], huge[REPLY_TEXT_MAX + 20] = "has ";
    struct reply_rule rule;
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        str_copy(buf, sizeof(buf), wrong[i]);
        if (!reply_rule_parse(buf, DDNS_OK, &rule))
            fail_msg("\"%s\" is taken", wrong[i]);
    }
    memset(huge + 4, 'x', REPLY_TEXT_MAX + 1);
    huge[REPLY_TEXT_MAX + 5] = '\0';
    assert_non_null(reply_rule_parse(huge, DDNS_OK, &rule));
}

struct match {
    const char *pattern;
    int status;
    const char *body;
    bool expected;
};

static const struct match matches[] = {
    {"word good", 200, "good", true},
    {"word good", 200, " \r\n GOOD 1.2.3.4", true},
    {"word good", 200, "goodbye", false},
    {"word good", 200, "not good", false},
    {"word good", 200, "", false},
    {"word good 127.0.0.1", 200, "good\t127.0.0.1 x", true},
    {"word good 127.0.0.1", 200, "good 127.0.0.10", false},
    {"word good 127.0.0.1", 200, "good", false},
    {"line OK", 200, "x\r\n ok \r\ny", true},
    {"line OK", 200, "KO\nOKAY", false},
    {"start addresses up", 200, "\n Addresses Updated", true},
    {"start addresses up", 200, "the addresses updated", false},
    {"has <n>0</n>", 200, "<r><N>0</N></r>", true},
    {"has <n>0</n>", 200, "<n>0</n", false},
    {"empty", 200, " \r\n", true},
    {"empty", 200, ".", false},
    {"http 204", 204, "", true},
    {"http 2xx", 299, "x", true},
    {"http 2xx", 300, "x", false},
    {"http 2xx", 200, "<html>sign in</html>", false},
    {"address", 200, " 203.0.113.9\n", true},
    {"address", 200, "203.0.113.90", false},
    {"address", 200, "2001:DB8::9", true},
    {"address", 200, "", false},
    {"json code=0", 200, "{\"code\": 0}", true},
    {"json code=0", 200, "{\"code\": \"0\"}", true},
    {"json code=0", 200, "{\"code\": 0.5}", false},
    {"json code=0", 200, "{\"code\": [0]}", false},
    {"json code=0", 200, "{\"code\": 0", false},
    {"json a.1.b=true", 200, "{\"a\": [0, {\"b\": true}]}", true},
    {"json a.1.b=true", 200, "{\"a\": [0, {\"b\": false}]}", false},
    {"json a.7=x", 200, "{\"a\": [0]}", false},
    {"json 0=x", 200, "[\"X\"]", true},
    {"json message=record updated", 200, "{\"message\":\"Record updated\"}", true},
    {"json a=null", 200, "{\"a\": null}", true},
    {"json a=null", 200, "{}", false},
    {"wait-code", 200, "w30m", true},
    {"wait-code", 200, "wait", false},
    {"wait-code", 200, "w30", false},
};

static bool judge(const struct match *match, size_t len, struct ddns_answer *answer)
{
    char buf[300];
    struct reply_rule rule = parsed(match->pattern, buf, DDNS_OK);
    const struct reply_facts facts = {.status = match->status,
                                      .body = match->body,
                                      .len = len,
                                      .sent = {"203.0.113.9", "2001:db8::9"}};
    *answer = (struct ddns_answer){0};
    return reply_judge(&rule, 1, &facts, answer);
}

static void matches_as_said(void **state)
{
    struct ddns_answer answer;
    (void)state;
    for (size_t i = 0; i < sizeof(matches) / sizeof(matches[0]); i++)
        if (judge(&matches[i], strlen(matches[i].body), &answer) != matches[i].expected)
            fail_msg("%s on %d \"%s\"", matches[i].pattern, matches[i].status, matches[i].body);
}

/* A byte of zero in a reply ends no comparison early. */
static void reads_bytes(void **state)
{
    const struct match line = {"line ok", 200, "x\0\nok", true};
    const struct match word = {"word good", 200, "good\0", true};
    struct ddns_answer answer;
    (void)state;
    assert_true(judge(&line, 5, &answer));
    assert_true(judge(&word, 5, &answer));
}

static void takes_the_first_rule(void **state)
{
    char a[300], b[300];
    struct ddns_answer answer = {0};
    const struct reply_rule rules[] = {
        parsed("account wait 5m has error => it said so", a, DDNS_TEMPORARY),
        parsed("has ok", b, DDNS_OK)};
    struct reply_facts facts = {.status = 200, .body = "ok, error", .len = 9};
    (void)state;
    assert_true(reply_judge(rules, 2, &facts, &answer));
    assert_int_equal(answer.verdict, DDNS_TEMPORARY);
    assert_true(answer.account);
    assert_int_equal(answer.wait_ms, 300000);
    assert_string_equal(answer.text, "error (it said so)");
    facts.body = "neither one";
    facts.len = strlen(facts.body);
    assert_false(reply_judge(rules, 2, &facts, &answer));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses),
        cmocka_unit_test(refuses),
        cmocka_unit_test(matches_as_said),
        cmocka_unit_test(reads_bytes),
        cmocka_unit_test(takes_the_first_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
