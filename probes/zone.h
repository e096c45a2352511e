/* SPDX-License-Identifier: ISC
 *
 * The search for a zone's own servers: the NS set of a name or of the zone above it, then the
 * addresses of each of them. Asked of a recursive resolver. Where that fails, because the zone is
 * broken, the servers of the zone above are asked where they delegate to.
 */
#ifndef REACHD_PROBES_ZONE_H
#define REACHD_PROBES_ZONE_H

#include "probes/resolver.h"

struct zone_search;

/* One address of one server, as soon as it is known. Here the search may not be cancelled. */
typedef void zone_server_fn(const char *name, const struct addr *addr, void *arg);
/* The search is over; outcome: OK, or why some or all of the servers are not known. */
typedef void zone_done_fn(enum outcome outcome, const char *detail, void *arg);

struct zone_search_conf {
    struct loop *loop;
    struct resolver *resolver;
    const struct egress *egress; /* the way to the servers of zones above */
};

struct zone_search *zone_search_start(const struct zone_search_conf *conf, const char *name,
                                      int64_t deadline_ms, zone_server_fn *server,
                                      zone_done_fn *done, void *arg);
void zone_search_cancel(struct zone_search *search); /* NULL is fine */

#endif
