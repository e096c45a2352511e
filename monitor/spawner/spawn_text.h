/* SPDX-License-Identifier: ISC
 *
 * How a program ended, in words: the one place for logs, hooks, sources and providers. Pure.
 */
#ifndef REACHD_MONITOR_SPAWNER_SPAWN_TEXT_H
#define REACHD_MONITOR_SPAWNER_SPAWN_TEXT_H

#include "monitor/spawner/spawner.h"

#define SPAWN_TEXT_LEN 96

/* "exit status 3", "killed at its time limit"; buf. */
const char *spawn_text(const struct spawn_result *result, char buf[SPAWN_TEXT_LEN]);

#endif
