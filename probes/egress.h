/* SPDX-License-Identifier: ISC
 *
 * Which way out a connection takes: source address, interface, mark. Zeroed: the routing table
 * decides.
 */
#ifndef REACHD_PROBES_EGRESS_H
#define REACHD_PROBES_EGRESS_H

#include <net/if.h>

#include "lib/addr.h"

struct egress {
    struct addr source;          /* bind(2) to it when set */
    char interface[IF_NAMESIZE]; /* SO_BINDTODEVICE when not empty */
    uint32_t mark;               /* SO_MARK when not 0 */
};

#endif
