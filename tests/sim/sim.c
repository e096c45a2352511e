/* SPDX-License-Identifier: ISC
 *
 * The simulation: many homes, one after another, until so many years are over, and a fleet.
 * RD_SIM_YEARS=N how many (default 100); RD_SIM_HOME=N of one home at the most; RD_SEED=N repeats a
 * run; RD_SIM_ONE=N lives one home, as the line of a failure says.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/sim/home.h"

#define YEARS 100

/* splitmix64 (S. Vigna, public domain): any seed is a good one. */
uint32_t dice_draw(struct dice *dice)
{
    uint64_t z = dice->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}

int64_t dice_between(struct dice *dice, int64_t low, int64_t high)
{
    uint64_t wide = (uint64_t)dice_draw(dice) << 20 ^ dice_draw(dice);
    return high > low ? low + (int64_t)(wide % (uint64_t)(high - low)) : low;
}

void sim_fail(uint64_t seed, int64_t at_ms, const char *what)
{
    printf("sim: BROKEN after %.3f days: %s\nsim: RD_SIM_ONE=%" PRIu64 " repeats it\n",
           (double)at_ms / 86400000.0, what, seed);
    exit(1);
}

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

int main(void)
{
    struct home_sum sum = {0};
    uint64_t seed = number("RD_SEED", (uint64_t)time(NULL));
    uint64_t one = number("RD_SIM_ONE", 0);
    double years = (double)number("RD_SIM_YEARS", YEARS);
    double most = (double)number("RD_SIM_HOME", 0);
    unsigned homes = 0;
    if (one) {
        home_live(one, 0, &sum);
        return 0;
    }
    printf("sim: RD_SEED=%" PRIu64 " repeats this run\n", seed);
    for (; sum.years < years; homes++)
        home_live(seed * 1000000 + homes + 1, most, &sum);
    printf("sim: %.0f years of %u homes: %" PRIu64 " changes, %" PRIu64 " requests, %" PRIu64
           " crashes, %" PRIu64 " reboots, %" PRIu64 " forced, %" PRIu64 " withdrawn, %" PRIu64
           " steps\n",
           sum.years, homes, sum.changes, sum.requests, sum.crashes, sum.reboots, sum.forced,
           sum.withdrawn, sum.steps);
    fleet_reconnects(seed);
    return 0;
}
