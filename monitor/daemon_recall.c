/* SPDX-License-Identifier: ISC
 *
 * What earlier runs told (store_latest): back to the targets, and out of store and hooks for what
 * the configuration does not name any more. Not its job: what an address section makes of it
 * (daemon_notice.c), reminders (hook_reload.c).
 */
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "monitor/daemon_priv.h"

struct gone {
    const struct config *config;
    struct gone_key {
        char *key;
        struct notice *line; /* that a line is down; NULL: something else */
    } * keys;
    size_t count, capacity;
};

/* A remark is gone too when nobody looks for it any more: its end would never be told. */
static bool target_is_there(const struct config *config, const struct notice *notice)
{
    for (size_t i = 0; i < config->target_count; i++) {
        const struct config_target *target = &config->targets[i];
        if (strcmp(target->name, notice->subject) != 0)
            continue;
        if (notice_is_remark(notice->kind))
            return target_may_remark(target, notice->cause);
        return !notice->has_family || target->families[notice->family];
    }
    return false;
}

static bool address_is_there(const struct config *config, const struct notice *notice)
{
    for (size_t i = 0; i < config->address_count; i++)
        if (config->addresses[i].family == notice->family &&
            strcmp(config->addresses[i].name, notice->subject) == 0)
            return !notice_is_remark(notice->kind) || config->addresses[i].cross_check;
    return false;
}

static bool record_is_there(const struct config *config, const struct notice *notice)
{
    for (size_t i = 0; i < config->record_count; i++)
        if (strcmp(config->records[i].ddns.name, notice->subject) == 0)
            return config->records[i].ddns.families[notice->family];
    return false;
}

/* A line that a target of the family goes out by. */
static bool line_is_there(const struct config *config, const struct notice *notice)
{
    char name[UPLINK_NAME_LEN];
    for (size_t i = 0; i < config->target_count && config->uplink[notice->family]; i++)
        if (config->targets[i].families[notice->family] &&
            strcmp(uplink_name(&config->targets[i].egress, name), notice->subject) == 0)
            return true;
    return false;
}

static bool is_there(const struct config *config, const struct notice *notice)
{
    const char *about = notice_about(notice->kind);
    if (strcmp(about, "target") == 0)
        return target_is_there(config, notice);
    if (strcmp(about, "address") == 0)
        return address_is_there(config, notice);
    if (strcmp(about, "uplink") == 0)
        return line_is_there(config, notice);
    return strcmp(about, "record") != 0 || record_is_there(config, notice);
}

static void note_gone(const char *key, int64_t event_id, const struct notice *notice, void *arg)
{
    struct gone *gone = arg;
    (void)event_id;
    if (is_there(gone->config, notice))
        return;
    if (gone->count == gone->capacity) {
        gone->capacity = gone->capacity ? gone->capacity * 2 : 16;
        gone->keys = mem_regrow(gone->keys, gone->capacity, sizeof *gone->keys);
    }
    struct gone_key *at = &gone->keys[gone->count++];
    *at = (struct gone_key){.key = mem_strdup(key)};
    if (notice->kind != NOTICE_UPLINK_DOWN)
        return;
    at->line = mem_zalloc(sizeof *at->line);
    *at->line = *notice;
}

/* Whoever heard that the line is down would wait for the other half. */
static void end_line(struct daemon *d, const struct notice *down)
{
    struct notice notice;
    uplink_say_gone(down, clock_wall_ms(), &notice);
    daemon_post(d, &notice);
}

static void forget_gone(struct daemon *d)
{
    struct gone gone = {.config = d->config};
    store_latest_each(d->store, note_gone, &gone);
    for (size_t i = 0; i < gone.count; i++) {
        struct gone_key *at = &gone.keys[i];
        if (at->line)
            end_line(d, at->line);
        store_latest_drop(d->store, at->key);
        hooks_forget(d->hooks, at->key);
        free(at->line);
        free(at->key);
    }
    free(gone.keys);
}

/* That two addresses differ is told once, not once in each run. */
static void recall_crosses(struct daemon *d)
{
    for (size_t i = 0; d->addrwatch && i < d->config->address_count; i++) {
        const struct config_address *section = &d->config->addresses[i];
        struct notice key, told;
        char text[NOTICE_KEY_LEN];
        notice_init(&key, NOTICE_ADDRESS_DIFFERS, section->name, 0);
        key.has_family = true;
        key.family = section->family;
        if (store_latest(d->store, notice_key(&key, text), &told) &&
            told.kind == NOTICE_ADDRESS_DIFFERS)
            addrwatch_recall(d->addrwatch, section, told.wall_ms);
    }
}

static bool latest(void *arg, const char *key, struct notice *out)
{
    return store_latest(arg, key, out);
}

void daemon_recall(struct daemon *d)
{
    forget_gone(d);
    targets_recall(d->targets, latest, d->store);
    uplink_recall(d->uplink, latest, d->store);
    recall_crosses(d);
}
