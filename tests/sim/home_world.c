/* SPDX-License-Identifier: ISC
 *
 * The world of a simulated home: dice, clocks, the address watch, the provider that counts its 60
 * seconds, a zone that lags.
 */
#include <string.h>

#include "lib/str.h"
#include "tests/sim/home_priv.h"

uint32_t sim_draw(struct sim *sim)
{
    return dice_draw(&sim->dice);
}

bool sim_chance(struct sim *sim, unsigned percent)
{
    return sim_draw(sim) % 100 < percent;
}

int64_t sim_between(struct sim *sim, int64_t low, int64_t high)
{
    return dice_between(&sim->dice, low, high);
}

struct stamp sim_stamp(const struct sim *sim)
{
    struct stamp stamp = {.boot_ms = sim->now - sim->boot_at + 1,
                          .wall_ms = START_WALL + sim->now + sim->wall_offset};
    str_append(stamp.boot_id, sizeof(stamp.boot_id), "boot-%u", sim->boots);
    return stamp;
}

struct addr sim_address(struct sim *sim)
{
    uint8_t bytes[4] = {203, 0, 113, (uint8_t)sim_draw(sim)};
    return addr_v4(bytes);
}

/* The other family of the same name; NULL: the name has one only. */
struct sim_job *sim_twin(struct sim *sim, const struct sim_job *job)
{
    size_t twin = (size_t)(job - sim->jobs) ^ 1;
    return twin < sim->jobs_used ? &sim->jobs[twin] : NULL;
}

/* As ddns/job.c makes it. */
struct ddns_plan_conf sim_conf(struct sim *sim, const struct sim_job *job)
{
    struct ddns_plan_conf conf = sim->conf;
    const struct sim_job *twin = sim_twin(sim, job);
    conf.watched_ms =
        addr_is_set(&job->state.wanted) ? 0 : sim->now - job->told_at - sim->slept + 1;
    conf.other_serves = twin && addr_is_set(&twin->state.wanted) && ddns_is_current(&twin->state);
    return conf;
}

/* What the address watch says, to a daemon that has just started, or at a change. */
void sim_tell(struct sim *sim, struct sim_job *job)
{
    struct stamp now = sim_stamp(sim);
    bool changed = ddns_apply_wanted(&job->state, &job->wanted);
    if (changed && sim->conf.withdraw_ms > 0)
        job->stored = job->state;
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

void sim_arrive(struct sim *sim, struct sim_job *job)
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
    if (job->bad_password || is_refused(job) || (sim->faults && sim_chance(sim, 10)))
        return;
    job->owed = !addr_is_set(&job->carries);
    sim->sum->withdrawn += job->owed;
    job->old_zone = sim->now >= job->zone_shows_at ? job->zone : job->old_zone;
    job->zone = job->carries;
    job->zone_shows_at = sim->now + (sim->faults ? sim_between(sim, 0, 100 * SECOND) : 0);
    job->lost = sim->faults && sim_chance(sim, 10); /* done, but the reply gets lost */
}

struct ddns_answer sim_answer(struct sim *sim, const struct sim_job *job)
{
    struct ddns_answer answer = {.verdict = DDNS_TEMPORARY};
    if (!job->arrived || job->lost)
        return answer;
    answer.replied = true;
    if (job->bad_password) {
        answer.verdict = DDNS_AUTH;
        answer.account = sim_chance(sim, 50); /* of all, or of this host */
    } else if (is_refused(job)) {
        answer.verdict = DDNS_CONFIG;
        answer.this_value = true;
    } else if (addr_equal(&job->zone, &job->carries)) {
        answer.verdict = sim_chance(sim, 20) ? DDNS_NOCHANGE : DDNS_OK;
    } else {
        answer.account = sim_chance(sim, 50); /* 503 or 5 */
        answer.wait_ms = sim_chance(sim, 20) ? sim_between(sim, MINUTE, HOUR) : 0;
    }
    return answer;
}

void sim_look(struct sim *sim, struct sim_job *job, const struct stamp *now)
{
    static struct verify_look seen;
    memset(&seen, 0, sizeof(seen));
    if (!sim->faults || (sim->now >= sim->dns_down_until && sim_chance(sim, 97))) {
        seen.count = 2;
        for (size_t i = 0; i < 2; i++) {
            struct verify_server *server = &seen.servers[i];
            bool late = i == 1 && sim->faults && sim_chance(sim, 5);
            server->authoritative = true;
            server->ttl = 300;
            server->values[0] = sim->now >= job->zone_shows_at && !late ? job->zone : job->old_zone;
            server->count = addr_is_set(&server->values[0]);
            server->outcome = server->count ? OUTCOME_OK : OUTCOME_DNS_NODATA;
        }
    }
    verify_judge(&seen);
    struct ddns_plan_conf conf = sim_conf(sim, job);
    if (ddns_apply_look(&job->state, &conf, &seen, now, sim_draw(sim)) & 1u << DDNS_EVENT_WITHDRAWN)
        job->owed = false;
    job->stored = job->state;
}
