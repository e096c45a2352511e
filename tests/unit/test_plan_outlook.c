/* SPDX-License-Identifier: ISC
 *
 * ddns/plan_outlook.h, and updates that somebody asked for whatever DNS shows: what is due, what
 * holds it back and for how long; that asking shortens no wait.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ddns/plan_outlook.h"
#include "ddns/transition.h"

#define GAP    65000
#define MINUTE INT64_C(60000)

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

/* DNS shows what is wanted; all waits are over. */
static int setup(void **state)
{
    static struct rig rig;
    memset(&rig, 0, sizeof(rig));
    rig.conf = (struct ddns_plan_conf){.gap_ms = GAP};
    rig.now =
        (struct stamp){.boot_id = "b", .boot_ms = 100 * MINUTE, .wall_ms = INT64_C(1764000000000)};
    rig.record.wanted = rig.record.sent = rig.record.published = ip("203.0.113.1");
    rig.record.verified = rig.record.wanted;
    rig.record.published_known = true;
    rig.record.look = (struct ddns_wait){.since = rig.now, .length_ms = 5 * MINUTE};
    *state = &rig;
    return 0;
}

static void pass(struct rig *rig, int64_t ms)
{
    rig->now.boot_ms += ms;
    rig->now.wall_ms += ms;
}

static struct ddns_outlook outlook(const struct rig *rig, bool forced)
{
    return ddns_outlook(&rig->record, &rig->account, &rig->conf, &rig->now, forced);
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

static void answer(struct rig *rig, struct ddns_answer answer)
{
    ddns_apply_leaving(&rig->record, &rig->account, &rig->conf, &rig->now);
    answer.replied = true;
    ddns_apply_answer(&rig->record, &rig->account, &rig->conf, &answer, &rig->record.wanted,
                      &rig->now, 0);
}

static const struct ddns_hold *hold_of(const struct ddns_outlook *outlook, const char *word)
{
    for (size_t i = 0; i < outlook->hold_count; i++)
        if (strcmp(outlook->holds[i].word, word) == 0)
            return &outlook->holds[i];
    fail_msg("not held by %s", word);
    return NULL;
}

static void test_nothing_is_due(void **state)
{
    struct rig *rig = *state;
    struct ddns_outlook out = outlook(rig, false);
    assert_false(out.due);
    assert_string_equal(out.why, "DNS shows the wanted address");
    assert_int_equal(out.hold_count, 0);
    assert_int_equal(out.left_ms, 0);
}

static void test_due_now(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.2");
    struct ddns_outlook out = outlook(rig, false);
    assert_true(out.due);
    assert_string_equal(out.why, "the wanted address is not in DNS");
    assert_int_equal(out.hold_count, 0);
    rig->record.published_known = false; /* that is not known */
    rig->record.look_failures = 9;
    out = outlook(rig, false);
    assert_true(out.due);
    assert_string_equal(out.why,
                        "the authoritative servers do not answer, so it may not be in DNS");
}

/* Each of them, not the longest alone. */
static void test_all_that_holds(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.2");
    rig->conf.budget = (struct ddns_budget){2, 120 * MINUTE};
    rig->account.gap.since = rig->now;
    rig->account.spent = (struct ddns_wait){rig->now, 60 * MINUTE};
    rig->account.penalty = (struct ddns_wait){rig->now, 10 * MINUTE};
    rig->record.retry = (struct ddns_wait){rig->now, 3 * MINUTE};
    rig->account.busy = true;
    pass(rig, MINUTE);
    struct ddns_outlook out = outlook(rig, false);
    assert_true(out.due);
    assert_int_equal(out.hold_count, 5);
    assert_int_equal(hold_of(&out, "gap")->left_ms, GAP - MINUTE);
    assert_in_range(hold_of(&out, "budget")->left_ms, 58 * MINUTE, 60 * MINUTE);
    assert_int_equal(hold_of(&out, "penalty")->left_ms, 9 * MINUTE);
    assert_int_equal(hold_of(&out, "backoff")->left_ms, 2 * MINUTE);
    assert_true(hold_of(&out, "busy")->left_ms == INT64_MAX);
    rig->account.busy = false;
    assert_int_equal(outlook(rig, false).left_ms, hold_of(&out, "budget")->left_ms);
}

static void test_only_an_event_ends_it(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.2");
    rig->record.halted = true;
    struct ddns_outlook out = outlook(rig, true);
    assert_true(out.due); /* it would be, were it not halted */
    assert_true(hold_of(&out, "halted")->left_ms == INT64_MAX && out.left_ms == INT64_MAX);
    rig->record.halted = false;
    rig->record.refused = rig->record.wanted;
    out = outlook(rig, true);
    assert_true(out.due);
    assert_true(hold_of(&out, "refused")->left_ms == INT64_MAX);
    rig->record.wanted = (struct addr){0};
    out = outlook(rig, true);
    assert_false(out.due);
    assert_true(hold_of(&out, "no-address")->left_ms == INT64_MAX);
}

/* A look that is due, or under way, hides nothing of what is known. */
static void test_looks_do_not_hide_it(void **state)
{
    struct rig *rig = *state;
    want(rig, "203.0.113.2");
    rig->record.look = (struct ddns_wait){0};
    rig->record.busy = true;
    assert_true(outlook(rig, false).due);
    rig->record.published_known = false;
    assert_false(outlook(rig, false).due);
    assert_string_equal(outlook(rig, false).why, "waiting for the authoritative servers' answer");
}

static void test_forced_is_due(void **state)
{
    struct rig *rig = *state;
    struct ddns_outlook out = outlook(rig, true);
    assert_true(out.due);
    assert_string_equal(out.why, "it was asked for, whatever DNS shows");
    assert_false(rig->record.forced); /* asking what would be changes nothing */
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
    assert_true(ddns_apply_force(&rig->record));
    assert_int_equal(plan(rig).action, DDNS_SEND);
    assert_string_equal(plan(rig).reason, out.why);
}

static void test_forced_keeps_every_limit(void **state)
{
    struct rig *rig = *state;
    answer(rig, (struct ddns_answer){.verdict = DDNS_OK});
    assert_true(ddns_apply_force(&rig->record));
    assert_int_equal(plan(rig).action, DDNS_WAIT);
    assert_int_equal(plan(rig).send_ms, GAP);
    pass(rig, GAP);
    rig->record.look = (struct ddns_wait){.since = rig->now, .length_ms = 60 * MINUTE};
    assert_int_equal(plan(rig).action, DDNS_SEND);
    answer(rig, (struct ddns_answer){.verdict = DDNS_TEMPORARY, .wait_ms = 9 * MINUTE});
    assert_true(rig->record.forced); /* not done yet */
    rig->record.look = (struct ddns_wait){.since = rig->now, .length_ms = 60 * MINUTE};
    assert_int_equal(plan(rig).action, DDNS_WAIT);
    assert_int_equal(plan(rig).send_ms, 9 * MINUTE);
    rig->account.penalty = (struct ddns_wait){rig->now, 30 * MINUTE};
    assert_int_equal(plan(rig).send_ms, 30 * MINUTE);
    pass(rig, 30 * MINUTE);
    rig->conf.budget = (struct ddns_budget){2, 120 * MINUTE};
    rig->account.spent = (struct ddns_wait){rig->now, 60 * MINUTE};
    assert_string_equal(plan(rig).reason, "provider's budget");
    rig->account.busy = true;
    assert_int_equal(plan(rig).action, DDNS_BUSY);
}

static void test_forced_ends_with_its_answer(void **state)
{
    struct rig *rig = *state;
    assert_true(ddns_apply_force(&rig->record));
    answer(rig, (struct ddns_answer){.verdict = DDNS_NOCHANGE});
    assert_false(rig->record.forced);
    pass(rig, GAP);
    assert_true(ddns_apply_force(&rig->record));
    answer(rig, (struct ddns_answer){.verdict = DDNS_AUTH});
    assert_false(rig->record.forced);
    assert_false(ddns_apply_force(&rig->record));
    assert_int_equal(plan(rig).action, DDNS_HALTED);
}

static void test_nothing_to_force(void **state)
{
    struct rig *rig = *state;
    rig->record.refused = rig->record.wanted;
    assert_false(ddns_apply_force(&rig->record));
    want(rig, "203.0.113.2");
    assert_true(ddns_apply_force(&rig->record));
    want(rig, "203.0.113.3"); /* whatever is wanted by then */
    assert_true(rig->record.forced);
    const struct addr none = {0};
    ddns_apply_wanted(&rig->record, &none);
    assert_false(rig->record.forced);
    assert_false(ddns_apply_force(&rig->record));
}

static void test_forced_where_dns_cannot_tell(void **state)
{
    struct rig *rig = *state;
    rig->conf.unseen = true;
    assert_int_equal(plan(rig).action, DDNS_NOTHING);
    assert_true(outlook(rig, true).due);
    assert_true(ddns_apply_force(&rig->record));
    assert_int_equal(plan(rig).action, DDNS_SEND);
    assert_string_equal(plan(rig).reason, "it was asked for, whatever DNS shows");
}

static void test_a_restart_forgets_it(void **state)
{
    struct rig *rig = *state;
    assert_true(ddns_apply_force(&rig->record));
    ddns_record_loaded(&rig->record);
    assert_false(rig->record.forced);
}

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(ddns_limit_word(DDNS_LIMIT_PENALTY), "penalty");
    assert_string_equal(ddns_limit_word(DDNS_LIMIT_COUNT), "unknown");
    assert_string_equal(ddns_limit_reason(DDNS_LIMIT_BUDGET), "provider's budget");
    assert_string_equal(ddns_limit_reason(DDNS_LIMIT_COUNT), "unknown");
}

int main(void)
{
#define RIG(test) cmocka_unit_test_setup(test, setup)
    const struct CMUnitTest tests[] = {
        RIG(test_nothing_is_due),           RIG(test_due_now),
        RIG(test_all_that_holds),           RIG(test_only_an_event_ends_it),
        RIG(test_looks_do_not_hide_it),     RIG(test_forced_is_due),
        RIG(test_forced_keeps_every_limit), RIG(test_forced_ends_with_its_answer),
        RIG(test_nothing_to_force),         RIG(test_forced_where_dns_cannot_tell),
        RIG(test_a_restart_forgets_it),     RIG(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
