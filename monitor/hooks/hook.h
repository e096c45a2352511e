/* SPDX-License-Identifier: ISC
 *
 * From notices to hook runs: which hook wants it, one at a time per hook and subject, newest wins,
 * storms debounced, reminders, none lost silently (pending ones are kept in the store until run).
 */
#ifndef REACHD_MONITOR_HOOKS_HOOK_H
#define REACHD_MONITOR_HOOKS_HOOK_H

#include "monitor/config/config.h"
#include "monitor/spawner/spawner.h"
#include "monitor/store/store.h"

struct hooks;

#define HOOKS_MAX_RUNNING 8 /* all hooks together; leaves places for address commands */

struct hooks *hooks_new(struct loop *loop, struct spawner *spawner, struct store *store);
/* Ends what runs; what was not told stays in the store for the next start. Before the spawner and
 * the store are freed. */
void hooks_free(struct hooks *hooks);
/* At start and reload; the configuration lives until the next call has returned. Resumes what the
 * store still holds: what is due, and reminders of what stands. */
void hooks_configure(struct hooks *hooks, const struct config *config);
/* event_id: of the store, 0 when it could not be stored (told all the same, but not after a crash).
 */
void hooks_post(struct hooks *hooks, const struct notice *notice, int64_t event_id);
/* Reminders of which `held` says so wait a while, and are asked about again. */
void hooks_hold(struct hooks *hooks, bool (*held)(const struct notice *notice, void *arg),
                void *arg);
/* The subject of that key is no more: no reminders of it. What is due is still told. */
void hooks_forget(struct hooks *hooks, const char *key);
/* Runs what is waiting now (at shutdown); true when nothing is running or waiting. Failed ones that
 * wait for their next try do not count: they are left to the next start. */
bool hooks_flush(struct hooks *hooks);
json_t *hooks_json(const struct hooks *hooks);

#endif
