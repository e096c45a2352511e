/* SPDX-License-Identifier: ISC
 *
 * The addresses of a prefix that are worth a look: of a small one each, of a larger one those that
 * this machine knows. Nothing is ever swept for.
 */
#ifndef REACHD_PROBES_KNOWN_ADDRS_H
#define REACHD_PROBES_KNOWN_ADDRS_H

#include "lib/addr.h"

#define KNOWN_ADDRS_MAX 256 /* also: of a prefix of as many, each is looked at */

struct known_addrs {
    size_t count;
    bool cut; /* there were more */
    struct addr list[KNOWN_ADDRS_MAX];
};

/* Whether all of the prefix are looked at, known or not. Pure. */
bool known_addrs_is_small(const struct prefix *prefix);
/* How many these are, for a small one: without the network's and the broadcast address. Pure. */
size_t known_addrs_count(const struct prefix *prefix);
/* given: what somebody wrote down; what lies outside the prefix is passed over. Of a larger prefix
 * these, this machine's own and its neighbours. */
void known_addrs_find(const struct prefix *prefix, const struct addr *given, size_t given_count,
                      struct known_addrs *out);

#endif
