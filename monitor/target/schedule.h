/* SPDX-License-Identifier: ISC
 *
 * When periodic checks happen: spread at start, jittered later, so that they never fall on one
 * tick. Pure; rnd is a fresh random number.
 */
#ifndef REACHD_MONITOR_TARGET_SCHEDULE_H
#define REACHD_MONITOR_TARGET_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

/* This many start at once; the rest is spread over one period, or a minute where that is less:
 * who starts the daemon wants a first verdict, also on what is looked at once a day. */
#define SCHEDULE_AT_ONCE  8
#define SCHEDULE_FIRST_MS 60000

/* Delay before the first check of number `index` of `count`. */
int64_t schedule_first_ms(size_t index, size_t count, int64_t every_ms, uint32_t rnd);
/* Delay before the next check: every_ms, give or take a tenth. */
int64_t schedule_next_ms(int64_t every_ms, uint32_t rnd);
/* Delay of number `index` when all are asked for at once: a few now, the rest in steps of 5 ms. */
int64_t schedule_burst_ms(size_t index);

#endif
