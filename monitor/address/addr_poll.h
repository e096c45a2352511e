/* SPDX-License-Identifier: ISC
 *
 * Several who say what our address is, asked for one attempt: in their order until one answers, or
 * all at once until enough say the same (the section's `agree`). Owns: whose turn it is, what is
 * told of those that failed or say something else. Not its job: how one is asked
 * (monitor/address/sources), the count (monitor/address/addr_vote.h).
 */
#ifndef REACHD_MONITOR_ADDRESS_ADDR_POLL_H
#define REACHD_MONITOR_ADDRESS_ADDR_POLL_H

#include "monitor/address/addr_source.h"

struct addr_poll;

#define ADDR_POLL_NAME_LEN 160

struct addr_poll_ops {
    /* Asks number i; what it returns is kept for cancel. It ends with addr_poll_answer, not before
     * it has returned. */
    void *(*ask)(struct addr_poll *poll, size_t i);
    /* Stops what is under way and frees it; after the answer as well. */
    void (*cancel)(void *question);
    /* Who that is, for people. Returns buf. */
    const char *(*name)(const struct addr_poll *poll, size_t i, char buf[ADDR_POLL_NAME_LEN]);
};

/* list: what the ops need of the source; freed with the poll, by free(). count: at least 1. */
struct addr_poll *addr_poll_start(struct addr_fetch *fetch, const struct addr_poll_ops *ops,
                                  void *list, size_t count);
void addr_poll_free(struct addr_poll *poll);

struct addr_fetch *addr_poll_fetch(const struct addr_poll *poll);
const void *addr_poll_list(const struct addr_poll *poll);
/* found: NULL when number i has none; why says so then. The last act of its caller,
 * whose question is gone afterwards. */
void addr_poll_answer(struct addr_poll *poll, size_t i, const struct addr *found, const char *why);

#endif
