/* SPDX-License-Identifier: ISC
 *
 * State changes around a request: wanted, leaving, answer, restart. What a look at DNS changes is
 * in ddns/transition_look.c. Not its job: deciding what to do next.
 */
#include "ddns/transition.h"

#include <string.h>

#include "lib/str.h"

/* The first look after an acceptance: most zones show it at once. */
#define FIRST_VERIFY_MS 500

void ddns_account_loaded(struct ddns_account_state *account, bool conservative,
                         const struct stamp *now)
{
    if (conservative || account->busy)
        account->gap.since = *now;
    if (account->busy)
        account->spent.since = *now;
    account->busy = false;
}

void ddns_record_loaded(struct ddns_record_state *record)
{
    record->wanted = (struct addr){0};
    record->busy = false;
    record->forced = false;
    record->withdrawing = (struct addr){0};
    record->look = (struct ddns_wait){0};
    record->look_failures = 0;
    record->last_text[sizeof(record->last_text) - 1] = '\0';
}

bool ddns_apply_wanted(struct ddns_record_state *record, const struct addr *wanted)
{
    if (addr_equal(&record->wanted, wanted))
        return false;
    record->wanted = *wanted;
    if (addr_is_set(wanted)) {
        record->own = *wanted;
        record->gone = (struct stamp){0};
        record->withdraw_refused = false;
    }
    /* In DNS already, which nobody has been told. */
    if (addr_is_set(wanted) && addr_equal(&record->published, wanted) &&
        !addr_equal(&record->verified, wanted))
        record->look = (struct ddns_wait){0};
    record->partial = false;
    record->mismatches = 0;
    record->forced = record->forced && addr_is_set(wanted);
    /* Only what failed for the old value is forgotten: a wait protects the provider, not a value.
     */
    return true;
}

bool ddns_apply_gone(struct ddns_record_state *record, const struct stamp *now)
{
    if (record->gone.wall_ms != 0 || addr_is_set(&record->wanted))
        return false;
    record->gone = *now;
    return true;
}

void ddns_apply_check(struct ddns_record_state *record)
{
    record->look = (struct ddns_wait){0};
}

bool ddns_apply_force(struct ddns_record_state *record)
{
    bool refused = addr_equal(&record->refused, &record->wanted);
    record->forced = addr_is_set(&record->wanted) && !record->halted && !refused;
    return record->forced;
}

void ddns_apply_clock_set(struct ddns_record_state *record, struct ddns_account_state *account)
{
    if (record->cause == OUTCOME_LOCAL_CLOCK) {
        record->cause = OUTCOME_OK;
        record->retry = (struct ddns_wait){0};
    }
    /* Perhaps another record's, and the provider's own: that one stands. */
    if (account->cause == OUTCOME_LOCAL_CLOCK) {
        account->cause = OUTCOME_OK;
        account->penalty = (struct ddns_wait){0};
    }
}

void ddns_apply_leaving(struct ddns_record_state *record, struct ddns_account_state *account,
                        const struct ddns_plan_conf *conf, const struct stamp *now)
{
    record->busy = true;
    record->withdrawing = (struct addr){0};
    if (!addr_is_set(&record->wanted))
        record->withdrawing = record->published;
    account->busy = true;
    account->gap = (struct ddns_wait){.since = *now, .length_ms = conf->gap_ms};
    account->spent.length_ms = ddns_budget_spend_ms(&conf->budget, ddns_spent_left(account, now));
    account->spent.since = *now;
}

void ddns_apply_abandoned(struct ddns_record_state *record, struct ddns_account_state *account,
                          const struct stamp *now)
{
    record->busy = false;
    record->withdrawing = (struct addr){0};
    account->busy = false;
    account->gap.since = *now;
    account->spent.since = *now;
}

static void note_success(struct ddns_record_state *record, struct ddns_account_state *account,
                         const struct ddns_plan_conf *conf, const struct addr *value,
                         const struct stamp *now)
{
    record->withdrawn = record->withdrawing;
    record->sent = *value;
    if (addr_is_set(&record->withdrawn))
        record->sent = record->verified = (struct addr){0};
    record->sent_at = *now;
    record->failures = 0;
    record->retry = (struct ddns_wait){0};
    record->refused = (struct addr){0};
    record->forced = false;
    record->verifying = !conf->unseen;
    record->verify_since = *now;
    record->verify_looks = 0;
    record->look = (struct ddns_wait){.since = *now, .length_ms = FIRST_VERIFY_MS};
    account->failures = 0;
    account->penalty = (struct ddns_wait){0};
}

static bool is_power_of_two(unsigned n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

static unsigned count_up(unsigned n)
{
    return n < 1000000 ? n + 1 : n;
}

static void note_temporary(struct ddns_record_state *record, struct ddns_account_state *account,
                           const struct ddns_plan_conf *conf, const struct ddns_answer *answer,
                           const struct stamp *now, uint32_t rnd)
{
    int64_t floor = answer->wait_ms;
    if (answer->replied && floor < conf->error_gap_ms)
        floor = conf->error_gap_ms;
    /* A random wait that ends within the gap is none: after an outage all homes would come back at
     * the end of it, in the same second (tests/sim/fleet.c). */
    if (floor < conf->gap_ms)
        floor = conf->gap_ms;
    record->failures = count_up(record->failures);
    if (answer->account)
        account->failures = count_up(account->failures);
    unsigned row = answer->account ? account->failures : record->failures;
    struct ddns_wait wait = {.since = *now,
                             .length_ms = backoff_ms(&conf->backoff, row, floor, rnd)};
    *(answer->account ? &account->penalty : &record->retry) = wait;
    if (answer->account)
        account->cause = answer->cause;
    /* The answer may be lost though the update was made: look again just before the next try. */
    if (ddns_wait_left(&record->look, now) > wait.length_ms)
        record->look = wait;
}

static void note_permanent(struct ddns_record_state *record, const struct ddns_answer *answer,
                           const struct addr *value)
{
    record->forced = false;
    /* That the record can't be withdrawn is no reason to publish no address that comes. */
    if (addr_is_set(&record->withdrawing) && answer->verdict == DDNS_CONFIG && !answer->account) {
        record->withdraw_refused = true;
        return;
    }
    if (answer->this_value) {
        record->refused = *value;
        return;
    }
    record->halted = true;
    record->halt_verdict = answer->verdict;
}

static void note_text(struct ddns_record_state *record, const struct ddns_answer *answer)
{
    record->last_verdict = answer->verdict;
    record->cause = answer->cause;
    str_copy(record->last_text, sizeof(record->last_text), answer->text);
}

static ddns_events note_answer(struct ddns_record_state *record, struct ddns_account_state *account,
                               const struct ddns_plan_conf *conf, const struct ddns_answer *answer,
                               const struct addr *value, const struct stamp *now, uint32_t rnd)
{
    if (ddns_verdict_is_success(answer->verdict)) {
        note_success(record, account, conf, value, now);
        return 1u << DDNS_EVENT_SENT;
    }
    if (ddns_verdict_is_permanent(answer->verdict)) {
        note_permanent(record, answer, value);
        return 1u << DDNS_EVENT_HALTED;
    }
    note_temporary(record, account, conf, answer, now, rnd);
    return is_power_of_two(record->failures) ? 1u << DDNS_EVENT_FAILED : 0;
}

ddns_events ddns_apply_answer(struct ddns_record_state *record, struct ddns_account_state *account,
                              const struct ddns_plan_conf *conf, const struct ddns_answer *answer,
                              const struct addr *value, const struct stamp *now, uint32_t rnd)
{
    record->busy = false;
    account->busy = false;
    account->gap = (struct ddns_wait){.since = *now, .length_ms = conf->gap_ms};
    account->spent.since = *now;
    note_text(record, answer);
    ddns_events events = note_answer(record, account, conf, answer, value, now, rnd);
    record->withdrawing = (struct addr){0};
    return events;
}

bool ddns_apply_account_halt(struct ddns_record_state *record, const struct ddns_answer *answer)
{
    if (record->halted)
        return false;
    record->halted = true;
    record->forced = false;
    record->halt_verdict = answer->verdict;
    note_text(record, answer);
    return true;
}
