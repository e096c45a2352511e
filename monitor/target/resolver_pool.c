/* SPDX-License-Identifier: ISC
 *
 * The resolvers (see resolver_pool.h). Not its job: which way a socket takes (probes/egress.h).
 */
#include "monitor/target/resolver_pool.h"

#include <stdlib.h>

#include "lib/log.h"
#include "lib/mem.h"

struct way {
    struct egress egress;
    struct resolver *resolver;
    struct way *next;
};

struct resolver_pool {
    struct loop *loop;
    const char *servers;
    struct resolver *common;
    struct way *ways;
};

struct resolver_pool *resolver_pool_new(struct loop *loop, const char *servers,
                                        struct resolver *common)
{
    struct resolver_pool *pool = mem_zalloc(sizeof *pool);
    *pool = (struct resolver_pool){.loop = loop, .servers = servers, .common = common};
    return pool;
}

void resolver_pool_free(struct resolver_pool *pool)
{
    while (pool && pool->ways) {
        struct way *way = pool->ways;
        pool->ways = way->next;
        resolver_free(way->resolver);
        free(way);
    }
    free(pool);
}

static struct resolver *open_way(struct resolver_pool *pool, const struct egress *egress)
{
    char error[160];
    struct resolver_conf conf = {.servers = pool->servers, .egress = *egress};
    struct resolver *resolver = resolver_new(pool->loop, &conf, error, sizeof error);
    if (!resolver) {
        log_warn("resolver", "names are looked up the usual way: %s", error);
        return pool->common;
    }
    struct way *way = mem_zalloc(sizeof *way);
    *way = (struct way){.egress = *egress, .resolver = resolver, .next = pool->ways};
    pool->ways = way;
    return resolver;
}

struct resolver *resolver_pool_get(struct resolver_pool *pool, const struct egress *egress)
{
    if (!egress_is_set(egress) || !pool->servers)
        return pool->common;
    for (struct way *way = pool->ways; way; way = way->next)
        if (egress_equal(&way->egress, egress))
            return way->resolver;
    return open_way(pool, egress);
}
