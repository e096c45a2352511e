/* SPDX-License-Identifier: ISC
 *
 * Makes the kernel look for a host of a network of ours: neighbour discovery (RFC 4861) of an
 * address begins when there is a packet for it. What comes of it is told by rtnetlink.
 */
#ifndef REACHD_MONITOR_ADDRESS_NEIGH_POKE_H
#define REACHD_MONITOR_ADDRESS_NEIGH_POKE_H

#include "lib/addr.h"

/* An empty datagram to the discard port (RFC 863) of an IPv6 address; needs no privileges, and
 * nothing waits for an answer. */
void neigh_poke(const struct addr *addr);

#endif
