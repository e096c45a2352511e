/* SPDX-License-Identifier: ISC
 *
 * A question to a zone's own servers instead of to a resolver: what will the world see once caches
 * have forgotten? Aliases are followed from zone to zone.
 */
#ifndef REACHD_PROBES_AUTHORITY_H
#define REACHD_PROBES_AUTHORITY_H

#include "probes/resolver.h"

struct authority;

/* The contract of resolver_query_start; the resolver finds the servers. */
struct authority *authority_start(struct loop *loop, struct resolver *resolver,
                                  const struct egress *egress, const char *name, enum rrtype type,
                                  int64_t deadline_ms, resolver_fn *done, void *arg);
void authority_cancel(struct authority *authority); /* NULL is fine */

#endif
