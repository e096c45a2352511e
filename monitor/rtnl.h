/* SPDX-License-Identifier: ISC
 *
 * rtnetlink: links and addresses of the kernel, dump then subscribe, resynchronised after an
 * overrun or an interrupted dump. The only owner of libmnl. Owns: the sockets, message parsing
 * (pure part: rtnl_parse). Not its job: memory of what exists (monitor/addrset.h).
 */
#ifndef REACHD_MONITOR_RTNL_H
#define REACHD_MONITOR_RTNL_H

#include <net/if.h>

#include "lib/addr.h"
#include "lib/loop.h"

enum rtnl_kind {
    RTNL_LINK,
    RTNL_LINK_GONE,
    RTNL_ADDR,
    RTNL_ADDR_GONE,
};

struct rtnl_link {
    int index;
    char name[IF_NAMESIZE];
    bool up; /* IFF_UP and IFF_RUNNING (or operstate unknown with IFF_LOWER_UP) */
    uint32_t mtu;
};

struct rtnl_addr {
    int index;
    struct addr addr; /* IFA_LOCAL if present, else IFA_ADDRESS (facts F) */
    uint8_t prefix_len;
    uint8_t scope;
    uint32_t flags;       /* IFA_F_*, the 32-bit attribute when present */
    uint32_t preferred_s; /* UINT32_MAX: for ever */
    uint32_t valid_s;
    uint8_t proto; /* IFAPROT_*, 0 unknown */
};

struct rtnl_event {
    enum rtnl_kind kind;
    struct rtnl_link link;
    struct rtnl_addr addr;
};

/* Parses a buffer of netlink messages; calls fn for each link or address message that is well
 * formed, skips the rest. Pure; for fuzzing and replay too. Returns false when a message was
 * malformed. */
bool rtnl_parse(const void *data, size_t len, void (*fn)(const struct rtnl_event *event, void *arg),
                void *arg);

struct rtnl;

struct rtnl_ops {
    /* A full dump starts: what is not named before `synced` is gone. */
    void (*sync_begin)(void *arg);
    void (*event)(const struct rtnl_event *event, void *arg);
    void (*synced)(void *arg);
    /* No rtnetlink any more (socket lost and not to be had again yet); tries go on. */
    void (*lost)(const char *why, void *arg);
};

/* NULL with a sentence in error. */
struct rtnl *rtnl_new(struct loop *loop, const struct rtnl_ops *ops, void *arg, char *error,
                      size_t cap);
void rtnl_free(struct rtnl *rtnl);
void rtnl_resync(struct rtnl *rtnl);

/* One synchronous dump for one-shot commands (reachd addr). */
bool rtnl_dump(void (*fn)(const struct rtnl_event *event, void *arg), void *arg, char *error,
               size_t cap);

#endif
