/* SPDX-License-Identifier: ISC
 *
 * Answers on the control socket: {"cmd": "status" | "records" | "update" | "plan" | "force" |
 * "check", "name": …}. What only asks and what acts are different words: a daemon that does not
 * know one of them refuses it, and never does more than was asked for. An answer that can't be
 * given is {"error": "a sentence"}.
 */
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/str.h"
#include "monitor/control/plan_json.h"
#include "monitor/control/record_json.h"
#include "monitor/daemon_priv.h"

#define TAG "control"

#define EVENTS_MAX 1000

static json_t *refuse(const char *kind, const char *name)
{
    char sentence[256] = "";
    json_t *reply = doc_object();
    if (name)
        str_append(sentence, sizeof sentence, "there is no %s '%s'", kind, name);
    else
        str_append(sentence, sizeof sentence, "no %s is configured", kind);
    doc_text(reply, "error", sentence);
    return reply;
}

/* --- status ----------------------------------------------------------------------------------- */

struct record_list {
    json_t *array;
    const char *name; /* only this one; NULL: all */
    struct stamp now;
};

static void add_record(const struct updater_status *status, void *arg)
{
    struct record_list *list = arg;
    if (!list->name || strcmp(list->name, status->record->name) == 0)
        doc_push(list->array, record_json(status, &list->now));
}

static json_t *records_json(struct daemon *d, const char *name)
{
    struct record_list list = {.array = doc_array(), .name = name, .now = clock_stamp()};
    updater_each(d->updater, add_record, &list);
    return list.array;
}

static void add_event(int64_t id, const struct notice *notice, void *arg)
{
    json_t *event = notice_json(notice);
    doc_int(event, "id", id);
    doc_push(arg, event);
}

static json_t *events_json(struct daemon *d, const json_t *request)
{
    json_t *array = doc_array();
    json_int_t limit = json_integer_value(json_object_get(request, "events"));
    if (limit > 0)
        store_event_each(d->store, limit < EVENTS_MAX ? (size_t)limit : EVENTS_MAX, add_event,
                         array);
    return array;
}

static json_t *on_status(struct daemon *d, const json_t *request)
{
    json_t *reply = doc_object();
    doc_text(reply, "version", PACKAGE_VERSION);
    doc_int(reply, "pid", getpid());
    doc_text(reply, "config", d->config->path);
    doc_time(reply, "now", clock_wall_ms());
    doc_int(reply, "now_ms", clock_wall_ms());
    doc_time(reply, "started", d->started_wall_ms);
    doc_int(reply, "uptime_ms", clock_mono_ms() - d->started_mono_ms);
    doc_int(reply, "timers_late_ms", loop_late_us(d->loop) / 1000);
    doc_text(reply, "reload_error", *d->reload_error ? d->reload_error : NULL);
    doc_value(reply, "targets", targets_json(d->targets));
    doc_value(reply, "records", records_json(d, NULL));
    doc_value(reply, "addresses", d->addrwatch ? addrwatch_json(d->addrwatch) : doc_array());
    doc_value(reply, "uplinks", uplink_json(d->uplink));
    doc_value(reply, "hooks", hooks_json(d->hooks));
    doc_value(reply, "events", events_json(d, request));
    return reply;
}

/* --- update and check ------------------------------------------------------------------------- */

static json_t *on_records(struct daemon *d, const char *name)
{
    json_t *reply = doc_object();
    doc_value(reply, "records", records_json(d, name));
    return reply;
}

/* The addresses too are looked at anew: whoever asks may know of a change before we do. */
static json_t *on_update(struct daemon *d, const char *name)
{
    size_t count = updater_check(d->updater, name);
    if (count == 0)
        return refuse("record", name);
    if (d->addrwatch)
        addrwatch_check(d->addrwatch);
    log_info(TAG, "an update of %s%s was asked for", name ? "record " : "all records",
             name ? name : "");
    return on_records(d, name);
}

struct plan_list {
    const struct daemon *d;
    json_t *array;
    const char *name;
    struct stamp now;
    bool forced;
};

/* The title of the address section that the record's family follows; NULL: none. */
static const char *address_of(const struct daemon *d, const struct updater_status *status)
{
    for (size_t i = 0; i < d->config->record_count; i++) {
        const struct config_record *record = &d->config->records[i];
        const struct config_address *source = record->source[status->family];
        if (source && strcmp(record->ddns.name, status->record->name) == 0)
            return source->name;
    }
    return NULL;
}

static void add_plan(const struct updater_status *status, void *arg)
{
    struct plan_list *list = arg;
    if (list->name && strcmp(list->name, status->record->name) != 0)
        return;
    json_t *record = record_json(status, &list->now);
    doc_text(record, "address", address_of(list->d, status));
    doc_value(record, "plan", plan_json(status, &list->now, list->forced));
    doc_push(list->array, record);
}

/* What an update, or a forced one, would send now. Nothing is looked at: a look may lead to an
 * update. */
static json_t *on_plan(struct daemon *d, const char *name, bool forced)
{
    struct plan_list list = {
        .d = d, .array = doc_array(), .name = name, .now = clock_stamp(), .forced = forced};
    updater_each(d->updater, add_plan, &list);
    if (json_array_size(list.array) == 0) {
        json_decref(list.array);
        return refuse("record", name);
    }
    json_t *reply = doc_object();
    doc_time(reply, "now", list.now.wall_ms);
    doc_int(reply, "now_ms", list.now.wall_ms);
    doc_bool(reply, "forced", forced);
    doc_value(reply, "records", list.array);
    return reply;
}

static json_t *on_force(struct daemon *d, const char *name)
{
    json_t *reply = on_plan(d, name, true);
    if (updater_force(d->updater, name) > 0 && d->addrwatch)
        addrwatch_check(d->addrwatch);
    return reply;
}

static json_t *on_check(struct daemon *d, const char *name)
{
    size_t count = targets_check(d->targets, name);
    if (count == 0)
        return refuse("target", name);
    json_t *reply = doc_object();
    doc_int(reply, "targets", (int64_t)count);
    return reply;
}

json_t *daemon_on_request(const json_t *request, void *arg)
{
    struct daemon *d = arg;
    const char *cmd = doc_get_text(request, "cmd");
    const char *name = doc_get_text(request, "name");
    name = *name ? name : NULL;
    if (strcmp(cmd, "status") == 0)
        return on_status(d, request);
    if (strcmp(cmd, "records") == 0)
        return on_records(d, name);
    if (strcmp(cmd, "update") == 0)
        return on_update(d, name);
    if (strcmp(cmd, "plan") == 0)
        return on_plan(d, name, json_is_true(json_object_get(request, "forced")));
    if (strcmp(cmd, "force") == 0)
        return on_force(d, name);
    if (strcmp(cmd, "check") == 0)
        return on_check(d, name);
    return NULL;
}
