/* SPDX-License-Identifier: ISC
 *
 * struct runner by the spawner: the programs that providers run (ddns/runner.h).
 */
#ifndef REACHD_MONITOR_SPAWNER_RUNNER_SPAWN_H
#define REACHD_MONITOR_SPAWNER_RUNNER_SPAWN_H

#include "ddns/runner.h"
#include "monitor/spawner/spawner.h"

struct runner runner_spawn(struct spawner *spawner);

#endif
