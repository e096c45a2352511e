/* SPDX-License-Identifier: ISC
 *
 * What history.c gathers and history_view.c shows.
 */
#ifndef REACHD_MONITOR_STORE_HISTORY_PRIV_H
#define REACHD_MONITOR_STORE_HISTORY_PRIV_H

#include "monitor/store/history.h"

/* A value and how long it held. */
struct life {
    char value[64];
    int64_t from_ms;  /* 0: before the log begins */
    int64_t until_ms; /* 0: still */
};

/* The lives of one thing: an address, what DNS shows of a record, whether a target is up. */
struct track {
    char key[NOTICE_KEY_LEN]; /* of its notices */
    const char *about;        /* notice_about */
    char subject[128];
    bool has_family;
    enum family family;
    struct life *lives;
    size_t count;
    unsigned bad; /* bad events of the scope: failed and refused updates, mismatches */
};

struct history_event {
    int64_t id;
    struct notice notice;
};

struct history {
    struct history_scope scope;
    bool knows_name;
    struct track *tracks; /* in the order of their first event */
    size_t track_count;
    struct history_event *events; /* of the scope */
    size_t event_count;
    size_t event_cap;
};

struct lives_sum {
    unsigned changes;                         /* lives that began in the scope after another one */
    int64_t shortest_ms, longest_ms, mean_ms; /* of the lives that ended in it; 0: none did */
};

struct lives_sum track_sum(const struct track *track, const struct history_scope *scope);
/* How long a value held within the scope, and how often. */
int64_t track_time_of(const struct track *track, const char *value,
                      const struct history_scope *scope, unsigned *times);
/* The life that lasts; NULL: none (an address that is lost). */
const struct life *track_now(const struct track *track);

#endif
