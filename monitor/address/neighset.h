/* SPDX-License-Identifier: ISC
 *
 * Under which addresses the wanted hosts of our networks are known: the kernel's neighbours by MAC
 * address, fed with rtnl events. A value without I/O.
 */
#ifndef REACHD_MONITOR_ADDRESS_NEIGHSET_H
#define REACHD_MONITOR_ADDRESS_NEIGHSET_H

#include "monitor/address/rtnl_msg.h"

struct neighset;

enum neigh_life {
    NEIGH_FAILED, /* asked, and does not answer */
    NEIGH_QUIET,  /* nothing against it, but not heard lately */
    NEIGH_ALIVE,  /* reachable, or set by hand */
};

struct neighset_row {
    int index;
    struct addr addr;
    uint8_t mac[MAC_LEN];
    enum neigh_life life;
    int64_t confirmed_ms; /* when it was last known to be right */
    unsigned seen;        /* the dump that named it last */
};

struct neighset *neighset_new(void);
void neighset_free(struct neighset *set); /* NULL is fine */
/* Instead of those that were wanted before. True when one is new: a dump brings its addresses. */
bool neighset_want(struct neighset *set, const uint8_t (*macs)[MAC_LEN], size_t count);
void neighset_sync_begin(struct neighset *set);
void neighset_synced(struct neighset *set);
/* Returns true when something changed that matters. */
bool neighset_feed(struct neighset *set, const struct rtnl_event *event, int64_t now_ms);
const struct neighset_row *neighset_rows(const struct neighset *set, size_t *count);

#endif
