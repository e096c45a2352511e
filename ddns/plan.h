/* SPDX-License-Identifier: ISC
 *
 * The plan of one record and family: what is wanted, sent, seen in DNS, and therefore what to do
 * next and when. Pure: state and time in, step out. Not its job: how the state changes after an
 * event (ddns/transition.h). Waits are kept as (stamp, length), so that they hold across restarts
 * and clock steps (lib/clock.h).
 */
#ifndef REACHD_DDNS_PLAN_H
#define REACHD_DDNS_PLAN_H

#include <stdbool.h>

#include "ddns/backoff.h"
#include "ddns/budget.h"
#include "ddns/verdict.h"
#include "lib/addr.h"
#include "lib/clock.h"

/* A wait that began at a moment; zeroed: over. */
struct ddns_wait {
    struct stamp since;
    int64_t length_ms;
};

/* Shared by all records of one provider account. Persisted before a request leaves, all of it. */
struct ddns_account_state {
    struct ddns_wait gap;     /* from the last request */
    struct ddns_wait penalty; /* account-wide: Retry-After, backoff after 503 */
    struct ddns_wait spent;   /* of the budget */
    enum outcome cause;       /* not persisted: of the penalty, see struct ddns_answer */
    unsigned failures;        /* account-wide failures in a row */
    /* A request is under way. Persisted as well: found set at start, the process died with a
     * request out, whose bytes may have left at any time until then. */
    bool busy;
};

/* One record and family. Persisted except where noted. */
struct ddns_record_state {
    struct addr wanted; /* not persisted; from the address watch; unset: nothing to publish */
    struct addr own;    /* what was wanted last, sent or not: whose it is in DNS is known by it */
    struct stamp gone;  /* since when there is none; unset: there is one, or nobody has said yet */

    struct addr sent; /* last value a provider accepted, as far as DNS does not deny it */
    struct stamp sent_at;
    bool verifying; /* `sent` was accepted and not yet seen in DNS */
    struct stamp verify_since;
    unsigned verify_looks; /* looks since then: their intervals grow */
    unsigned mismatches;   /* accepted, but DNS never showed it, in a row */

    /* What all authoritative servers that answered last agreed on; unset: no single value. */
    struct addr published;
    bool published_known;   /* they did answer, at looked_at */
    bool absent;            /* they agreed that there is none */
    bool partial;           /* some of them show the wanted value, others not */
    struct addr verified;   /* the value that was last told as verified; unset after a mismatch */
    struct stamp looked_at; /* last clear answer */
    struct ddns_wait look;  /* until the next look; zeroed: due */
    unsigned look_failures; /* looks without a clear answer, in a row */
    uint32_t ttl;           /* seconds, of the published record set; 0 unknown */
    uint32_t usual_ttl;     /* the TTL that a jump is measured against; 0 unknown */

    unsigned failures;      /* failed requests in a row */
    struct ddns_wait retry; /* backoff of this record */
    bool halted;            /* auth, config, abuse: until the configuration changes */
    enum ddns_verdict halt_verdict;
    struct addr refused;   /* the provider refuses this very value */
    bool withdraw_refused; /* it refuses to withdraw the record; until an address comes */
    /* What the last withdrawal took, when that is what the provider accepted last; `sent` is unset
     * then, and `verifying`: that DNS shows none. */
    struct addr withdrawn;
    struct addr withdrawing;       /* not persisted: what the request under way withdraws */
    char last_text[DDNS_TEXT_LEN]; /* what the provider said last, printable; "" nothing yet */
    enum ddns_verdict last_verdict;

    enum outcome cause; /* not persisted: of the last answer, see struct ddns_answer */
    bool busy;          /* not persisted: a look or a request is under way */
    /* Not persisted: somebody asked for an update although DNS may show the wanted address. */
    bool forced;
};

/* Defaults for configuration. */
#define DDNS_LOOK_EVERY_MS INT64_C(300000)
#define DDNS_VERIFY_FOR_MS INT64_C(600000)
/* So many looks in a row must fail before an update goes out without one. */
#define DDNS_BLIND_AFTER 2

struct ddns_plan_conf {
    int64_t gap_ms; /* of the account, between any two requests */
    struct ddns_budget budget;
    int64_t error_gap_ms;  /* least wait after a reply that was an error */
    int64_t look_every_ms; /* periodic look at the authoritative servers; 0: the default */
    int64_t verify_for_ms; /* bound of the verification; 0: the default */
    bool unseen;           /* what is told is no name in DNS: nothing to look at */
    int64_t refresh_ms;    /* the provider wants an update at least so often; 0: it does not */
    uint32_t expect_ttl;   /* seconds; 0: the first TTL seen is the usual one */
    struct backoff_conf backoff;
    /* For ddns/plan_withdraw.h. */
    int64_t withdraw_ms; /* 0: never */
    int64_t watched_ms;  /* this run has seen no address for so long, suspends not counted; 0: it
                            has not been told that there is none */
    bool other_serves;   /* the name's other family is in DNS as it should be */
};

enum ddns_action {
    DDNS_NOTHING, /* nothing wanted, or all is as it should be until wait_ms */
    DDNS_LOOK,    /* ask the authoritative servers what they serve */
    DDNS_SEND,    /* send the wanted address */
    DDNS_VERIFY,  /* ask the authoritative servers whether they show what was accepted */
    DDNS_WAIT,    /* an update is due, but not before wait_ms have passed */
    DDNS_HALTED,  /* stopped until the configuration changes */
    DDNS_BUSY,    /* something of this record, or of its account, is under way */
};

struct ddns_step {
    enum ddns_action action;
    int64_t wait_ms;    /* until this plan should be asked again; INT64_MAX: only after an event */
    int64_t send_ms;    /* DDNS_WAIT: until the update may leave; else 0 */
    const char *reason; /* static text: "provider's gap", "backoff after a failure", … */
};

const char *ddns_action_word(enum ddns_action action); /* "nothing" "look" "send" … */

/* What holds an update back, whoever asks for it. */
enum ddns_limit {
    DDNS_LIMIT_GAP,
    DDNS_LIMIT_BUDGET,
    DDNS_LIMIT_PENALTY,
    DDNS_LIMIT_BACKOFF,
    DDNS_LIMIT_COUNT,
};

const char *ddns_limit_word(enum ddns_limit limit);   /* "gap" "budget" "penalty" "backoff" */
const char *ddns_limit_reason(enum ddns_limit limit); /* "provider's gap" … */

struct ddns_step ddns_plan(const struct ddns_record_state *record,
                           const struct ddns_account_state *account,
                           const struct ddns_plan_conf *conf, const struct stamp *now);

/* The longest of the waits that would hold an update back, whether one is due or not: DDNS_WAIT
 * with send_ms and its reason, or DDNS_SEND. */
struct ddns_step ddns_limits(const struct ddns_record_state *record,
                             const struct ddns_account_state *account,
                             const struct ddns_plan_conf *conf, const struct stamp *now);
/* What is left of each; 0: it is over. */
void ddns_limits_left(const struct ddns_record_state *record,
                      const struct ddns_account_state *account, const struct ddns_plan_conf *conf,
                      const struct stamp *now, int64_t left[DDNS_LIMIT_COUNT]);
int64_t ddns_wait_left(const struct ddns_wait *wait, const struct stamp *now);
/* As stamp_left_ms, but what began in another boot counts from this one on: no wall clock that was
 * wrong on either side can shorten it. */
int64_t ddns_left_since_boot(const struct stamp *since, int64_t length_ms, const struct stamp *now);
/* What is left of what was spent of the budget. */
int64_t ddns_spent_left(const struct ddns_account_state *account, const struct stamp *now);
/* What to do about DDNS_HALTED: a sentence, "" when nothing is halted. */
const char *ddns_halt_advice(const struct ddns_record_state *record);
/* What to do about the last answer when it was a failure. */
const char *ddns_failure_advice(const struct ddns_record_state *record);
/* DNS shows the wanted value, as far as is known, and nothing under way will change it. */
bool ddns_is_current(const struct ddns_record_state *record);

#endif
