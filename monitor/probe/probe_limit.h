/* SPDX-License-Identifier: ISC
 *
 * Thresholds as plugins take them by -w and -c: "1s", "14d", "14d,0.5". Pure.
 */
#ifndef REACHD_MONITOR_PROBE_PROBE_LIMIT_H
#define REACHD_MONITOR_PROBE_PROBE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct probe_limit {
    bool has_time, has_days;
    int64_t time_us; /* an address that takes longer passes it */
    int64_t days;    /* so does a certificate of which fewer days are left */
};

/* Whole days by "d", seconds by "s", "ms" or nothing; each once. NULL, or what is wrong (static).
 */
const char *probe_limit_parse(const char *text, struct probe_limit *out);

#endif
