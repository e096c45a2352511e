/* SPDX-License-Identifier: ISC
 *
 * ddns/plan_withdraw.h: when the record of an address that is gone is withdrawn, when never, and
 * what the answers and looks make of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ddns/plan_outlook.h"
#include "ddns/plan_withdraw.h"
#include "ddns/transition.h"

#define EVENT(kind) (1u << DDNS_EVENT_##kind)
#define GAP         65000
#define MINUTE      INT64_C(60000)
#define HOUR        (60 * MINUTE)
#define OURS        "2001:db8::1"

struct rig {
    struct ddns_record_state record;
    struct ddns_account_state account;
    struct ddns_plan_conf conf;
    struct stamp now;
    int64_t told_ms; /* boot clock, when this run was told that there is none; 0: it was not */
};

static const struct addr none;

static struct addr ip(const char *text)
{
    struct addr addr;
    assert_true(addr_parse(text, &addr));
    return addr;
}

static void pass(struct rig *rig, int64_t ms)
{
    rig->now.boot_ms += ms;
    rig->now.wall_ms += ms;
}

static void tell_gone(struct rig *rig)
{
    ddns_apply_wanted(&rig->record, &none);
    ddns_apply_gone(&rig->record, &rig->now);
    if (rig->told_ms == 0)
        rig->told_ms = rig->now.boot_ms;
}

static void tell(struct rig *rig, const char *text)
{
    struct addr addr = ip(text);
    ddns_apply_wanted(&rig->record, &addr);
    rig->told_ms = 0;
}

static const struct ddns_plan_conf *conf(struct rig *rig)
{
    rig->conf.watched_ms = rig->told_ms > 0 ? rig->now.boot_ms - rig->told_ms + 1 : 0;
    return &rig->conf;
}

static struct ddns_step plan(struct rig *rig)
{
    return ddns_plan(&rig->record, &rig->account, conf(rig), &rig->now);
}

/* What two servers show; NULL: no record. */
static ddns_events see2(struct rig *rig, const char *one, const char *other)
{
    struct verify_look look = {.count = 2};
    const char *const values[] = {one, other};
    for (size_t i = 0; i < 2; i++) {
        struct verify_server *server = &look.servers[i];
        server->authoritative = true;
        server->ttl = 300;
        server->outcome = values[i] ? OUTCOME_OK : OUTCOME_DNS_NODATA;
        server->count = values[i] ? 1 : 0;
        if (values[i])
            server->values[0] = ip(values[i]);
    }
    verify_judge(&look);
    return ddns_apply_look(&rig->record, conf(rig), &look, &rig->now, 0x80000000u);
}

static ddns_events see(struct rig *rig, const char *value)
{
    return see2(rig, value, value);
}

/* The next step is a look, which shows that; then this comes. */
static enum ddns_action after_look(struct rig *rig, const char *value)
{
    enum ddns_action action = plan(rig).action;
    assert_true(action == DDNS_LOOK || action == DDNS_VERIFY);
    see(rig, value);
    return plan(rig).action;
}

static ddns_events answer(struct rig *rig, struct ddns_answer answer)
{
    assert_int_equal(plan(rig).action, DDNS_SEND);
    ddns_apply_leaving(&rig->record, &rig->account, &rig->conf, &rig->now);
    answer.replied = true;
    return ddns_apply_answer(&rig->record, &rig->account, &rig->conf, &answer, &none, &rig->now, 0);
}

/* OURS is published and verified, the other family is too; the address goes now. */
static int setup(void **state)
{
    static struct rig rig;
    memset(&rig, 0, sizeof(rig));
    rig.conf = (struct ddns_plan_conf){.gap_ms = GAP, .withdraw_ms = HOUR, .other_serves = true};
    rig.now =
        (struct stamp){.boot_id = "b", .boot_ms = 100 * HOUR, .wall_ms = INT64_C(1764000000000)};
    tell(&rig, OURS);
    see(&rig, OURS);
    pass(&rig, MINUTE);
    tell_gone(&rig);
    *state = &rig;
    return 0;
}

static void withdraw(struct rig *rig)
{
    pass(rig, HOUR);
    assert_int_equal(after_look(rig, OURS), DDNS_SEND);
    assert_int_equal(answer(rig, (struct ddns_answer){.verdict = DDNS_OK}), EVENT(SENT));
}

static void test_after_the_grace_and_a_look(void **state)
{
    struct rig *rig = *state;
    struct ddns_step step = plan(rig);
    assert_int_equal(step.action, DDNS_NOTHING);
    assert_int_equal(step.wait_ms, HOUR);
    assert_int_equal(ddns_withdraw_left(&rig->record, conf(rig), &rig->now), HOUR);
    pass(rig, HOUR - 1);
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
    assert_int_equal(plan(rig).wait_ms, 1);
    pass(rig, 1);
    assert_int_equal(after_look(rig, OURS), DDNS_SEND);
    assert_string_equal(plan(rig).reason, "its address is gone for good");
}

static void test_never_unless_asked_for(void **state)
{
    struct rig *rig = *state;
    rig->conf.withdraw_ms = 0;
    pass(rig, 10000 * HOUR);
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
    assert_true(plan(rig).wait_ms == INT64_MAX);
    rig->conf.withdraw_ms = HOUR;
    rig->conf.unseen = true;
    assert_true(plan(rig).wait_ms == INT64_MAX);
}

static void test_not_the_last_of_a_name(void **state)
{
    struct rig *rig = *state;
    rig->conf.other_serves = false;
    pass(rig, 2 * HOUR);
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
    assert_string_equal(plan(rig).reason, "no address; the last address of a name stays");
    rig->conf.other_serves = true;
    assert_int_equal(after_look(rig, OURS), DDNS_SEND);
}

static void test_an_address_that_comes_back_ends_it(void **state)
{
    struct rig *rig = *state;
    pass(rig, HOUR - 1);
    tell(rig, OURS);
    assert_int_equal(after_look(rig, OURS), DDNS_NOTHING);
    pass(rig, MINUTE);
    tell_gone(rig);
    pass(rig, HOUR - 1);
    assert_int_equal(plan(rig).action, DDNS_NOTHING); /* anew */
    pass(rig, 1);
    assert_int_equal(plan(rig).action, DDNS_LOOK);
}

static void test_over_a_restart(void **state)
{
    struct rig *rig = *state;
    pass(rig, HOUR - MINUTE);
    ddns_record_loaded(&rig->record);
    rig->told_ms = 0;
    pass(rig, 2 * HOUR); /* nobody has said in this run that it is gone */
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
    assert_true(plan(rig).wait_ms == INT64_MAX);
    tell_gone(rig);
    assert_int_equal(plan(rig).wait_ms, DDNS_WITHDRAW_LEAST_MS - 1);
    pass(rig, DDNS_WITHDRAW_LEAST_MS);
    assert_int_equal(after_look(rig, OURS), DDNS_SEND);
}

static void test_clocks(void **state)
{
    struct rig *rig = *state;
    pass(rig, 20 * MINUTE);
    rig->now.wall_ms += 1000 * HOUR; /* set, either way: of no meaning */
    assert_int_equal(plan(rig).wait_ms, 40 * MINUTE);
    rig->now.wall_ms -= 2000 * HOUR;
    assert_int_equal(plan(rig).wait_ms, 40 * MINUTE);
    /* Another boot begins anew, whatever its wall clock says. */
    strcpy(rig->now.boot_id, "c");
    rig->now.boot_ms = MINUTE;
    rig->now.wall_ms += 3000 * HOUR;
    rig->told_ms = 0;
    ddns_record_loaded(&rig->record);
    tell_gone(rig);
    assert_int_equal(plan(rig).wait_ms, HOUR - MINUTE);
}

/* This run has slept: what it has watched does not count the sleep, and a line comes up late. */
static void test_a_suspend_is_no_watching(void **state)
{
    struct rig *rig = *state;
    pass(rig, MINUTE);
    pass(rig, 5 * HOUR);
    rig->told_ms += 5 * HOUR;
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
    assert_int_equal(plan(rig).wait_ms, DDNS_WITHDRAW_LEAST_MS - MINUTE - 1);
}

static void test_what_is_not_ours_stays(void **state)
{
    struct rig *rig = *state;
    pass(rig, HOUR);
    assert_int_equal(after_look(rig, "2001:db8::99"), DDNS_NOTHING);
    assert_string_equal(plan(rig).reason,
                        "no address; what DNS shows was not published here, and stays");
    pass(rig, 10 * MINUTE);
    assert_int_equal(plan(rig).action, DDNS_LOOK);
    see2(rig, OURS, "2001:db8::99");
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
    pass(rig, 10 * MINUTE);
    assert_int_equal(after_look(rig, OURS), DDNS_SEND); /* it is as it was again */
}

static void test_nothing_is_there(void **state)
{
    struct rig *rig = *state;
    pass(rig, HOUR);
    assert_int_equal(plan(rig).action, DDNS_LOOK);
    assert_int_equal(see(rig, NULL), EVENT(WITHDRAWN)); /* by whomever; told once */
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
    assert_string_equal(plan(rig).reason, "no address; DNS shows none");
    pass(rig, 10 * MINUTE);
    assert_int_equal(see(rig, NULL), 0);
}

static void test_never_blind(void **state)
{
    struct rig *rig = *state;
    pass(rig, HOUR);
    for (int i = 0; i < 5; i++) {
        struct verify_look look = {.outcome = OUTCOME_DNS_TIMEOUT};
        assert_int_equal(plan(rig).action, DDNS_LOOK);
        ddns_apply_look(&rig->record, conf(rig), &look, &rig->now, 0);
        assert_int_equal(plan(rig).action, DDNS_NOTHING);
        pass(rig, HOUR);
    }
    assert_int_equal(after_look(rig, OURS), DDNS_SEND);
}

static void test_by_a_fresh_look_only(void **state)
{
    struct rig *rig = *state;
    pass(rig, HOUR);
    rig->account.penalty = (struct ddns_wait){rig->now, 3 * MINUTE};
    assert_int_equal(after_look(rig, OURS), DDNS_WAIT);
    assert_int_equal(plan(rig).send_ms, 3 * MINUTE);
    pass(rig, 3 * MINUTE);
    assert_int_equal(after_look(rig, "2001:db8::99"), DDNS_NOTHING);
}

static void test_every_limit_holds(void **state)
{
    struct rig *rig = *state;
    pass(rig, HOUR);
    see(rig, OURS);
    assert_int_equal(plan(rig).action, DDNS_SEND);
    rig->account.gap.since = rig->now;
    assert_int_equal(plan(rig).action, DDNS_WAIT);
    assert_int_equal(plan(rig).send_ms, GAP);
    rig->account.busy = true;
    assert_int_equal(plan(rig).action, DDNS_BUSY);
    rig->record.halted = true;
    assert_int_equal(plan(rig).action, DDNS_HALTED);
}

static void test_accepted_and_seen(void **state)
{
    struct rig *rig = *state;
    withdraw(rig);
    assert_true(ddns_is_withdrawing(&rig->record));
    assert_false(addr_is_set(&rig->record.sent) || addr_is_set(&rig->record.verified));
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
    pass(rig, 1000);
    assert_int_equal(plan(rig).action, DDNS_VERIFY);
    assert_int_equal(see2(rig, NULL, OURS), 0); /* one lags */
    pass(rig, 5000);
    assert_int_equal(plan(rig).action, DDNS_VERIFY);
    assert_int_equal(see(rig, NULL), EVENT(WITHDRAWN));
    assert_false(ddns_is_withdrawing(&rig->record));
    pass(rig, GAP);
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
}

static void test_accepted_and_never_seen(void **state)
{
    struct rig *rig = *state;
    withdraw(rig);
    pass(rig, DDNS_VERIFY_FOR_MS);
    assert_int_equal(see(rig, OURS), EVENT(MISMATCH));
    assert_true(rig->record.retry.length_ms > 0); /* not at once */
    pass(rig, HOUR);
    assert_int_equal(after_look(rig, OURS), DDNS_SEND); /* it is ours still: again */
    pass(rig, MINUTE);
    assert_int_equal(plan(rig).action, DDNS_LOOK);
    assert_int_equal(see(rig, NULL), EVENT(WITHDRAWN)); /* or it came late */
    assert_int_equal(see(rig, NULL), 0);
}

/* The answer was lost, and it was done: told all the same. */
static void test_a_lost_answer(void **state)
{
    struct rig *rig = *state;
    pass(rig, HOUR);
    see(rig, OURS);
    assert_int_equal(answer(rig, (struct ddns_answer){.verdict = DDNS_TEMPORARY}), EVENT(FAILED));
    pass(rig, HOUR);
    assert_int_equal(plan(rig).action, DDNS_LOOK);
    assert_int_equal(see(rig, NULL), EVENT(WITHDRAWN));
    assert_int_equal(rig->record.failures, 0);
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
}

/* It was sent, the answer was lost, and then the address: what DNS shows is ours all the same. */
static void test_what_was_sent_blindly_is_ours(void **state)
{
    struct rig *rig = *state;
    tell(rig, "2001:db8::2");
    tell_gone(rig);
    pass(rig, HOUR);
    assert_int_equal(after_look(rig, "2001:db8::2"), DDNS_SEND);
    assert_int_equal(answer(rig, (struct ddns_answer){.verdict = DDNS_TEMPORARY}), EVENT(FAILED));
    pass(rig, HOUR);
    assert_int_equal(see(rig, NULL), EVENT(WITHDRAWN));
}

static void test_it_comes_back(void **state)
{
    struct rig *rig = *state;
    withdraw(rig);
    pass(rig, 1000);
    tell(rig, OURS);
    /* DNS shows it still, and will not for long. */
    see(rig, OURS);
    assert_int_equal(plan(rig).action, DDNS_WAIT);
    assert_int_equal(plan(rig).send_ms, GAP - 1000);
    pass(rig, GAP - 1000);
    assert_int_equal(plan(rig).action, DDNS_SEND);
    struct addr addr = ip(OURS);
    struct ddns_answer ok = {.verdict = DDNS_OK, .replied = true};
    ddns_apply_leaving(&rig->record, &rig->account, &rig->conf, &rig->now);
    ddns_apply_answer(&rig->record, &rig->account, &rig->conf, &ok, &addr, &rig->now, 0);
    assert_false(addr_is_set(&rig->record.withdrawn));
    pass(rig, 1000);
    assert_int_equal(see(rig, OURS), EVENT(VERIFIED));
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
}

/* It comes back while the request is under way: what that took is put back. */
static void test_it_comes_back_meanwhile(void **state)
{
    struct rig *rig = *state;
    pass(rig, HOUR);
    see(rig, OURS);
    ddns_apply_leaving(&rig->record, &rig->account, &rig->conf, &rig->now);
    tell(rig, OURS);
    assert_int_equal(plan(rig).action, DDNS_BUSY);
    struct ddns_answer ok = {.verdict = DDNS_OK, .replied = true};
    ddns_apply_answer(&rig->record, &rig->account, &rig->conf, &ok, &none, &rig->now, 0);
    pass(rig, GAP);
    assert_int_equal(after_look(rig, OURS), DDNS_SEND);
}

/* The provider can't, or will not: that is no reason to publish nothing later. */
static void test_refused_for_good(void **state)
{
    struct rig *rig = *state;
    pass(rig, HOUR);
    see(rig, OURS);
    assert_int_equal(answer(rig, (struct ddns_answer){.verdict = DDNS_CONFIG}), EVENT(HALTED));
    assert_false(rig->record.halted);
    pass(rig, HOUR);
    assert_int_equal(plan(rig).action, DDNS_HALTED);
    assert_string_equal(plan(rig).reason, "the provider refuses to withdraw the record");
    tell(rig, "2001:db8::2");
    assert_int_equal(after_look(rig, OURS), DDNS_SEND);
    assert_false(rig->record.withdraw_refused);
}

static void test_a_wrong_password_halts(void **state)
{
    struct rig *rig = *state;
    pass(rig, HOUR);
    see(rig, OURS);
    assert_int_equal(answer(rig, (struct ddns_answer){.verdict = DDNS_AUTH}), EVENT(HALTED));
    assert_true(rig->record.halted);
    tell(rig, OURS);
    assert_int_equal(plan(rig).action, DDNS_HALTED);
}

static void test_outlook(void **state)
{
    struct rig *rig = *state;
    pass(rig, 20 * MINUTE);
    struct ddns_outlook out =
        ddns_outlook(&rig->record, &rig->account, conf(rig), &rig->now, false);
    assert_true(out.due && out.withdraws);
    assert_int_equal(out.hold_count, 1);
    assert_string_equal(out.holds[0].word, "grace");
    assert_int_equal(out.left_ms, 40 * MINUTE);
    rig->record.withdraw_refused = true;
    out = ddns_outlook(&rig->record, &rig->account, conf(rig), &rig->now, false);
    assert_string_equal(out.holds[0].word, "refused");
    rig->conf.other_serves = false;
    out = ddns_outlook(&rig->record, &rig->account, conf(rig), &rig->now, true);
    assert_false(out.due || out.withdraws);
    assert_string_equal(out.why, "no address; the last address of a name stays");
    assert_string_equal(out.holds[0].word, "no-address");
}

int main(void)
{
#define RIG(test) cmocka_unit_test_setup(test, setup)
    const struct CMUnitTest tests[] = {
        RIG(test_after_the_grace_and_a_look),
        RIG(test_never_unless_asked_for),
        RIG(test_not_the_last_of_a_name),
        RIG(test_an_address_that_comes_back_ends_it),
        RIG(test_over_a_restart),
        RIG(test_clocks),
        RIG(test_a_suspend_is_no_watching),
        RIG(test_what_is_not_ours_stays),
        RIG(test_nothing_is_there),
        RIG(test_never_blind),
        RIG(test_by_a_fresh_look_only),
        RIG(test_every_limit_holds),
        RIG(test_accepted_and_seen),
        RIG(test_accepted_and_never_seen),
        RIG(test_a_lost_answer),
        RIG(test_what_was_sent_blindly_is_ours),
        RIG(test_it_comes_back),
        RIG(test_it_comes_back_meanwhile),
        RIG(test_refused_for_good),
        RIG(test_a_wrong_password_halts),
        RIG(test_outlook),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
