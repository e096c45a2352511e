/* SPDX-License-Identifier: ISC
 *
 * What one way to learn an address by asking offers to monitor/address/addr_fetch.h: a file in
 * monitor/address/sources, and its row in addr_fetch.c.
 */
#ifndef REACHD_MONITOR_ADDRESS_ADDR_SOURCE_H
#define REACHD_MONITOR_ADDRESS_ADDR_SOURCE_H

#include "monitor/address/addr_fetch.h"

struct addr_source {
    /* Begins one attempt; its state, or NULL when there is nothing to ask. The attempt ends with
     * addr_fetch_end, never before start has returned. */
    void *(*start)(struct addr_fetch *fetch);
    /* Stops what is under way and frees the state; after the end as well. */
    void (*stop)(void *state);
};

const struct addr_fetch_env *addr_fetch_env(const struct addr_fetch *fetch);
const struct config_address *addr_fetch_section(const struct addr_fetch *fetch);
/* The router has this address, which can't be published: what that tells of the line is said. */
void addr_fetch_behind(struct addr_fetch *fetch, const struct addr *addr);
/* found: NULL when none was to be had. text: who said so, or what went wrong; printable. The last
 * act of its caller: the state is gone afterwards. */
void addr_fetch_end(struct addr_fetch *fetch, const struct addr *found, const char *text);

extern const struct addr_source addr_source_command;
extern const struct addr_source addr_source_dns;
extern const struct addr_source addr_source_nat_pmp;
extern const struct addr_source addr_source_pcp;
extern const struct addr_source addr_source_ubus;
extern const struct addr_source addr_source_upnp;
extern const struct addr_source addr_source_web;

#endif
