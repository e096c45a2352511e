/* SPDX-License-Identifier: ISC
 *
 * Which address of another host of our network is to be published: a pure decision over what the
 * kernel knows of it and what our own interface has.
 */
#ifndef REACHD_MONITOR_ADDRESS_NEIGH_CHOICE_H
#define REACHD_MONITOR_ADDRESS_NEIGH_CHOICE_H

#include "monitor/address/addr_policy.h"
#include "monitor/address/neighset.h"

struct neigh_choice {
    bool chosen;
    bool alive; /* the host answers under it now */
    struct addr addr;
    char reason[240]; /* why this one, or why none */
};

#define MAC_TEXT_LEN 18

/* "02:00:5e:10:00:05"; text. */
const char *neigh_mac_format(const uint8_t mac[MAC_LEN], char text[MAC_TEXT_LEN]);

/* own: the choice among the addresses of the interface. Only an address in the prefix of a fit one
 * of these, seen on the same link, can be chosen, so that none of a prefix that is going is.
 * present: the one published so far. It is kept while it answers, or is quiet; when the host is not
 * known under it any more, while the prefix lives and no other of its addresses answers: a host
 * that sleeps, or is off, has not moved. A stable address comes before one that may be temporary:
 * those can't be told from stable ones that look random (RFC 7217). */
void neigh_choose(const struct neighset *set, const uint8_t mac[MAC_LEN],
                  const struct addr_choice *own, const struct addr *present,
                  struct neigh_choice *out);

/* Under which addresses the host may be, though it is not heard of: in each network of ours (the
 * first ones) that of the EUI-64 of its MAC address and of the host's part of the present one. How
 * many. */
#define NEIGH_MAX_GUESSES 8
size_t neigh_guess(const uint8_t mac[MAC_LEN], const struct addr_choice *own,
                   const struct addr *present, struct addr out[NEIGH_MAX_GUESSES]);

#endif
