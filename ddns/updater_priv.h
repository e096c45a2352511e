/* SPDX-License-Identifier: ISC
 *
 * What the files of the updater share: updater.c (configuration and the public calls), job.c (the
 * looks and requests of one record and family), cargo.c (what a request carries), account.c (the
 * queues), tell.c (events).
 */
#ifndef REACHD_DDNS_UPDATER_PRIV_H
#define REACHD_DDNS_UPDATER_PRIV_H

#include "ddns/api_cache.h"
#include "ddns/evidence.h"
#include "ddns/exchange.h"
#include "ddns/updater.h"
#include "lib/digest.h"

/* One queue: requests of an account leave one after another, its gap apart. */
struct account {
    struct account *next;
    char *key;
    struct ddns_account_state state;
    int64_t gap_ms;            /* the largest of its records */
    struct ddns_budget budget; /* the strictest */
    struct api_cache cache;
    bool gap_outlives_us; /* the disk has a gap of this account, though perhaps not the latest */
};

/* What a request carries for another job. */
struct parcel {
    char *record;
    enum family family;
    char fingerprint[DIGEST_HEX_LEN]; /* a record that is another one now was not in it */
    struct addr value;
    size_t name; /* which of the request's: 0 the sender's, then as in its `more` */
};

/* One record and family. */
struct job {
    struct updater *updater;
    struct account *account;
    struct ddns_record_conf conf;
    enum family family;
    char fingerprint[DIGEST_HEX_LEN];
    struct ddns_record_state state;
    struct loop_timer *timer; /* when the plan is asked again */
    struct exchange *exchange;
    struct verify *verify;
    bool unseen;     /* the provider says that DNS does not show what it was told */
    int64_t gone_ms; /* clock_mono_ms() since when this run has seen no address; 0: it has one */
    bool withdraws;  /* the request under way withdraws `sending` */
    struct addr sending;    /* what the request under way carries */
    struct parcel *parcels; /* and what it carries for others */
    size_t parcel_count;
    int64_t due_ms;          /* clock_mono_ms() since when an update is due; 0: none is */
    const char *told_reason; /* of the wait that was last logged */
    struct addr told_wanted;
    enum evidence evidence;           /* of the last look */
    char evidence_text[EVIDENCE_LEN]; /* what is odd; "" nothing */
    bool authenticated;               /* the resolver has verified the name by DNSSEC */
    char servers[1024];               /* the zone's servers as last found, "" unknown */
    int64_t servers_until_ms;         /* clock_mono_ms() */
};

struct updater {
    struct updater_env env;
    struct ddns_persist persist;
    struct account *accounts;
    struct job **jobs;
    size_t job_count;
};

/* --- account.c --- */
struct account *account_of(struct updater *updater, const struct ddns_record_conf *conf);
void account_free_all(struct updater *updater);
bool account_save(struct updater *updater, const struct account *account, bool durable);
/* Before a request leaves: its gap is stored so that neither kill -9 nor a power cut shortens it.
 */
bool account_reserve(struct updater *updater, struct account *account);
/* The job of the account that has been due for longest, NULL when none may send now. */
struct job *account_next(struct account *account, struct updater *updater, const struct stamp *now);
/* Every job of the account asks its plan again. */
void account_wake(const struct account *account, struct updater *updater);

/* --- job.c --- */
/* Loads the persisted state when the fingerprint is still the same. */
struct job *job_new(struct updater *updater, const struct ddns_record_conf *conf,
                    enum family family, const char *fingerprint);
void job_free(struct job *job); /* gives up what is under way */
void job_wake(struct job *job); /* asks the plan again, soon */
/* The jobs of its name, whose withdrawal depends on how it stands. */
void job_wake_others(const struct job *job);
/* The address watch has told of its address; what a withdrawal goes by is stored. True when it
 * hears for the first time that there is none. */
bool job_note_wanted(struct job *job, bool changed);
/* No look may stand in the way of an update that could leave at once. */
void job_drop_look(struct job *job);
struct ddns_plan_conf job_plan_conf(const struct job *job);
struct ddns_step job_plan(const struct job *job, const struct stamp *now);
void job_note_due(struct job *job, const struct ddns_step *step);
bool job_save(const struct job *job);

/* --- cargo.c --- */
/* Same account, user and password: an account without a user may have several passwords. */
bool cargo_same_login(const struct job *a, const struct job *b);
/* Before a request leaves, and before its account is busy: what else is due and may go along. */
void cargo_collect(struct job *job, const struct stamp *now);
void cargo_clear(struct job *job);
/* `more` is filled where the provider takes several names, and must last as long as the input. */
struct provider_input cargo_input(const struct job *job,
                                  struct provider_more more[PROVIDER_MORE_MAX]);
/* Each name gets its own answer where there is one for each. Else a success is one for all; a
 * failure is the sender's alone: the others have a try of their own. */
void cargo_tell(struct job *job, const struct ddns_answer *answer, const struct stamp *now);
/* The answer as it concerns the sender: a refusal for good of several at once, of whom only one may
 * be to blame, lets them go one by one; a server that does not answer is so for the whole account.
 */
struct ddns_answer cargo_answer(const struct job *job, const struct ddns_answer *answer);

/* --- tell.c --- */
/* Tells each event of the set; old is what DNS showed before, look may be NULL. */
void tell_events(const struct job *job, ddns_events events, const struct addr *old,
                 const struct verify_look *look);
/* Logs a wait once per reason and address. */
void tell_wait(struct job *job, const struct ddns_step *step);

#endif
