/* SPDX-License-Identifier: ISC
 *
 * Several who were asked for our address: do enough of them say the same? Pure.
 */
#ifndef REACHD_MONITOR_ADDRESS_ADDR_VOTE_H
#define REACHD_MONITOR_ADDRESS_ADDR_VOTE_H

#include "lib/addr.h"

struct addr_voice {
    bool spoke;
    struct addr said; /* unset: it has no answer */
};

enum addr_vote {
    ADDR_VOTE_OPEN, /* who has not spoken yet may decide */
    ADDR_VOTE_TAKEN,
    ADDR_VOTE_SPLIT, /* no address can have enough voices any more */
};

/* An address is taken when at least `needed` say it and no other can get as many, whoever speaks
 * later. */
enum addr_vote addr_vote(const struct addr_voice *voices, size_t count, size_t needed,
                         struct addr *out);

#endif
