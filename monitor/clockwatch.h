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

struct clockwatch *clockwatch_new(struct loop *loop, clockwatch_fn *fn, void *arg);
void clockwatch_free(struct clockwatch *watch);

#endif
