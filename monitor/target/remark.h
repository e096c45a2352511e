/* SPDX-License-Identifier: ISC
 *
 * Remarks on a target that is up all the same (dns-server-lame, cert-families-differ and the like),
 * over time: which have lasted long enough to be told, which are over. Pure; a value.
 */
#ifndef REACHD_MONITOR_TARGET_REMARK_H
#define REACHD_MONITOR_TARGET_REMARK_H

#include <stdbool.h>
#include <stdint.h>

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
