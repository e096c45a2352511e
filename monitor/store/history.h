/* SPDX-License-Identifier: ISC
 *
 * What the event log says about a stretch of time: how long each address, each record's address
 * and each state of a target lived. Pure: fed with events, the oldest first. Not its job: reading
 * the log (monitor/store/store.h), options (cmd_history.c).
 */
#ifndef REACHD_MONITOR_STORE_HISTORY_H
#define REACHD_MONITOR_STORE_HISTORY_H

#include <stdio.h>

#include "monitor/notice.h"

struct history;

struct history_scope {
    const char *name; /* only this target, record, address or host; NULL: all */
    int64_t since_ms; /* wall clock; what began earlier and lasts into it counts too */
    int64_t now_ms;
};

/* The scope's name must outlive it. */
struct history *history_new(const struct history_scope *scope);
void history_free(struct history *history);
/* Also events before the scope: they tell since when something lasts. */
void history_feed(struct history *history, int64_t id, const struct notice *notice);
/* False when nothing of the scope's name was ever fed. */
bool history_knows_name(const struct history *history);

void history_print(FILE *out, const struct history *history, bool colour);
/* Members: since, now, events (the oldest first), addresses, records, targets; each of those with
 * subject, family, value, since, changes, warnings, lives; targets with down_ms, down_times. */
json_t *history_json(const struct history *history);

#endif
