/* SPDX-License-Identifier: ISC
 *
 * Notices a step of the wall clock and the end of a suspend (timerfd with TFD_TIMER_CANCEL_ON_SET,
 * and the distance of CLOCK_BOOTTIME to CLOCK_MONOTONIC), without polling.
 */
#ifndef REACHD_MONITOR_CLOCKWATCH_H
#define REACHD_MONITOR_CLOCKWATCH_H

#include "lib/loop.h"

struct clockwatch;

/* suspended_ms > 0: the machine slept that long; step_ms: the wall clock jumped by that much. */
typedef void clockwatch_fn(int64_t suspended_ms, int64_t step_ms, void *arg);

/* NULL, with a warning in the log, where the kernel can't tell; free takes NULL. */
struct clockwatch *clockwatch_new(struct loop *loop, clockwatch_fn *fn, void *arg);
void clockwatch_free(struct clockwatch *watch);

/* The three clocks at one moment. */
struct clock_reading {
    int64_t mono_ms;
    int64_t boot_ms;
    int64_t wall_ms;
};

/* Whether something of a second or more happened to the clocks between two readings. Pure. */
bool clockwatch_compare(const struct clock_reading *before, const struct clock_reading *after,
                        int64_t *suspended_ms, int64_t *step_ms);

#endif
