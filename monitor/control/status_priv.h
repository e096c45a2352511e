/* SPDX-License-Identifier: ISC
 *
 * Helpers shared by the tables of status. Internal to status*.c.
 */
#ifndef REACHD_MONITOR_CONTROL_STATUS_PRIV_H
#define REACHD_MONITOR_CONTROL_STATUS_PRIV_H

#include "lib/duration.h"
#include "lib/table.h"
#include "monitor/control/status.h"

struct page {
    FILE *out;
    bool colour;
    int64_t now_ms;
};

int64_t status_int(const json_t *object, const char *key, int64_t fallback); /* null: fallback */
bool status_true(const json_t *object, const char *key);
/* "5m" since a wall time in milliseconds, "-" for none. Returns buf. */
const char *status_ago(const struct page *page, int64_t wall_ms, char buf[DURATION_LEN]);
const char *status_family(const json_t *object); /* "IPv4" of member "family" */
/* Wrapped text after `label`, both at the given indent. */
void status_wrap(const struct page *page, int indent, const char *text);
/* What to say of a record in DNS that shows no single address. */
const char *status_no_value(const json_t *record);
void status_heading(const struct page *page, const char *text);

void status_records(const struct page *page, const json_t *records);
void status_addresses(const struct page *page, const json_t *addresses);

#endif
