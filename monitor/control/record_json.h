/* SPDX-License-Identifier: ISC
 *
 * What status shows of one family of a record: wanted, sent, verified, what comes next and why.
 * Pure.
 */
#ifndef REACHD_MONITOR_CONTROL_RECORD_JSON_H
#define REACHD_MONITOR_CONTROL_RECORD_JSON_H

#include <jansson.h>

#include "ddns/updater.h"

json_t *record_json(const struct updater_status *status, const struct stamp *now);

#endif
