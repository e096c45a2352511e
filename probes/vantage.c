/* SPDX-License-Identifier: ISC
 *
 * The judgement. What can be known: the kernel says whether an address is its own, and whether a
 * router lies between. That the router turned packets round can only be guessed by one who does
 * not know the home's outer address: a NATed machine that reaches a public address within a
 * millisecond, less than any access line takes. (Who knows the address, as the daemon may, need
 * not guess.)
 */
#include "probes/vantage.h"

#include "lib/addr_special.h"

#define LINE_MIN_US 1000

static bool is_behind_nat(const struct addr *source, const struct addr *target)
{
    return addr_is_set(source) && addr_special_find(source) && !addr_special_find(target);
}

enum vantage vantage_judge(const struct addr *target, const struct route *route,
                           const struct tcp_facts *path)
{
    if (!route->found)
        return VANTAGE_UNKNOWN;
    if (route->local)
        return VANTAGE_LOCAL;
    if (route->on_link)
        return VANTAGE_LAN;
    if (path->known && path->rtt_min_us > 0 && path->rtt_min_us < LINE_MIN_US &&
        is_behind_nat(&route->source, target))
        return VANTAGE_HAIRPIN;
    return VANTAGE_OUTSIDE;
}

const char *vantage_word(enum vantage vantage)
{
    switch (vantage) {
    case VANTAGE_LOCAL:
        return "local";
    case VANTAGE_LAN:
        return "lan";
    case VANTAGE_HAIRPIN:
        return "hairpin?";
    case VANTAGE_OUTSIDE:
        return "outside";
    case VANTAGE_UNKNOWN:
        break;
    }
    return "";
}

const char *vantage_text(enum vantage vantage, bool ports)
{
    switch (vantage) {
    case VANTAGE_LOCAL:
        return ports ? "Seen from the machine that has the address: what its firewall and the "
                       "router's let in from outside was not tested."
                     : "Seen from the machine that has the address: DNS and certificate count, the "
                       "way to it from outside was not tested.";
    case VANTAGE_LAN:
        return ports ? "Seen from the same network, no router between: what the router lets in was "
                       "not tested."
                     : "Seen from the same network, no router between: DNS and certificate count, "
                       "port forward, pinhole and line were not tested.";
    case VANTAGE_HAIRPIN:
        return ports ? "Seen from behind the same router, as it seems: for the world a port may be "
                       "open that is shut from here."
                     : "Seen from behind the same router, as it seems: DNS and certificate count, "
                       "but the world may find the port shut, or open where it is shut from here.";
    case VANTAGE_OUTSIDE:
    case VANTAGE_UNKNOWN:
        break;
    }
    return NULL;
}
