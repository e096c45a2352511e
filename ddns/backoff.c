/* SPDX-License-Identifier: ISC
 *
 * Exponential backoff with full jitter. Owns: the formula. Not its job: counting failures.
 */
#include "ddns/backoff.h"

/* Bounds that keep every sum far from overflow, whatever a database or a header says. */
#define LONGEST_MS (INT64_C(366) * 86400 * 1000)

static int64_t bounded(int64_t value_ms, int64_t fallback_ms)
{
    if (value_ms <= 0)
        return fallback_ms;
    return value_ms > LONGEST_MS ? LONGEST_MS : value_ms;
}

static int64_t window_ms(int64_t base_ms, int64_t max_ms, unsigned failures)
{
    int64_t window = base_ms;
    for (unsigned i = 1; i < failures && window < max_ms; i++)
        window *= 2;
    return window > max_ms ? max_ms : window;
}

int64_t backoff_ms(const struct backoff_conf *conf, unsigned failures, int64_t floor_ms,
                   uint32_t rnd)
{
    int64_t base = bounded(conf->base_ms, BACKOFF_BASE_MS);
    int64_t max = bounded(conf->max_ms, BACKOFF_MAX_MS);
    int64_t floor = bounded(floor_ms, 0);
    if (failures == 0)
        return floor;
    int64_t window = window_ms(base, max, failures);
    int64_t low = failures >= 3 ? window / 4 : 0;
    /* 24 random bits: the product of a year in ms (35 bits) with them fits. */
    return floor + low + (window - low) * (int64_t)(rnd >> 8) / 0xffffff;
}
