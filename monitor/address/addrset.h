/* SPDX-License-Identifier: ISC
 *
 * What exists now: links by name and their addresses, fed with rtnl events. A value without I/O.
 * Survives a link that comes back with a new ifindex, and a rename after creation (facts E.5, E.6).
 */
#ifndef REACHD_MONITOR_ADDRESS_ADDRSET_H
#define REACHD_MONITOR_ADDRESS_ADDRSET_H

#include "monitor/address/rtnl.h"

struct addrset;

struct addrset *addrset_new(void);
void addrset_free(struct addrset *set);
void addrset_sync_begin(struct addrset *set);
void addrset_synced(struct addrset *set);
/* Returns true when something changed that matters (not a mere lifetime refresh). now_ms stamps it.
 */
bool addrset_feed(struct addrset *set, const struct rtnl_event *event, int64_t now_ms);

struct addrset_entry {
    const struct rtnl_addr *addr;
    const char *link; /* present name of the link */
    const char *link_kind;
    bool link_up;
    bool loopback;
    int64_t changed_ms; /* last relevant change of it or its link */
};

/* Calls fn for each address on the named link (NULL: on all links), in a stable order. */
void addrset_each(const struct addrset *set, const char *link,
                  void (*fn)(const struct addrset_entry *entry, void *arg), void *arg);
/* Which link has the address, the first by its number; false: none. *out is valid until the next
 * change of the set. */
bool addrset_holder(const struct addrset *set, const struct addr *addr, struct addrset_entry *out);
/* Whether the link exists and is up. */
bool addrset_link(const struct addrset *set, const char *link, bool *up);

#endif
