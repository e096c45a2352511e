/* SPDX-License-Identifier: ISC
 *
 * Spreading of periodic checks (see schedule.h).
 */
#include "monitor/target/schedule.h"

/* rnd scaled to 0 .. span-1. */
static int64_t scaled(int64_t span, uint32_t rnd)
{
    return span <= 0 ? 0 : (int64_t)((double)span * rnd / 4294967296.0);
}

int64_t schedule_first_ms(size_t index, size_t count, int64_t every_ms, uint32_t rnd)
{
    if (index < SCHEDULE_AT_ONCE)
        return 0;
    /* Slots of equal width, a random place inside the own one. */
    size_t slots = count - SCHEDULE_AT_ONCE;
    int64_t span = every_ms < SCHEDULE_FIRST_MS ? every_ms : SCHEDULE_FIRST_MS;
    int64_t width = span / (int64_t)slots;
    return (int64_t)((double)span * (double)(index - SCHEDULE_AT_ONCE) / (double)slots) +
           scaled(width, rnd);
}

int64_t schedule_next_ms(int64_t every_ms, uint32_t rnd)
{
    return every_ms - every_ms / 10 + scaled(every_ms / 5 + 1, rnd);
}

int64_t schedule_burst_ms(size_t index)
{
    return index < SCHEDULE_AT_ONCE ? 0 : (int64_t)(index - SCHEDULE_AT_ONCE + 1) * 5;
}
