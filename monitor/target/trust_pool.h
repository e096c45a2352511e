/* SPDX-License-Identifier: ISC
 *
 * The trust stores that a configuration names, each opened once. A pool belongs to one
 * configuration: a reload opens a new one, so that renewed files are read again.
 */
#ifndef REACHD_MONITOR_TARGET_TRUST_POOL_H
#define REACHD_MONITOR_TARGET_TRUST_POOL_H

#include "monitor/config/config.h"
#include "probes/trust.h"

struct trust_pool;

/* NULL with a sentence in error when one of them can't be used. */
struct trust_pool *trust_pool_new(const struct config *config, char *error, size_t cap);
void trust_pool_free(struct trust_pool *pool); /* NULL is fine */
/* The store of a target; of the configuration as a whole where it names none. */
struct trust *trust_pool_get(const struct trust_pool *pool, const struct config_target *target);
struct trust *trust_pool_common(const struct trust_pool *pool); /* the latter */

#endif
