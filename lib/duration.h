/* SPDX-License-Identifier: ISC
 *
 * Durations as people write them: "250ms", "90s", "5m", "1h30m", "7d". A bare number is seconds.
 */
#ifndef REACHD_LIB_DURATION_H
#define REACHD_LIB_DURATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool duration_parse(const char *text,
                    int64_t *out_ms); /* 0 .. 10 years; false leaves *out_ms alone */

#define DURATION_LEN 24
/* What a person reads: "250ms", "4.2s", "14s", "1m 30s", "2h 5m", "3d 4h". Returns buf. */
const char *duration_format(int64_t ms, char buf[DURATION_LEN]);

#endif
