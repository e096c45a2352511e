/* SPDX-License-Identifier: ISC
 *
 * From where was it looked at? A check whose packets never left this machine, or its home, proves
 * little about what the world can reach. Pure.
 */
#ifndef REACHD_PROBES_VANTAGE_H
#define REACHD_PROBES_VANTAGE_H

#include "probes/route.h"
#include "probes/tcp_facts.h"

enum vantage {
    VANTAGE_UNKNOWN, /* no route */
    VANTAGE_LOCAL,   /* the address is this machine's own */
    VANTAGE_LAN,     /* no router lies between */
    VANTAGE_HAIRPIN, /* perhaps: our own router seems to have turned the packets round */
    VANTAGE_OUTSIDE,
};

enum vantage vantage_judge(const struct addr *target, const struct route *route,
                           const struct tcp_facts *path);
const char *vantage_word(enum vantage vantage); /* "local", "lan", "hairpin?", "outside"; "" */
/* What it means for the result, a sentence; NULL for OUTSIDE and UNKNOWN. ports: nothing but
 * whether ports are open was looked at. */
const char *vantage_text(enum vantage vantage, bool ports);

#endif
