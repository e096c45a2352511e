/* SPDX-License-Identifier: ISC
 *
 * rtnetlink messages read into events about links, addresses and neighbours: pure, for the live
 * socket, for replay and for fuzzing. Not its job: sockets (monitor/address/rtnl.h).
 */
#ifndef REACHD_MONITOR_ADDRESS_RTNL_MSG_H
#define REACHD_MONITOR_ADDRESS_RTNL_MSG_H

#include <net/if.h>

#include "lib/addr.h"

enum rtnl_kind {
    RTNL_LINK,
    RTNL_LINK_GONE,
    RTNL_ADDR,
    RTNL_ADDR_GONE,
    RTNL_NEIGHBOUR,
    RTNL_NEIGHBOUR_GONE,
};

struct rtnl_link {
    int index;
    char name[IF_NAMESIZE];
    char kind[16]; /* IFLA_INFO_KIND: "ppp", "ip6tnl", "veth", …; "" for hardware */
    bool up;       /* IFF_UP and IFF_RUNNING: set for an unknown operstate (ppp, tun) too */
    bool loopback;
    uint32_t mtu;
};

struct rtnl_addr {
    int index;
    struct addr addr; /* IFA_LOCAL if present, else IFA_ADDRESS (facts F) */
    struct addr peer; /* of a point-to-point address, else unset */
    uint8_t prefix_len;
    uint8_t scope;
    uint32_t flags;       /* IFA_F_*, the 32-bit attribute when present */
    uint32_t preferred_s; /* UINT32_MAX: for ever */
    uint32_t valid_s;
    uint32_t created_cs; /* 1/100 s since boot when it was added, wraps; 0 unknown */
    uint8_t proto;       /* IFAPROT_*, 0 unknown */
};

#define MAC_LEN 6

/* An entry of the table by which the kernel finds hosts of its networks. */
struct rtnl_neighbour {
    int index;
    struct addr addr;
    bool has_mac; /* one that does not answer has none any more */
    uint8_t mac[MAC_LEN];
    uint16_t state;        /* NUD_* */
    uint32_t confirmed_cs; /* so long ago, 1/100 s, it was last known to be right */
};

struct rtnl_event {
    enum rtnl_kind kind;
    struct rtnl_link link;
    struct rtnl_addr addr;
    struct rtnl_neighbour neighbour;
};

/* Parses a buffer of netlink messages, which must lie on a 4-byte boundary; calls fn for each link,
 * address or neighbour message that is well formed, skips the rest. Pure; for fuzzing and replay
 * too. Returns false when a message was malformed. */
bool rtnl_parse(const void *data, size_t len, void (*fn)(const struct rtnl_event *event, void *arg),
                void *arg);

struct nlmsghdr;

/* The message at the start of data, or NULL when it is not all there; *step leads to the next. */
const struct nlmsghdr *rtnl_message_at(const void *data, size_t len, size_t *step);

#endif
