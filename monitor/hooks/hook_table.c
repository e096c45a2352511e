/* SPDX-License-Identifier: ISC
 *
 * The table of deliveries, by key. There may be one for each of 10 000 targets in a storm.
 */
#include "monitor/hooks/hook_table.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/str.h"

static size_t bucket_of(const char *key)
{
    uint32_t hash = 2166136261u;
    for (; *key; key++)
        hash = (hash ^ (uint8_t)*key) * 16777619u;
    return hash % HOOK_BUCKETS;
}

struct delivery *delivery_find(struct hooks *hooks, const struct hook *hook, const char *key)
{
    for (struct delivery *d = hooks->buckets[bucket_of(key)]; d; d = d->next)
        if (d->hook == hook && strcmp(d->key, key) == 0)
            return d;
    return NULL;
}

struct delivery *delivery_get(struct hooks *hooks, struct hook *hook, const char *key)
{
    struct delivery *d = delivery_find(hooks, hook, key);
    if (d)
        return d;
    struct delivery **bucket = &hooks->buckets[bucket_of(key)];
    d = mem_zalloc(sizeof(*d));
    d->hooks = hooks;
    d->hook = hook;
    str_copy(d->key, sizeof(d->key), key);
    d->next = *bucket;
    *bucket = d;
    return d;
}

void delivery_free(struct delivery *delivery)
{
    struct delivery **at = &delivery->hooks->buckets[bucket_of(delivery->key)];
    while (*at != delivery)
        at = &(*at)->next;
    *at = delivery->next;
    if (delivery->spawn) {
        spawn_cancel(delivery->spawn);
        delivery->hooks->running--;
    }
    hook_slot_clear(&delivery->slot);
    free(delivery);
}

void delivery_each(struct hooks *hooks, delivery_fn *fn, void *arg)
{
    for (size_t i = 0; i < HOOK_BUCKETS; i++) {
        for (struct delivery *d = hooks->buckets[i], *next; d; d = next) {
            next = d->next;
            fn(d, arg);
        }
    }
}
