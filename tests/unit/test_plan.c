/* SPDX-License-Identifier: ISC
 *
 * ddns/plan.h, ddns/transition.h and the pure part of probes/verify.h: each rule by itself. The
 * long run of all together is tests/unit/test_ddns_sim.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ddns/transition.h"

#define EVENT(kind) (1u << DDNS_EVENT_##kind)

struct rig {
    struct ddns_record_state record;
    struct ddns_account_state account;
    struct ddns_plan_conf conf;
    struct stamp now;
};

static struct addr ip(const char *text)
{
    struct addr addr;
    assert_true(addr_parse(text, &addr));
    return addr;
}

static int setup(void **state)
{
    static struct rig rig;
    memset(&rig, 0, sizeof(rig));
    rig.conf = (struct ddns_plan_conf){.gap_ms = 65000, .error_gap_ms = 65000};
    rig.now = (struct stamp){.boot_id = "b", .boot_ms = 1000, .wall_ms = INT64_C(1764000000000)};
    *state = &rig;
    return 0;
}

static void pass(struct rig *rig, int64_t ms)
{
    rig->now.boot_ms += ms;
    rig->now.wall_ms += ms;
}

static struct ddns_step plan(const struct rig *rig)
{
    return ddns_plan(&rig->record, &rig->account, &rig->conf, &rig->now);
}

static void want(struct rig *rig, const char *text)
{
    struct addr addr = ip(text);
    ddns_apply_wanted(&rig->record, &addr);
}

static void add_server(struct verify_look *look, const char *value, uint32_t ttl)
{
    struct verify_server *server = &look->servers[look->count++];
    server->authoritative = true;
    server->addr = ip("192.0.2.53");
    server->port = 53;
    server->ttl = ttl;
    server->outcome = value ? OUTCOME_OK : OUTCOME_DNS_NODATA;
    if (value)
        server->values[server->count++] = ip(value);
}

static ddns_events apply(struct rig *rig, struct verify_look *look)
{
    verify_judge(look);
    return ddns_apply_look(&rig->record, &rig->conf, look, &rig->now, 0);
}

static ddns_events see(struct rig *rig, const char *value)
{
    struct verify_look look = {0};
    add_server(&look, value, 300);
    return apply(rig, &look);
}

static ddns_events see_nothing(struct rig *rig)
{
    struct verify_look look = {.outcome = OUTCOME_DNS_TIMEOUT};
    return apply(rig, &look);
}

static void leave(struct rig *rig)
{
    assert_int_equal(plan(rig).action, DDNS_SEND);
    ddns_apply_leaving(&rig->record, &rig->account, &rig->conf, &rig->now);
    assert_int_equal(plan(rig).action, DDNS_BUSY);
}

static ddns_events answer_for(struct rig *rig, const char *value, struct ddns_answer answer)
{
    struct addr addr = ip(value);
    answer.replied = true;
    return ddns_apply_answer(&rig->record, &rig->account, &rig->conf, &answer, &addr, &rig->now,
                             0x80000000u);
}

static ddns_events answer(struct rig *rig, enum ddns_verdict verdict)
{
    return answer_for(rig, "203.0.113.1", (struct ddns_answer){.verdict = verdict});
}

static void test_nothing_wanted(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
    assert_true(plan(rig).wait_ms == INT64_MAX);
}

static void test_look_before_the_first_send(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    assert_int_equal(plan(rig).action, DDNS_LOOK);
    assert_int_equal(see(rig, "198.51.100.7"), 0);
    assert_int_equal(plan(rig).action, DDNS_SEND);
}

static void test_no_update_when_dns_has_it(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    assert_int_equal(see(rig, "203.0.113.1"), EVENT(VERIFIED));
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
    assert_in_range(plan(rig).wait_ms, 1, DDNS_LOOK_EVERY_MS);
    pass(rig, DDNS_LOOK_EVERY_MS);
    assert_int_equal(plan(rig).action, DDNS_LOOK);
    assert_int_equal(see(rig, "203.0.113.1"), 0); /* told once */
}

static void test_a_fresh_look_lets_a_change_out_at_once(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    see(rig, "203.0.113.1");
    pass(rig, 1000);
    want(rig, "203.0.113.2");
    assert_int_equal(plan(rig).action, DDNS_SEND);
}

static void test_verification_grows_and_ends(void **state)
{
    struct rig *rig = *state;
    int64_t last = 0;
    want(rig, "203.0.113.1");
    see(rig, "198.51.100.7");
    leave(rig);
    assert_int_equal(answer(rig, DDNS_OK), EVENT(SENT));
    for (int i = 0; i < 4; i++) {
        struct ddns_step step = plan(rig);
        assert_int_equal(step.action, DDNS_NOTHING);
        assert_true(step.wait_ms > last);
        last = step.wait_ms;
        pass(rig, step.wait_ms);
        assert_int_equal(plan(rig).action, DDNS_VERIFY);
        assert_int_equal(see(rig, "198.51.100.7"), 0);
    }
    assert_int_equal(see(rig, "203.0.113.1"), EVENT(VERIFIED));
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
    assert_false(rig->record.verifying);
}

static void test_mismatch_at_the_bound_is_unsent_with_backoff(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    see(rig, "198.51.100.7");
    leave(rig);
    answer(rig, DDNS_NOCHANGE);
    pass(rig, DDNS_VERIFY_FOR_MS);
    assert_int_equal(see(rig, "198.51.100.7"), EVENT(MISMATCH));
    assert_int_equal(plan(rig).action, DDNS_WAIT);
    assert_true(plan(rig).send_ms >= 1800000); /* who said "unchanged" is not asked again soon */
    pass(rig, plan(rig).send_ms);
    assert_int_equal(plan(rig).action, DDNS_LOOK);
    assert_int_equal(see(rig, "198.51.100.7"), 0); /* told once */
    assert_int_equal(plan(rig).action, DDNS_SEND);
}

static void test_changed_behind_our_back(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    see(rig, "203.0.113.1");
    pass(rig, DDNS_LOOK_EVERY_MS);
    assert_int_equal(see(rig, "198.51.100.66"), EVENT(MISMATCH));
    assert_int_equal(plan(rig).action, DDNS_SEND);
    rig->account.gap.since = rig->now;
    assert_int_equal(plan(rig).action, DDNS_WAIT);
    assert_int_equal(plan(rig).send_ms, 65000);
    assert_string_equal(plan(rig).reason, "provider's gap");
}

/* Told also while nothing is due. */
static void test_limits_hold_when_nothing_is_due(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    see(rig, "203.0.113.1");
    rig->account.gap.since = rig->now;
    pass(rig, 5000);
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
    struct ddns_step step = ddns_limits(&rig->record, &rig->account, &rig->conf, &rig->now);
    assert_int_equal(step.action, DDNS_WAIT);
    assert_int_equal(step.send_ms, 60000);
    assert_string_equal(step.reason, "provider's gap");
    pass(rig, 60000);
    step = ddns_limits(&rig->record, &rig->account, &rig->conf, &rig->now);
    assert_int_equal(step.action, DDNS_SEND);
    assert_int_equal(step.send_ms, 0);
}

static void test_gap_counts_from_the_answer(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    see(rig, "198.51.100.7");
    leave(rig);
    pass(rig, 20000);
    answer(rig, DDNS_OK);
    want(rig, "203.0.113.2");
    assert_int_equal(plan(rig).send_ms, 65000);
    see(rig, "198.51.100.7");
    assert_int_equal(plan(rig).wait_ms, 65000); /* and not until the next look, which is later */
    pass(rig, 64999);
    see(rig, "198.51.100.7");
    assert_int_equal(plan(rig).action, DDNS_WAIT);
    pass(rig, 1);
    assert_int_equal(plan(rig).action, DDNS_SEND);
}

/* A was verified, B is accepted but not shown yet, A is wanted again: DNS still shows A, but will
 * turn to B. */
static void test_there_and_back_again(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.9");
    see(rig, "203.0.113.9");
    want(rig, "203.0.113.1");
    leave(rig);
    answer(rig, DDNS_OK);
    want(rig, "203.0.113.9");
    assert_int_equal(plan(rig).action, DDNS_WAIT);
    pass(rig, 65000);
    see(rig, "203.0.113.9");
    assert_int_equal(plan(rig).action, DDNS_SEND);
}

static void test_change_during_a_request(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    see(rig, "198.51.100.7");
    leave(rig);
    want(rig, "203.0.113.2");
    assert_int_equal(plan(rig).action, DDNS_BUSY);
    assert_int_equal(answer_for(rig, "203.0.113.1", (struct ddns_answer){.verdict = DDNS_OK}),
                     EVENT(SENT));
    struct addr first = ip("203.0.113.1");
    assert_true(addr_equal(&rig->record.sent, &first));
    assert_int_equal(plan(rig).action, DDNS_WAIT);
    pass(rig, 65000);
    see(rig, "203.0.113.1");
    assert_int_equal(plan(rig).action, DDNS_SEND);
}

static void test_permanent_halts(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    see(rig, "198.51.100.7");
    leave(rig);
    assert_int_equal(answer(rig, DDNS_AUTH), EVENT(HALTED));
    assert_int_equal(plan(rig).action, DDNS_HALTED);
    assert_string_equal(ddns_halt_advice(&rig->record), ddns_verdict_advice(DDNS_AUTH));
    pass(rig, INT64_C(400) * 86400 * 1000);
    want(rig, "203.0.113.2");
    assert_int_equal(plan(rig).action, DDNS_HALTED);
    ddns_record_loaded(&rig->record);
    want(rig, "203.0.113.2");
    assert_int_equal(plan(rig).action, DDNS_HALTED);
}

static void test_one_refused_address(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    see(rig, "198.51.100.7");
    leave(rig);
    struct ddns_answer bad = {.verdict = DDNS_CONFIG, .this_value = true};
    assert_int_equal(answer_for(rig, "203.0.113.1", bad), EVENT(HALTED));
    assert_int_equal(plan(rig).action, DDNS_HALTED);
    assert_non_null(strstr(ddns_halt_advice(&rig->record), "IPv4 only"));
    want(rig, "203.0.113.2");
    assert_int_equal(plan(rig).action, DDNS_WAIT);
    assert_string_equal(ddns_halt_advice(&rig->record), "");
}

static void test_temporary_backs_off_and_looks_again(void **state)
{
    struct rig *rig = *state;
    unsigned told = 0;
    want(rig, "203.0.113.1");
    for (int i = 0; i < 8; i++) {
        see(rig, "198.51.100.7");
        leave(rig);
        told += answer(rig, DDNS_TEMPORARY) == EVENT(FAILED);
        struct ddns_step step = plan(rig);
        assert_int_equal(step.action, DDNS_WAIT);
        assert_true(step.send_ms >= 65000);
        while (plan(rig).action == DDNS_WAIT)
            pass(rig, plan(rig).wait_ms);
        assert_int_equal(plan(rig).action, DDNS_LOOK); /* the answer may only have been lost */
        pass(rig, step.send_ms);
    }
    assert_int_equal(told, 4); /* 1, 2, 4, 8 */
    assert_int_equal(see(rig, "203.0.113.1"), EVENT(VERIFIED));
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
    assert_int_equal(rig->record.failures, 0);
}

static void test_account_penalty_holds_others(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    see(rig, "198.51.100.7");
    leave(rig);
    answer_for(rig, "203.0.113.1",
               (struct ddns_answer){.verdict = DDNS_TEMPORARY, .account = true, .wait_ms = 900000});
    rig->record = (struct ddns_record_state){0};
    want(rig, "203.0.113.3");
    see(rig, "198.51.100.7");
    assert_int_equal(plan(rig).action, DDNS_WAIT);
    assert_true(plan(rig).send_ms >= 900000);
    assert_string_equal(plan(rig).reason, "the provider asked to wait");
}

/* Of several waits the longest counts, wherever it stands. */
static void test_the_longest_wait_counts(void **state)
{
    struct rig *rig = *state;
    static const int64_t rows[][3] = {
        {60000, 3000, 2000}, {1000, 60000, 2000}, {1000, 3000, 60000}};
    static const char *const reasons[] = {"provider's gap", "the provider asked to wait",
                                          "backoff after a failure"};
    pass(rig, 1000000);
    want(rig, "203.0.113.1");
    see(rig, "198.51.100.7");
    rig->conf.gap_ms = 60000;
    for (size_t i = 0; i < 3; i++) {
        rig->account.gap = (struct ddns_wait){rig->now, 60000};
        rig->account.gap.since.boot_ms -= 60000 - rows[i][0];
        rig->account.penalty = (struct ddns_wait){rig->now, rows[i][1]};
        rig->record.retry = (struct ddns_wait){rig->now, rows[i][2]};
        assert_int_equal(plan(rig).action, DDNS_WAIT);
        assert_int_equal(plan(rig).send_ms, 60000);
        assert_string_equal(plan(rig).reason, reasons[i]);
    }
}

/* However long an update must wait, DNS is looked at in between. */
static void test_looks_go_on_while_an_update_waits(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    see(rig, "198.51.100.7");
    rig->account.penalty = (struct ddns_wait){rig->now, 100 * DDNS_LOOK_EVERY_MS};
    int64_t look_ms = ddns_wait_left(&rig->record.look, &rig->now);
    assert_in_range(look_ms, 1, DDNS_LOOK_EVERY_MS);
    assert_int_equal(plan(rig).action, DDNS_WAIT);
    assert_int_equal(plan(rig).wait_ms, look_ms);
    assert_int_equal(plan(rig).send_ms, 100 * DDNS_LOOK_EVERY_MS);
    pass(rig, look_ms);
    assert_int_equal(plan(rig).action, DDNS_LOOK);
}

/* One thing at a time, of a record and of an account. */
static void test_busy(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    rig->record.busy = true; /* a look is out */
    assert_int_equal(plan(rig).action, DDNS_BUSY);
    rig->record.busy = false;
    see(rig, "198.51.100.7");
    rig->account.busy = true; /* another record's request is out */
    assert_int_equal(plan(rig).action, DDNS_BUSY);
    assert_in_range(plan(rig).wait_ms, 1, DDNS_LOOK_EVERY_MS);
    rig->account.busy = false;
    assert_int_equal(plan(rig).action, DDNS_SEND);
}

/* What was accepted is not what is wanted any more: there is nothing to verify. */
static void test_a_newer_value_ends_the_verification(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    see(rig, "198.51.100.7");
    leave(rig);
    answer(rig, DDNS_OK);
    pass(rig, 60000);
    assert_int_equal(plan(rig).action, DDNS_VERIFY);
    want(rig, "203.0.113.2");
    assert_int_equal(plan(rig).action, DDNS_LOOK);
}

/* Across a boot neither a wall clock that was wrong then nor one that is wrong now shortens the
 * gap: it has passed once the new boot is as old as the gap is long. */
static void test_gap_across_a_boot(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    see(rig, "198.51.100.7");
    leave(rig);
    answer(rig, DDNS_OK);
    rig->record.verifying = false;
    static const struct stamp boots[] = {
        {.boot_id = "next", .boot_ms = 5000, .wall_ms = INT64_C(1764000030000)},
        {.boot_id = "next", .boot_ms = 5000, .wall_ms = INT64_C(1764009990000)}, /* jumped ahead */
        {.boot_id = "next", .boot_ms = 5000, .wall_ms = 5000},                   /* 1970 */
    };
    for (size_t i = 0; i < sizeof(boots) / sizeof(boots[0]); i++) {
        rig->now = boots[i];
        rig->record = (struct ddns_record_state){.halted = false};
        want(rig, "203.0.113.1");
        see(rig, "198.51.100.7");
        rig->account.busy = false;
        assert_int_equal(plan(rig).action, DDNS_WAIT);
        assert_int_equal(plan(rig).send_ms, 60000);
        pass(rig, 60000);
        assert_int_equal(plan(rig).action, DDNS_SEND);
    }
}

static void test_blind(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    for (int i = 0; i < DDNS_BLIND_AFTER; i++) {
        assert_int_equal(plan(rig).action, DDNS_LOOK);
        see_nothing(rig);
        if (i + 1 < DDNS_BLIND_AFTER) {
            assert_int_equal(plan(rig).action, DDNS_NOTHING);
            pass(rig, plan(rig).wait_ms);
        }
    }
    leave(rig);
    answer(rig, DDNS_OK);
    /* No answer until past the bound: told, but nothing goes out twice. */
    unsigned told = 0;
    for (int64_t t = 0; t < 4 * DDNS_VERIFY_FOR_MS;) {
        struct ddns_step step = plan(rig);
        assert_true(step.action != DDNS_SEND && step.action != DDNS_WAIT);
        if (step.action == DDNS_NOTHING) {
            pass(rig, step.wait_ms);
            t += step.wait_ms;
        } else {
            told += see_nothing(rig) == EVENT(MISMATCH);
        }
    }
    assert_int_equal(told, 1);
    assert_int_equal(see(rig, "203.0.113.1"), EVENT(VERIFIED));
}

/* What DNS showed before does not count as an answer now: the second silence, not the first, lets
 * an update out. */
static void test_blind_after_an_answer(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    see(rig, "203.0.113.1");
    want(rig, "203.0.113.2");
    see_nothing(rig);
    struct ddns_step step = plan(rig);
    assert_int_equal(step.action, DDNS_NOTHING);
    assert_string_equal(step.reason, "waiting for the authoritative servers' answer");
    pass(rig, step.wait_ms);
    assert_int_equal(plan(rig).action, DDNS_LOOK);
    see_nothing(rig);
    leave(rig);
}

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(ddns_action_word(DDNS_BUSY), "busy");
    assert_string_equal(ddns_action_word((enum ddns_action)(DDNS_BUSY + 1)), "unknown");
    assert_string_equal(ddns_action_word((enum ddns_action)99), "unknown");
}

static void test_lagging_secondary_is_not_resent(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    see(rig, "198.51.100.7");
    leave(rig);
    answer(rig, DDNS_OK);
    unsigned told = 0;
    for (int64_t t = 0; t < 3 * DDNS_VERIFY_FOR_MS; t += 60000) {
        struct verify_look look = {0};
        add_server(&look, "203.0.113.1", 300);
        add_server(&look, "198.51.100.7", 300);
        pass(rig, 60000);
        told += apply(rig, &look) == EVENT(MISMATCH);
        assert_true(plan(rig).action != DDNS_SEND && plan(rig).action != DDNS_WAIT);
    }
    assert_int_equal(told, 1);
    assert_int_equal(see(rig, "203.0.113.1"), EVENT(VERIFIED));
}

static void test_ttl_jump_is_told_once(void **state)
{
    static const struct {
        uint32_t ttl;
        bool told;
    } looks[] = {{300, false}, {300, false}, {3600, true}, {3600, false}, {300, false},
                 {3600, true}, {400, false}, {60, false},  {119, false},  {120, true}};
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    see(rig, "203.0.113.1");
    for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
        struct verify_look look = {0};
        add_server(&look, "203.0.113.1", looks[i].ttl);
        assert_int_equal(apply(rig, &look), looks[i].told ? EVENT(TTL) : 0);
    }
    rig->conf.expect_ttl = 600;
    struct verify_look look = {0};
    add_server(&look, "203.0.113.1", 1199);
    assert_int_equal(apply(rig, &look), 0);
}

static void test_restart_waits_on(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    see(rig, "198.51.100.7");
    leave(rig);
    pass(rig, 30000); /* killed while the request was out */
    ddns_account_loaded(&rig->account, false, &rig->now);
    ddns_record_loaded(&rig->record);
    want(rig, "203.0.113.1");
    assert_int_equal(plan(rig).action, DDNS_LOOK);
    see(rig, "198.51.100.7");
    assert_int_equal(plan(rig).action, DDNS_WAIT);
    assert_int_equal(plan(rig).send_ms, 65000);
}

/* The disk may have an older gap than the latest, by any clock: all of another boot count from the
 * boot. */
static void test_any_gap_of_another_boot(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.1");
    see(rig, "198.51.100.7");
    leave(rig);
    pass(rig, INT64_C(40) * 24 * 3600 * 1000); /* forty days ago, says the wall clock */
    rig->now.boot_id[0] = 'c';
    rig->now.boot_ms = 20000;
    rig->account.busy = false; /* its answer came */
    ddns_account_loaded(&rig->account, false, &rig->now);
    ddns_record_loaded(&rig->record);
    want(rig, "203.0.113.1");
    see(rig, "198.51.100.7");
    assert_int_equal(plan(rig).action, DDNS_WAIT);
    assert_int_equal(plan(rig).send_ms, 45000);
}

static void test_conservative_start(void **state)
{
    struct rig *rig = *state;
    ddns_account_loaded(&rig->account, true, &rig->now);
    want(rig, "203.0.113.1");
    see(rig, "198.51.100.7");
    assert_int_equal(plan(rig).send_ms, 65000);
}

static void test_judge_sets(void **state)
{
    struct verify_look look = {0};
    (void)state;
    verify_judge(&look);
    assert_false(look.answered || look.agree);
    add_server(&look, "203.0.113.1", 300);
    add_server(&look, "203.0.113.1", 600);
    look.servers[look.count++].outcome = OUTCOME_DNS_TIMEOUT;
    add_server(&look, "203.0.113.9", 60);
    look.servers[3].authoritative = false; /* a lame server's opinion does not count */
    verify_judge(&look);
    assert_true(look.answered && look.agree && addr_is_set(&look.value));
    assert_int_equal(look.silent, 2);
    assert_int_equal(look.ttl, 600);
    char text[128];
    assert_true(verify_servers_text(&look, text, sizeof(text)));
    assert_string_equal(text, "192.0.2.53:53,192.0.2.53:53");
    strcpy(look.servers[1].name, "ns2.test"); /* the next look says its name too */
    assert_true(verify_servers_text(&look, text, sizeof(text)));
    assert_string_equal(text, "192.0.2.53:53,ns2.test=192.0.2.53:53");
    add_server(&look, NULL, 0);
    verify_judge(&look);
    assert_true(look.answered && !look.agree && !addr_is_set(&look.value));
}

/* Some providers drop a name that they do not hear of. */
static void test_refresh_of_what_is_current(void **state)
{
    struct rig *rig = *state;
    rig->conf.refresh_ms = INT64_C(86400000);
    want(rig, "203.0.113.1");
    see(rig, "203.0.113.1"); /* DNS has it, but this provider never heard of it from us */
    leave(rig);
    answer(rig, DDNS_NOCHANGE);
    pass(rig, 600);
    see(rig, "203.0.113.1");
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
    pass(rig, rig->conf.refresh_ms - 1000);
    see(rig, "203.0.113.1");
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
    pass(rig, 1000);
    see(rig, "203.0.113.1");
    struct ddns_step step = plan(rig);
    assert_int_equal(step.action, DDNS_SEND);
    assert_non_null(strstr(step.reason, "from time to time"));
    leave(rig);
    answer(rig, DDNS_TEMPORARY); /* a refresh that failed waits as any other request */
    see(rig, "203.0.113.1");
    assert_int_equal(plan(rig).action, DDNS_WAIT);
    rig->conf.refresh_ms = 0;
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
}

/* What is no name in DNS is sent once, and never looked at. */
static void test_unseen(void **state)
{
    struct rig *rig = *state;
    rig->conf.unseen = true;
    want(rig, "203.0.113.1");
    leave(rig);
    answer(rig, DDNS_TEMPORARY);
    assert_int_equal(plan(rig).action, DDNS_WAIT);
    pass(rig, INT64_C(7200000));
    leave(rig);
    answer(rig, DDNS_OK);
    pass(rig, INT64_C(864000000));
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
    assert_true(plan(rig).wait_ms == INT64_MAX);
    rig->conf.refresh_ms = INT64_C(86400000);
    assert_int_equal(plan(rig).action, DDNS_SEND);
    rig->conf.refresh_ms = 0;
    want(rig, "203.0.113.2");
    assert_int_equal(plan(rig).action, DDNS_SEND);
}

int main(void)
{
#define RIG(test) cmocka_unit_test_setup(test, setup)
    const struct CMUnitTest tests[] = {
        RIG(test_nothing_wanted),
        RIG(test_look_before_the_first_send),
        RIG(test_no_update_when_dns_has_it),
        RIG(test_refresh_of_what_is_current),
        RIG(test_unseen),
        RIG(test_a_fresh_look_lets_a_change_out_at_once),
        RIG(test_verification_grows_and_ends),
        RIG(test_mismatch_at_the_bound_is_unsent_with_backoff),
        RIG(test_changed_behind_our_back),
        RIG(test_limits_hold_when_nothing_is_due),
        RIG(test_gap_counts_from_the_answer),
        RIG(test_there_and_back_again),
        RIG(test_change_during_a_request),
        RIG(test_permanent_halts),
        RIG(test_one_refused_address),
        RIG(test_temporary_backs_off_and_looks_again),
        RIG(test_account_penalty_holds_others),
        RIG(test_the_longest_wait_counts),
        RIG(test_looks_go_on_while_an_update_waits),
        RIG(test_busy),
        RIG(test_a_newer_value_ends_the_verification),
        RIG(test_gap_across_a_boot),
        RIG(test_blind),
        RIG(test_blind_after_an_answer),
        RIG(test_words),
        RIG(test_lagging_secondary_is_not_resent),
        RIG(test_ttl_jump_is_told_once),
        RIG(test_restart_waits_on),
        RIG(test_any_gap_of_another_boot),
        RIG(test_conservative_start),
        RIG(test_judge_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
