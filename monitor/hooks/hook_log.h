/* SPDX-License-Identifier: ISC
 *
 * What a program wrote, for the log: line by line, bounded and printable.
 */
#ifndef REACHD_MONITOR_HOOKS_HOOK_LOG_H
#define REACHD_MONITOR_HOOKS_HOOK_LOG_H

#include "monitor/spawner/spawner.h"

/* At info, each line with the name in front. */
void hook_log_output(const char *name, const struct spawn_result *result);

#endif
