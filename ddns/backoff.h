/* SPDX-License-Identifier: ISC
 *
 * Exponential backoff with full jitter, bounded. Pure.
 *
 * With the defaults a row of failures costs about six requests in its first half hour, and never
 * more than eight, however the dice fall: from the third failure on the lowest quarter of the
 * window is cut off, so that bad luck can't bunch the tries.
 */
#ifndef REACHD_DDNS_BACKOFF_H
#define REACHD_DDNS_BACKOFF_H

#include <stdint.h>

#define BACKOFF_BASE_MS INT64_C(60000)
#define BACKOFF_MAX_MS  INT64_C(3600000)

struct backoff_conf {
    int64_t base_ms; /* the first window; 0: BACKOFF_BASE_MS */
    int64_t max_ms;  /* the largest window; 0: BACKOFF_MAX_MS */
};

/* The wait before try number `failures` + 1: floor + a random part of the window
 * min(max, base * 2^(failures-1)); rnd is a fresh random number. Never below floor_ms, never above
 * floor_ms + max_ms. No failures: floor_ms. */
int64_t backoff_ms(const struct backoff_conf *conf, unsigned failures, int64_t floor_ms,
                   uint32_t rnd);

#endif
