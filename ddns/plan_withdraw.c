/* SPDX-License-Identifier: ISC
 *
 * See the header.
 */
#include "ddns/plan_withdraw.h"

/* How old a look may be by which a record is withdrawn. */
#define LOOK_FRESH_MS 60000

bool ddns_is_withdrawing(const struct ddns_record_state *record)
{
    return record->verifying && addr_is_set(&record->withdrawn);
}

int64_t ddns_withdraw_left(const struct ddns_record_state *record,
                           const struct ddns_plan_conf *conf, const struct stamp *now)
{
    int64_t watch_ms =
        conf->withdraw_ms < DDNS_WITHDRAW_LEAST_MS ? conf->withdraw_ms : DDNS_WITHDRAW_LEAST_MS;
    if (conf->withdraw_ms <= 0 || conf->watched_ms <= 0 || record->gone.wall_ms == 0)
        return INT64_MAX;
    int64_t left_ms = ddns_left_since_boot(&record->gone, conf->withdraw_ms, now);
    int64_t unseen_ms = watch_ms - conf->watched_ms;
    return unseen_ms > left_ms ? unseen_ms : left_ms;
}

/* The address in DNS is one that we put there, or found there as it should be. */
static bool is_ours(const struct ddns_record_state *record)
{
    const struct addr *shown = &record->published;
    return addr_is_set(shown) &&
           (addr_equal(shown, &record->sent) || addr_equal(shown, &record->verified));
}

static const char *why_it_stays(const struct ddns_record_state *record)
{
    if (record->look_failures > 0 || !record->published_known)
        return "no address; waiting for the authoritative servers' answer";
    if (record->absent)
        return "no address; DNS shows none";
    if (ddns_is_withdrawing(record))
        return "withdrawal accepted; waiting for the authoritative servers to show it";
    if (!is_ours(record))
        return "no address; what DNS shows was not published here, and stays";
    return NULL;
}

static struct ddns_step nothing(int64_t wait_ms, const char *reason)
{
    return (struct ddns_step){.action = DDNS_NOTHING, .wait_ms = wait_ms, .reason = reason};
}

static struct ddns_step look(const struct ddns_record_state *record)
{
    if (ddns_is_withdrawing(record))
        return (struct ddns_step){.action = DDNS_VERIFY,
                                  .reason = "withdrawal accepted; does DNS show it?"};
    return (struct ddns_step){.action = DDNS_LOOK, .reason = "what does DNS show?"};
}

/* All that is left to ask are the limits. */
static struct ddns_step limited(const struct ddns_record_state *record,
                                const struct ddns_account_state *account,
                                const struct ddns_plan_conf *conf, const struct stamp *now)
{
    struct ddns_step step = ddns_limits(record, account, conf, now);
    if (step.action != DDNS_SEND)
        return step;
    if (stamp_left_ms(&record->looked_at, LOOK_FRESH_MS, now) == 0)
        return look(record);
    step.reason = "its address is gone for good";
    return step;
}

struct ddns_step ddns_plan_withdraw(const struct ddns_record_state *record,
                                    const struct ddns_account_state *account,
                                    const struct ddns_plan_conf *conf, const struct stamp *now)
{
    int64_t left_ms = ddns_withdraw_left(record, conf, now);
    int64_t look_ms = ddns_wait_left(&record->look, now);
    if (conf->unseen || left_ms == INT64_MAX)
        return nothing(INT64_MAX, "no address to publish");
    if (left_ms > 0)
        return nothing(left_ms, "no address; its record stays for the time of withdraw-after");
    if (record->withdraw_refused)
        return (struct ddns_step){.action = DDNS_HALTED,
                                  .wait_ms = INT64_MAX,
                                  .reason = "the provider refuses to withdraw the record"};
    if (!conf->other_serves)
        return nothing(INT64_MAX, "no address; the last address of a name stays");
    if (look_ms == 0)
        return look(record);
    const char *why = why_it_stays(record);
    if (why)
        return nothing(look_ms, why);
    if (account->busy)
        return (struct ddns_step){.action = DDNS_BUSY,
                                  .wait_ms = look_ms,
                                  .reason = "another request of this account is under way"};
    struct ddns_step step = limited(record, account, conf, now);
    if (step.wait_ms > look_ms)
        step.wait_ms = look_ms;
    return step;
}
