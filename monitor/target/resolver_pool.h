/* SPDX-License-Identifier: ISC
 *
 * The resolver of each way out: what a target's name leads to may depend on where it is asked from
 * (split horizon, a provider's own servers), so its questions leave as its checks do.
 */
#ifndef REACHD_MONITOR_TARGET_RESOLVER_POOL_H
#define REACHD_MONITOR_TARGET_RESOLVER_POOL_H

#include "probes/resolver.h"

struct resolver_pool;

/* servers: of the configuration; NULL: the system's, which are asked the usual way always. common:
 * of the usual way, not owned; both outlive the pool. */
struct resolver_pool *resolver_pool_new(struct loop *loop, const char *servers,
                                        struct resolver *common);
void resolver_pool_free(struct resolver_pool *pool); /* NULL is fine */
/* Opened at the first call for a way. */
struct resolver *resolver_pool_get(struct resolver_pool *pool, const struct egress *egress);

#endif
