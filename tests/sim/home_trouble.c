/* SPDX-License-Identifier: ISC
 *
 * What goes wrong in a simulated home, and around it: crashes between any two steps, power cuts,
 * reboots with a clock at 1970, suspends, lines that flap and go, outages, people.
 */
#include "tests/sim/home_priv.h"

/* --- crashes and clocks --- */

void sim_restart(struct sim *sim)
{
    struct stamp now = sim_stamp(sim);
    sim->sum->crashes++;
    sim->slept = 0;
    sim->account = sim->stored;
    ddns_account_loaded(&sim->account, false, &now);
    sim->stored = sim->account;
    for (size_t i = 0; i < sim->jobs_used; i++) {
        struct sim_job *job = &sim->jobs[i];
        if (job->out && !job->arrived && sim_chance(sim, 50))
            sim_arrive(sim, job); /* its bytes had left just before */
        job->out = false;
        job->state = job->stored;
        ddns_record_loaded(&job->state);
        job->told_at = -1;
        sim_tell(sim, job);
    }
}

/* The database is gone, and with it all that was known. A budget is not what survives that. */
static void lose_database(struct sim *sim)
{
    struct stamp now = sim_stamp(sim);
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
    sim_restart(sim);
    ddns_account_loaded(&sim->account, true, &now);
    sim->stored = sim->forced = sim->account; /* forced to disk, as ddns/account.c does */
}

static void reboot(struct sim *sim)
{
    sim->sum->reboots++;
    sim->not_before = 0; /* with both clocks wrong nobody knows how long ago it was */
    for (size_t i = 0; i < sim->jobs_used; i++)
        if (sim->jobs[i].out && !sim->jobs[i].arrived && sim_chance(sim, 50)) {
            sim_arrive(sim, &sim->jobs[i]);
            sim->jobs[i].out = false;
        }
    sim->now += sim_between(sim, 0, 40 * SECOND);
    sim->boot_at = sim->now;
    sim->boots++;
    int64_t epoch = -(START_WALL + sim->now) + sim_between(sim, 0, 10 * MINUTE);
    sim->wall_offset = sim_chance(sim, 50) ? epoch : sim_between(sim, -2 * DAY, 2 * DAY);
    if (sim_chance(sim, 50)) /* it was a power cut */
        sim->stored = sim->forced;
    sim_restart(sim);
}

/* Nothing runs; what was on its way arrived before, or never. */
static void suspend(struct sim *sim)
{
    int64_t span = sim_between(sim, MINUTE, 8 * HOUR);
    for (size_t i = 0; i < sim->jobs_used; i++) {
        struct sim_job *job = &sim->jobs[i];
        if (job->out && !job->arrived && sim_chance(sim, 50))
            sim_arrive(sim, job);
        else if (job->out && !job->arrived)
            job->arrives_at = INT64_MAX;
    }
    sim->now += span;
    sim->slept += span;
}

void sim_want(struct sim *sim, struct sim_job *job, const struct addr *address)
{
    if (addr_equal(&job->wanted, address))
        return;
    sim->sum->changes++;
    job->serial++;
    job->wanted = *address;
    job->gone_at = sim->now;
    job->owed = false; /* what came of the old one is of no interest */
    job->told_at = -1;
    sim_tell(sim, job);
}

/* The line comes back with another address, or with the one before: it flaps. */
static void renumber(struct sim *sim, struct sim_job *job)
{
    struct addr next = sim_address(sim);
    sim_want(sim, job, addr_is_set(&job->zone) && sim_chance(sim, 20) ? &job->zone : &next);
}

/* The line is gone, for a moment or for good; the other family's most often stays. */
static void go(struct sim *sim, struct sim_job *job)
{
    const struct addr none = {0};
    sim_want(sim, job, &none);
}

static void renumber_all(struct sim *sim)
{
    for (size_t i = 0; i < sim->jobs_used; i++)
        renumber(sim, &sim->jobs[i]);
}

/* A reload keeps what is known; our gap is never below the provider's. */
static void reconfigure(struct sim *sim)
{
    sim->conf.gap_ms = sim_between(sim, OUR_GAP, 2 * OUR_GAP);
    sim->conf.look_every_ms = sim_between(sim, sim->pace->look_every / 2, sim->pace->look_every);
}

/* `reachd update --force`, perhaps again and again, and of all records at once. */
static void force(struct sim *sim, struct sim_job *job)
{
    sim->sum->forced++;
    if (sim_chance(sim, 50))
        ddns_apply_force(&job->state);
    for (size_t i = 0; i < sim->jobs_used && sim_chance(sim, 50); i++)
        ddns_apply_force(&sim->jobs[i].state);
}

void sim_disturb(struct sim *sim)
{
    struct sim_job *job = &sim->jobs[sim_draw(sim) % sim->jobs_used];
    unsigned what = sim->near ? sim_draw(sim) % 7 : sim_draw(sim) % 25;
    sim->near = false;
    switch (what) {
    case 0:
    case 1:
    case 2:
        sim_restart(sim);
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
    case 6: /* with what it was just publishing */
        go(sim, job);
        break;
    case 7:
    case 8:
        sim->wall_offset = sim_chance(sim, 50) ? 0 : sim_between(sim, -HOUR, HOUR);
        break;
    case 9: /* somebody else writes the record */
        job->zone = job->old_zone = sim_address(sim);
        job->owed = false; /* that it is gone is not true any more */
        break;
    case 10:
        job->bad_password = true;
        break;
    case 11:
        sim->outage_until = sim->now + sim_between(sim, MINUTE, DAY);
        break;
    case 12:
        sim->storm_until = sim->now + sim_between(sim, MINUTE, 4 * HOUR);
        break;
    case 13:
        sim->dns_down_until = sim->now + sim_between(sim, MINUTE, 4 * HOUR);
        break;
    case 14:
        reconfigure(sim);
        break;
    case 15:
        renumber_all(sim);
        break;
    case 16:
        job->bad_value = job->wanted;
        break;
    case 17:
        lose_database(sim);
        break;
    case 18:
    case 19:
    case 20:
        go(sim, job);
        break;
    default:
        renumber(sim, job);
        break;
    }
}

bool sim_is_any_out(const struct sim *sim)
{
    for (size_t i = 0; i < sim->jobs_used; i++)
        if (sim->jobs[i].out)
            return true;
    return false;
}

/* A person mends the password: the configuration changed. */
void sim_mend(struct sim *sim)
{
    for (size_t i = 0; i < sim->jobs_used; i++) {
        struct sim_job *job = &sim->jobs[i];
        if (!job->state.halted && !addr_is_set(&job->bad_value) && !job->bad_password)
            continue;
        job->bad_password = job->told_halt = job->owed = false;
        job->bad_value = job->told_refused = (struct addr){0};
        job->state = (struct ddns_record_state){0};
        job->told_at = -1;
        sim_tell(sim, job);
        job->stored = job->state;
    }
}
