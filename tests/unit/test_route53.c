/* SPDX-License-Identifier: ISC
 *
 * ddns/providers/route53.h: each of its errors, and what is made of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ddns/providers/route53.h"
#include "lib/buf.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct ddns_answer judge(int status, const char *code, const char *message,
                                struct ddns_answer from)
{
    static const struct provider_input input = {
        .user = "AKIDEXAMPLE", .password = "wJalrXUtnFEMI", .url = "https://127.0.0.1"};
    struct buf body;
    buf_init(&body, 4096);
    assert_true(buf_printf(&body,
                           "<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error>"
                           "</ErrorResponse>",
                           code, message));
    route53_judge(status, buf_text(&body), body.len, &input, &from);
    buf_clear(&body);
    return from;
}

static void knows_each_error(void **state)
{
    static const struct {
        const char *code;
        enum ddns_verdict verdict;
        bool account;
    } rows[] = {
        {"Throttling", DDNS_TEMPORARY, true},
        {"PriorRequestNotComplete", DDNS_TEMPORARY, false},
        {"ServiceUnavailable", DDNS_TEMPORARY, true},
        {"InvalidClientTokenId", DDNS_AUTH, true},
        {"SignatureDoesNotMatch", DDNS_AUTH, true},
        {"AccessDenied", DDNS_AUTH, true},
        {"NoSuchHostedZone", DDNS_CONFIG, false},
        {"InvalidChangeBatch", DDNS_CONFIG, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct ddns_answer first = {.verdict = DDNS_TEMPORARY};
        struct ddns_answer got = judge(400, rows[i].code, "no", first);
        assert_int_equal(got.verdict, rows[i].verdict);
        assert_int_equal(got.account, rows[i].account);
        assert_int_equal(got.cause, OUTCOME_OK);
        assert_non_null(strstr(got.text, rows[i].code));
    }
}

/* Three shapes, one meaning: the clock, which every record of the account has. */
static void tells_a_wrong_clock(void **state)
{
    static const struct {
        const char *code, *message;
    } rows[] = {
        {"RequestExpired", "Request has expired"},
        {"SignatureDoesNotMatch", "Signature expired: 20261129T000000Z is now earlier than"},
        {"InvalidSignatureException", "Signature not yet current: 20261129T000000Z"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct ddns_answer first = {.verdict = DDNS_AUTH};
        struct ddns_answer got = judge(403, rows[i].code, rows[i].message, first);
        assert_int_equal(got.verdict, DDNS_TEMPORARY);
        assert_int_equal(got.cause, OUTCOME_LOCAL_CLOCK);
        assert_true(got.account);
        assert_int_equal(got.wait_ms, 300000);
        assert_non_null(strstr(got.text, "clock"));
    }
}

static void keeps_a_longer_wait(void **state)
{
    const struct ddns_answer asked = {.verdict = DDNS_TEMPORARY, .wait_ms = 900000};
    (void)state;
    assert_int_equal(judge(400, "Throttling", "Rate exceeded", asked).wait_ms, 900000);
    assert_int_equal(judge(403, "RequestExpired", "old", asked).wait_ms, 900000);
}

static void leaves_what_it_does_not_know(void **state)
{
    const struct ddns_answer first = {.verdict = DDNS_TEMPORARY, .wait_ms = 5};
    struct ddns_answer got = judge(500, "Whatever", "strange", first);
    (void)state;
    assert_int_equal(got.verdict, DDNS_TEMPORARY);
    assert_int_equal(got.wait_ms, 5);
    got = first;
    route53_judge(500, NULL, 0, NULL, &got);
    route53_judge(500, "<html>", 6, NULL, &got);
    assert_string_equal(got.text, "");
}

static void says_no_secret(void **state)
{
    const struct ddns_answer first = {.verdict = DDNS_AUTH};
    struct ddns_answer got = judge(403, "AccessDenied", "not with wJalrXUtnFEMI", first);
    (void)state;
    assert_int_equal(got.verdict, DDNS_AUTH);
    assert_null(strstr(got.text, "wJalr"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_each_error),    cmocka_unit_test(tells_a_wrong_clock),
        cmocka_unit_test(keeps_a_longer_wait), cmocka_unit_test(leaves_what_it_does_not_know),
        cmocka_unit_test(says_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
