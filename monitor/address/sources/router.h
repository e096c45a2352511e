/* SPDX-License-Identifier: ISC
 *
 * Which router the sources that ask one ask: the configured, or the default one of the way out.
 */
#ifndef REACHD_MONITOR_ADDRESS_SOURCES_ROUTER_H
#define REACHD_MONITOR_ADDRESS_SOURCES_ROUTER_H

#include "monitor/config/config.h"
#include "probes/egress.h"

struct router {
    struct addr addr;
    struct egress egress; /* the section's interface */
    struct addr source;   /* that a packet to it leaves with; unset: the kernel does not say */
};

/* False with a sentence in why. Asks the kernel; some microseconds. */
bool router_find(const struct config_address *section, struct router *out, char *why, size_t cap);

#endif
