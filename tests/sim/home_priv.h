/* SPDX-License-Identifier: ISC
 *
 * What the files of one simulated home share: its state, the dice, and who does what: home.c (the
 * driver, which does what ddns/job.c does, and what must hold), home_world.c (the provider, the
 * zone), home_trouble.c (what goes wrong).
 */
#ifndef REACHD_TESTS_SIM_HOME_PRIV_H
#define REACHD_TESTS_SIM_HOME_PRIV_H

#include "ddns/transition.h"
#include "tests/sim/home.h"

#define JOBS        6
#define SECOND      INT64_C(1000)
#define MINUTE      (60 * SECOND)
#define HOUR        (60 * MINUTE)
#define DAY         (24 * HOUR)
#define YEAR        (365 * DAY)
#define SERVER_GAP  (60 * SECOND) /* what the provider really enforces */
#define OUR_GAP     (65 * SECOND)
#define START_WALL  INT64_C(1764000000000)
#define QUIET_BOUND (4 * HOUR)
#define BUDGET      20 /* in any day, in every other home */

struct sim_job {
    struct ddns_record_state state, stored;
    struct addr wanted; /* the truth: what the address watch says; unset: there is none */
    int64_t gone_at;    /* since when there is none */
    int64_t told_at;    /* since when this run knows */
    bool owed;       /* its record was withdrawn, and nobody has been told yet that DNS shows it */
    unsigned serial; /* of `wanted`: later ones are newer */
    struct addr zone, old_zone;
    int64_t zone_shows_at; /* until then old_zone is served */
    bool out;              /* a request is under way */
    bool arrived, lost;
    struct addr carries;
    unsigned carries_serial, arrived_serial;
    int64_t arrives_at, answers_at;
    bool bad_password;
    struct addr bad_value;    /* this one the provider refuses */
    struct addr told_refused; /* the provider said so, and that was stored */
    bool told_halt;           /* the provider said so, and that was stored */
    int64_t due_at;           /* order in the queue */
};

/* What a life is like. Dense ones find what calm ones don't, and the other way round. */
struct pace {
    int64_t disturb_every, look_every, spell;
    int64_t lasts;
};

struct sim {
    uint64_t seed;
    struct dice dice;
    const struct pace *pace;
    unsigned jobs_used;
    int64_t now, boot_at, wall_offset;
    unsigned boots;
    struct ddns_account_state account, stored;
    struct ddns_account_state forced; /* what a power cut leaves, at the least */
    struct sim_job jobs[JOBS];
    struct ddns_plan_conf conf;
    int64_t last_arrival;
    uint64_t arrived;
    int64_t arrivals[BUDGET]; /* the latest ones, in a circle */
    bool faults;
    int64_t outage_until, storm_until, dns_down_until;
    int64_t disturb_at;
    bool near;          /* the next trouble comes while a request is under way, or just after */
    int64_t not_before; /* Retry-After, once stored */
    int64_t slept;      /* in suspends, of this run */
    struct home_sum *sum;
};

#define CHECK(sim, cond)                                                                           \
    do {                                                                                           \
        if (!(cond))                                                                               \
            sim_fail((sim)->seed, (sim)->now, #cond);                                              \
    } while (0)

/* --- home_world.c --- */
uint32_t sim_draw(struct sim *sim);
bool sim_chance(struct sim *sim, unsigned percent);
int64_t sim_between(struct sim *sim, int64_t low, int64_t high);
struct stamp sim_stamp(const struct sim *sim);
struct addr sim_address(struct sim *sim);
struct sim_job *sim_twin(struct sim *sim, const struct sim_job *job);
struct ddns_plan_conf sim_conf(struct sim *sim, const struct sim_job *job);
void sim_tell(struct sim *sim, struct sim_job *job);
/* A request is there. */
void sim_arrive(struct sim *sim, struct sim_job *job);
/* What its answer will be, as far as the home gets one. */
struct ddns_answer sim_answer(struct sim *sim, const struct sim_job *job);
void sim_look(struct sim *sim, struct sim_job *job, const struct stamp *now);

/* --- home_trouble.c --- */
void sim_restart(struct sim *sim); /* kill -9 */
void sim_want(struct sim *sim, struct sim_job *job, const struct addr *address);
void sim_disturb(struct sim *sim); /* something happens */
bool sim_is_any_out(const struct sim *sim);
void sim_mend(struct sim *sim);

#endif
