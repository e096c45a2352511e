/* SPDX-License-Identifier: ISC
 *
 * The scenario's provider of the line after its maintenance: 10 000 homes reconnect in the same
 * second, while the DDNS provider is down for six hours, and then takes so many requests a second.
 * Its load must be spread by the jitter of the backoff alone: nobody knows of anybody.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ddns/transition.h"
#include "tests/sim/home.h"

#define HOMES      10000
#define CAPACITY   200 /* requests a second; the others get 503 */
#define SECONDS    (12 * 3600)
#define DOWN_UNTIL (6 * 3600)
#define MS         INT64_C(1000)
#define START_WALL INT64_C(1764000000000)
/* The narrowest wave is the second one: the first window is a minute wide. Twice the mean of it is
 * over ten standard deviations away. */
#define PEAK_MAX (2 * HOMES / 60)
/* 8 in the first half hour (ddns/backoff.h), then one each 15 to 60 minutes. */
#define TRIES_MAX 32

struct fleet_home {
    struct ddns_record_state record;
    struct ddns_account_state account;
    int64_t next_ms;
    unsigned tries;
    bool done;
};

static struct stamp stamp_at(int64_t ms)
{
    return (struct stamp){.boot_id = "b", .boot_ms = ms + 1, .wall_ms = START_WALL + ms};
}

/* One home's turn; true when a request left. */
static bool turn(struct fleet_home *home, const struct ddns_plan_conf *conf, int64_t now_ms,
                 bool served, uint32_t rnd)
{
    struct stamp now = stamp_at(now_ms);
    struct ddns_step step = ddns_plan(&home->record, &home->account, conf, &now);
    struct ddns_answer answer = {.verdict = served ? DDNS_OK : DDNS_TEMPORARY,
                                 .replied = now_ms >= DOWN_UNTIL * MS,
                                 .account = now_ms >= DOWN_UNTIL * MS};
    struct addr value = home->record.wanted;
    if (step.action == DDNS_LOOK || step.action == DDNS_VERIFY) {
        struct verify_look look = {.answered = true, .agree = true}; /* the old address is gone */
        ddns_apply_look(&home->record, conf, &look, &now, rnd);
        step = ddns_plan(&home->record, &home->account, conf, &now);
    }
    if (step.action != DDNS_SEND) {
        home->next_ms = now_ms + (step.wait_ms < 3600 * MS ? step.wait_ms : 3600 * MS);
        return false;
    }
    ddns_apply_leaving(&home->record, &home->account, conf, &now);
    ddns_apply_answer(&home->record, &home->account, conf, &answer, &value, &now, rnd);
    home->tries++;
    home->done = served;
    home->next_ms = now_ms + 1;
    return true;
}

static void check(uint64_t seed, bool holds, int64_t second, const char *what)
{
    if (!holds)
        sim_fail(seed, second * MS, what);
}

void fleet_reconnects(uint64_t seed)
{
    struct fleet_home *homes = calloc(HOMES, sizeof *homes);
    struct dice dice = {.state = seed};
    struct ddns_plan_conf conf = {.gap_ms = 65 * MS, .error_gap_ms = 65 * MS};
    const uint8_t bytes[4] = {203, 0, 113, 7};
    const struct addr wanted = addr_v4(bytes);
    unsigned peak = 0, peak_at = 0, done = 0, most = 0;
    uint64_t all = 0;
    if (!homes)
        abort();
    for (size_t i = 0; i < HOMES; i++) {
        homes[i].next_ms = dice_between(&dice, 0, MS);
        ddns_apply_wanted(&homes[i].record, &wanted);
    }
    unsigned second = 0;
    for (; second < SECONDS && done < HOMES; second++) {
        unsigned requests = 0;
        for (size_t i = 0; i < HOMES; i++) {
            struct fleet_home *home = &homes[i];
            while (!home->done && home->next_ms < (second + 1) * MS) {
                bool served = second >= DOWN_UNTIL && requests < CAPACITY;
                requests += turn(home, &conf, home->next_ms, served, dice_draw(&dice));
                done += home->done;
            }
        }
        all += requests;
        if (second > 0 && requests > peak) {
            peak = requests;
            peak_at = second;
        }
    }
    for (size_t i = 0; i < HOMES; i++)
        most = homes[i].tries > most ? homes[i].tries : most;
    printf("fleet: %d homes in one second, provider down for 6 h: %.1f requests of a home, at most "
           "%u; the "
           "highest peak after the first second is %u a second (at %u s); all done after %.2f h\n",
           HOMES, (double)all / HOMES, most, peak, peak_at, second / 3600.0);
    check(seed, done == HOMES, second, "every home gets through within six hours");
    check(seed, peak <= PEAK_MAX, peak_at, "the jitter spreads the homes");
    check(seed, most <= TRIES_MAX, second, "the backoff grows");
    free(homes);
}
