/* SPDX-License-Identifier: ISC
 *
 * The updater's state in the database. Owns: what a row that can't be trusted leads to. Not its
 * job: the form of a row (store_state.c), decisions.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/str.h"
#include "monitor/store/store_db.h"
#include "monitor/store/store_state.h"

#define TAG "store"

/* What is unknown about an account is taken for the worst: a request may be out just now, so the
 * whole gap is waited. */
static void assume_worst(const char *key, struct ddns_account_state *out)
{
    log_warn(TAG, "the stored state of the account %s can't be used: its gap is waited once", key);
    memset(out, 0, sizeof *out);
    out->busy = true;
}

static bool load_account(void *arg, const char *key, struct ddns_account_state *out)
{
    struct store *store = arg;
    sqlite3_stmt *statement = store_db_statement(store, SQL_ACCOUNT_LOAD);
    bool good = statement != NULL;
    memset(out, 0, sizeof *out);
    if (good) {
        store_db_text(statement, 1, key);
        int rc = sqlite3_step(statement);
        if (rc == SQLITE_DONE) {
            sqlite3_reset(statement);
            return false;
        }
        good = rc == SQLITE_ROW && store_account_parse(store_db_column(statement, 0), out);
        sqlite3_reset(statement);
    }
    if (!good)
        assume_worst(key, out);
    return true;
}

static bool save_account(void *arg, const char *key, const struct ddns_account_state *state,
                         bool durable)
{
    struct store *store = arg;
    sqlite3_stmt *statement = store_db_statement(store, SQL_ACCOUNT_SAVE);
    if (!statement)
        return false;
    char *text = store_account_text(state);
    store_db_text(statement, 1, key);
    store_db_text(statement, 2, text);
    free(text);
    return store_db_run(store, statement, durable);
}

static bool load_record(void *arg, const char *name, enum family family,
                        struct ddns_record_state *out, char fingerprint[65])
{
    struct store *store = arg;
    sqlite3_stmt *statement = store_db_statement(store, SQL_RECORD_LOAD);
    bool good = false;
    memset(out, 0, sizeof *out);
    fingerprint[0] = '\0';
    if (!statement)
        return false;
    store_db_text(statement, 1, name);
    store_db_text(statement, 2, family_word(family));
    if (!store_db_row(store, statement))
        return false;
    good = store_record_parse(store_db_column(statement, 0), out) &&
           str_copy(fingerprint, 65, store_db_column(statement, 1));
    sqlite3_reset(statement);
    if (!good) {
        log_warn(TAG, "the stored state of record %s (%s) can't be used: it starts anew", name,
                 family_word(family));
        memset(out, 0, sizeof *out);
        fingerprint[0] = '\0';
    }
    return good;
}

static bool save_record(void *arg, const char *name, enum family family,
                        const struct ddns_record_state *state, const char *fingerprint)
{
    struct store *store = arg;
    sqlite3_stmt *statement = store_db_statement(store, SQL_RECORD_SAVE);
    if (!statement)
        return false;
    char *text = store_record_text(state);
    store_db_text(statement, 1, name);
    store_db_text(statement, 2, family_word(family));
    store_db_text(statement, 3, text);
    store_db_text(statement, 4, fingerprint);
    free(text);
    return store_db_run(store, statement, false);
}

static void begin(void *arg, bool durable)
{
    store_begin(arg, durable);
}

static bool end(void *arg)
{
    return store_end(arg);
}

const struct ddns_persist *store_ddns(struct store *store)
{
    store->persist = (struct ddns_persist){
        .arg = store,
        .load_account = load_account,
        .load_record = load_record,
        .save_account = save_account,
        .save_record = save_record,
        .begin = begin,
        .end = end,
        /* Also when a first start was cut off before it could note anything. */
        .conservative = store->no_account,
    };
    return &store->persist;
}
