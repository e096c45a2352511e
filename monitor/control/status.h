/* SPDX-License-Identifier: ISC
 *
 * `reachd status`: the reply document as tables for people. Pure rendering; the document is built
 * by the modules themselves (targets_json, addrwatch_json, …) and put together in
 * daemon_control.c.
 */
#ifndef REACHD_MONITOR_CONTROL_STATUS_H
#define REACHD_MONITOR_CONTROL_STATUS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define STATUS_WIDTH 80

void status_print(FILE *out, const json_t *status, bool colour, int64_t now_wall_ms);
/* One readable paragraph per family of a record, for `reachd update`. */
void status_print_updates(FILE *out, const json_t *reply, bool colour);
/* What would be sent for each family of a record, for `reachd update --dry-run` and `--force`. */
void status_print_plans(FILE *out, const json_t *reply, bool colour, int64_t now_wall_ms);
#define STATUS_PLAN_DUE  4
#define STATUS_PLAN_HELD 5
/* Exit status of such a reply: 1 when one can't be sent until something is changed, else _HELD when
 * a limit holds one back, else _DUE when one would leave now (dry_run only), else 0. */
int status_plans_exit(const json_t *reply, bool forced, bool dry_run);
/* Nothing is down, flapping or halted. */
bool status_is_well(const json_t *status);
/* All records of a reply have been looked at since they were asked for: nothing is under way. */
bool status_updates_settled(const json_t *reply);

#endif
