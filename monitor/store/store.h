/* SPDX-License-Identifier: ISC
 *
 * The state that outlives the process: SQLite (the only owner of its header), WAL. DDNS state,
 * events, what was said last, hook deliveries that are still due. A missing or corrupt database is
 * moved aside and started anew, and says so. An empty path keeps everything in memory.
 */
#ifndef REACHD_MONITOR_STORE_STORE_H
#define REACHD_MONITOR_STORE_STORE_H

#include "ddns/updater.h"
#include "monitor/notice.h"

struct store;

/* NULL with a sentence in error when no database can be made there at all. */
struct store *store_open(const char *path, char *error, size_t cap);
/* An existing database to read from, beside a daemon that writes to it. */
struct store *store_open_to_read(const char *path, char *error, size_t cap);
void store_close(struct store *store);
bool store_is_new(const struct store *store); /* created or replaced just now */
const char *store_version(void);              /* of SQLite, at run time */

/* For the updater; valid as long as the store. */
const struct ddns_persist *store_ddns(struct store *store);

/* All that is written between the two is kept, or none of it; may be nested. durable (of the outer
 * one): on the disk when store_end returns; else kept through kill -9. False when it was not kept.
 */
void store_begin(struct store *store, bool durable);
bool store_end(struct store *store);

/* Appends to the event log, and makes it the latest of its key; returns its id (> 0), or 0 when it
 * could not be stored. */
int64_t store_event_add(struct store *store, const struct notice *notice);
/* The event alone, for the history: nobody is told. */
void store_event_note(struct store *store, const struct notice *notice);
/* Newest first, at most `limit`. */
void store_event_each(struct store *store, size_t limit,
                      void (*fn)(int64_t id, const struct notice *notice, void *arg), void *arg);
/* All of them, the oldest first; fn may not write to the store. */
void store_event_all(struct store *store,
                     void (*fn)(int64_t id, const struct notice *notice, void *arg), void *arg);
/* The newest one with that key (notice_key); false when there is none. */
bool store_event_last(struct store *store, const char *key, struct notice *out);
/* Drops events older than the wall time, and keeps the newest 100 000 at the most; the last one of
 * each address stays. */
void store_event_prune(struct store *store, int64_t older_than_wall_ms);

/* What was said last of each subject (notice_key), for as long as it is in the configuration: what
 * a later run must not say again, or has to take back. */
bool store_latest(struct store *store, const char *key, struct notice *out);
void store_latest_drop(struct store *store, const char *key);
/* fn may not use the store. */
void store_latest_each(struct store *store,
                       void (*fn)(const char *key, int64_t event_id, const struct notice *notice,
                                  void *arg),
                       void *arg);

/* Hook deliveries: due from the moment the event is stored until the hook has run. A later one of
 * the same hook and key replaces an earlier one and counts it. */
bool store_due_add(struct store *store, const char *hook, const char *key, int64_t event_id);
void store_due_done(struct store *store, const char *hook, const char *key, int64_t event_id);
void store_due_each(struct store *store,
                    void (*fn)(const char *hook, const char *key, int64_t event_id,
                               const struct notice *notice, unsigned superseded, void *arg),
                    void *arg);

#endif
