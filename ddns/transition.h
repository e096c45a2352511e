/* SPDX-License-Identifier: ISC
 *
 * How the state of a record, and of its account, changes after an event: a new wanted address, a
 * request that leaves, an answer, a look at DNS, a restart. Pure: the plan (ddns/plan.h) decides
 * what to do, these functions note what came of it and tell what the world should hear.
 */
#ifndef REACHD_DDNS_TRANSITION_H
#define REACHD_DDNS_TRANSITION_H

#include "ddns/plan.h"
#include "probes/verify.h"

enum ddns_event_kind {
    DDNS_EVENT_SENT,      /* the provider accepted (ok or nochange) */
    DDNS_EVENT_FAILED,    /* temporary failure; told at the first of a row, then at each doubling */
    DDNS_EVENT_HALTED,    /* auth, config, abuse; or this very address is refused */
    DDNS_EVENT_VERIFIED,  /* the authoritative servers agree on the wanted value */
    DDNS_EVENT_MISMATCH,  /* not within the bound, or changed behind our back */
    DDNS_EVENT_TTL,       /* the TTL jumped */
    DDNS_EVENT_WITHDRAWN, /* the authoritative servers agree that the withdrawn record is gone */
    DDNS_EVENT_COUNT,
};

/* What to tell: a set of 1 << DDNS_EVENT_*. */
typedef unsigned ddns_events;

/* After loading persisted state. conservative: nothing was kept, so every gap is waited once. */
void ddns_account_loaded(struct ddns_account_state *account, bool conservative,
                         const struct stamp *now);
/* The first thing of a new run is a look; waits, halts and what was sent go on. */
void ddns_record_loaded(struct ddns_record_state *record);

/* False when nothing changed. */
bool ddns_apply_wanted(struct ddns_record_state *record, const struct addr *wanted);
/* The address watch says that there is no address, perhaps for the first time in this run: since
 * when. False when that was known. */
bool ddns_apply_gone(struct ddns_record_state *record, const struct stamp *now);
/* The wall clock was set: a failure that it was the cause of need not be waited for. */
void ddns_apply_clock_set(struct ddns_record_state *record, struct ddns_account_state *account);
/* Makes the next step a look. */
void ddns_apply_check(struct ddns_record_state *record);

/* Somebody asks for an update although DNS may show the wanted address. It waits as any other does,
 * and ends with an answer that is no temporary failure. False: there is nothing to send, or a
 * permanent failure stands in the way. */
bool ddns_apply_force(struct ddns_record_state *record);

/* A request is about to leave: persist the account, durably, after this and before it does. Without
 * a wanted address it is a withdrawal of what DNS shows (`withdrawing`). */
void ddns_apply_leaving(struct ddns_record_state *record, struct ddns_account_state *account,
                        const struct ddns_plan_conf *conf, const struct stamp *now);
/* It was given up before an answer came (its record left the configuration). */
void ddns_apply_abandoned(struct ddns_record_state *record, struct ddns_account_state *account,
                          const struct stamp *now);
/* Its answer; `value` is what it carried, which is of no meaning for a withdrawal. The gap counts
 * from here again: the request may have left late. */
ddns_events ddns_apply_answer(struct ddns_record_state *record, struct ddns_account_state *account,
                              const struct ddns_plan_conf *conf, const struct ddns_answer *answer,
                              const struct addr *value, const struct stamp *now, uint32_t rnd);
/* Another record of the account got a permanent answer that concerns all. False: was halted. */
bool ddns_apply_account_halt(struct ddns_record_state *record, const struct ddns_answer *answer);

/* A look or verification ended. */
ddns_events ddns_apply_look(struct ddns_record_state *record, const struct ddns_plan_conf *conf,
                            const struct verify_look *look, const struct stamp *now, uint32_t rnd);
/* A look was given up in favour of an update; only when the last one is known and clear. */
void ddns_apply_look_dropped(struct ddns_record_state *record, const struct stamp *now);

#endif
