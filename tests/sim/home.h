/* SPDX-License-Identifier: ISC
 *
 * One home through virtual time: its records, the daemon's pure parts, a provider that counts its
 * 60 seconds, a zone that lags, and all that goes wrong between them. What must never happen is
 * asserted at every step, what must happen after each quiet spell.
 */
#ifndef REACHD_TESTS_SIM_HOME_H
#define REACHD_TESTS_SIM_HOME_H

#include <stdint.h>

struct home_sum {
    double years;
    uint64_t requests, changes, crashes, reboots, forced, withdrawn, steps;
};

/* Lives as long as its pace says, but no more than so many years (0: as it says); the seed decides
 * everything. Ends the process with status 1 and a line that names the seed when an invariant is
 * broken. */
void home_live(uint64_t seed, double years, struct home_sum *sum);

/* 10 000 homes that reconnect in the same second, into a provider that is down; see fleet.c. */
void fleet_reconnects(uint64_t seed);

/* Random numbers, for both. */
struct dice {
    uint64_t state;
};
uint32_t dice_draw(struct dice *dice);
int64_t dice_between(struct dice *dice, int64_t low, int64_t high);

_Noreturn void sim_fail(uint64_t seed, int64_t at_ms, const char *what);

#endif
