/* SPDX-License-Identifier: ISC
 *
 * The plan of one record and family: what is wanted, sent, verified, and therefore what to do next
 * and when. Pure: state and time in, step out. Also the pure transitions that follow an event.
 * Waits are kept as (stamp, length), so that they hold across restarts and clock steps
 * (lib/clock.h).
 */
#ifndef REACHD_DDNS_PLAN_H
#define REACHD_DDNS_PLAN_H

#include <stdbool.h>

#include "ddns/backoff.h"
#include "ddns/verdict.h"
#include "lib/addr.h"
#include "lib/clock.h"

/* A wait that began at a moment. */
struct ddns_wait {
    struct stamp since;
    int64_t length_ms;
};

/* Shared by all records of one provider account. Persisted before a request leaves. */
struct ddns_account_state {
    struct ddns_wait gap; /* from the last request */
    struct ddns_wait
        penalty;       /* account-wide: Retry-After, backoff after 503 and abuse of the service */
    unsigned failures; /* account-wide failures in a row */
    bool busy;         /* a request is under way (not persisted) */
};

/* One record and family. Persisted except where noted. */
struct ddns_record_state {
    struct addr wanted; /* from the address watch; unset: nothing to publish */
    struct addr sent;   /* last value a provider accepted */
    struct stamp sent_at;
    struct addr
        published; /* what the authoritative servers showed last; unset: nothing, or unknown */
    bool published_known;
    struct stamp looked_at; /* when they were last asked with a clear answer */
    uint32_t ttl;           /* seconds, of the published record set */
    uint32_t usual_ttl;     /* the TTL that a jump is measured against; 0 unknown */
    unsigned failures;      /* temporary failures in a row */
    struct ddns_wait retry; /* backoff of this record */
    bool halted;            /* auth, config, abuse: until the configuration changes */
    enum ddns_verdict halt_verdict;
    char last_text[160]; /* what the provider said last, printable */
    enum ddns_verdict last_verdict;
    bool verifying; /* accepted by the provider, not yet seen in DNS */
    struct stamp verify_since;
    unsigned mismatches; /* accepted, but DNS never showed it, in a row */
    bool busy;           /* look, send or verify under way (not persisted) */
};

struct ddns_plan_conf {
    int64_t gap_ms;        /* of the account */
    int64_t look_every_ms; /* periodic look at the authoritative servers, default 5 min */
    int64_t verify_for_ms; /* bound of the verification, default 10 min */
    struct backoff_conf backoff;
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
    const char *reason; /* static text: "provider's gap", "backoff after a failure", … */
};

struct ddns_step ddns_plan(const struct ddns_record_state *record,
                           const struct ddns_account_state *account,
                           const struct ddns_plan_conf *conf, const struct stamp *now);

#endif
