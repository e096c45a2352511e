/* SPDX-License-Identifier: ISC
 *
 * The order in which a client tries the addresses of a name: RFC 6724 with its default policy
 * table, then the families in turn as RFC 8305 has it. Pure.
 */
#ifndef REACHD_PROBES_DEST_ORDER_H
#define REACHD_PROBES_DEST_ORDER_H

#include <stddef.h>

#include "lib/addr.h"

struct dest {
    struct addr addr;
    struct addr source; /* what a packet there would leave with; unset: no route */
    size_t index;       /* the caller's */
};

/* RFC 6724, section 6, the rules that addresses alone decide: 1, 2, 5, 6, 8, 9. */
void dest_sort(struct dest *dests, size_t count);
/* RFC 8305, section 4: after the first of the preferred family comes one of the other, and so on.
 */
void dest_interleave(struct dest *dests, size_t count);

#endif
