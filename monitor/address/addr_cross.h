/* SPDX-License-Identifier: ISC
 *
 * cross-check: do two sections have the same address? Pure; a value. A difference is told once both
 * have settled and it was seen again afterwards: an echo that was asked before the line came back
 * speaks of the address before.
 */
#ifndef REACHD_MONITOR_ADDRESS_ADDR_CROSS_H
#define REACHD_MONITOR_ADDRESS_ADDR_CROSS_H

#include "lib/addr.h"
#include "monitor/address/addr_line.h"
#include "monitor/target/remark.h"

struct addr_cross_side {
    struct addr now;    /* unset: none */
    int64_t changed_ms; /* since when it is that, clock_mono_ms() */
    int64_t said_ms;    /* when it was seen last to be so; an answer counts from its question */
};

/* A zeroed struct is "nothing was compared". */
struct addr_cross {
    struct remark remark; /* told: they differ */
    int64_t counted_ms;   /* what was seen up to here was counted */
};

struct addr_cross_step {
    enum remark_move move;
    bool ask_ours, ask_theirs; /* an answer of now is needed to go on */
    int64_t wait_ms;           /* look again then; INT64_MAX: when one of them changes or answers */
};

/* settle_ms: how long an address must have been left alone. */
struct addr_cross_step addr_cross_feed(struct addr_cross *cross, const struct addr_cross_side *ours,
                                       const struct addr_cross_side *theirs, int64_t settle_ms,
                                       int64_t now_ms);

/* Why they may differ, and what to do: by what our address tells of its line. The word is
 * addr_line_word's, or "other-way-out". */
const char *addr_cross_word(enum addr_line ours);
const char *addr_cross_advice(enum addr_line ours);

#endif
