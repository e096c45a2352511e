/* SPDX-License-Identifier: ISC
 *
 * Which kind of line an IPv4 address tells of: what can be reached behind it, and what to do. Pure.
 * Not its job: whether an address is fit (monitor/address/addr_policy.h).
 */
#ifndef REACHD_MONITOR_ADDRESS_ADDR_LINE_H
#define REACHD_MONITOR_ADDRESS_ADDR_LINE_H

#include "lib/addr.h"

enum addr_line {
    ADDR_LINE_PLAIN,   /* nothing is known against it */
    ADDR_LINE_CGNAT,   /* RFC 6598 */
    ADDR_LINE_NAT,     /* RFC 1918: another router is in front */
    ADDR_LINE_DS_LITE, /* RFC 6333, RFC 6877: the IPv4 side of an IPv6 line, NAT at the provider */
    ADDR_LINE_MAP_E,   /* RFC 7597: one IPv4 shared by port ranges */
    ADDR_LINE_TUNNEL,  /* IPv4 in IPv6 (RFC 2473): MAP-E, or a whole address by contract */
    ADDR_LINE_COUNT,
};

/* link: name of the interface; kind: the kernel's word for it ("ip6tnl", "ppp"), "" unknown. */
enum addr_line addr_line_of(const struct addr *addr, const char *link, const char *kind);
/* The address may be published, but some of it is not ours. */
bool addr_line_is_shared(enum addr_line line);

/* "cgnat", "map-e", …: in JSON. NULL: plain. */
const char *addr_line_word(enum addr_line line);
/* A few words beside the reason: "MAP-E: shared, no port below 1024". "" when the range says it. */
const char *addr_line_text(enum addr_line line);
/* What can't be reached, and what to do. "" for plain. */
const char *addr_line_advice(enum addr_line line);

#endif
