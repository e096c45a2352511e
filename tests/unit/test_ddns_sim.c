/* SPDX-License-Identifier: ISC
 *
 * Plan and transitions through months of virtual time: addresses that change, a provider that
 * counts its 60 seconds, lost requests and replies, DNS that lags or is silent, crashes between any
 * two steps, reboots with a clock at 1970, clock steps. What must never happen is asserted at every
 * step, what must happen after each quiet spell. REACHD_SIM_SEED=N runs one seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ddns/provider.h"
#include "ddns/transition.h"
#include "lib/str.h"

#define JOBS        6
#define SECOND      INT64_C(1000)
#define MINUTE      (60 * SECOND)
#define HOUR        (60 * MINUTE)
#define DAY         (24 * HOUR)
#define SERVER_GAP  (60 * SECOND) /* what the provider really enforces */
#define OUR_GAP     (65 * SECOND)
#define START_WALL  INT64_C(1764000000000)
#define QUIET_BOUND (4 * HOUR)

struct sim_job {
    struct ddns_record_state state, stored;
    struct addr wanted; /* the truth: what the address watch says */
    struct addr zone, old_zone;
    int64_t zone_shows_at; /* until then old_zone is served */
    bool out;              /* a request is under way */
    bool arrived, lost;
    struct addr carries;
    int64_t arrives_at, answers_at;
    bool bad_password;
    int64_t due_at; /* order in the queue */
};

struct sim {
    uint64_t seed;
    uint32_t rnd;
    int64_t now, boot_at, wall_offset;
    unsigned boots;
    struct ddns_account_state account, stored;
    struct ddns_account_state forced; /* what a power cut leaves, at the least */
    struct sim_job jobs[JOBS];
    struct ddns_plan_conf conf;
    int64_t last_arrival;
    bool faults;
    unsigned requests, crashes, reboots;
};

static uint32_t draw(struct sim *sim)
{
    sim->rnd ^= sim->rnd << 13;
    sim->rnd ^= sim->rnd >> 17;
    sim->rnd ^= sim->rnd << 5;
    return sim->rnd * 2654435761u;
}

static bool chance(struct sim *sim, unsigned percent)
{
    return draw(sim) % 100 < percent;
}

static int64_t between(struct sim *sim, int64_t low, int64_t high)
{
    return low + (int64_t)((uint64_t)draw(sim) * (uint64_t)(high - low) >> 32);
}

#define CHECK(sim, cond)                                                                           \
    do {                                                                                           \
        if (!(cond))                                                                               \
            fail_msg("seed %llu, day %lld: %s", (unsigned long long)(sim)->seed,                   \
                     (long long)((sim)->now / DAY), #cond);                                        \
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

/* --- the provider and the zone --- */

static void arrive(struct sim *sim, struct sim_job *job)
{
    job->arrived = true;
    CHECK(sim, sim->last_arrival < 0 || sim->now - sim->last_arrival >= SERVER_GAP);
    sim->last_arrival = sim->now;
    sim->requests++;
    if (job->bad_password || (sim->faults && chance(sim, 10)))
        return;
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
    if (job->bad_password)
        answer.verdict = DDNS_AUTH;
    else if (addr_equal(&job->zone, &job->carries))
        answer.verdict = chance(sim, 20) ? DDNS_NOCHANGE : DDNS_OK;
    else
        answer.account = chance(sim, 50); /* 503 or 5 */
    return answer;
}

static void look(struct sim *sim, struct sim_job *job, const struct stamp *now)
{
    static struct verify_look seen;
    memset(&seen, 0, sizeof(seen));
    if (!sim->faults || chance(sim, 97)) {
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
    ddns_apply_look(&job->state, &sim->conf, &seen, now, draw(sim));
    job->stored = job->state;
}

/* --- crashes and clocks --- */

static void restart(struct sim *sim)
{
    struct stamp now = stamp_of(sim);
    sim->crashes++;
    sim->account = sim->stored;
    ddns_account_loaded(&sim->account, false, &now);
    sim->stored = sim->account;
    for (size_t i = 0; i < JOBS; i++) {
        struct sim_job *job = &sim->jobs[i];
        if (job->out && !job->arrived && chance(sim, 50))
            arrive(sim, job); /* its bytes had left just before */
        job->out = false;
        job->state = job->stored;
        ddns_record_loaded(&job->state);
        ddns_apply_wanted(&job->state, &job->wanted);
    }
}

static void reboot(struct sim *sim)
{
    sim->reboots++;
    for (size_t i = 0; i < JOBS; i++)
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

static void disturb(struct sim *sim)
{
    struct sim_job *job = &sim->jobs[draw(sim) % JOBS];
    switch (draw(sim) % 16) {
    case 0:
    case 1:
    case 2:
    case 3:
        restart(sim);
        break;
    case 4:
        reboot(sim);
        break;
    case 5:
    case 6:
        sim->wall_offset = chance(sim, 50) ? 0 : between(sim, -HOUR, HOUR);
        break;
    case 7: /* somebody else writes the record */
        job->zone = job->old_zone = random_address(sim);
        break;
    case 8:
        job->bad_password = true;
        break;
    default: /* the line comes back with another address, or flaps */
        job->wanted = random_address(sim);
        ddns_apply_wanted(&job->state, &job->wanted);
        break;
    }
}

/* A person mends the password: the configuration changed. */
static void mend(struct sim *sim)
{
    for (size_t i = 0; i < JOBS; i++) {
        struct sim_job *job = &sim->jobs[i];
        if (!job->bad_password || job->out)
            continue;
        job->bad_password = false;
        job->state = (struct ddns_record_state){0};
        ddns_apply_wanted(&job->state, &job->wanted);
        job->stored = job->state;
    }
}

/* --- the driver, which does what ddns/job.c does --- */

static void start_request(struct sim *sim, struct sim_job *job, const struct stamp *now)
{
    CHECK(sim, !job->state.halted && !sim->account.busy);
    CHECK(sim, addr_equal(&job->state.wanted, &job->wanted));
    ddns_apply_leaving(&job->state, &sim->account, &sim->conf, now);
    sim->stored = sim->account;
    if (sim->forced.gap.since.wall_ms == 0) /* as account_reserve does: only the first */
        sim->forced = sim->stored;
    job->out = true;
    job->arrived = job->lost = false;
    job->carries = job->state.wanted;
    job->due_at = 0;
    bool slow = sim->faults && chance(sim, 10);
    job->arrives_at = sim->now + between(sim, 1, slow ? 25 * SECOND : 100);
    job->answers_at = job->arrives_at + between(sim, 1, slow ? 5 * SECOND : 100);
    if (sim->faults && chance(sim, 5))
        job->arrives_at = INT64_MAX; /* refused, reset, no route */
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
}

/* Does all that is due now; returns the time of the next thing. */
static int64_t run_jobs(struct sim *sim)
{
    int64_t next = INT64_MAX;
    struct sim_job *sender = NULL;
    for (size_t i = 0; i < JOBS; i++) {
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
        struct ddns_step step = ddns_plan(&job->state, &sim->account, &sim->conf, &now);
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
    int64_t disturb_at = sim->now + between(sim, 1, disturb_every);
    while (sim->now < end) {
        int64_t next = run_jobs(sim);
        if (next <= sim->now)
            continue;
        if (sim->faults && disturb_at <= next) {
            sim->now = disturb_at > sim->now ? disturb_at : sim->now;
            disturb(sim);
            disturb_at = sim->now + between(sim, 1, disturb_every);
        } else {
            sim->now = next < end ? next : end;
        }
    }
}

static void check_all_published(struct sim *sim)
{
    for (size_t i = 0; i < JOBS; i++) {
        CHECK(sim, addr_equal(&sim->jobs[i].zone, &sim->jobs[i].wanted));
        CHECK(sim, addr_equal(&sim->jobs[i].state.verified, &sim->jobs[i].wanted));
    }
}

static void run_seed(uint64_t seed, unsigned days)
{
    struct sim *sim = calloc(1, sizeof(*sim));
    assert_non_null(sim);
    sim->seed = seed;
    sim->rnd = (uint32_t)seed * 747796405u + 1;
    sim->last_arrival = -1;
    sim->now = DAY;
    sim->conf = (struct ddns_plan_conf){.gap_ms = OUR_GAP, .error_gap_ms = OUR_GAP};
    for (size_t i = 0; i < JOBS; i++) {
        sim->jobs[i].wanted = random_address(sim);
        ddns_apply_wanted(&sim->jobs[i].state, &sim->jobs[i].wanted);
    }
    for (unsigned day = 0; day < days; day++) {
        sim->faults = true;
        run_until(sim, sim->now + DAY - QUIET_BOUND, chance(sim, 30) ? 2 * MINUTE : 3 * HOUR);
        sim->faults = false;
        run_until(sim, sim->now + MINUTE, DAY);
        mend(sim);
        run_until(sim, sim->now + QUIET_BOUND, DAY);
        check_all_published(sim);
    }
    print_message("seed %llu: %u days, %u requests, %u crashes, %u reboots\n",
                  (unsigned long long)seed, days, sim->requests, sim->crashes, sim->reboots);
    assert_true(sim->requests > days && sim->crashes > days);
    free(sim);
}

static void test_months(void **state)
{
    const char *only = getenv("REACHD_SIM_SEED");
    (void)state;
    if (only) {
        run_seed(strtoull(only, NULL, 10), 90);
        return;
    }
    for (uint64_t seed = 1; seed <= 12; seed++)
        run_seed(seed, 60);
}

/* --- what others get wrong: the requests in half an hour of one failure --- */

struct failure {
    const char *what;
    const char *provider;
    enum outcome outcome;
    int status;
    const char *body;
    int64_t retry_after_s;
    int64_t takes_ms;
    unsigned at_most;
};

static const struct failure failures[] = {
    {"503", "value-domain", OUTCOME_OK, 503, "busy", -1, 50, 7},
    {"status=503", "value-domain", OUTCOME_OK, 200, "status=503\n", -1, 50, 7},
    {"500", "value-domain", OUTCOME_OK, 500, "", -1, 50, 7},
    {"429, Retry-After: 900", "value-domain", OUTCOME_OK, 429, "", 900, 50, 2},
    {"503", "dyndns2", OUTCOME_OK, 503, "", -1, 50, 5},
    {"500", "dyndns2", OUTCOME_OK, 500, "", -1, 50, 5},
    {"429, Retry-After: 900", "dyndns2", OUTCOME_OK, 429, "", 900, 50, 2},
    {"911", "dyndns2", OUTCOME_OK, 200, "911", -1, 50, 1},
    {"dnserr", "dyndns2", OUTCOME_OK, 200, "dnserr", -1, 50, 1},
    {"badauth", "dyndns2", OUTCOME_OK, 200, "badauth", -1, 50, 1},
    {"status=4", "value-domain", OUTCOME_OK, 200, "status=4", -1, 50, 1},
    {"status=8", "value-domain", OUTCOME_OK, 200, "status=8", -1, 50, 1},
    {"abuse", "dyndns2", OUTCOME_OK, 200, "abuse", -1, 50, 1},
    {"nohost", "dyndns2", OUTCOME_OK, 200, "nohost", -1, 50, 1},
    {"empty", "dyndns2", OUTCOME_OK, 200, "", -1, 50, 5},
    {"empty", "value-domain", OUTCOME_OK, 200, "", -1, 50, 7},
    {"garbage", "dyndns2", OUTCOME_OK, 200, "\x01\xff<html>", -1, 50, 5},
    {"302", "dyndns2", OUTCOME_OK, 302, "", -1, 50, 1},
    {"refused", "dyndns2", OUTCOME_REFUSED, 0, "", -1, 1, 8},
    {"RST", "dyndns2", OUTCOME_RESET, 0, "", -1, 1, 8},
    {"silence", "dyndns2", OUTCOME_HTTP_TIMEOUT, 0, "", -1, 30000, 8},
    {"silence", "value-domain", OUTCOME_TIMEOUT, 0, "", -1, 30000, 8},
    {"refused", "value-domain", OUTCOME_REFUSED, 0, "", -1, 1, 8},
    {"RST", "value-domain", OUTCOME_RESET, 0, "", -1, 1, 8},
    {"302", "value-domain", OUTCOME_OK, 302, "", -1, 50, 1},
    {"garbage", "value-domain", OUTCOME_OK, 200, "\x01\xff<html>", -1, 50, 7},
    {"status=2", "value-domain", OUTCOME_OK, 200, "status=2", -1, 50, 1},
    {"401", "value-domain", OUTCOME_OK, 401, "", -1, 50, 1},
    {"404", "value-domain", OUTCOME_OK, 404, "", -1, 50, 1},
    {"status=5", "value-domain", OUTCOME_OK, 200, "status=5", -1, 50, 7},
    /* words of the other kind: not understood, so neither a success nor the end */
    {"911", "value-domain", OUTCOME_OK, 200, "911", -1, 50, 7},
    {"badauth", "value-domain", OUTCOME_OK, 200, "badauth", -1, 50, 7},
    {"abuse", "value-domain", OUTCOME_OK, 200, "abuse", -1, 50, 7},
    {"nohost", "value-domain", OUTCOME_OK, 200, "nohost", -1, 50, 7},
    {"status=4", "dyndns2", OUTCOME_OK, 200, "status=4", -1, 50, 5},
};

static struct ddns_answer judge(const struct failure *failure)
{
    struct ddns_answer answer;
    struct session_reply reply = {.outcome = failure->outcome,
                                  .status = failure->status,
                                  .body = failure->body,
                                  .body_len = strlen(failure->body),
                                  .retry_after_s = failure->retry_after_s,
                                  .location = ""};
    provider_judge(provider_find(failure->provider), &reply, NULL, &answer);
    return answer;
}

static struct ddns_step plan_after_look(struct ddns_record_state *record,
                                        const struct ddns_account_state *account,
                                        const struct ddns_plan_conf *conf, const struct stamp *now)
{
    struct verify_look look = {.answered = true, .agree = true}; /* DNS works, no such record */
    struct ddns_step step = ddns_plan(record, account, conf, now);
    if (step.action != DDNS_LOOK)
        return step;
    ddns_apply_look(record, conf, &look, now, 0);
    return ddns_plan(record, account, conf, now);
}

/* Requests within 30 minutes; with `kill`, the process dies after every answer and comes back. */
static unsigned count_requests(const struct failure *failure, uint32_t seed, bool kill)
{
    const struct provider *provider = provider_find(failure->provider);
    struct ddns_plan_conf conf = {.gap_ms = provider->gap_ms,
                                  .error_gap_ms = provider->error_gap_ms};
    struct ddns_record_state record = {0};
    struct ddns_account_state account = {0};
    struct ddns_answer answer = judge(failure);
    struct stamp now = {.boot_id = "b", .boot_ms = HOUR, .wall_ms = START_WALL};
    struct sim sim = {.rnd = seed};
    struct addr wanted = random_address(&sim);
    int64_t end = now.boot_ms + 30 * MINUTE, earliest = 0;
    unsigned count = 0;
    ddns_apply_wanted(&record, &wanted);
    while (now.boot_ms < end) {
        struct ddns_step step = plan_after_look(&record, &account, &conf, &now);
        if (step.action != DDNS_SEND) {
            int64_t wait = step.wait_ms < HOUR ? step.wait_ms : HOUR;
            now.boot_ms += wait;
            now.wall_ms += wait;
            continue;
        }
        assert_true(now.boot_ms >= earliest);
        count++;
        ddns_apply_leaving(&record, &account, &conf, &now);
        now.boot_ms += failure->takes_ms;
        now.wall_ms += failure->takes_ms;
        ddns_apply_answer(&record, &account, &conf, &answer, &wanted, &now, draw(&sim));
        earliest = now.boot_ms + ddns_plan(&record, &account, &conf, &now).send_ms;
        if (kill) {
            ddns_account_loaded(&account, false, &now);
            ddns_record_loaded(&record);
            ddns_apply_wanted(&record, &wanted);
        }
    }
    return count;
}

static void test_what_others_get_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        unsigned most = 0, sum = 0;
        for (uint32_t seed = 1; seed <= 200; seed++) {
            unsigned alive = count_requests(&failures[i], seed, false);
            unsigned killed = count_requests(&failures[i], seed, true);
            assert_true(alive >= 1 && killed <= failures[i].at_most);
            most = alive > most ? alive : most;
            sum += alive;
        }
        print_message("%-13s %-22s mean %u.%u, at most %u in 30 minutes\n", failures[i].provider,
                      failures[i].what, sum / 200, sum % 200 / 20, most);
        assert_true(most <= failures[i].at_most);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_months),
        cmocka_unit_test(test_what_others_get_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
