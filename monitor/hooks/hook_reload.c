/* SPDX-License-Identifier: ISC
 *
 * Hooks at start and reload: what stays, what goes, what the store still owes; and their status.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/hooks/hook_table.h"

#define TAG HOOK_TAG

static struct hook *hook_find(struct hook *const *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i]->conf->name, name) == 0)
            return list[i];
    return NULL;
}

struct resume {
    struct hooks *hooks;
    struct orphan {
        struct orphan *next;
        char *hook;
        char key[NOTICE_KEY_LEN];
        int64_t event_id;
    } * orphans; /* of hooks that are no more; the list is walked once the store's walk is over */
};

static void on_due(const char *hook_name, const char *key, int64_t event_id,
                   const struct notice *notice, unsigned superseded, void *arg)
{
    struct resume *resume = arg;
    struct hooks *hooks = resume->hooks;
    struct hook *hook = hook_find(hooks->list, hooks->count, hook_name);
    if (!hook) {
        struct orphan *orphan = mem_zalloc(sizeof(*orphan));
        orphan->hook = mem_strdup(hook_name);
        str_copy(orphan->key, sizeof(orphan->key), key);
        orphan->event_id = event_id;
        orphan->next = resume->orphans;
        resume->orphans = orphan;
        return;
    }
    if (delivery_find(hooks, hook, key))
        return;
    log_info(TAG, "%s: %s of %s was not told yet", hook_name, notice_word(notice->kind), key);
    hook_slot_post(&delivery_get(hooks, hook, key)->slot, notice, event_id, superseded,
                   clock_mono_ms(), 0);
}

static void resume_from_store(struct hooks *hooks)
{
    struct resume resume = {.hooks = hooks};
    store_due_each(hooks->store, on_due, &resume);
    while (resume.orphans) {
        struct orphan *orphan = resume.orphans;
        resume.orphans = orphan->next;
        log_warn(TAG, "%s: is no more, %s is not told", orphan->hook, orphan->key);
        store_due_done(hooks->store, orphan->hook, orphan->key, orphan->event_id);
        free(orphan->hook);
        free(orphan);
    }
}

/* What was told in an earlier run and lasts is repeated at its pace. */
static void on_latest(const char *key, int64_t event_id, const struct notice *notice, void *arg)
{
    struct hooks *hooks = arg;
    for (size_t i = 0; i < hooks->count; i++) {
        struct hook *hook = hooks->list[i];
        int64_t remind_ms = hook->conf->remind_ms;
        if (remind_ms <= 0 || !hook_wants(hook->conf, notice) || delivery_find(hooks, hook, key))
            continue;
        int64_t left = hook_remind_left(notice->wall_ms, clock_wall_ms(), remind_ms);
        struct delivery *delivery = delivery_get(hooks, hook, key);
        if (!hook_slot_resume(&delivery->slot, notice, event_id, clock_mono_ms() + left))
            delivery_free(delivery);
    }
}

/* A reload may have taken reminders away. */
static void end_unwanted(struct delivery *delivery, void *arg)
{
    const struct config_hook *conf = delivery->hook->conf;
    const struct hook_slot *slot = &delivery->slot;
    (void)arg;
    if (slot->remind_at_ms == 0 || (conf->remind_ms > 0 && hook_wants(conf, slot->current)))
        return;
    hook_slot_calm(&delivery->slot);
    if (hook_slot_is_empty(&delivery->slot))
        delivery_free(delivery);
}

/* The deliveries of a hook that is gone; the store's rows go as orphans. */
static void free_if_of(struct delivery *delivery, void *arg)
{
    if (delivery->hook == arg)
        delivery_free(delivery);
}

static void list_free(struct hooks *hooks, struct hook **list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!list[i])
            continue;
        delivery_each(hooks, free_if_of, list[i]);
        free(list[i]);
    }
    free(list);
}

void hooks_clear(struct hooks *hooks)
{
    list_free(hooks, hooks->list, hooks->count);
    hooks->list = NULL;
    hooks->count = 0;
}

/* A hook keeps its figures and deliveries by its name; what is taken is NULL in `old`. */
static struct hook *carry_over(struct hook **old, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (old[i] && strcmp(old[i]->conf->name, name) == 0) {
            struct hook *hook = old[i];
            old[i] = NULL;
            return hook;
        }
    }
    return mem_zalloc(sizeof(struct hook));
}

void hooks_configure(struct hooks *hooks, const struct config *config)
{
    struct hook **old = hooks->list;
    size_t old_count = hooks->count;
    hooks->list = mem_array(config->hook_count ? config->hook_count : 1, sizeof(*hooks->list));
    hooks->count = config->hook_count;
    hooks->debounce_ms = config->hook_debounce_ms;
    for (size_t i = 0; i < hooks->count; i++)
        hooks->list[i] = carry_over(old, old_count, config->hooks[i].name);
    list_free(hooks, old, old_count);
    for (size_t i = 0; i < hooks->count; i++)
        hooks->list[i]->conf = &config->hooks[i];
    delivery_each(hooks, end_unwanted, NULL);
    resume_from_store(hooks);
    store_latest_each(hooks->store, on_latest, hooks);
    hooks_pump(hooks);
}

/* --- status ---------------------------------------------------------------------------------- */

struct census {
    const struct hook *hook;
    int64_t running, waiting, reminding;
};

static void count_one(const struct delivery *delivery, struct census *census)
{
    const struct hook_slot *slot = &delivery->slot;
    if (delivery->hook != census->hook)
        return;
    census->running += slot->running;
    census->waiting += slot->pending != NULL;
    census->reminding += slot->remind_at_ms != 0;
}

static json_t *hook_json(const struct hooks *hooks, const struct hook *hook)
{
    struct census census = {.hook = hook};
    for (size_t i = 0; i < HOOK_BUCKETS; i++)
        for (const struct delivery *d = hooks->buckets[i]; d; d = d->next)
            count_one(d, &census);
    json_t *object = doc_object();
    doc_text(object, "name", hook->conf->name);
    doc_text(object, "command", hook->conf->command[0]);
    doc_int(object, "running", census.running);
    doc_int(object, "waiting", census.waiting);
    doc_int(object, "reminding", census.reminding);
    doc_int(object, "told", (int64_t)hook->told);
    doc_int(object, "failed", (int64_t)hook->failed);
    doc_int(object, "given_up", (int64_t)hook->given_up);
    doc_text(object, "last_event", hook->last_event[0] ? hook->last_event : NULL);
    doc_text(object, "last_end", hook->last_end[0] ? hook->last_end : NULL);
    doc_time(object, "last_time", hook->last_wall_ms);
    return object;
}

json_t *hooks_json(const struct hooks *hooks)
{
    json_t *array = doc_array();
    for (size_t i = 0; i < hooks->count; i++)
        doc_push(array, hook_json(hooks, hooks->list[i]));
    return array;
}
