/* SPDX-License-Identifier: ISC
 *
 * One attempt to learn an address from outside: HTTPS echo services asked in order until one
 * answers with an address that may be published, or the first line of a program's output.
 * Not its job: when to ask (monitor/addrwatch.h).
 */
#ifndef REACHD_MONITOR_ADDR_FETCH_H
#define REACHD_MONITOR_ADDR_FETCH_H

#include "monitor/config.h"
#include "monitor/spawner.h"
#include "probes/resolver.h"
#include "probes/trust.h"

struct addr_fetch;

struct addr_fetch_env {
    struct loop *loop;
    struct resolver *resolver;
    struct trust *trust;
    struct spawner *spawner; /* may be NULL: commands can't be run */
};

/* found: NULL when none was to be had. text: who said so, or what went wrong; printable. */
typedef void addr_fetch_fn(const struct addr *found, const char *text, void *arg);

/* The section (SOURCE_WEB or SOURCE_COMMAND) must live until done or cancel. `done` once, never
 * before the return, never after cancel. */
struct addr_fetch *addr_fetch_start(const struct addr_fetch_env *env,
                                    const struct config_address *section, addr_fetch_fn *done,
                                    void *arg);
void addr_fetch_cancel(struct addr_fetch *fetch); /* NULL is fine */

/* Reads an answer: an address literal of the section's family with nothing but white space around
 * it, that addr_reject_reason lets pass. Else false with a sentence in why. Pure. */
bool addr_fetch_parse(const char *text, size_t len, const struct config_address *section,
                      struct addr *out, char *why, size_t cap);

#endif
