/* SPDX-License-Identifier: ISC
 *
 * Lives from events (see history.h). Not its job: how they are shown (history_view.c).
 */
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/store/history_priv.h"

struct history *history_new(const struct history_scope *scope)
{
    struct history *history = mem_zalloc(sizeof *history);
    history->scope = *scope;
    return history;
}

void history_free(struct history *history)
{
    if (!history)
        return;
    for (size_t i = 0; i < history->track_count; i++)
        free(history->tracks[i].lives);
    free(history->tracks);
    free(history->events);
    free(history);
}

bool history_knows_name(const struct history *history)
{
    return history->knows_name;
}

/* --- lives ------------------------------------------------------------------------------------ */

static void begin_life(struct track *track, const char *value, int64_t from_ms, int64_t until_ms)
{
    track->lives = mem_regrow(track->lives, track->count + 1, sizeof *track->lives);
    struct life *life = &track->lives[track->count++];
    *life = (struct life){.from_ms = from_ms, .until_ms = until_ms};
    str_copy(life->value, sizeof life->value, value);
}

/* The last life goes on. */
static bool lasts(const struct track *track)
{
    return track->count > 0 && track->lives[track->count - 1].until_ms == 0;
}

/* The value is new_value from now on; "": it has none. What the event says of the former one
 * counts only where the log begins: an event may tell of a change that it had missed. */
static void turn(struct track *track, const char *old_value, const char *new_value, int64_t wall_ms)
{
    struct life *life = lasts(track) ? &track->lives[track->count - 1] : NULL;
    if (life && strcmp(life->value, new_value) == 0)
        return;
    if (life)
        life->until_ms = wall_ms;
    else if (track->count == 0 && *old_value)
        begin_life(track, old_value, 0, wall_ms);
    if (*new_value)
        begin_life(track, new_value, wall_ms, 0);
}

static void feed_track(struct track *track, const struct notice *notice, bool in_scope)
{
    enum notice_kind kind = notice->kind;
    if (kind == NOTICE_TARGET_UP)
        turn(track, "down", "up", notice->wall_ms);
    else if (kind == NOTICE_TARGET_DOWN)
        turn(track, "", "down", notice->wall_ms);
    else if (kind == NOTICE_ADDRESS_CHANGED || kind == NOTICE_ADDRESS_LOST ||
             kind == NOTICE_UPDATE_VERIFIED || kind == NOTICE_UPDATE_WITHDRAWN)
        turn(track, notice->old_value, notice->new_value, notice->wall_ms);
    if (in_scope && notice_is_bad(notice->kind))
        track->bad++;
}

/* Certificates, remarks and TTLs are events, and have no lives. */
static bool has_lives(enum notice_kind kind)
{
    return kind != NOTICE_CERT_EXPIRING && !notice_is_remark(kind) && kind != NOTICE_UPDATE_TTL &&
           kind != NOTICE_STARTED && kind != NOTICE_STOPPED;
}

static struct track *find_track(struct history *history, const struct notice *notice)
{
    char key[NOTICE_KEY_LEN];
    notice_key(notice, key);
    for (size_t i = 0; i < history->track_count; i++)
        if (strcmp(history->tracks[i].key, key) == 0)
            return &history->tracks[i];
    history->tracks =
        mem_regrow(history->tracks, history->track_count + 1, sizeof *history->tracks);
    struct track *track = &history->tracks[history->track_count++];
    *track = (struct track){.about = notice_about(notice->kind),
                            .has_family = notice->has_family,
                            .family = notice->family};
    str_copy(track->key, sizeof track->key, key);
    str_copy(track->subject, sizeof track->subject, notice->subject);
    return track;
}

/* --- events ----------------------------------------------------------------------------------- */

static bool is_host(const struct notice *notice, const char *name)
{
    size_t len = strlen(name);
    return strncmp(notice->host, name, len) == 0 &&
           (notice->host[len] == '\0' || notice->host[len] == ':');
}

static void keep_event(struct history *history, int64_t id, const struct notice *notice)
{
    if (history->event_count == history->event_cap) {
        history->event_cap = history->event_cap ? history->event_cap * 2 : 64;
        history->events = mem_regrow(history->events, history->event_cap, sizeof *history->events);
    }
    history->events[history->event_count++] = (struct history_event){id, *notice};
}

void history_feed(struct history *history, int64_t id, const struct notice *notice)
{
    const char *name = history->scope.name;
    bool in_scope = notice->wall_ms >= history->scope.since_ms;
    if (name && strcmp(notice->subject, name) != 0 && !is_host(notice, name))
        return;
    history->knows_name = true;
    if (has_lives(notice->kind))
        feed_track(find_track(history, notice), notice, in_scope);
    if (in_scope)
        keep_event(history, id, notice);
}

/* --- sums ------------------------------------------------------------------------------------- */

struct lives_sum track_sum(const struct track *track, const struct history_scope *scope)
{
    struct lives_sum sum = {0};
    int64_t total_ms = 0, ended = 0;
    for (size_t i = 0; i < track->count; i++) {
        const struct life *life = &track->lives[i];
        int64_t length_ms = life->until_ms - life->from_ms;
        if (i > 0 && life->from_ms >= scope->since_ms)
            sum.changes++;
        /* A clock that was set back in between makes no life of a negative length. */
        if (life->from_ms == 0 || life->until_ms < scope->since_ms || length_ms < 0)
            continue;
        if (ended == 0 || length_ms < sum.shortest_ms)
            sum.shortest_ms = length_ms;
        if (length_ms > sum.longest_ms)
            sum.longest_ms = length_ms;
        total_ms += length_ms;
        ended++;
    }
    sum.mean_ms = ended ? total_ms / ended : 0;
    return sum;
}

int64_t track_time_of(const struct track *track, const char *value,
                      const struct history_scope *scope, unsigned *times)
{
    int64_t total_ms = 0;
    *times = 0;
    for (size_t i = 0; i < track->count; i++) {
        const struct life *life = &track->lives[i];
        int64_t until_ms = life->until_ms ? life->until_ms : scope->now_ms;
        int64_t from_ms = life->from_ms > scope->since_ms ? life->from_ms : scope->since_ms;
        if (strcmp(life->value, value) != 0 || until_ms <= from_ms)
            continue;
        total_ms += until_ms - from_ms;
        ++*times;
    }
    return total_ms;
}

const struct life *track_now(const struct track *track)
{
    return lasts(track) ? &track->lives[track->count - 1] : NULL;
}
