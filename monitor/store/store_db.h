/* SPDX-License-Identifier: ISC
 *
 * The database itself: opening, schema, statements. Internal to store*.c.
 */
#ifndef REACHD_MONITOR_STORE_STORE_DB_H
#define REACHD_MONITOR_STORE_STORE_DB_H

#include <sqlite3.h>

#include "monitor/store/store.h"

enum store_sql {
    SQL_ACCOUNT_LOAD,
    SQL_ACCOUNT_SAVE,
    SQL_RECORD_LOAD,
    SQL_RECORD_SAVE,
    SQL_EVENT_ADD,
    SQL_EVENT_NEWEST,
    SQL_EVENT_ALL,
    SQL_EVENT_LAST,
    SQL_EVENT_PRUNE_OLD,
    SQL_EVENT_PRUNE_MANY,
    SQL_DUE_ADD,
    SQL_DUE_DONE,
    SQL_DUE_ALL,
    SQL_LATEST_SET,
    SQL_LATEST_GET,
    SQL_LATEST_ALL,
    SQL_LATEST_DROP,
    SQL_COUNT,
};

struct store {
    sqlite3 *db;
    sqlite3_stmt *statements[SQL_COUNT];
    char *path;
    int lock_fd; /* -1: in memory */
    bool is_new;
    bool no_account; /* when it was opened: nothing is known of any request */
    bool failing;    /* the last write failed: said once */
    bool durable;    /* the present setting of the connection */
    unsigned adds;   /* events since the last prune */
    unsigned depth;  /* of store_begin */
    struct ddns_persist persist;
};

enum store_open_result {
    STORE_OPEN_OK,
    STORE_OPEN_CORRUPT, /* not a database, or a damaged one: may be replaced */
    STORE_OPEN_FAILED,  /* refused: error says why */
};

/* Opens, checks and brings up to date; sets store->is_new when there was nothing in it. */
enum store_open_result store_db_open(struct store *store, const char *name, char *error,
                                     size_t cap);
/* Changes nothing, and needs a database of the present version. */
bool store_db_open_to_read(struct store *store, const char *name, char *error, size_t cap);
void store_db_close(struct store *store);

/* A statement ready for binding, or NULL (logged). Finished by store_db_run or store_db_reset. */
sqlite3_stmt *store_db_statement(struct store *store, enum store_sql sql);
/* Binds text or a number at position i (from 1). */
void store_db_text(sqlite3_stmt *statement, int i, const char *text);
void store_db_int(sqlite3_stmt *statement, int i, int64_t value);
/* Runs a write to its end and resets it; false (said once in a row) when it failed. durable: on the
 * disk when it returns; between store_begin and store_end it is theirs to say. */
bool store_db_run(struct store *store, sqlite3_stmt *statement, bool durable);
/* One more row? Says what went wrong. */
bool store_db_row(struct store *store, sqlite3_stmt *statement);
/* A column as text, never NULL, valid until the next step. */
const char *store_db_column(sqlite3_stmt *statement, int i);

#endif
