/* SPDX-License-Identifier: ISC
 *
 * See the header. Plan and transitions, driven as ddns/job.c drives them, through addresses that
 * change and flap, lost requests and replies, outages and storms of 503, DNS that lags or is
 * silent, crashes between any two steps, power cuts, reboots with a clock at 1970, clock steps,
 * suspends, a configuration that changes.
 */
#include "tests/sim/home_priv.h"

#include <stdlib.h>

/* --- the driver, which does what ddns/job.c does --- */

/* Gone for as long as was asked for, and nobody is left without an address. */
static void check_withdrawal(struct sim *sim, const struct sim_job *job)
{
    const struct sim_job *twin = sim_twin(sim, job);
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
    if (sim->faults && sim_chance(sim, 5)) {
        sim->near = true;
        sim->disturb_at = sim->now + sim_between(sim, 1, MINUTE);
    }
    bool slow = sim->faults && sim_chance(sim, 10);
    job->arrives_at = sim->now + sim_between(sim, 1, slow ? 25 * SECOND : 100);
    job->answers_at = job->arrives_at + sim_between(sim, 1, slow ? 90 * SECOND : 100);
    if (sim->now < sim->outage_until || (sim->faults && sim_chance(sim, 5)))
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
    struct ddns_answer answer = sim_answer(sim, job);
    job->out = false;
    ddns_apply_answer(&job->state, &sim->account, &sim->conf, &answer, &job->carries, now,
                      sim_draw(sim));
    if (sim->faults && sim_chance(sim, 5)) { /* killed before any of this was stored */
        sim_restart(sim);
        return;
    }
    sim->stored = sim->account;
    if (sim->faults && sim_chance(sim, 5)) { /* or between the two */
        sim_restart(sim);
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
        struct stamp now = sim_stamp(sim);
        if (job->out && !job->arrived && sim->now >= job->arrives_at)
            sim_arrive(sim, job);
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
        struct ddns_plan_conf conf = sim_conf(sim, job);
        struct ddns_step step = ddns_plan(&job->state, &sim->account, &conf, &now);
        if (step.action == DDNS_LOOK || step.action == DDNS_VERIFY) {
            sim_look(sim, job, &now);
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
    struct stamp now = sim_stamp(sim);
    start_request(sim, sender, &now);
    return sim->now;
}

static void run_until(struct sim *sim, int64_t end, int64_t disturb_every)
{
    sim->disturb_at = sim->now + sim_between(sim, 1, disturb_every);
    while (sim->now < end) {
        int64_t next = run_jobs(sim);
        sim->sum->steps++;
        if (next <= sim->now)
            continue;
        if (sim->faults && sim->disturb_at <= next) {
            sim->now = sim->disturb_at > sim->now ? sim->disturb_at : sim->now;
            sim_disturb(sim);
            sim->disturb_at = sim->now + sim_between(sim, 1, disturb_every);
        } else {
            sim->now = next < end ? next : end;
        }
    }
}

/* What was published here, and is dead, is gone, unless nothing else is left of the name. */
static void check_gone(struct sim *sim, const struct sim_job *job)
{
    const struct sim_job *twin = sim_twin(sim, job);
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
    CHECK(sim, !addr_equal(&job->zone, &state->own));
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
        struct addr next = sim_address(sim);
        changed += !addr_equal(&next, &sim->jobs[i].zone);
        sim_want(sim, &sim->jobs[i], &next);
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
    } while (sim_is_any_out(sim));
    sim_mend(sim);
    bool budget = sim->conf.budget.count > 0;
    run_until(sim, sim->now + QUIET_BOUND + 2 * sim->conf.look_every_ms + budget * 2 * DAY, DAY);
    check_all_published(sim);
    if (!budget)
        check_bound(sim);
}

void home_live(uint64_t seed, double years, struct home_sum *sum)
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
    sim->pace = &paces[sim_draw(sim) % (sizeof paces / sizeof *paces)];
    sim->jobs_used = 1 + sim_draw(sim) % JOBS;
    sim->last_arrival = -1;
    sim->now = DAY;
    sim->conf = (struct ddns_plan_conf){
        .gap_ms = OUR_GAP, .error_gap_ms = OUR_GAP, .look_every_ms = sim->pace->look_every};
    if (sim_chance(sim, 50))
        sim->conf.budget = (struct ddns_budget){BUDGET, DAY};
    if (sim_chance(sim, 67))
        sim->conf.withdraw_ms = sim_chance(sim, 50) ? 10 * MINUTE : 3 * DAY;
    for (size_t i = 0; i < sim->jobs_used; i++) {
        sim->jobs[i].wanted = sim_address(sim);
        sim->jobs[i].told_at = -1;
        sim_tell(sim, &sim->jobs[i]);
    }
    int64_t lasts = sim->pace->lasts;
    if (years > 0 && (double)lasts > years * (double)YEAR)
        lasts = (int64_t)(years * (double)YEAR);
    while (sim->now < DAY + lasts)
        live_spell(sim);
    sum->years += (double)(sim->now - DAY) / (double)YEAR;
    free(sim);
}
