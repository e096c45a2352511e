/* SPDX-License-Identifier: ISC
 *
 * The plan for people: what would be sent, why, and everything that holds it back, each with how
 * long. Pure; it asks the plan itself (ddns/plan.h), so that the two can't differ. Not its job:
 * doing anything about it.
 */
#ifndef REACHD_DDNS_PLAN_OUTLOOK_H
#define REACHD_DDNS_PLAN_OUTLOOK_H

#include "ddns/plan.h"

#define DDNS_HOLDS_MAX (DDNS_LIMIT_COUNT + 3)

struct ddns_hold {
    const char *word;   /* of enum ddns_limit; or "no-address" "halted" "refused" "grace" "busy" */
    const char *reason; /* static text */
    int64_t left_ms;    /* INT64_MAX: until something happens, not until a time */
};

struct ddns_outlook {
    bool due;        /* an update is sent as soon as nothing holds it back */
    bool withdraws;  /* and it withdraws the record (ddns/plan_withdraw.h) */
    const char *why; /* it is due, or it is not; static text */
    struct ddns_hold holds[DDNS_HOLDS_MAX];
    size_t hold_count;
    int64_t left_ms; /* the longest of them; 0: nothing holds it back */
};

/* As far as is known now; what a look under way will show is not. forced: as if somebody asked for
 * an update whatever DNS shows (ddns_apply_force). What holds back is told whether one is due or
 * not. */
struct ddns_outlook ddns_outlook(const struct ddns_record_state *record,
                                 const struct ddns_account_state *account,
                                 const struct ddns_plan_conf *conf, const struct stamp *now,
                                 bool forced);

#endif
