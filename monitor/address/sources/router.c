/* SPDX-License-Identifier: ISC
 *
 * Finds the router.
 */
#include "monitor/address/sources/router.h"

#include <stdio.h>

#include "lib/str.h"
#include "probes/route.h"

/* PCP's anycast address (RFC 7723) stands for the next router that does NAT: the way it would take
 * is the way out. */
static bool find_default(struct router *out, char *why, size_t cap)
{
    static const uint8_t anycast[4] = {192, 0, 0, 9};
    const struct addr to = addr_v4(anycast);
    const char *interface = out->egress.interface;
    struct route route;
    route_lookup(&to, &out->egress, &route);
    out->addr = route.gateway;
    if (addr_is_set(&out->addr))
        return true;
    snprintf(why, cap, "there is no default router%s%s to be asked%s", *interface ? " behind " : "",
             interface, route.found ? ": the default route has no gateway" : "");
    return false;
}

bool router_find(const struct config_address *section, struct router *out, char *why, size_t cap)
{
    struct route route;
    *out = (struct router){.addr = section->server};
    if (section->interface)
        str_copy(out->egress.interface, sizeof out->egress.interface, section->interface);
    if (!addr_is_set(&out->addr) && !find_default(out, why, cap))
        return false;
    route_lookup(&out->addr, &out->egress, &route);
    out->source = route.source;
    return true;
}
