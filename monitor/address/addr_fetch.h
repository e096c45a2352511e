/* SPDX-License-Identifier: ISC
 *
 * One attempt to learn an address by asking someone, by the section's source
 * (monitor/address/sources). Not its job: when to ask (monitor/address/addrwatch.h).
 */
#ifndef REACHD_MONITOR_ADDRESS_ADDR_FETCH_H
#define REACHD_MONITOR_ADDRESS_ADDR_FETCH_H

#include "monitor/config/config.h"
#include "monitor/spawner/spawner.h"
#include "probes/resolver.h"
#include "probes/trust.h"

struct addr_fetch;

struct addr_fetch_env {
    struct loop *loop;
    struct resolver *resolver;
    struct trust *trust;
    struct spawner *spawner; /* may be NULL: commands can't be run */
    /* May be NULL: where the router's own address goes when it is behind NAT itself. */
    struct addr *behind;
};

#define ADDR_FETCH_TEXT_LEN 240

/* found: NULL when none was to be had. text: who said so, or what went wrong; printable. */
typedef void addr_fetch_fn(const struct addr *found, const char *text, void *arg);

/* The section must live until done or cancel. `done` once, never before the return, never after
 * cancel. */
struct addr_fetch *addr_fetch_start(const struct addr_fetch_env *env,
                                    const struct config_address *section, addr_fetch_fn *done,
                                    void *arg);
void addr_fetch_cancel(struct addr_fetch *fetch); /* NULL is fine */

#endif
