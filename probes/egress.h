/* SPDX-License-Identifier: ISC
 *
 * Which way out a connection takes: source address, interface, mark. Zeroed: the routing table
 * decides. Owns: the socket options, what it means when the kernel refuses one.
 */
#ifndef REACHD_PROBES_EGRESS_H
#define REACHD_PROBES_EGRESS_H

#include <net/if.h>

#include "lib/addr.h"
#include "probes/outcome.h"

struct egress {
    struct addr source;          /* bind(2) to it when set */
    char interface[IF_NAMESIZE]; /* SO_BINDTODEVICE when not empty */
    uint32_t mark;               /* SO_MARK when not 0 */
    uint16_t max_seg;            /* TCP only: no larger segments either way, when not 0 */
};

bool egress_is_set(const struct egress *egress);
bool egress_equal(const struct egress *a, const struct egress *b); /* the same way out */
/* NULL and set, else what is wrong (static). A mark: "300" or "0x12c", not 0. */
const char *egress_parse_interface(const char *text, char out[IF_NAMESIZE]);
const char *egress_parse_mark(const char *text, uint32_t *out);

/* Before connect(2), or bind(2) to a port. A source of the other family than the socket's is left
 * out. OK, or LOCAL_SOURCE or LOCAL_PERMISSION with a sentence in detail. */
enum outcome egress_apply(const struct egress *egress, int fd, int af, char *detail, size_t cap);
/* The same on a socket made for it and closed again; LOCAL_RESOURCES when none is to be had. */
enum outcome egress_try(const struct egress *egress, int af, char *detail, size_t cap);

#endif
