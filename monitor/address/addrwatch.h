/* SPDX-License-Identifier: ISC
 *
 * The address watch: keeps the chosen address of every `address` section, from rtnetlink, web
 * echoes or a command, and tells when it changes. Owns: rtnl, the address set, settle timers,
 * polling.
 */
#ifndef REACHD_MONITOR_ADDRESS_ADDRWATCH_H
#define REACHD_MONITOR_ADDRESS_ADDRWATCH_H

#include <jansson.h>

#include "monitor/address/addr_policy.h"
#include "monitor/config/config.h"
#include "monitor/spawner/spawner.h"
#include "probes/resolver.h"
#include "probes/trust.h"

struct addrwatch;

/* now: the usable address, unset when lost. before: the one told last. Not called before the first
 * answer is known; a section that has none at start is told once as lost (before unset). A web or
 * command section that fails keeps its address; one that never had an answer is not told of.
 * Called from the loop only; anything may be done inside, addrwatch_free too. */
typedef void addrwatch_fn(const struct config_address *section, const struct addr *now,
                          const struct addr *before, const char *reason, void *arg);

/* There has been no address since the section was configured, for as long as it says. Once; the
 * same may be done inside. */
typedef void addrwatch_missing_fn(const struct config_address *section, const char *reason,
                                  void *arg);

/* A cross-check that came to an end: the two differ, or do not any more. */
struct addrwatch_cross {
    const struct config_address *section, *other;
    bool differ;
    struct addr ours, theirs;
    bool behind; /* ours is one behind NAT, which is not published */
    enum addr_line line;
    const char *holder; /* the link of ours that has theirs; "" none */
};
/* Once for each; the same may be done inside. */
typedef void addrwatch_cross_fn(const struct addrwatch_cross *cross, void *arg);

struct addrwatch_env {
    struct loop *loop;
    struct resolver *resolver;
    struct trust *trust;
    struct spawner *spawner; /* may be NULL: commands fail */
    addrwatch_fn *changed;
    addrwatch_missing_fn *missing;
    addrwatch_cross_fn *crossed; /* may be NULL: nobody is told */
    void *arg;
};

/* Opens rtnetlink; NULL with a sentence in error when it can't be had. */
struct addrwatch *addrwatch_new(const struct addrwatch_env *env, char *error, size_t cap);
void addrwatch_free(struct addrwatch *watch); /* NULL is fine */
/* At start and reload: sections that did not change keep their state, without being told again
 * (addrwatch_current knows it); one that changed keeps its address until it has another answer.
 * The sections must live until the next call has returned, or addrwatch_free. */
void addrwatch_configure(struct addrwatch *watch, const struct config_address *sections,
                         size_t count);
/* The address of a section as told last; false while there was no answer yet. */
bool addrwatch_current(const struct addrwatch *watch, const struct config_address *section,
                       struct addr *out);
/* Which kind of line the addresses of an interface section tell of, as seen last. */
enum addr_line addrwatch_line(const struct addrwatch *watch, const struct config_address *section);
/* An earlier run told that the section and the other of its cross-check differ. */
void addrwatch_recall(struct addrwatch *watch, const struct config_address *section,
                      int64_t since_wall_ms);
/* Full re-check now: after a suspend, a clock step, on USR1. */
void addrwatch_check(struct addrwatch *watch);
/* An array, for status: per section name, family, source, chosen, since, reason, advice,
 * cross_check; for interface sections the candidates too. */
json_t *addrwatch_json(const struct addrwatch *watch);

#endif
