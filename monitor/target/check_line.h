/* SPDX-License-Identifier: ISC
 *
 * A finished check as readable lines, one for each address:
 *   www.example.com:443  IPv4 203.0.113.7  ok  dns 1 ms  tcp 9 ms  tls 31 ms  cert 61 days
 * Pure. Not its job: where they go, advice (that comes with the notice).
 */
#ifndef REACHD_MONITOR_TARGET_CHECK_LINE_H
#define REACHD_MONITOR_TARGET_CHECK_LINE_H

#include "monitor/config/config.h"
#include "probes/round.h"

#define CHECK_LINE_LEN 768

/* Calls fn with each line, without newline. */
void check_lines(const struct config_target *target, const struct round_result *result, bool colour,
                 int64_t now_wall_ms, void (*fn)(const char *line, void *arg), void *arg);

#endif
