/* SPDX-License-Identifier: ISC
 *
 * A short list of stores by path: few homes have more than two.
 */
#include "monitor/target/trust_pool.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

struct entry {
    char *path; /* "" for the system's */
    struct trust *trust;
};

struct trust_pool {
    char *fallback; /* path of the configuration as a whole */
    struct entry *entries;
    size_t count;
};

static struct entry *find(const struct trust_pool *pool, const char *path)
{
    for (size_t i = 0; i < pool->count; i++)
        if (strcmp(pool->entries[i].path, path) == 0)
            return &pool->entries[i];
    return NULL;
}

static bool add(struct trust_pool *pool, const char *path, const char *crl, char *error, size_t cap)
{
    if (find(pool, path))
        return true;
    struct trust *trust = trust_new(path, error, cap);
    if (!trust)
        return false;
    if (crl && !trust_add_crls(trust, crl, error, cap)) {
        trust_free(trust);
        return false;
    }
    pool->entries = mem_regrow(pool->entries, pool->count + 1, sizeof(*pool->entries));
    pool->entries[pool->count++] = (struct entry){.path = mem_strdup(path), .trust = trust};
    return true;
}

struct trust_pool *trust_pool_new(const struct config *config, char *error, size_t cap)
{
    struct trust_pool *pool = mem_zalloc(sizeof(*pool));
    pool->fallback = mem_strdup(config->ca ? config->ca : "");
    bool ok = add(pool, pool->fallback, config->crl, error, cap);
    for (size_t i = 0; ok && i < config->target_count; i++)
        if (config->targets[i].ca)
            ok = add(pool, config->targets[i].ca, config->crl, error, cap);
    if (ok)
        return pool;
    trust_pool_free(pool);
    return NULL;
}

void trust_pool_free(struct trust_pool *pool)
{
    if (!pool)
        return;
    for (size_t i = 0; i < pool->count; i++) {
        trust_free(pool->entries[i].trust);
        free(pool->entries[i].path);
    }
    free(pool->entries);
    free(pool->fallback);
    free(pool);
}

struct trust *trust_pool_get(const struct trust_pool *pool, const struct config_target *target)
{
    return find(pool, target->ca ? target->ca : pool->fallback)->trust;
}

struct trust *trust_pool_common(const struct trust_pool *pool)
{
    return find(pool, pool->fallback)->trust;
}
