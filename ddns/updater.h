/* SPDX-License-Identifier: ISC
 *
 * The updater: drives every record's plan. Owns: one queue per provider account, sessions, looks,
 * timers. Decisions are ddns/plan.h's; persistence is the caller's, through struct ddns_persist,
 * and is called before a request leaves. Not its job: hooks, configuration syntax.
 */
#ifndef REACHD_DDNS_UPDATER_H
#define REACHD_DDNS_UPDATER_H

#include "ddns/provider.h"
#include "ddns/runner.h"
#include "ddns/transition.h"

/* One record of the configuration. The updater copies the struct; the strings stay the
 * configuration's and must live until the next updater_configure or updater_free. */
struct ddns_record_conf {
    const char *name; /* section title: the key of the persisted state */
    const char *host; /* labels below the zone, "" at the apex */
    const char *domain;
    const char *fqdn;
    const char *apex; /* see struct provider_input */
    const struct provider *provider;
    const char *url; /* NULL: the provider's own */
    const char *user;
    const char *password;
    const char *id; /* see struct provider_input; NULL: none */
    char **command; /* of provider command: argv, NULL-terminated; else NULL */
    bool families[FAMILY_COUNT];
    struct egress egress;    /* interface or source for requests; zero: routing decides */
    enum session_family via; /* family of the connection to the provider */
    /* Where each address is, when it is on one interface: for providers that look where a request
     * comes from. NULL: not known. */
    const char *home[FAMILY_COUNT];
    int64_t gap_ms;            /* 0: the provider's own */
    struct ddns_budget budget; /* count 0: the provider's own */
    int64_t look_every_ms;
    int64_t verify_for_ms;
    struct backoff_conf backoff;
    const char *authoritative; /* see struct verify_conf; NULL: the zone's NS */
    int64_t timeout_ms;        /* of one request */
    uint32_t expect_ttl;       /* seconds; 0: the first TTL seen is the usual one */
    bool create;               /* a record that is missing, where the provider asks first */
    int64_t withdraw_ms;       /* see ddns/plan_withdraw.h; 0: never */
    /* The source of the address knows when there is none; else its record is never withdrawn. */
    bool loss_known[FAMILY_COUNT];
};

/* What happened, for logs and hooks; the kinds are in ddns/transition.h. Strings are valid during
 * the call. */
struct ddns_event {
    enum ddns_event_kind kind;
    const struct ddns_record_conf *record;
    enum family family;
    struct addr old; /* what DNS showed before; MISMATCH: the wanted value */
    struct addr now; /* the wanted value; MISMATCH: what DNS shows, unset when no single value */
    enum ddns_verdict verdict; /* SENT, FAILED, HALTED */
    const char *text;          /* one sentence for people */
    const char *advice;        /* what to do, or "" */
};

/* May call updater_want, updater_check and updater_each; not updater_configure or updater_free. */
typedef void ddns_event_fn(const struct ddns_event *event, void *arg);

/* Persistence. `key` of an account: provider id + URL (+ user). The loads return false when there
 * is nothing; the saves when the state could not be stored: then no request leaves. Fields that are
 * marked "not persisted" in ddns/plan.h need not be kept. */
struct ddns_persist {
    void *arg;
    bool (*load_account)(void *arg, const char *key, struct ddns_account_state *out);
    bool (*load_record)(void *arg, const char *name, enum family family,
                        struct ddns_record_state *out, char fingerprint[65]);
    /* durable: must be on disk when it returns; else kept through kill -9, not through a power cut.
     */
    bool (*save_account)(void *arg, const char *key, const struct ddns_account_state *state,
                         bool durable);
    bool (*save_record)(void *arg, const char *name, enum family family,
                        const struct ddns_record_state *state, const char *fingerprint);
    /* All that is saved between the two, and all that on_event keeps, is kept or none of it.
     * durable: as above, for all of it. */
    void (*begin)(void *arg, bool durable);
    bool (*end)(void *arg);
    /* True when the database is new or was replaced: every gap is waited once from the start. */
    bool conservative;
};

struct updater;

struct updater_env {
    struct loop *loop;
    struct resolver *resolver;
    struct trust *trust;
    struct runner runner; /* of programs, for provider command; zeroed: there is none */
    const struct ddns_persist *persist; /* copied */
    ddns_event_fn *on_event;
    void *arg;
};

struct updater *updater_new(const struct updater_env *env);
/* Gives up what is under way and saves; the store must still be there. NULL is fine. */
void updater_free(struct updater *updater);

/* Sets the records (at start and at a reload). State of a record whose fingerprint (all that
 * matters of its configuration, the password by hash) is unchanged goes on; a halt ends when it
 * changed. What is wanted is kept for a record of the same name. The former configuration may be
 * freed after the call. */
void updater_configure(struct updater *updater, const struct ddns_record_conf *records,
                       size_t count);
/* The address that a record's family should show; unset: there is none to publish, and if it stays
 * so the record may be withdrawn (ddns/plan_withdraw.h). */
void updater_want(struct updater *updater, const char *record, enum family family,
                  const struct addr *addr);
/* Looks at DNS again now and sends what is due as soon as the limits allow (after a suspend, on
 * demand). NULL: all records. Returns how many record families that concerns. */
size_t updater_check(struct updater *updater, const char *record);

/* An update of the record (NULL: of all) although DNS may show what is wanted; every limit holds as
 * it does for any other. Returns how many record families there are of that name. */
size_t updater_force(struct updater *updater, const char *record);

/* The wall clock was set: what failed for its sake need not wait any longer, but for the gap. */
void updater_clock_set(struct updater *updater);

struct updater_status {
    const struct ddns_record_conf *record;
    enum family family;
    const struct ddns_record_state *state;
    const struct ddns_account_state *account;
    const struct ddns_plan_conf *conf; /* valid during the call */
    struct ddns_step step;
    struct ddns_step limits; /* ddns_limits() */
    const char *evidence;    /* of the last look: what is odd about the record in DNS; "" nothing */
    bool authenticated;      /* the resolver has verified the name by DNSSEC (AD) */
};
/* Calls fn for each record and family of the configuration, in its order. */
void updater_each(struct updater *updater,
                  void (*fn)(const struct updater_status *status, void *arg), void *arg);

#endif
