/* SPDX-License-Identifier: ISC
 *
 * The store as a whole: open, replace what is damaged, close. Not its job: tables (store_ddns.c,
 * store_events.c), files (store_file.c), SQLite's settings (store_db.c).
 */
#include "monitor/store/store.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/store/store_db.h"
#include "monitor/store/store_file.h"

#define TAG "store"

static struct store *store_alloc(const char *path)
{
    struct store *store = mem_zalloc(sizeof *store);
    store->path = path && path[0] ? mem_strdup(path) : NULL;
    store->lock_fd = -1;
    return store;
}

/* A damaged database is kept for a look, and a new one takes its place. */
static bool replace(struct store *store, char *error, size_t cap)
{
    char aside[512];
    char damage[512];
    str_copy(damage, sizeof damage, error);
    if (!store_file_move_aside(store->path, aside, sizeof aside, error, cap))
        return false;
    log_warn(TAG,
             "%s: moved to %s, and a new one is begun. History is lost; every provider's gap is "
             "waited once before the first update",
             damage, aside);
    if (!store_file_make(store->path, error, cap))
        return false;
    return store_db_open(store, store->path, error, cap) == STORE_OPEN_OK;
}

static bool open_file(struct store *store, char *error, size_t cap)
{
    if (!store_file_make(store->path, error, cap))
        return false;
    store->lock_fd = store_file_lock(store->path, error, cap);
    if (store->lock_fd < 0)
        return false;
    switch (store_db_open(store, store->path, error, cap)) {
    case STORE_OPEN_OK:
        return true;
    case STORE_OPEN_CORRUPT:
        return replace(store, error, cap);
    case STORE_OPEN_FAILED:
        break;
    }
    return false;
}

struct store *store_open(const char *path, char *error, size_t cap)
{
    struct store *store = store_alloc(path);
    bool good = store->path ? open_file(store, error, cap)
                            : store_db_open(store, ":memory:", error, cap) == STORE_OPEN_OK;
    if (good)
        return store;
    store_close(store);
    return NULL;
}

struct store *store_open_to_read(const char *path, char *error, size_t cap)
{
    struct store *store = store_alloc(path);
    if (store_db_open_to_read(store, path, error, cap))
        return store;
    store_close(store);
    return NULL;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    store_db_close(store);
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    free(store->path);
    free(store);
}

bool store_is_new(const struct store *store)
{
    return store->is_new;
}

const char *store_version(void)
{
    return sqlite3_libversion();
}
