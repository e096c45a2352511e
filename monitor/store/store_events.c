/* SPDX-License-Identifier: ISC
 *
 * The event log, what was said last, and the hook deliveries that are due. Rows are read to the end
 * before a callback runs, so that it may write.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/doc.h"
#include "lib/mem.h"
#include "monitor/store/store_db.h"

#define MAX_EVENTS  100000
#define PRUNE_EVERY 1000
#define MAX_LISTED  10000

struct row {
    int64_t id;
    char *hook;
    char *key;
    unsigned superseded;
    bool known; /* the notice could be read */
    struct notice notice;
};

struct rows {
    struct row *rows;
    size_t count;
    size_t capacity;
};

static struct row *rows_add(struct rows *rows)
{
    if (rows->count == rows->capacity) {
        rows->capacity = rows->capacity ? rows->capacity * 2 : 16;
        rows->rows = mem_regrow(rows->rows, rows->capacity, sizeof *rows->rows);
    }
    struct row *row = &rows->rows[rows->count++];
    memset(row, 0, sizeof *row);
    return row;
}

static void rows_clear(struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        free(rows->rows[i].hook);
        free(rows->rows[i].key);
    }
    free(rows->rows);
}

static bool parse_notice(const char *text, struct notice *out)
{
    json_t *value = json_loads(text, 0, NULL);
    bool good = json_is_object(value) && notice_from_json(value, out);
    json_decref(value);
    return good;
}

static void prune_many(struct store *store)
{
    sqlite3_stmt *statement = store_db_statement(store, SQL_EVENT_PRUNE_MANY);
    store->adds = 0;
    if (!statement)
        return;
    store_db_int(statement, 1, MAX_EVENTS);
    store_db_run(store, statement, false);
}

static char *notice_text(const struct notice *notice)
{
    json_t *value = notice_json(notice);
    char *text = doc_to_json(value, false);
    json_decref(value);
    return text;
}

static int64_t add_event(struct store *store, const struct notice *notice, const char *text)
{
    char key[NOTICE_KEY_LEN];
    sqlite3_stmt *statement = store_db_statement(store, SQL_EVENT_ADD);
    if (!statement)
        return 0;
    store_db_int(statement, 1, notice->wall_ms);
    store_db_text(statement, 2, text);
    store_db_text(statement, 3, notice_key(notice, key));
    return store_db_run(store, statement, false) ? sqlite3_last_insert_rowid(store->db) : 0;
}

static void set_latest(struct store *store, const struct notice *notice, int64_t event_id,
                       const char *text)
{
    char key[NOTICE_KEY_LEN];
    sqlite3_stmt *statement = store_db_statement(store, SQL_LATEST_SET);
    if (!statement)
        return;
    store_db_text(statement, 1, notice_key(notice, key));
    store_db_int(statement, 2, event_id);
    store_db_text(statement, 3, text);
    store_db_run(store, statement, false);
}

void store_event_note(struct store *store, const struct notice *notice)
{
    char *text = notice_text(notice);
    add_event(store, notice, text);
    free(text);
}

int64_t store_event_add(struct store *store, const struct notice *notice)
{
    char *text = notice_text(notice);
    store_begin(store, false);
    int64_t id = add_event(store, notice, text);
    if (id > 0)
        set_latest(store, notice, id, text);
    if (!store_end(store))
        id = 0;
    free(text);
    if (id > 0 && ++store->adds >= PRUNE_EVERY)
        prune_many(store);
    return id;
}

void store_event_each(struct store *store, size_t limit,
                      void (*fn)(int64_t id, const struct notice *notice, void *arg), void *arg)
{
    struct rows rows = {NULL, 0, 0};
    sqlite3_stmt *statement = store_db_statement(store, SQL_EVENT_NEWEST);
    if (!statement)
        return;
    store_db_int(statement, 1, limit < MAX_LISTED ? (int64_t)limit : MAX_LISTED);
    while (store_db_row(store, statement)) {
        struct row *row = rows_add(&rows);
        row->id = sqlite3_column_int64(statement, 0);
        row->known = parse_notice(store_db_column(statement, 1), &row->notice);
    }
    for (size_t i = 0; i < rows.count; i++)
        if (rows.rows[i].known)
            fn(rows.rows[i].id, &rows.rows[i].notice, arg);
    rows_clear(&rows);
}

/* Row by row: there may be many, and the database is not written meanwhile. */
void store_event_all(struct store *store,
                     void (*fn)(int64_t id, const struct notice *notice, void *arg), void *arg)
{
    struct notice notice;
    sqlite3_stmt *statement = store_db_statement(store, SQL_EVENT_ALL);
    while (statement && store_db_row(store, statement))
        if (parse_notice(store_db_column(statement, 1), &notice))
            fn(sqlite3_column_int64(statement, 0), &notice, arg);
}

bool store_event_last(struct store *store, const char *key, struct notice *out)
{
    sqlite3_stmt *statement = store_db_statement(store, SQL_EVENT_LAST);
    if (!statement)
        return false;
    store_db_text(statement, 1, key);
    bool found = store_db_row(store, statement) && parse_notice(store_db_column(statement, 0), out);
    sqlite3_reset(statement);
    return found;
}

void store_event_prune(struct store *store, int64_t older_than_wall_ms)
{
    sqlite3_stmt *statement = store_db_statement(store, SQL_EVENT_PRUNE_OLD);
    if (statement) {
        store_db_int(statement, 1, older_than_wall_ms);
        store_db_run(store, statement, false);
    }
    prune_many(store);
}

bool store_due_add(struct store *store, const char *hook, const char *key, int64_t event_id)
{
    sqlite3_stmt *statement = store_db_statement(store, SQL_DUE_ADD);
    if (!statement)
        return false;
    store_db_text(statement, 1, hook);
    store_db_text(statement, 2, key);
    store_db_int(statement, 3, event_id);
    return store_db_run(store, statement, false);
}

void store_due_done(struct store *store, const char *hook, const char *key, int64_t event_id)
{
    sqlite3_stmt *statement = store_db_statement(store, SQL_DUE_DONE);
    if (!statement)
        return;
    store_db_text(statement, 1, hook);
    store_db_text(statement, 2, key);
    store_db_int(statement, 3, event_id);
    store_db_run(store, statement, false);
}

void store_due_each(struct store *store,
                    void (*fn)(const char *hook, const char *key, int64_t event_id,
                               const struct notice *notice, unsigned superseded, void *arg),
                    void *arg)
{
    struct rows rows = {NULL, 0, 0};
    sqlite3_stmt *statement = store_db_statement(store, SQL_DUE_ALL);
    if (!statement)
        return;
    while (rows.count < MAX_LISTED && store_db_row(store, statement)) {
        struct row *row = rows_add(&rows);
        row->hook = mem_strdup(store_db_column(statement, 0));
        row->key = mem_strdup(store_db_column(statement, 1));
        row->id = sqlite3_column_int64(statement, 2);
        row->superseded = (unsigned)sqlite3_column_int(statement, 3);
        row->known = parse_notice(store_db_column(statement, 4), &row->notice);
    }
    sqlite3_reset(statement);
    for (size_t i = 0; i < rows.count; i++) {
        const struct row *row = &rows.rows[i];
        if (row->known)
            fn(row->hook, row->key, row->id, &row->notice, row->superseded, arg);
        else /* its event is gone or unreadable: there is nothing to deliver */
            store_due_done(store, row->hook, row->key, row->id);
    }
    rows_clear(&rows);
}

/* --- what was said last ----------------------------------------------------------------------- */

bool store_latest(struct store *store, const char *key, struct notice *out)
{
    sqlite3_stmt *statement = store_db_statement(store, SQL_LATEST_GET);
    if (!statement)
        return false;
    store_db_text(statement, 1, key);
    if (!store_db_row(store, statement))
        return false;
    bool known = parse_notice(store_db_column(statement, 0), out);
    sqlite3_reset(statement);
    return known;
}

void store_latest_drop(struct store *store, const char *key)
{
    sqlite3_stmt *statement = store_db_statement(store, SQL_LATEST_DROP);
    if (!statement)
        return;
    store_db_text(statement, 1, key);
    store_db_run(store, statement, false);
}

void store_latest_each(struct store *store,
                       void (*fn)(const char *key, int64_t event_id, const struct notice *notice,
                                  void *arg),
                       void *arg)
{
    sqlite3_stmt *statement = store_db_statement(store, SQL_LATEST_ALL);
    struct notice notice;
    if (!statement)
        return;
    while (store_db_row(store, statement))
        if (parse_notice(store_db_column(statement, 2), &notice))
            fn(store_db_column(statement, 0), sqlite3_column_int64(statement, 1), &notice, arg);
}
