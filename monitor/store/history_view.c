/* SPDX-License-Identifier: ISC
 *
 * History for people and as JSON. Not its job: what is counted (history.c).
 */
#include <string.h>

#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/duration.h"
#include "lib/str.h"
#include "lib/table.h"
#include "monitor/control/status.h"
#include "monitor/store/history_priv.h"

#define WHEN_WIDTH 21 /* a local time and the space after it */

/* Seconds are enough for what lasted longer. */
static const char *lasted(int64_t ms, char buf[DURATION_LEN])
{
    return duration_format(ms < 1000 ? ms : ms / 1000 * 1000, buf);
}

static const char *times(unsigned count, char buf[24])
{
    buf[0] = '\0';
    if (count == 1)
        str_append(buf, 24, "once");
    else
        str_append(buf, 24, "%u times", count);
    return buf;
}

/* An address that was lost, or a record whose updates fail, has nothing now. */
static bool is_shown(const struct track *track, const char *about)
{
    return strcmp(track->about, about) == 0 && (track->count > 0 || track->bad > 0);
}

/* --- text ------------------------------------------------------------------------------------- */

static void print_events(FILE *out, const struct history *history, bool colour)
{
    for (size_t i = 0; i < history->event_count; i++) {
        const struct notice *notice = &history->events[i].notice;
        bool bad = notice_is_bad(notice->kind);
        char when[CLOCK_TEXT_LEN];
        char text[sizeof notice->subject + sizeof notice->text + 16] = "";
        bool named =
            strcmp(notice->subject, "reachd") == 0 || strstr(notice->text, notice->subject);
        if (!named)
            str_append(text, sizeof text, "%s: ", notice->subject);
        str_append(text, sizeof text, "%s", notice->text);
        fprintf(out, "%s  %s", clock_format_local(notice->wall_ms, when),
                bad ? term_start(TERM_YELLOW, colour) : "");
        term_wrap(out, text, WHEN_WIDTH, STATUS_WIDTH);
        if (bad)
            fputs(term_end(colour), out);
    }
}

static void say_lives(const struct track *track, const struct history_scope *scope, char *text,
                      size_t cap)
{
    char count[24], shortest[DURATION_LEN], longest[DURATION_LEN], mean[DURATION_LEN];
    struct lives_sum sum = track_sum(track, scope);
    if (sum.changes == 0) {
        str_append(text, cap, "%s",
                   track->count > 0                       ? "unchanged"
                   : strcmp(track->about, "address") == 0 ? "never there"
                                                          : "never verified");
        return;
    }
    str_append(text, cap, "changed %s", times(sum.changes, count));
    if (sum.longest_ms > 0 && sum.shortest_ms == sum.longest_ms)
        str_append(text, cap, "; one lived %s", lasted(sum.longest_ms, longest));
    else if (sum.longest_ms > 0)
        str_append(text, cap, "; lived %s to %s, %s on average", lasted(sum.shortest_ms, shortest),
                   lasted(sum.longest_ms, longest), lasted(sum.mean_ms, mean));
}

static void say_bad(const struct track *track, char *text, size_t cap)
{
    if (track->bad > 0)
        str_append(text, cap, "; %u warning%s", track->bad, track->bad == 1 ? "" : "s");
}

static void say_down(const struct track *track, const struct history_scope *scope, char *text,
                     size_t cap)
{
    char down[DURATION_LEN], count[24];
    unsigned downs;
    int64_t total_ms = track_time_of(track, "down", scope, &downs);
    if (downs == 0)
        str_append(text, cap, "not down");
    else
        str_append(text, cap, "down %s, %s in all", times(downs, count), lasted(total_ms, down));
}

static void add_track(struct table *table, const struct track *track,
                      const struct history_scope *scope)
{
    const struct life *now = track_now(track);
    char text[160] = "", since[DURATION_LEN] = "-";
    if (strcmp(track->about, "target") == 0) {
        say_down(track, scope, text, sizeof text);
    } else {
        say_lives(track, scope, text, sizeof text);
        say_bad(track, text, sizeof text);
    }
    if (now && now->from_ms > 0 && now->from_ms <= scope->now_ms)
        lasted(scope->now_ms - now->from_ms, since);
    table_row(table);
    table_cell(table, TERM_PLAIN, "%s", track->subject);
    table_cell(table, TERM_PLAIN, "%s", track->has_family ? family_text(track->family) : "-");
    table_cell(table, now ? TERM_PLAIN : TERM_YELLOW, "%s", now ? now->value : "-");
    table_cell(table, TERM_PLAIN, "%s", since);
    table_cell(table, TERM_PLAIN, "%s", text);
}

static void print_tracks(FILE *out, const struct history *history, const char *about,
                         const char *title, bool colour)
{
    static const char *const columns[] = {"name", "family", "now", "for", "in this time"};
    struct table *table = table_new(colour);
    bool any = false;
    table_row(table);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_cell(table, TERM_DIM, "%s", columns[i]);
    for (size_t i = 0; i < history->track_count; i++) {
        const struct track *track = &history->tracks[i];
        if (!is_shown(track, about))
            continue;
        add_track(table, track, &history->scope);
        any = true;
    }
    if (any) {
        fprintf(out, "\n%s%s%s\n", term_start(TERM_BOLD, colour), title, term_end(colour));
        table_print(table, out, 2);
    }
    table_free(table);
}

void history_print(FILE *out, const struct history *history, bool colour)
{
    char since[CLOCK_TEXT_LEN];
    clock_format_local(history->scope.since_ms, since);
    if (history->event_count == 0)
        fprintf(out, "no event since %s\n", since);
    print_events(out, history, colour);
    print_tracks(out, history, "address", "Addresses of this machine", colour);
    print_tracks(out, history, "record", "Records, as the authoritative servers showed them",
                 colour);
    print_tracks(out, history, "target", "Targets", colour);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static json_t *events_json(const struct history *history)
{
    json_t *array = doc_array();
    for (size_t i = 0; i < history->event_count; i++) {
        json_t *event = notice_json(&history->events[i].notice);
        doc_int(event, "id", history->events[i].id);
        doc_push(array, event);
    }
    return array;
}

static json_t *lives_json(const struct track *track, const struct history_scope *scope)
{
    json_t *array = doc_array();
    for (size_t i = 0; i < track->count; i++) {
        const struct life *life = &track->lives[i];
        if (life->until_ms != 0 && life->until_ms < scope->since_ms)
            continue;
        json_t *object = doc_object();
        doc_text(object, "value", life->value);
        doc_time(object, "since", life->from_ms);
        doc_time(object, "until", life->until_ms);
        doc_push(array, object);
    }
    return array;
}

static json_t *track_json(const struct track *track, const struct history_scope *scope)
{
    const struct life *now = track_now(track);
    json_t *object = doc_object();
    doc_text(object, "subject", track->subject);
    doc_text(object, "family", track->has_family ? family_word(track->family) : NULL);
    doc_text(object, "value", now ? now->value : NULL);
    doc_time(object, "since", now ? now->from_ms : 0);
    doc_int(object, "changes", track_sum(track, scope).changes);
    doc_int(object, "warnings", track->bad);
    doc_value(object, "lives", lives_json(track, scope));
    if (strcmp(track->about, "target") == 0) {
        unsigned downs;
        doc_int(object, "down_ms", track_time_of(track, "down", scope, &downs));
        doc_int(object, "down_times", downs);
    }
    return object;
}

static json_t *tracks_json(const struct history *history, const char *about)
{
    json_t *array = doc_array();
    for (size_t i = 0; i < history->track_count; i++) {
        const struct track *track = &history->tracks[i];
        if (is_shown(track, about))
            doc_push(array, track_json(track, &history->scope));
    }
    return array;
}

json_t *history_json(const struct history *history)
{
    json_t *object = doc_object();
    doc_time(object, "since", history->scope.since_ms);
    doc_time(object, "now", history->scope.now_ms);
    doc_value(object, "events", events_json(history));
    doc_value(object, "addresses", tracks_json(history, "address"));
    doc_value(object, "records", tracks_json(history, "record"));
    doc_value(object, "targets", tracks_json(history, "target"));
    return object;
}
