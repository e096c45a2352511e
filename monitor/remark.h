/* SPDX-License-Identifier: ISC
 *
 * Remarks on the zone of a target (dns-server-lame and the like), over time: which have lasted long
 * enough to be told, which are over. Pure; a value.
 */
#ifndef REACHD_MONITOR_REMARK_H
#define REACHD_MONITOR_REMARK_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/outcome.h"

/* The outcomes that are such remarks lie side by side in the table. */
#define REMARK_FIRST OUTCOME_DNS_SERVER_LAME
#define REMARK_COUNT (OUTCOME_DNS_RESOLVER_DIFFERS - OUTCOME_DNS_SERVER_LAME + 1)

enum remark_move {
    REMARK_SAME,
    REMARK_CAME, /* to be told */
    REMARK_WENT, /* the same */
};

/* A zeroed struct is "nothing was ever seen". */
struct remark {
    bool told;
    uint8_t row; /* checks in a row that say otherwise */
};

/* One check: was it seen? fall, rise: so many in a row make it come or go. */
enum remark_move remark_feed(struct remark *remark, bool seen, unsigned fall, unsigned rise);

#endif
