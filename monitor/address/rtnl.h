/* SPDX-License-Identifier: ISC
 *
 * rtnetlink: links, addresses and, when wanted, IPv6 neighbours of the kernel, listen then dump,
 * resynchronised after an overrun or an interrupted dump. The only owner of libmnl. Owns: the
 * sockets. Not its job: memory of what exists (monitor/address/addrset.h).
 */
#ifndef REACHD_MONITOR_ADDRESS_RTNL_H
#define REACHD_MONITOR_ADDRESS_RTNL_H

#include "lib/loop.h"
#include "monitor/address/rtnl_msg.h"

struct rtnl_ops {
    /* A full dump starts: what is not named before `synced` is gone. It may start anew, when the
     * tables changed under it, before any `synced`. */
    void (*sync_begin)(void *arg);
    void (*event)(const struct rtnl_event *event, void *arg);
    void (*synced)(void *arg);
    /* No rtnetlink any more (socket lost and not to be had again yet); tries go on. */
    void (*lost)(const char *why, void *arg);
};

struct rtnl;

/* Listens from now on; the first dump comes from the loop. NULL with a sentence in error. */
struct rtnl *rtnl_new(struct loop *loop, const struct rtnl_ops *ops, void *arg, char *error,
                      size_t cap);
void rtnl_free(struct rtnl *rtnl); /* not from inside its own callbacks; NULL is fine */
/* Whether neighbours are told of, too: not at first, for a large network has many and they change
 * all the time. A dump follows when that changes. */
void rtnl_want_neighbours(struct rtnl *rtnl, bool wanted);
/* Asks for a full dump, soon: requests in a burst are one. */
void rtnl_resync(struct rtnl *rtnl);

/* One dump at once, for one-shot commands (reachd addr); `lost` is not called. False with a
 * sentence in error. */
bool rtnl_dump(const struct rtnl_ops *ops, void *arg, char *error, size_t cap);

#endif
