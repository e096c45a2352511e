/* SPDX-License-Identifier: ISC
 *
 * Whether DNS holds the addresses that it should, and what to say when it does not. Pure.
 */
#ifndef REACHD_PROBES_EXPECT_H
#define REACHD_PROBES_EXPECT_H

#include "probes/resolver.h"

#define EXPECT_MAX 8 /* addresses that a name should have */

struct expect {
    size_t count;
    struct addr addrs[EXPECT_MAX];
};

/* False when there is no room. One that is there already is not added again. */
bool expect_add(struct expect *expect, const struct addr *addr);
bool expect_family(const struct expect *expect, enum family family);
/* DNS_STALE with both values in the reply's detail where one of the expected addresses of the
 * family is not in the set, or there is no set at all; else the reply stays as it is. More
 * addresses than the expected ones are no fault: they are probed like the others. */
void expect_judge(const struct expect *expect, enum family family, bool from_cache,
                  struct resolver_reply *reply);

#endif
