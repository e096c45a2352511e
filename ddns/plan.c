/* SPDX-License-Identifier: ISC
 *
 * The plan of one record and family. Owns: the order of the rules. Not its job: changing state.
 */
#include "ddns/plan.h"

#include <stddef.h>
#include <string.h>

#include "ddns/plan_withdraw.h"

const char *ddns_action_word(enum ddns_action action)
{
    static const char *const words[] = {
        [DDNS_NOTHING] = "nothing", [DDNS_LOOK] = "look", [DDNS_SEND] = "send",
        [DDNS_VERIFY] = "verify",   [DDNS_WAIT] = "wait", [DDNS_HALTED] = "halted",
        [DDNS_BUSY] = "busy",
    };
    return (size_t)action < sizeof(words) / sizeof(words[0]) ? words[action] : "unknown";
}

int64_t ddns_wait_left(const struct ddns_wait *wait, const struct stamp *now)
{
    return stamp_left_ms(&wait->since, wait->length_ms, now);
}

static struct ddns_step step_of(enum ddns_action action, int64_t wait_ms, const char *reason)
{
    return (struct ddns_step){.action = action, .wait_ms = wait_ms, .reason = reason};
}

static bool sent_is_wanted(const struct ddns_record_state *record)
{
    return addr_equal(&record->sent, &record->wanted);
}

const char *ddns_halt_advice(const struct ddns_record_state *record)
{
    if (record->halted)
        return ddns_verdict_advice(record->halt_verdict);
    if (!addr_is_set(&record->wanted) || !addr_equal(&record->refused, &record->wanted))
        return "";
    return "Some providers take IPv4 only: then leave this family out of the record, and set it at "
           "the provider by hand. Another address is sent when it comes.";
}

/* What is wrong on this machine somebody can mend, and knows best how. */
const char *ddns_failure_advice(const struct ddns_record_state *record)
{
    if (record->cause == OUTCOME_LOCAL_CLOCK)
        return "Set this machine's clock (timedatectl, chronyc, ntpd): the update is tried again "
               "as soon as it is set.";
    if (record->cause != OUTCOME_OK && outcome_info(record->cause)->layer == LAYER_LOCAL)
        return outcome_info(record->cause)->advice;
    if (record->cause != OUTCOME_OK && outcome_info(record->cause)->layer == LAYER_CERT)
        return "It is tried again. Until then look at the url of the record, at this machine's "
               "clock and its authorities (ca-certificates), and for a proxy or portal on the way; "
               "an authority of your own goes into section trust.";
    return ddns_verdict_advice(record->last_verdict);
}

bool ddns_is_current(const struct ddns_record_state *record)
{
    /* An accepted value that DNS does not show yet will replace what it shows now. */
    bool settled = !record->verifying || sent_is_wanted(record);
    return record->published_known && settled && addr_equal(&record->published, &record->wanted);
}

/* A request of another boot left before this one began: then the time since the boot is enough to
 * go by, and no wall clock that was wrong on either side can shorten the wait. */
int64_t ddns_left_since_boot(const struct stamp *since, int64_t length_ms, const struct stamp *now)
{
    bool other_boot = since->wall_ms != 0 && since->boot_id[0] && now->boot_id[0] &&
                      strncmp(since->boot_id, now->boot_id, CLOCK_BOOT_ID_LEN) != 0;
    if (!other_boot)
        return stamp_left_ms(since, length_ms, now);
    return now->boot_ms >= length_ms ? 0 : length_ms - now->boot_ms;
}

int64_t ddns_spent_left(const struct ddns_account_state *account, const struct stamp *now)
{
    return ddns_left_since_boot(&account->spent.since, account->spent.length_ms, now);
}

static const struct {
    const char *word;
    const char *reason;
} limits[DDNS_LIMIT_COUNT] = {
    [DDNS_LIMIT_GAP] = {"gap", "provider's gap"},
    [DDNS_LIMIT_BUDGET] = {"budget", "provider's budget"},
    [DDNS_LIMIT_PENALTY] = {"penalty", "the provider asked to wait"},
    [DDNS_LIMIT_BACKOFF] = {"backoff", "backoff after a failure"},
};

const char *ddns_limit_word(enum ddns_limit limit)
{
    return (unsigned)limit < DDNS_LIMIT_COUNT ? limits[limit].word : "unknown";
}

const char *ddns_limit_reason(enum ddns_limit limit)
{
    return (unsigned)limit < DDNS_LIMIT_COUNT ? limits[limit].reason : "unknown";
}

void ddns_limits_left(const struct ddns_record_state *record,
                      const struct ddns_account_state *account, const struct ddns_plan_conf *conf,
                      const struct stamp *now, int64_t left[DDNS_LIMIT_COUNT])
{
    left[DDNS_LIMIT_GAP] = ddns_left_since_boot(&account->gap.since, conf->gap_ms, now);
    left[DDNS_LIMIT_BUDGET] = ddns_budget_wait_ms(&conf->budget, ddns_spent_left(account, now));
    left[DDNS_LIMIT_PENALTY] = ddns_wait_left(&account->penalty, now);
    left[DDNS_LIMIT_BACKOFF] = ddns_wait_left(&record->retry, now);
}

struct ddns_step ddns_limits(const struct ddns_record_state *record,
                             const struct ddns_account_state *account,
                             const struct ddns_plan_conf *conf, const struct stamp *now)
{
    int64_t left[DDNS_LIMIT_COUNT];
    ddns_limits_left(record, account, conf, now, left);
    struct ddns_step step = step_of(DDNS_SEND, 0, "the wanted address is not in DNS");
    for (int i = 0; i < DDNS_LIMIT_COUNT; i++)
        if (left[i] > step.send_ms) {
            step = step_of(DDNS_WAIT, left[i], limits[i].reason);
            step.send_ms = left[i];
        }
    return step;
}

static bool is_stopped(const struct ddns_record_state *record, struct ddns_step *step)
{
    if (record->halted)
        *step = step_of(DDNS_HALTED, INT64_MAX, "stopped until the configuration changes");
    else if (addr_is_set(&record->wanted) && addr_equal(&record->refused, &record->wanted))
        *step = step_of(DDNS_HALTED, INT64_MAX, "the provider refuses this address");
    else if (record->busy)
        *step = step_of(DDNS_BUSY, INT64_MAX, "under way");
    else
        return false;
    return true;
}

/* Nobody knows what DNS shows. */
static bool is_blind(const struct ddns_record_state *record)
{
    return record->look_failures > 0 || !record->published_known;
}

/* Reasons to leave DNS alone although a look says that it is not as wanted, or says nothing. */
static const char *why_not_send(const struct ddns_record_state *record)
{
    bool blind = is_blind(record);
    if (ddns_is_current(record))
        return "DNS shows the wanted address";
    if (sent_is_wanted(record) && record->verifying)
        return "accepted; waiting for the authoritative servers to show it";
    if (record->partial)
        return "some authoritative servers show it, others not yet";
    if (blind && sent_is_wanted(record))
        return "accepted; the authoritative servers do not answer";
    if (blind && record->look_failures < DDNS_BLIND_AFTER)
        return "waiting for the authoritative servers' answer";
    return NULL;
}

/* Some providers drop a name that is not heard of: then what DNS shows already is sent again. */
static bool needs_refresh(const struct ddns_record_state *record, const struct ddns_plan_conf *conf,
                          const struct stamp *now)
{
    return conf->refresh_ms > 0 && ddns_is_current(record) && !record->verifying &&
           stamp_left_ms(&record->sent_at, conf->refresh_ms, now) == 0;
}

static const char asked_for[] = "it was asked for, whatever DNS shows";

/* Where DNS can't tell, what the provider accepted is all there is to go by. */
static struct ddns_step plan_unseen(const struct ddns_record_state *record,
                                    const struct ddns_account_state *account,
                                    const struct ddns_plan_conf *conf, const struct stamp *now)
{
    int64_t fresh =
        conf->refresh_ms > 0 ? stamp_left_ms(&record->sent_at, conf->refresh_ms, now) : INT64_MAX;
    if (sent_is_wanted(record) && fresh > 0 && !record->forced)
        return step_of(DDNS_NOTHING, fresh, "accepted; what it is for is no name in DNS");
    if (account->busy)
        return step_of(DDNS_BUSY, INT64_MAX, "another request of this account is under way");
    struct ddns_step step = ddns_limits(record, account, conf, now);
    if (step.action == DDNS_SEND)
        step.reason = record->forced ? asked_for : "the provider was not told yet";
    return step;
}

struct ddns_step ddns_plan(const struct ddns_record_state *record,
                           const struct ddns_account_state *account,
                           const struct ddns_plan_conf *conf, const struct stamp *now)
{
    struct ddns_step step;
    if (is_stopped(record, &step))
        return step;
    if (!addr_is_set(&record->wanted))
        return ddns_plan_withdraw(record, account, conf, now);
    if (conf->unseen)
        return plan_unseen(record, account, conf, now);
    int64_t look_left = ddns_wait_left(&record->look, now);
    if (look_left == 0 && record->verifying && sent_is_wanted(record))
        return step_of(DDNS_VERIFY, 0, "accepted; does DNS show it?");
    if (look_left == 0)
        return step_of(DDNS_LOOK, 0, "what does DNS show?");
    const char *why_not = why_not_send(record);
    bool refresh = needs_refresh(record, conf, now);
    if (why_not && !refresh && !record->forced)
        return step_of(DDNS_NOTHING, look_left, why_not);
    if (account->busy)
        return step_of(DDNS_BUSY, look_left, "another request of this account is under way");
    step = ddns_limits(record, account, conf, now);
    if (record->forced && why_not && step.action == DDNS_SEND)
        step.reason = asked_for;
    else if (refresh && step.action == DDNS_SEND)
        step.reason = "unchanged, but the provider wants to hear of it from time to time";
    else if (is_blind(record) && step.action == DDNS_SEND)
        step.reason = "the authoritative servers do not answer, so it may not be in DNS";
    if (step.wait_ms > look_left)
        step.wait_ms = look_left;
    return step;
}
