/* SPDX-License-Identifier: ISC
 *
 * Which way would a client go? From what a round measured: the address that a browser would end up
 * with, and how late, and what it would do if the preferred family fell silent. A client like this
 * machine: its source addresses decide the order. Pure.
 */
#ifndef REACHD_PROBES_CLIENT_H
#define REACHD_PROBES_CLIENT_H

#include "probes/round.h"

struct client_view {
    bool known;                        /* there is an address to go to */
    bool both;                         /* of both families */
    enum family preferred;             /* what is tried first */
    const struct probe_result *picked; /* in the round; NULL: nothing connects */
    int64_t picked_us;                 /* from the question to DNS until TCP is connected */
    int64_t late_us;                   /* of these, lost on addresses tried before */
    /* TCP connects, so the client stays there, but what follows fails. */
    bool stuck;
    /* If the family of `picked` fell silent: NULL when nothing else connects. */
    const struct probe_result *fallback;
    int64_t fallback_us;
};

void client_judge(const struct round_result *round, struct client_view *out);
/* A sentence with the numbers; "" when there is nothing to choose. */
void client_sentence(const struct client_view *view, char *out, size_t cap);
json_t *client_json(const struct client_view *view); /* null when not known */

#endif
