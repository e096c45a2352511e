/* SPDX-License-Identifier: ISC
 *
 * Which address of an interface is fit to publish: a pure policy that explains itself (facts F).
 */
#ifndef REACHD_MONITOR_ADDRESS_ADDR_POLICY_H
#define REACHD_MONITOR_ADDRESS_ADDR_POLICY_H

#include "monitor/address/addr_line.h"
#include "monitor/address/addrset.h"
#include "monitor/config/config.h"

enum addr_fitness {
    ADDR_FIT,
    ADDR_UNFIT,
    ADDR_NOT_SETTLED, /* fit, but changed too short ago: wait_ms says when to look again */
};

struct addr_candidate {
    struct rtnl_addr addr;
    char link[IF_NAMESIZE];
    enum addr_fitness fitness;
    int rank; /* smaller is better */
    enum addr_line line;
    char reason[96]; /* "temporary (privacy extensions)", "CGNAT (100.64.0.0/10)", "stable, EUI-64"
                      */
};

#define ADDR_MAX_CANDIDATES 64

struct addr_choice {
    size_t count;
    struct addr_candidate candidates[ADDR_MAX_CANDIDATES]; /* the chosen first, then by rank */
    bool cut;                                              /* there were more */
    bool chosen;                                           /* candidates[0] is chosen */
    int64_t wait_ms; /* look again after this; INT64_MAX: only after a change */
    bool coming;     /* one settles or is tentative: there may be an answer soon */
    /* What holds the chosen one back, or, when none is chosen, the first of the others: behind. */
    enum addr_line line;
    struct addr behind;
    char reason[128]; /* why this one, or why none */
};

struct addr_policy {
    const char *interface; /* NULL: every interface but loopback */
    enum family family;
    enum address_prefer prefer;
    const struct prefix *accept;
    size_t accept_count;
    int64_t settle_ms;
};

/* present: the address published so far, kept while it stays fit, also when a better one comes
 * (hysteresis); may be unset. What links and addresses can't tell: whether the prefix of a fit
 * address still works. After a renumbering in which the router did not withdraw the old prefix
 * (no advertisement with a lifetime of zero) the old address stays fit, and is kept. */
void addr_choose(const struct addrset *set, const struct addr_policy *policy,
                 const struct addr *present, int64_t now_ms, struct addr_choice *out);
/* Range verdict alone, for web and command sources: NULL when fit, else the reason (in buf). */
const char *addr_reject_reason(const struct addr *addr, const struct prefix *accept,
                               size_t accept_count, char *buf, size_t cap);

#endif
