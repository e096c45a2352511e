/* SPDX-License-Identifier: ISC
 *
 * The address watch: keeps the chosen address of every `address` section, from rtnetlink, web
 * echoes or a command, and tells when it changes. Owns: rtnl, the address set, settle timers,
 * polling.
 */
#ifndef REACHD_MONITOR_ADDRWATCH_H
#define REACHD_MONITOR_ADDRWATCH_H

#include "monitor/addr_policy.h"
#include "monitor/config.h"
#include "monitor/spawner.h"
#include "probes/resolver.h"

struct addrwatch;

/* now: the usable address, unset when lost. before: the one told last. Not called before the first
 * answer is known; a section that has none at start is told once as lost (before unset). */
typedef void addrwatch_fn(const struct config_address *section, const struct addr *now,
                          const struct addr *before, const char *reason, void *arg);

struct addrwatch_env {
    struct loop *loop;
    struct resolver *resolver;
    struct trust *trust;
    struct spawner *spawner;
    addrwatch_fn *changed;
    void *arg;
};

/* NULL with a sentence in error when rtnetlink can't be had though a section needs it. */
struct addrwatch *addrwatch_new(const struct addrwatch_env *env, char *error, size_t cap);
void addrwatch_free(struct addrwatch *watch);
/* At start and reload: sections that did not change keep their state. The sections live until the
 * next call. */
void addrwatch_configure(struct addrwatch *watch, const struct config_address *sections,
                         size_t count);
/* Full re-check now: after a suspend, a clock step, on USR1. */
void addrwatch_check(struct addrwatch *watch);
json_t *addrwatch_json(const struct addrwatch *watch);

#endif
