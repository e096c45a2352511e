/* SPDX-License-Identifier: ISC
 *
 * A question to a zone's own servers instead of to a resolver: what will the world see once caches
 * have forgotten? Every server is asked. Aliases are followed from zone to zone.
 */
#ifndef REACHD_PROBES_AUTHORITY_H
#define REACHD_PROBES_AUTHORITY_H

#include "probes/verify.h"

struct authority;

/* The reply as a resolver's would be: of the first server that answers with authority and has
 * addresses, else of the first that answers. look: each server of the zone where the aliases end.
 * Both are valid during the call. */
typedef void authority_fn(const struct resolver_reply *reply, const struct verify_look *look,
                          void *arg);

/* The contract of resolver_query_start; the resolver finds the servers. serials: asks for the SOA
 * as well. */
struct authority *authority_start(struct loop *loop, struct resolver *resolver,
                                  const struct egress *egress, const char *name, enum family family,
                                  bool serials, int64_t deadline_ms, authority_fn *done, void *arg);
void authority_cancel(struct authority *authority); /* NULL is fine */

#endif
