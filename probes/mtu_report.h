/* SPDX-License-Identifier: ISC
 *
 * A proven MTU black hole in words: evidence, JSON, and the line that mends it on each kind of
 * router.
 */
#ifndef REACHD_PROBES_MTU_REPORT_H
#define REACHD_PROBES_MTU_REPORT_H

#include <jansson.h>

#include "probes/mtu.h"

struct mtu_report { /* zeroed: nothing was proven */
    bool proven;
    bool outward; /* what we send is lost, else what the peer sends */
    enum family family;
    uint16_t passed;    /* the largest segment that arrived */
    uint16_t hung;      /* the smallest that did not; passed + 1 when there was time to find out */
    uint16_t announced; /* by us, unasked */
    uint16_t peer_announced; /* or what our own MTU allows, if that is less */
};

enum mtu_router {
    MTU_OPENWRT,
    MTU_NFTABLES,
    MTU_YAMAHA,
    MTU_ROUTER_COUNT,
};

#define MTU_FIX_LEN 160

/* The evidence in one clause. */
void mtu_report_detail(const struct mtu_report *report, char *out, size_t cap);
const char *mtu_router_text(enum mtu_router router); /* "OpenWrt" */
/* The line to add there. Returns out. */
const char *mtu_fix(const struct mtu_report *report, enum mtu_router router, char out[MTU_FIX_LEN]);
json_t *mtu_report_json(const struct mtu_report *report); /* null when nothing was proven */

#endif
