/* SPDX-License-Identifier: ISC
 *
 * Exponential backoff with full jitter, bounded. Pure.
 */
#ifndef REACHD_DDNS_BACKOFF_H
#define REACHD_DDNS_BACKOFF_H

#include <stdint.h>

struct backoff_conf {
    int64_t base_ms; /* the first wait is drawn from floor..base */
    int64_t max_ms;
};

/* The wait before try number `failures` + 1 (failures >= 1): floor + a random part of
 * min(max, base * 2^(failures-1)); rnd is a fresh random number. Never below floor_ms, never above
 * floor_ms + max_ms. */
int64_t backoff_ms(const struct backoff_conf *conf, unsigned failures, int64_t floor_ms,
                   uint32_t rnd);

#endif
