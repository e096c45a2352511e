/* SPDX-License-Identifier: ISC
 *
 * The database: opening, settings, schema and its versions, cached statements. Everything in it is
 * taken for hostile: no triggers, no views, bounded lengths. Not its job: files and locks
 * (store_file.c), what rows mean.
 */
#include "monitor/store/store_db.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/log.h"
#include "lib/str.h"

#define TAG             "store"
#define APPLICATION_ID  0x72656163 /* "reac": says what file(1) and others look at */
#define MAX_VALUE       (1 << 20)
#define BUSY_MS         250
#define CHECK_ALL_BELOW (8 << 20) /* bytes; of a larger file only the small tables are checked */

/* Entry i takes a database from version i to i + 1. Never changed, only added to. */
static const char *const migrations[] = {
    ("CREATE TABLE account (key TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;"
     "CREATE TABLE record (name TEXT, family TEXT, state TEXT NOT NULL, fingerprint TEXT NOT NULL,"
     " PRIMARY KEY (name, family)) WITHOUT ROWID;"
     "CREATE TABLE event (id INTEGER PRIMARY KEY AUTOINCREMENT, wall_ms INTEGER NOT NULL,"
     " notice TEXT NOT NULL);"
     "CREATE TABLE due (hook TEXT, key TEXT, event_id INTEGER NOT NULL,"
     " superseded INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (hook, key)) WITHOUT ROWID;"),
    "ALTER TABLE event ADD COLUMN key TEXT; CREATE INDEX event_key ON event (key, id);",
    ("CREATE TABLE latest (key TEXT PRIMARY KEY, event_id INTEGER NOT NULL, notice TEXT NOT NULL)"
     " WITHOUT ROWID;"),
};
#define SCHEMA_VERSION ((int)(sizeof migrations / sizeof *migrations))

/* An event that a hook is still to be told of, and the last one of an address: since when it has
 * been what it is. */
#define STILL_NEEDED                                                                               \
    " AND id NOT IN (SELECT event_id FROM due)"                                                    \
    " AND id NOT IN (SELECT max(id) FROM event WHERE key LIKE 'address/%' GROUP BY key)"

static const char *const texts[SQL_COUNT] = {
    [SQL_ACCOUNT_LOAD] = "SELECT state FROM account WHERE key = ?1",
    [SQL_ACCOUNT_SAVE] = "INSERT OR REPLACE INTO account (key, state) VALUES (?1, ?2)",
    [SQL_RECORD_LOAD] = "SELECT state, fingerprint FROM record WHERE name = ?1 AND family = ?2",
    [SQL_RECORD_SAVE] = "INSERT OR REPLACE INTO record (name, family, state, fingerprint)"
                        " VALUES (?1, ?2, ?3, ?4)",
    [SQL_EVENT_ADD] = "INSERT INTO event (wall_ms, notice, key) VALUES (?1, ?2, ?3)",
    [SQL_EVENT_NEWEST] = "SELECT id, notice FROM event ORDER BY id DESC LIMIT ?1",
    [SQL_EVENT_ALL] = "SELECT id, notice FROM event ORDER BY id",
    [SQL_EVENT_LAST] = "SELECT notice FROM event WHERE key = ?1 ORDER BY id DESC LIMIT 1",
    [SQL_EVENT_PRUNE_OLD] = "DELETE FROM event WHERE wall_ms < ?1" STILL_NEEDED,
    [SQL_EVENT_PRUNE_MANY] =
        "DELETE FROM event WHERE id <= (SELECT max(id) FROM event) - ?1" STILL_NEEDED,
    [SQL_DUE_ADD] = "INSERT INTO due (hook, key, event_id) VALUES (?1, ?2, ?3)"
                    " ON CONFLICT (hook, key) DO UPDATE SET event_id = excluded.event_id,"
                    " superseded = superseded + 1 WHERE excluded.event_id > event_id",
    [SQL_DUE_DONE] = "DELETE FROM due WHERE hook = ?1 AND key = ?2 AND event_id <= ?3",
    [SQL_DUE_ALL] = "SELECT hook, due.key, event_id, superseded, notice FROM due"
                    " LEFT JOIN event ON event.id = due.event_id ORDER BY event_id",
    [SQL_LATEST_SET] = "INSERT OR REPLACE INTO latest (key, event_id, notice) VALUES (?1, ?2, ?3)",
    [SQL_LATEST_GET] = "SELECT notice FROM latest WHERE key = ?1",
    [SQL_LATEST_ALL] = "SELECT key, event_id, notice FROM latest",
    [SQL_LATEST_DROP] = "DELETE FROM latest WHERE key = ?1",
};

static bool is_damage(int rc)
{
    return (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB;
}

static int exec(struct store *store, const char *sql)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL);
}

/* The first column of the first row as a number. */
static int query_number(struct store *store, const char *sql, int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(statement);
        *out = rc == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    }
    sqlite3_finalize(statement);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int check_with(struct store *store, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        rc = strcmp(store_db_column(statement, 0), "ok") == 0 ? SQLITE_OK : SQLITE_CORRUPT;
    sqlite3_finalize(statement);
    return rc;
}

/* A long event log must not delay the start: what decides about requests is checked in any case. */
static int check_integrity(struct store *store)
{
    static const char *const small[] = {"PRAGMA quick_check(account)", "PRAGMA quick_check(record)",
                                        "PRAGMA quick_check(due)", "PRAGMA quick_check(latest)"};
    struct stat st;
    bool large = store->path && stat(store->path, &st) == 0 && st.st_size >= CHECK_ALL_BELOW;
    if (!large)
        return check_with(store, "PRAGMA quick_check(1)");
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < sizeof small / sizeof *small; i++)
        rc = check_with(store, small[i]);
    return rc;
}

static void set_defences(struct store *store)
{
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, MAX_VALUE);
    sqlite3_limit(store->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, BUSY_MS);
}

/* Not wal_autocheckpoint=0: a checkpoint now and then keeps the log small. */
static int set_pragmas(struct store *store)
{
    int rc = exec(store, "PRAGMA cache_size = -256; PRAGMA temp_store = MEMORY;");
    if (rc == SQLITE_OK)
        rc = exec(store, "PRAGMA journal_mode = WAL");
    if (rc == SQLITE_OK)
        rc = exec(store, "PRAGMA synchronous = NORMAL");
    return rc;
}

static int migrate(struct store *store, int version)
{
    char sql[64] = "";
    int rc = exec(store, "BEGIN IMMEDIATE");
    for (int i = version; rc == SQLITE_OK && i < SCHEMA_VERSION; i++)
        rc = exec(store, migrations[i]);
    str_append(sql, sizeof sql, "PRAGMA user_version = %d", SCHEMA_VERSION);
    if (rc == SQLITE_OK)
        rc = exec(store, sql);
    sql[0] = '\0';
    str_append(sql, sizeof sql, "PRAGMA application_id = %d", APPLICATION_ID);
    if (rc == SQLITE_OK)
        rc = exec(store, sql);
    if (rc == SQLITE_OK)
        rc = exec(store, "COMMIT");
    if (rc != SQLITE_OK)
        exec(store, "ROLLBACK");
    return rc;
}

/* Is it ours, and of a version that we know? SQLITE_MISUSE with the sentence in error when not. */
static int check_owner(struct store *store, int *version, char *error, size_t cap)
{
    int64_t application = 0;
    int64_t user_version = 0;
    int64_t tables = 0;
    int rc = query_number(store, "SELECT count(*) FROM sqlite_master", &tables);
    if (rc == SQLITE_OK)
        rc = query_number(store, "PRAGMA application_id", &application);
    if (rc == SQLITE_OK)
        rc = query_number(store, "PRAGMA user_version", &user_version);
    if (rc != SQLITE_OK)
        return rc;
    store->is_new = tables == 0;
    *version = store->is_new ? 0 : (int)user_version;
    if (store->is_new)
        return SQLITE_OK;
    if (application != APPLICATION_ID || user_version < 1)
        str_append(error, cap, "it is a database of another program");
    else if (user_version > SCHEMA_VERSION)
        str_append(error, cap,
                   "it was written by a newer reachd (format %d, this one knows %d): use that "
                   "one, or move the file away to start with a new one",
                   (int)user_version, SCHEMA_VERSION);
    else
        return SQLITE_OK;
    return SQLITE_MISUSE;
}

static int prepare_database(struct store *store, char *error, size_t cap)
{
    int version = 0;
    int rc = check_owner(store, &version, error, cap);
    if (rc == SQLITE_OK && !store->is_new)
        rc = check_integrity(store);
    if (rc == SQLITE_OK && sqlite3_db_readonly(store->db, "main") == 1)
        rc = SQLITE_READONLY;
    if (rc == SQLITE_OK)
        rc = set_pragmas(store);
    if (rc == SQLITE_OK && version < SCHEMA_VERSION)
        rc = migrate(store, version);
    int64_t accounts = 0;
    if (rc == SQLITE_OK)
        rc = query_number(store, "SELECT count(*) FROM account", &accounts);
    store->no_account = accounts == 0;
    return rc;
}

enum store_open_result store_db_open(struct store *store, const char *name, char *error, size_t cap)
{
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    char reason[256] = "";
    int rc = sqlite3_open_v2(name, &store->db, flags, NULL);
    if (rc == SQLITE_OK) {
        set_defences(store);
        rc = prepare_database(store, reason, sizeof reason);
    }
    if (rc == SQLITE_OK)
        return STORE_OPEN_OK;
    error[0] = '\0';
    str_append(error, cap, "%s: %s", name, reason[0] ? reason : sqlite3_errstr(rc));
    store_db_close(store);
    return is_damage(rc) ? STORE_OPEN_CORRUPT : STORE_OPEN_FAILED;
}

bool store_db_open_to_read(struct store *store, const char *name, char *error, size_t cap)
{
    int version = 0;
    char reason[256] = "";
    int rc = sqlite3_open_v2(name, &store->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) {
        set_defences(store);
        rc = check_owner(store, &version, reason, sizeof reason);
    }
    if (rc == SQLITE_OK && version == SCHEMA_VERSION)
        return true;
    if (rc == SQLITE_OK)
        str_append(reason, sizeof reason,
                   "it is of an older format: start the daemon once, it brings it up to date");
    error[0] = '\0';
    str_append(error, cap, "%s: %s", name, reason[0] ? reason : sqlite3_errstr(rc));
    store_db_close(store);
    return false;
}

void store_db_close(struct store *store)
{
    for (int i = 0; i < SQL_COUNT; i++) {
        sqlite3_finalize(store->statements[i]);
        store->statements[i] = NULL;
    }
    sqlite3_close(store->db);
    store->db = NULL;
}

/* Once per row of failures: a full disk must not fill the log as well. */
static void say_failure(struct store *store)
{
    if (!store->failing)
        log_error(TAG, "%s: %s: history and update state can't be kept until this is mended",
                  store->path ? store->path : "in memory", sqlite3_errmsg(store->db));
    store->failing = true;
}

static void say_success(struct store *store)
{
    if (store->failing)
        log_info(TAG, "%s: can be written again", store->path ? store->path : "in memory");
    store->failing = false;
}

sqlite3_stmt *store_db_statement(struct store *store, enum store_sql sql)
{
    sqlite3_stmt **slot = &store->statements[sql];
    if (!*slot && sqlite3_prepare_v3(store->db, texts[sql], -1, SQLITE_PREPARE_PERSISTENT, slot,
                                     NULL) != SQLITE_OK) {
        say_failure(store);
        return NULL;
    }
    return *slot;
}

void store_db_text(sqlite3_stmt *statement, int i, const char *text)
{
    sqlite3_bind_text(statement, i, text, -1, SQLITE_TRANSIENT);
}

void store_db_int(sqlite3_stmt *statement, int i, int64_t value)
{
    sqlite3_bind_int64(statement, i, value);
}

static void reset(sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

static void set_durable(struct store *store, bool durable)
{
    if (store->durable == durable)
        return;
    if (exec(store, durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL") ==
        SQLITE_OK)
        store->durable = durable;
}

void store_begin(struct store *store, bool durable)
{
    if (store->depth++ > 0)
        return;
    set_durable(store, durable);
    exec(store, "BEGIN IMMEDIATE"); /* failed: each write stands for itself, and says so */
}

bool store_end(struct store *store)
{
    /* A write that failed badly has taken the whole back already. */
    if (--store->depth > 0 || sqlite3_get_autocommit(store->db))
        return store->depth > 0;
    if (exec(store, "COMMIT") == SQLITE_OK) {
        say_success(store);
        return true;
    }
    say_failure(store);
    exec(store, "ROLLBACK");
    return false;
}

bool store_db_run(struct store *store, sqlite3_stmt *statement, bool durable)
{
    bool alone = store->depth == 0;
    if (alone)
        set_durable(store, durable);
    bool good = (!alone || store->durable == durable) && sqlite3_step(statement) == SQLITE_DONE;
    if (!good)
        say_failure(store);
    else if (alone)
        say_success(store);
    reset(statement);
    return good;
}

bool store_db_row(struct store *store, sqlite3_stmt *statement)
{
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        return true;
    if (rc != SQLITE_DONE)
        say_failure(store);
    reset(statement);
    return false;
}

const char *store_db_column(sqlite3_stmt *statement, int i)
{
    const unsigned char *text = sqlite3_column_text(statement, i);
    return text ? (const char *)text : "";
}
