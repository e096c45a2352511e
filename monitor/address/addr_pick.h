/* SPDX-License-Identifier: ISC
 *
 * source = first: which of several sections, in their order, is published. Pure.
 */
#ifndef REACHD_MONITOR_ADDRESS_ADDR_PICK_H
#define REACHD_MONITOR_ADDRESS_ADDR_PICK_H

#include <stdbool.h>
#include <stddef.h>

struct addr_member {
    bool pending; /* its answer is on the way */
    bool has;     /* it has an address */
    bool failing; /* asked again and again without an answer: what it has is old */
};

#define ADDR_PICK_WAIT (-1) /* who may come first has not answered yet */
#define ADDR_PICK_NONE (-2)

/* The index of the first that has an address; one that fails only when no other has any. */
int addr_pick(const struct addr_member *members, size_t count);

#endif
