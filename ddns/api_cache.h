/* SPDX-License-Identifier: ISC
 *
 * What an API told once and will need again: the ids of zones and records. In memory, for one
 * account; bounded. Not its job: when to forget (ddns/api.h).
 */
#ifndef REACHD_DDNS_API_CACHE_H
#define REACHD_DDNS_API_CACHE_H

#include <stddef.h>

struct api_cache {
    struct api_cache_row *rows;
    size_t count;
};

const char *api_cache_get(const struct api_cache *cache, const char *kind, const char *name);
/* value NULL: forgets it. */
void api_cache_set(struct api_cache *cache, const char *kind, const char *name, const char *value);
void api_cache_clear(struct api_cache *cache); /* a zeroed one is fine */

#endif
