/* SPDX-License-Identifier: ISC
 *
 * Answers on the control socket: {"cmd": "status" | "records" | "update" | "check", "name": …}.
 * An answer that can't be given is {"error": "a sentence"}.
 */
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/str.h"
#include "monitor/daemon_priv.h"
#include "monitor/record_json.h"

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
    if (strcmp(cmd, "check") == 0)
        return on_check(d, name);
    return NULL;
}
