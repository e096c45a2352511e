/* SPDX-License-Identifier: ISC
 *
 * The kernel's table of neighbours: who has been seen on the links of this machine. One question,
 * one answer, no state.
 */
#ifndef REACHD_PROBES_NEIGHBOUR_H
#define REACHD_PROBES_NEIGHBOUR_H

#include "lib/addr.h"

/* An address whose link address is known, or was not long ago. */
typedef void neighbour_fn(const struct addr *addr, void *arg);

/* Reads netlink messages as they came, on a boundary of 4 bytes. False: nothing more is to come.
 * Pure.
 */
bool neighbour_parse(const void *data, size_t len, neighbour_fn *fn, void *arg);
/* Of one family. Does not wait; an answer that breaks off is told as far as it goes. */
void neighbour_dump(enum family family, neighbour_fn *fn, void *arg);

#endif
