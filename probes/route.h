/* SPDX-License-Identifier: ISC
 *
 * One question to the kernel's routing: which way would a packet to this address take?
 */
#ifndef REACHD_PROBES_ROUTE_H
#define REACHD_PROBES_ROUTE_H

#include "probes/egress.h"

struct route {
    bool found;
    bool local;          /* the address is this machine's */
    bool on_link;        /* in a network that this machine is in: no router lies between */
    struct addr source;  /* that a packet would leave with */
    struct addr gateway; /* the next router; unset: none, or of the other family */
};

/* Some microseconds; all zero when there is no route or the kernel does not say. */
void route_lookup(const struct addr *to, const struct egress *egress, struct route *out);

#endif
