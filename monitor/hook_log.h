/* SPDX-License-Identifier: ISC
 *
 * How the run of a program went, for the log: its output line by line, bounded and printable, and
 * its end in words.
 */
#ifndef REACHD_MONITOR_HOOK_LOG_H
#define REACHD_MONITOR_HOOK_LOG_H

#include "monitor/spawner.h"

#define HOOK_END_LEN 96
/* "exit status 1", "signal 9 (Killed)", "not ended within its time", …; returns buf. */
const char *hook_end_text(const struct spawn_result *result, char buf[HOOK_END_LEN]);
/* At info, each line with the name in front. */
void hook_log_output(const char *name, const struct spawn_result *result);

#endif
