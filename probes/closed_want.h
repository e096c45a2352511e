/* SPDX-License-Identifier: ISC
 *
 * What a probe of kind closed looks at, and whether it may.
 */
#ifndef REACHD_PROBES_CLOSED_WANT_H
#define REACHD_PROBES_CLOSED_WANT_H

#include "lib/addr.h"
#include "probes/known_addrs.h"
#include "probes/ports.h"

#define CLOSED_FOREIGN_PORTS 64   /* at most, of an address that is not ours */
#define CLOSED_WAIT_MS       3000 /* for each port, unless less is given: two SYN packets */
#define CLOSED_PACE_MS       4    /* between two attempts at one address, or at those of a prefix */
#define CLOSED_ATTEMPTS_MAX  65536 /* of a prefix, as many as one address has ports */
#define CLOSED_GIVEN_MAX     32

struct closed_want {
    struct port_set ports;
    unsigned parallel;    /* attempts at the same time, at one address or at all of the prefix */
    bool mine;            /* whoever asks says that the network is theirs */
    struct prefix prefix; /* set: its known addresses (probes/known_addrs.h), not one host */
    size_t given_count;   /* of the prefix: addresses that somebody wrote down */
    struct addr given[CLOSED_GIVEN_MAX];
};

/* NULL, or why the prefix can't be looked at, or not so many ports of it (static). Pure. */
const char *closed_prefix_problem(const struct closed_want *want);
/* The most addresses of the prefix that may be looked at. Pure. */
size_t closed_addrs_max(const struct closed_want *want);

/* For one port. */
int64_t closed_wait_ms(int64_t timeout_ms);
/* Milliseconds that it may take at most when all is silent; of a prefix whose addresses are found
 * as it is looked at: those of one. */
int64_t closed_longest_ms(const struct closed_want *want, int64_t timeout_ms);
/* An address of this machine's networks, or one that is nobody's: private, documentation, … */
bool closed_is_ours(const struct addr *addr);
bool closed_want_equal(const struct closed_want *a, const struct closed_want *b);

#endif
