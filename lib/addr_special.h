/* SPDX-License-Identifier: ISC
 *
 * The special-purpose address ranges (IANA registries, RFC 6890) by name: addresses that the
 * world cannot reach, or that are not ours to publish. Pure data. Not its job: the decision.
 */
#ifndef REACHD_LIB_ADDR_SPECIAL_H
#define REACHD_LIB_ADDR_SPECIAL_H

#include "lib/addr.h"

struct addr_special {
    const char *prefix; /* "100.64.0.0/10" */
    const char *name;   /* "carrier-grade NAT (RFC 6598)" */
};

/* The range that holds addr, or NULL for a globally reachable unicast address. */
const struct addr_special *addr_special_find(const struct addr *addr);

#endif
