/* SPDX-License-Identifier: ISC
 *
 * What a probe of kind closed looks at, and whether it may.
 */
#ifndef REACHD_PROBES_CLOSED_WANT_H
#define REACHD_PROBES_CLOSED_WANT_H

#include "lib/addr.h"
#include "probes/ports.h"

#define CLOSED_FOREIGN_PORTS 64   /* at most, of an address that is not ours */
#define CLOSED_WAIT_MS       3000 /* for each port, unless less is given: two SYN packets */
#define CLOSED_PACE_MS       4    /* between two attempts at one address */

struct closed_want {
    struct port_set ports;
    unsigned parallel; /* attempts at one address at the same time */
    bool mine;         /* whoever asks says that the network is theirs */
};

/* Milliseconds that it may take at most, for an address whose ports are all silent. */
int64_t closed_longest_ms(const struct closed_want *want, int64_t timeout_ms);
/* An address of this machine's networks, or one that is nobody's: private, documentation, … */
bool closed_is_ours(const struct addr *addr);
bool closed_want_equal(const struct closed_want *a, const struct closed_want *b);

#endif
