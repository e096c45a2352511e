/* SPDX-License-Identifier: ISC
 *
 * A choice of addresses as others see it: JSON for status and `reachd addr --json`, a list for
 * people. Not its job: the choice (monitor/address/addr_policy.h).
 */
#ifndef REACHD_MONITOR_ADDRESS_ADDR_VIEW_H
#define REACHD_MONITOR_ADDRESS_ADDR_VIEW_H

#include <jansson.h>
#include <stdio.h>

#include "monitor/address/addr_policy.h"

/* "chosen" "fit" "settling" "unfit": the word of candidate i in JSON. */
const char *addr_view_verdict(const struct addr_choice *choice, size_t i);
/* {"chosen": …, "reason": …, "candidates": […]} */
json_t *addr_view_json(const struct addr_choice *choice);
/* A heading and a line for each candidate, wrapped to width columns. */
void addr_view_print(FILE *out, enum family family, const struct addr_choice *choice, int width,
                     bool colour);

#endif
