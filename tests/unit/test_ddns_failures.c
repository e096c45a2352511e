/* SPDX-License-Identifier: ISC
 *
 * What others get wrong: the requests in half an hour of one failure.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ddns/provider.h"
#include "ddns/transition.h"

#define MINUTE     INT64_C(60000)
#define HOUR       (60 * MINUTE)
#define START_WALL INT64_C(1764000000000)

static uint32_t draw(uint32_t *rnd)
{
    *rnd ^= *rnd << 13;
    *rnd ^= *rnd >> 17;
    *rnd ^= *rnd << 5;
    return *rnd * 2654435761u;
}

struct failure {
    const char *what;
    const char *provider;
    enum outcome outcome;
    int status;
    const char *body;
    int64_t retry_after_s;
    int64_t takes_ms;
    unsigned at_most;
};

static const struct failure failures[] = {
    {"503", "value-domain", OUTCOME_OK, 503, "busy", -1, 50, 7},
    {"status=503", "value-domain", OUTCOME_OK, 200, "status=503\n", -1, 50, 7},
    {"500", "value-domain", OUTCOME_OK, 500, "", -1, 50, 7},
    {"429, Retry-After: 900", "value-domain", OUTCOME_OK, 429, "", 900, 50, 2},
    {"503", "dyndns2", OUTCOME_OK, 503, "", -1, 50, 5},
    {"500", "dyndns2", OUTCOME_OK, 500, "", -1, 50, 5},
    {"429, Retry-After: 900", "dyndns2", OUTCOME_OK, 429, "", 900, 50, 2},
    {"911", "dyndns2", OUTCOME_OK, 200, "911", -1, 50, 1},
    {"dnserr", "dyndns2", OUTCOME_OK, 200, "dnserr", -1, 50, 1},
    {"badauth", "dyndns2", OUTCOME_OK, 200, "badauth", -1, 50, 1},
    {"status=4", "value-domain", OUTCOME_OK, 200, "status=4", -1, 50, 1},
    {"status=8", "value-domain", OUTCOME_OK, 200, "status=8", -1, 50, 1},
    {"abuse", "dyndns2", OUTCOME_OK, 200, "abuse", -1, 50, 1},
    {"nohost", "dyndns2", OUTCOME_OK, 200, "nohost", -1, 50, 1},
    {"empty", "dyndns2", OUTCOME_OK, 200, "", -1, 50, 5},
    {"empty", "value-domain", OUTCOME_OK, 200, "", -1, 50, 7},
    {"garbage", "dyndns2", OUTCOME_OK, 200, "\x01\xff<html>", -1, 50, 5},
    {"302", "dyndns2", OUTCOME_OK, 302, "", -1, 50, 1},
    {"refused", "dyndns2", OUTCOME_REFUSED, 0, "", -1, 1, 8},
    {"RST", "dyndns2", OUTCOME_RESET, 0, "", -1, 1, 8},
    {"silence", "dyndns2", OUTCOME_HTTP_TIMEOUT, 0, "", -1, 30000, 8},
    {"silence", "value-domain", OUTCOME_TIMEOUT, 0, "", -1, 30000, 8},
    {"refused", "value-domain", OUTCOME_REFUSED, 0, "", -1, 1, 8},
    {"RST", "value-domain", OUTCOME_RESET, 0, "", -1, 1, 8},
    {"302", "value-domain", OUTCOME_OK, 302, "", -1, 50, 1},
    {"garbage", "value-domain", OUTCOME_OK, 200, "\x01\xff<html>", -1, 50, 7},
    {"status=2", "value-domain", OUTCOME_OK, 200, "status=2", -1, 50, 1},
    {"401", "value-domain", OUTCOME_OK, 401, "", -1, 50, 1},
    {"404", "value-domain", OUTCOME_OK, 404, "", -1, 50, 1},
    {"status=5", "value-domain", OUTCOME_OK, 200, "status=5", -1, 50, 7},
    /* words of the other kind: not understood, so neither a success nor the end */
    {"911", "value-domain", OUTCOME_OK, 200, "911", -1, 50, 7},
    {"badauth", "value-domain", OUTCOME_OK, 200, "badauth", -1, 50, 7},
    {"abuse", "value-domain", OUTCOME_OK, 200, "abuse", -1, 50, 7},
    {"nohost", "value-domain", OUTCOME_OK, 200, "nohost", -1, 50, 7},
    {"status=4", "dyndns2", OUTCOME_OK, 200, "status=4", -1, 50, 5},
};

static struct ddns_answer judge(const struct failure *failure)
{
    struct ddns_answer answer;
    struct session_reply reply = {.outcome = failure->outcome,
                                  .status = failure->status,
                                  .body = failure->body,
                                  .body_len = strlen(failure->body),
                                  .retry_after_s = failure->retry_after_s,
                                  .location = ""};
    provider_judge(provider_find(failure->provider), &reply, NULL, &answer);
    return answer;
}

static struct ddns_step plan_after_look(struct ddns_record_state *record,
                                        const struct ddns_account_state *account,
                                        const struct ddns_plan_conf *conf, const struct stamp *now)
{
    struct verify_look look = {.answered = true, .agree = true}; /* DNS works, no such record */
    struct ddns_step step = ddns_plan(record, account, conf, now);
    if (step.action != DDNS_LOOK)
        return step;
    ddns_apply_look(record, conf, &look, now, 0);
    return ddns_plan(record, account, conf, now);
}

/* Requests within 30 minutes; with `kill`, the process dies after every answer and comes back. */
static unsigned count_requests(const struct failure *failure, uint32_t seed, bool kill)
{
    const struct provider *provider = provider_find(failure->provider);
    struct ddns_plan_conf conf = {.gap_ms = provider->gap_ms,
                                  .error_gap_ms = provider->error_gap_ms};
    struct ddns_record_state record = {0};
    struct ddns_account_state account = {0};
    struct ddns_answer answer = judge(failure);
    struct stamp now = {.boot_id = "b", .boot_ms = HOUR, .wall_ms = START_WALL};
    uint32_t rnd = seed;
    const uint8_t bytes[4] = {203, 0, 113, 7};
    struct addr wanted = addr_v4(bytes);
    int64_t end = now.boot_ms + 30 * MINUTE, earliest = 0;
    unsigned count = 0;
    ddns_apply_wanted(&record, &wanted);
    while (now.boot_ms < end) {
        struct ddns_step step = plan_after_look(&record, &account, &conf, &now);
        if (step.action != DDNS_SEND) {
            int64_t wait = step.wait_ms < HOUR ? step.wait_ms : HOUR;
            now.boot_ms += wait;
            now.wall_ms += wait;
            continue;
        }
        assert_true(now.boot_ms >= earliest);
        count++;
        ddns_apply_leaving(&record, &account, &conf, &now);
        now.boot_ms += failure->takes_ms;
        now.wall_ms += failure->takes_ms;
        ddns_apply_answer(&record, &account, &conf, &answer, &wanted, &now, draw(&rnd));
        earliest = now.boot_ms + ddns_plan(&record, &account, &conf, &now).send_ms;
        if (kill) {
            ddns_account_loaded(&account, false, &now);
            ddns_record_loaded(&record);
            ddns_apply_wanted(&record, &wanted);
        }
    }
    return count;
}

static void test_what_others_get_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        unsigned most = 0, sum = 0;
        for (uint32_t seed = 1; seed <= 200; seed++) {
            unsigned alive = count_requests(&failures[i], seed, false);
            unsigned killed = count_requests(&failures[i], seed, true);
            assert_true(alive >= 1 && killed <= failures[i].at_most);
            most = alive > most ? alive : most;
            sum += alive;
        }
        print_message("%-13s %-22s mean %u.%u, at most %u in 30 minutes\n", failures[i].provider,
                      failures[i].what, sum / 200, sum % 200 / 20, most);
        assert_true(most <= failures[i].at_most);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_others_get_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
