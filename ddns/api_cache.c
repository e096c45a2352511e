/* SPDX-License-Identifier: ISC
 *
 * A short list, searched from the front (see api_cache.h).
 */
#include "ddns/api_cache.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define ROWS_MAX 256 /* then all is forgotten: it is asked again */

struct api_cache_row {
    char *key;
    char *value;
};

static size_t find(const struct api_cache *cache, const char *kind, const char *name)
{
    size_t kind_len = strlen(kind);
    size_t i = 0;
    while (i < cache->count && !(strncmp(cache->rows[i].key, kind, kind_len) == 0 &&
                                 cache->rows[i].key[kind_len] == ' ' &&
                                 strcmp(cache->rows[i].key + kind_len + 1, name) == 0))
        i++;
    return i;
}

const char *api_cache_get(const struct api_cache *cache, const char *kind, const char *name)
{
    size_t i = find(cache, kind, name);
    return i < cache->count ? cache->rows[i].value : NULL;
}

static void drop(struct api_cache *cache, size_t i)
{
    free(cache->rows[i].key);
    free(cache->rows[i].value);
    cache->rows[i] = cache->rows[--cache->count];
}

void api_cache_set(struct api_cache *cache, const char *kind, const char *name, const char *value)
{
    size_t i = find(cache, kind, name);
    if (i < cache->count)
        drop(cache, i);
    if (!value)
        return;
    if (cache->count >= ROWS_MAX)
        api_cache_clear(cache);
    cache->rows = mem_regrow(cache->rows, cache->count + 1, sizeof *cache->rows);
    cache->rows[cache->count++] =
        (struct api_cache_row){mem_printf("%s %s", kind, name), mem_strdup(value)};
}

void api_cache_clear(struct api_cache *cache)
{
    while (cache->count > 0)
        drop(cache, cache->count - 1);
    free(cache->rows);
    cache->rows = NULL;
}
