/* SPDX-License-Identifier: ISC
 *
 * What hook.c (notices and runs), hook_table.c (the deliveries) and hook_reload.c (configuration,
 * status) share. For these three only.
 */
#ifndef REACHD_MONITOR_HOOKS_HOOK_TABLE_H
#define REACHD_MONITOR_HOOKS_HOOK_TABLE_H

#include "monitor/hooks/hook.h"
#include "monitor/hooks/hook_slot.h"
#include "monitor/spawner/spawn_text.h"

#define HOOK_TAG     "hook"
#define HOOK_BUCKETS 256

/* One configured hook, and what became of it so far. */
struct hook {
    const struct config_hook *conf;
    uint64_t told, failed, given_up;
    char last_end[SPAWN_TEXT_LEN]; /* "" before the first run */
    char last_event[32];
    int64_t last_wall_ms;
};

struct delivery {
    struct hooks *hooks;
    struct delivery *next; /* in its bucket */
    struct hook *hook;
    char key[NOTICE_KEY_LEN];
    struct hook_slot slot;
    struct spawn *spawn; /* while it runs */
};

struct hooks {
    struct loop *loop;
    struct loop_timer *timer;
    int64_t timer_at_ms; /* INT64_MAX: not armed */
    struct spawner *spawner;
    struct store *store;
    struct hook **list;
    size_t count;
    int64_t debounce_ms;
    struct delivery *buckets[HOOK_BUCKETS];
    size_t running;
    bool (*held)(const struct notice *notice, void *arg); /* NULL: none is */
    void *held_arg;
};

/* The delivery of that hook and key; find returns NULL when there is none. */
struct delivery *delivery_find(struct hooks *hooks, const struct hook *hook, const char *key);
struct delivery *delivery_get(struct hooks *hooks, struct hook *hook, const char *key);
void delivery_free(struct delivery *delivery); /* ends its run, if any */

typedef void delivery_fn(struct delivery *delivery, void *arg); /* may free it */
void delivery_each(struct hooks *hooks, delivery_fn *fn, void *arg);

bool hook_wants(const struct config_hook *conf, const struct notice *notice);
/* Starts what is due, arms the timer for what is not. */
void hooks_pump(struct hooks *hooks);
void hooks_clear(struct hooks *hooks); /* the list of hooks, and all deliveries */

#endif
