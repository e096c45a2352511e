/* SPDX-License-Identifier: ISC
 *
 * What would be sent for one family of a record, and what holds it back, as JSON. Pure.
 */
#ifndef REACHD_MONITOR_CONTROL_PLAN_JSON_H
#define REACHD_MONITOR_CONTROL_PLAN_JSON_H

#include <jansson.h>

#include "ddns/updater.h"

/* Members: due, why, value and withdraw (what is sent, or whose record is withdrawn; null:
 * nothing), left_ms and until (null: until something happens, or
 * nothing holds), holds: [{by, reason, left_ms, until}]. forced: as ddns_outlook() has it. */
json_t *plan_json(const struct updater_status *status, const struct stamp *now, bool forced);

#endif
