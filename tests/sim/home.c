/* SPDX-License-Identifier: ISC
 *
 * See the header. Plan and transitions, driven as ddns/job.c drives them, through addresses that
 * change and flap, lost requests and replies, outages and storms of 503, DNS that lags or is
 * silent, crashes between any two steps, power cuts, reboots with a clock at 1970, clock steps,
 * suspends, a configuration that changes.
 */
#include "tests/sim/home.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ddns/plan_withdraw.h"
#include "ddns/transition.h"
#include "lib/str.h"

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

static uint32_t draw(struct sim *sim)
{
    return dice_draw(&sim->dice);
}

static bool chance(struct sim *sim, unsigned percent)
{
    return draw(sim) % 100 < percent;
}

static int64_t between(struct sim *sim, int64_t low, int64_t high)
{
    return dice_between(&sim->dice, low, high);
}

#define CHECK(sim, cond)                                                                           \
    do {                                                                                           \
        if (!(cond))                                                                               \
            sim_fail((sim)->seed, (sim)->now, #cond);                                              \
    } while (0)

static struct stamp stamp_of(const struct sim *sim)
{
    struct stamp stamp = {.boot_ms = sim->now - sim->boot_at + 1,
                          .wall_ms = START_WALL + sim->now + sim->wall_offset};
    str_append(stamp.boot_id, sizeof(stamp.boot_id), "boot-%u", sim->boots);
    return stamp;
}

static struct addr random_address(struct sim *sim)
{
    uint8_t bytes[4] = {203, 0, 113, (uint8_t)draw(sim)};
    return addr_v4(bytes);
}

/* The other family of the same name; NULL: the name has one only. */
static struct sim_job *twin_of(struct sim *sim, const struct sim_job *job)
{
    size_t twin = (size_t)(job - sim->jobs) ^ 1;
    return twin < sim->jobs_used ? &sim->jobs[twin] : NULL;
}

/* As ddns/job.c makes it. */
static struct ddns_plan_conf conf_of(struct sim *sim, const struct sim_job *job)
{
    struct ddns_plan_conf conf = sim->conf;
    const struct sim_job *twin = twin_of(sim, job);
    conf.watched_ms =
        addr_is_set(&job->state.wanted) ? 0 : sim->now - job->told_at - sim->slept + 1;
    conf.other_serves = twin && addr_is_set(&twin->state.wanted) && ddns_is_current(&twin->state);
    return conf;
}

/* What the address watch says, to a daemon that has just started, or at a change. */
static void tell(struct sim *sim, struct sim_job *job)
{
    struct stamp now = stamp_of(sim);
    ddns_apply_wanted(&job->state, &job->wanted);
    if (addr_is_set(&job->wanted))
        return;
    if (job->told_at < 0)
        job->told_at = sim->now - sim->slept;
    if (ddns_apply_gone(&job->state, &now))
        job->stored = job->state;
}

/* --- the provider and the zone --- */

static bool is_refused(const struct sim_job *job)
{
    return addr_is_set(&job->carries) && addr_equal(&job->carries, &job->bad_value);
}

static void arrive(struct sim *sim, struct sim_job *job)
{
    job->arrived = true;
    CHECK(sim, sim->last_arrival < 0 || sim->now - sim->last_arrival >= SERVER_GAP);
    sim->last_arrival = sim->now;
    int64_t *oldest = &sim->arrivals[sim->arrived % BUDGET];
    CHECK(sim, sim->conf.budget.count == 0 || sim->arrived < BUDGET || sim->now - *oldest > DAY);
    *oldest = sim->now;
    sim->arrived++;
    sim->sum->requests++;
    CHECK(sim, job->carries_serial >= job->arrived_serial);
    job->arrived_serial = job->carries_serial;
    if (sim->now < sim->storm_until)
        return;
    if (job->bad_password || is_refused(job) || (sim->faults && chance(sim, 10)))
        return;
    job->owed = !addr_is_set(&job->carries);
    sim->sum->withdrawn += job->owed;
    job->old_zone = sim->now >= job->zone_shows_at ? job->zone : job->old_zone;
    job->zone = job->carries;
    job->zone_shows_at = sim->now + (sim->faults ? between(sim, 0, 100 * SECOND) : 0);
    job->lost = sim->faults && chance(sim, 10); /* done, but the reply gets lost */
}

static struct ddns_answer answer_of(struct sim *sim, const struct sim_job *job)
{
    struct ddns_answer answer = {.verdict = DDNS_TEMPORARY};
    if (!job->arrived || job->lost)
        return answer;
    answer.replied = true;
    if (job->bad_password) {
        answer.verdict = DDNS_AUTH;
        answer.account = chance(sim, 50); /* of all, or of this host */
    } else if (is_refused(job)) {
        answer.verdict = DDNS_CONFIG;
        answer.this_value = true;
    } else if (addr_equal(&job->zone, &job->carries)) {
        answer.verdict = chance(sim, 20) ? DDNS_NOCHANGE : DDNS_OK;
    } else {
        answer.account = chance(sim, 50); /* 503 or 5 */
        answer.wait_ms = chance(sim, 20) ? between(sim, MINUTE, HOUR) : 0;
    }
    return answer;
}

static void look(struct sim *sim, struct sim_job *job, const struct stamp *now)
{
    static struct verify_look seen;
    memset(&seen, 0, sizeof(seen));
    if (!sim->faults || (sim->now >= sim->dns_down_until && chance(sim, 97))) {
        seen.count = 2;
        for (size_t i = 0; i < 2; i++) {
            struct verify_server *server = &seen.servers[i];
            bool late = i == 1 && sim->faults && chance(sim, 5);
            server->authoritative = true;
            server->ttl = 300;
            server->values[0] = sim->now >= job->zone_shows_at && !late ? job->zone : job->old_zone;
            server->count = addr_is_set(&server->values[0]);
            server->outcome = server->count ? OUTCOME_OK : OUTCOME_DNS_NODATA;
        }
    }
    verify_judge(&seen);
    struct ddns_plan_conf conf = conf_of(sim, job);
    if (ddns_apply_look(&job->state, &conf, &seen, now, draw(sim)) & 1u << DDNS_EVENT_WITHDRAWN)
        job->owed = false;
    job->stored = job->state;
}

/* --- crashes and clocks --- */

static void restart(struct sim *sim)
{
    struct stamp now = stamp_of(sim);
    sim->sum->crashes++;
    sim->slept = 0;
    sim->account = sim->stored;
    ddns_account_loaded(&sim->account, false, &now);
    sim->stored = sim->account;
    for (size_t i = 0; i < sim->jobs_used; i++) {
        struct sim_job *job = &sim->jobs[i];
        if (job->out && !job->arrived && chance(sim, 50))
            arrive(sim, job); /* its bytes had left just before */
        job->out = false;
        job->state = job->stored;
        ddns_record_loaded(&job->state);
        job->told_at = -1;
        tell(sim, job);
    }
}

/* The database is gone, and with it all that was known. A budget is not what survives that. */
static void lose_database(struct sim *sim)
{
    struct stamp now = stamp_of(sim);
    if (sim->conf.budget.count > 0)
        return;
    sim->stored = sim->forced = (struct ddns_account_state){0};
    for (size_t i = 0; i < sim->jobs_used; i++) {
        struct sim_job *job = &sim->jobs[i];
        job->stored = (struct ddns_record_state){0};
        job->told_halt = job->owed = false;
        job->told_refused = (struct addr){0};
    }
    sim->not_before = 0;
    restart(sim);
    ddns_account_loaded(&sim->account, true, &now);
    sim->stored = sim->forced = sim->account; /* forced to disk, as ddns/account.c does */
}

static void reboot(struct sim *sim)
{
    sim->sum->reboots++;
    sim->not_before = 0; /* with both clocks wrong nobody knows how long ago it was */
    for (size_t i = 0; i < sim->jobs_used; i++)
        if (sim->jobs[i].out && !sim->jobs[i].arrived && chance(sim, 50)) {
            arrive(sim, &sim->jobs[i]);
            sim->jobs[i].out = false;
        }
    sim->now += between(sim, 0, 40 * SECOND);
    sim->boot_at = sim->now;
    sim->boots++;
    int64_t epoch = -(START_WALL + sim->now) + between(sim, 0, 10 * MINUTE);
    sim->wall_offset = chance(sim, 50) ? epoch : between(sim, -2 * DAY, 2 * DAY);
    if (chance(sim, 50)) /* it was a power cut */
        sim->stored = sim->forced;
    restart(sim);
}

/* Nothing runs; what was on its way arrived before, or never. */
static void suspend(struct sim *sim)
{
    int64_t span = between(sim, MINUTE, 8 * HOUR);
    for (size_t i = 0; i < sim->jobs_used; i++) {
        struct sim_job *job = &sim->jobs[i];
        if (job->out && !job->arrived && chance(sim, 50))
            arrive(sim, job);
        else if (job->out && !job->arrived)
            job->arrives_at = INT64_MAX;
    }
    sim->now += span;
    sim->slept += span;
}

static void want(struct sim *sim, struct sim_job *job, const struct addr *address)
{
    if (addr_equal(&job->wanted, address))
        return;
    sim->sum->changes++;
    job->serial++;
    job->wanted = *address;
    job->gone_at = sim->now;
    job->owed = false; /* what came of the old one is of no interest */
    job->told_at = -1;
    tell(sim, job);
}

/* The line comes back with another address, or with the one before: it flaps. */
static void renumber(struct sim *sim, struct sim_job *job)
{
    struct addr next = random_address(sim);
    want(sim, job, addr_is_set(&job->zone) && chance(sim, 20) ? &job->zone : &next);
}

/* The line is gone, for a moment or for good; the other family's most often stays. */
static void go(struct sim *sim, struct sim_job *job)
{
    const struct addr none = {0};
    want(sim, job, &none);
}

static void renumber_all(struct sim *sim)
{
    for (size_t i = 0; i < sim->jobs_used; i++)
        renumber(sim, &sim->jobs[i]);
}

/* A reload keeps what is known; our gap is never below the provider's. */
static void reconfigure(struct sim *sim)
{
    sim->conf.gap_ms = between(sim, OUR_GAP, 2 * OUR_GAP);
    sim->conf.look_every_ms = between(sim, sim->pace->look_every / 2, sim->pace->look_every);
}

/* `reachd update --force`, perhaps again and again, and of all records at once. */
static void force(struct sim *sim, struct sim_job *job)
{
    sim->sum->forced++;
    if (chance(sim, 50))
        ddns_apply_force(&job->state);
    for (size_t i = 0; i < sim->jobs_used && chance(sim, 50); i++)
        ddns_apply_force(&sim->jobs[i].state);
}

static void disturb(struct sim *sim)
{
    struct sim_job *job = &sim->jobs[draw(sim) % sim->jobs_used];
    unsigned what = sim->near ? draw(sim) % 6 : draw(sim) % 24;
    sim->near = false;
    switch (what) {
    case 0:
    case 1:
    case 2:
        restart(sim);
        break;
    case 3:
        reboot(sim);
        break;
    case 4:
        suspend(sim);
        break;
    case 5: /* somebody is impatient */
        force(sim, job);
        break;
    case 6:
    case 7:
        sim->wall_offset = chance(sim, 50) ? 0 : between(sim, -HOUR, HOUR);
        break;
    case 8: /* somebody else writes the record */
        job->zone = job->old_zone = random_address(sim);
        break;
    case 9:
        job->bad_password = true;
        break;
    case 10:
        sim->outage_until = sim->now + between(sim, MINUTE, DAY);
        break;
    case 11:
        sim->storm_until = sim->now + between(sim, MINUTE, 4 * HOUR);
        break;
    case 12:
        sim->dns_down_until = sim->now + between(sim, MINUTE, 4 * HOUR);
        break;
    case 13:
        reconfigure(sim);
        break;
    case 14:
        renumber_all(sim);
        break;
    case 15:
        job->bad_value = job->wanted;
        break;
    case 16:
        lose_database(sim);
        break;
    case 17:
    case 18:
    case 19:
        go(sim, job);
        break;
    default:
        renumber(sim, job);
        break;
    }
}

static bool is_any_out(const struct sim *sim)
{
    for (size_t i = 0; i < sim->jobs_used; i++)
        if (sim->jobs[i].out)
            return true;
    return false;
}

/* A person mends the password: the configuration changed. */
static void mend(struct sim *sim)
{
    for (size_t i = 0; i < sim->jobs_used; i++) {
        struct sim_job *job = &sim->jobs[i];
        if (!job->state.halted && !addr_is_set(&job->bad_value) && !job->bad_password)
            continue;
        job->bad_password = job->told_halt = job->owed = false;
        job->bad_value = job->told_refused = (struct addr){0};
        job->state = (struct ddns_record_state){0};
        job->told_at = -1;
        tell(sim, job);
        job->stored = job->state;
    }
}

/* --- the driver, which does what ddns/job.c does --- */

/* Gone for as long as was asked for, and nobody is left without an address. */
static void check_withdrawal(struct sim *sim, const struct sim_job *job)
{
    const struct sim_job *twin = twin_of(sim, job);
    CHECK(sim, sim->conf.withdraw_ms > 0);
    CHECK(sim, sim->now - job->gone_at >= sim->conf.withdraw_ms);
    CHECK(sim, twin && addr_is_set(&twin->wanted));
    CHECK(sim, addr_is_set(&job->state.withdrawing));
}

static void start_request(struct sim *sim, struct sim_job *job, const struct stamp *now)
{
    CHECK(sim, !job->told_halt && !sim->account.busy);
    CHECK(sim, !addr_is_set(&job->wanted) || !addr_equal(&job->told_refused, &job->wanted));
    CHECK(sim, sim->now >= sim->not_before);
    CHECK(sim, addr_equal(&job->state.wanted, &job->wanted));
    ddns_apply_leaving(&job->state, &sim->account, &sim->conf, now);
    if (!addr_is_set(&job->wanted))
        check_withdrawal(sim, job);
    sim->stored = sim->account;
    if (sim->forced.gap.since.wall_ms == 0 ||
        sim->conf.budget.count >
            0) /* as account_reserve does: only the first, but of a budget all */
        sim->forced = sim->stored;
    job->out = true;
    job->arrived = job->lost = false;
    job->carries = job->state.wanted;
    job->carries_serial = job->serial;
    job->due_at = 0;
    if (sim->faults && chance(sim, 5)) {
        sim->near = true;
        sim->disturb_at = sim->now + between(sim, 1, MINUTE);
    }
    bool slow = sim->faults && chance(sim, 10);
    job->arrives_at = sim->now + between(sim, 1, slow ? 25 * SECOND : 100);
    job->answers_at = job->arrives_at + between(sim, 1, slow ? 90 * SECOND : 100);
    if (sim->now < sim->outage_until || (sim->faults && chance(sim, 5)))
        job->arrives_at = INT64_MAX; /* refused, reset, no route */
}

/* A permanent answer for the account stops its other records too. */
static void halt_others(struct sim *sim, const struct sim_job *job,
                        const struct ddns_answer *answer)
{
    for (size_t i = 0; i < sim->jobs_used; i++) {
        struct sim_job *other = &sim->jobs[i];
        if (other == job || !ddns_apply_account_halt(&other->state, answer))
            continue;
        other->stored = other->state;
        other->told_halt = true;
    }
}

static void end_request(struct sim *sim, struct sim_job *job, const struct stamp *now)
{
    struct ddns_answer answer = answer_of(sim, job);
    job->out = false;
    ddns_apply_answer(&job->state, &sim->account, &sim->conf, &answer, &job->carries, now,
                      draw(sim));
    if (sim->faults && chance(sim, 5)) { /* killed before any of this was stored */
        restart(sim);
        return;
    }
    sim->stored = sim->account;
    if (sim->faults && chance(sim, 5)) { /* or between the two */
        restart(sim);
        return;
    }
    job->stored = job->state;
    job->told_halt = job->state.halted;
    job->told_refused = job->state.refused;
    if (job->state.halted && answer.account)
        halt_others(sim, job, &answer);
    if (answer.account && answer.wait_ms > 0)
        sim->not_before = sim->now + answer.wait_ms;
}

/* Does all that is due now; returns the time of the next thing. */
static int64_t run_jobs(struct sim *sim)
{
    int64_t next = INT64_MAX;
    struct sim_job *sender = NULL;
    for (size_t i = 0; i < sim->jobs_used; i++) {
        struct sim_job *job = &sim->jobs[i];
        struct stamp now = stamp_of(sim);
        if (job->out && !job->arrived && sim->now >= job->arrives_at)
            arrive(sim, job);
        if (job->out && sim->now >= job->answers_at) {
            end_request(sim, job, &now);
            return sim->now;
        }
        if (job->out) {
            int64_t at = job->arrived || job->arrives_at > job->answers_at ? job->answers_at
                                                                           : job->arrives_at;
            next = at < next ? at : next;
            continue;
        }
        struct ddns_plan_conf conf = conf_of(sim, job);
        struct ddns_step step = ddns_plan(&job->state, &sim->account, &conf, &now);
        if (step.action == DDNS_LOOK || step.action == DDNS_VERIFY) {
            look(sim, job, &now);
            return sim->now;
        }
        bool due = step.action == DDNS_SEND || step.action == DDNS_WAIT || step.action == DDNS_BUSY;
        job->due_at = due ? (job->due_at ? job->due_at : sim->now + 1) : 0;
        if (step.action == DDNS_SEND && (!sender || job->due_at < sender->due_at))
            sender = job;
        else if (step.action != DDNS_SEND && step.wait_ms != INT64_MAX) {
            CHECK(sim, step.wait_ms > 0);
            next = sim->now + step.wait_ms < next ? sim->now + step.wait_ms : next;
        }
    }
    if (!sender)
        return next;
    struct stamp now = stamp_of(sim);
    start_request(sim, sender, &now);
    return sim->now;
}

static void run_until(struct sim *sim, int64_t end, int64_t disturb_every)
{
    sim->disturb_at = sim->now + between(sim, 1, disturb_every);
    while (sim->now < end) {
        int64_t next = run_jobs(sim);
        sim->sum->steps++;
        if (next <= sim->now)
            continue;
        if (sim->faults && sim->disturb_at <= next) {
            sim->now = sim->disturb_at > sim->now ? sim->disturb_at : sim->now;
            disturb(sim);
            sim->disturb_at = sim->now + between(sim, 1, disturb_every);
        } else {
            sim->now = next < end ? next : end;
        }
    }
}

/* What was published here, and is dead, is gone, unless nothing else is left of the name. */
static void check_gone(struct sim *sim, const struct sim_job *job)
{
    const struct sim_job *twin = twin_of(sim, job);
    const struct ddns_record_state *state = &job->state;
    int64_t since = sim->boot_at > job->gone_at ? sim->boot_at : job->gone_at;
    bool due = sim->conf.withdraw_ms > 0 && twin && addr_is_set(&twin->wanted) &&
               sim->now - since > sim->conf.withdraw_ms + QUIET_BOUND;
    CHECK(sim, !due || !job->owed);
    if (!due || !addr_is_set(&job->zone))
        return;
    CHECK(sim, !addr_equal(&job->zone, &state->sent));
    CHECK(sim, !addr_equal(&job->zone, &state->verified));
    CHECK(sim, !addr_equal(&job->zone, &state->withdrawn));
}

static void check_all_published(struct sim *sim)
{
    for (size_t i = 0; i < sim->jobs_used; i++) {
        struct sim_job *job = &sim->jobs[i];
        if (!addr_is_set(&job->wanted)) {
            check_gone(sim, job);
            continue;
        }
        CHECK(sim, addr_equal(&job->zone, &job->wanted));
        CHECK(sim, addr_equal(&job->state.verified, &job->wanted));
    }
}

/* Nothing is wrong: the first of all hosts goes out at once, the others as the gap lets them. */
static void check_bound(struct sim *sim)
{
    unsigned changed = 0;
    while (sim->now - sim->last_arrival <= 2 * sim->conf.gap_ms) /* of a withdrawal just now */
        run_until(sim, sim->now + sim->conf.gap_ms, DAY);
    uint64_t before = sim->sum->requests;
    for (size_t i = 0; i < sim->jobs_used; i++) {
        struct addr next = random_address(sim);
        changed += !addr_equal(&next, &sim->jobs[i].zone);
        want(sim, &sim->jobs[i], &next);
    }
    run_until(sim, sim->now + SECOND, DAY);
    CHECK(sim, changed == 0 || sim->sum->requests > before);
    run_until(sim, sim->now + changed * (sim->conf.gap_ms + SECOND), DAY);
    for (size_t i = 0; i < sim->jobs_used; i++)
        CHECK(sim, addr_equal(&sim->jobs[i].zone, &sim->jobs[i].wanted));
    run_until(sim, sim->now + HOUR, DAY);
    check_all_published(sim);
}

static void live_spell(struct sim *sim)
{
    sim->faults = true;
    run_until(sim, sim->now + sim->pace->spell, sim->pace->disturb_every);
    sim->faults = false;
    sim->outage_until = sim->storm_until = sim->dns_down_until = 0;
    do { /* what was slow is over, and nothing new just under way */
        run_until(sim, sim->now + 3 * MINUTE, DAY);
    } while (is_any_out(sim));
    mend(sim);
    bool budget = sim->conf.budget.count > 0;
    run_until(sim, sim->now + QUIET_BOUND + 2 * sim->conf.look_every_ms + budget * 2 * DAY, DAY);
    check_all_published(sim);
    if (!budget)
        check_bound(sim);
}

void home_live(uint64_t seed, struct home_sum *sum)
{
    static const struct pace paces[] = {
        {2 * MINUTE, 5 * MINUTE, 20 * HOUR, 10 * DAY}, {3 * HOUR, 5 * MINUTE, 2 * DAY, 90 * DAY},
        {DAY, 6 * HOUR, 10 * DAY, 10 * YEAR},          {10 * DAY, DAY, 60 * DAY, 60 * YEAR},
        {20 * DAY, 3 * DAY, 200 * DAY, 300 * YEAR},
    };
    struct sim *sim = calloc(1, sizeof(*sim));
    if (!sim)
        abort();
    sim->seed = seed;
    sim->dice.state = seed;
    sim->sum = sum;
    sim->pace = &paces[draw(sim) % (sizeof paces / sizeof *paces)];
    sim->jobs_used = 1 + draw(sim) % JOBS;
    sim->last_arrival = -1;
    sim->now = DAY;
    sim->conf = (struct ddns_plan_conf){
        .gap_ms = OUR_GAP, .error_gap_ms = OUR_GAP, .look_every_ms = sim->pace->look_every};
    if (chance(sim, 50))
        sim->conf.budget = (struct ddns_budget){BUDGET, DAY};
    if (chance(sim, 67))
        sim->conf.withdraw_ms = chance(sim, 50) ? 10 * MINUTE : 3 * DAY;
    for (size_t i = 0; i < sim->jobs_used; i++) {
        sim->jobs[i].wanted = random_address(sim);
        sim->jobs[i].told_at = -1;
        tell(sim, &sim->jobs[i]);
    }
    while (sim->now < DAY + sim->pace->lasts)
        live_spell(sim);
    sum->years += (double)(sim->now - DAY) / (double)YEAR;
    free(sim);
}
