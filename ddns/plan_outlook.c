/* SPDX-License-Identifier: ISC
 *
 * See the header. Whether an update is due is the plan of the same record with all that could hold
 * it back taken away.
 */
#include "ddns/plan_outlook.h"

#include <stddef.h>

#include "ddns/plan_withdraw.h"

static void hold(struct ddns_outlook *outlook, const char *word, const char *reason,
                 int64_t left_ms)
{
    outlook->holds[outlook->hold_count++] = (struct ddns_hold){word, reason, left_ms};
    if (left_ms > outlook->left_ms)
        outlook->left_ms = left_ms;
}

/* What an event must end; one of them is enough to tell. */
static void hold_until_event(struct ddns_outlook *outlook, const struct ddns_record_state *record)
{
    if (record->halted)
        hold(outlook, "halted", "stopped until the configuration changes", INT64_MAX);
    else if (outlook->withdraws && record->withdraw_refused)
        hold(outlook, "refused", "the provider refuses to withdraw the record", INT64_MAX);
    else if (!addr_is_set(&record->wanted) && !outlook->withdraws)
        hold(outlook, "no-address", "no address to publish", INT64_MAX);
    else if (addr_is_set(&record->wanted) && addr_equal(&record->refused, &record->wanted))
        hold(outlook, "refused", "the provider refuses this address", INT64_MAX);
}

static void hold_by_limits(struct ddns_outlook *outlook, const struct ddns_record_state *record,
                           const struct ddns_account_state *account,
                           const struct ddns_plan_conf *conf, const struct stamp *now)
{
    int64_t left[DDNS_LIMIT_COUNT];
    ddns_limits_left(record, account, conf, now, left);
    for (int i = 0; i < DDNS_LIMIT_COUNT; i++)
        if (left[i] > 0)
            hold(outlook, ddns_limit_word((enum ddns_limit)i),
                 ddns_limit_reason((enum ddns_limit)i), left[i]);
    int64_t grace_ms = outlook->withdraws ? ddns_withdraw_left(record, conf, now) : 0;
    if (grace_ms > 0)
        hold(outlook, "grace", "the time of withdraw-after", grace_ms);
    if (account->busy)
        hold(outlook, "busy", "another request of this account is under way", INT64_MAX);
}

/* Nothing of it waits, fails or is under way: what is left is what is due. */
static struct ddns_record_state unheld(const struct ddns_record_state *record,
                                       const struct stamp *now, bool forced)
{
    struct ddns_record_state free = *record;
    free.busy = free.halted = free.withdraw_refused = false;
    free.refused = (struct addr){0};
    free.retry = (struct ddns_wait){0};
    free.look = (struct ddns_wait){.since = *now, .length_ms = 1};
    free.looked_at = *now;
    free.forced = record->forced || forced;
    return free;
}

struct ddns_outlook ddns_outlook(const struct ddns_record_state *record,
                                 const struct ddns_account_state *account,
                                 const struct ddns_plan_conf *conf, const struct stamp *now,
                                 bool forced)
{
    const struct ddns_account_state idle = {0};
    struct ddns_plan_conf unlimited = *conf;
    struct ddns_record_state free = unheld(record, now, forced);
    unlimited.gap_ms = 0;
    unlimited.budget = (struct ddns_budget){0};
    unlimited.withdraw_ms = conf->withdraw_ms > 0 ? 1 : 0;
    struct ddns_step step = ddns_plan(&free, &idle, &unlimited, now);
    struct ddns_outlook outlook = {.due = step.action == DDNS_SEND, .why = step.reason};
    outlook.withdraws = outlook.due && !addr_is_set(&record->wanted);
    hold_until_event(&outlook, record);
    hold_by_limits(&outlook, record, account, conf, now);
    return outlook;
}
