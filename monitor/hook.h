/* SPDX-License-Identifier: ISC
 *
 * From notices to hook runs: which hook wants it, one at a time per hook and subject, newest wins,
 * storms debounced, reminders, none lost silently (pending ones are kept in the store until run).
 */
#ifndef REACHD_MONITOR_HOOK_H
#define REACHD_MONITOR_HOOK_H

#include "monitor/config.h"
#include "monitor/spawner.h"
#include "monitor/store.h"

struct hooks;

struct hooks *hooks_new(struct loop *loop, struct spawner *spawner, struct store *store);
void hooks_free(struct hooks *hooks);
/* At start and reload; the array lives until the next call. Resumes what the store still holds. */
void hooks_configure(struct hooks *hooks, const struct config *config);
void hooks_post(struct hooks *hooks, const struct notice *notice, int64_t event_id);
/* Runs what is waiting now (at shutdown); true when nothing is running or waiting. */
bool hooks_flush(struct hooks *hooks);
json_t *hooks_json(const struct hooks *hooks);

#endif
