/* SPDX-License-Identifier: ISC
 *
 * The watched targets: schedule (jitter, spread, sooner while unsettled), rounds with a bound on
 * how many are under way, health, notices. Memory per idle target stays small: there may be 10 000.
 */
#ifndef REACHD_MONITOR_TARGET_TARGET_H
#define REACHD_MONITOR_TARGET_TARGET_H

#include "monitor/config/config.h"
#include "monitor/target/health.h"
#include "monitor/target/trust_pool.h"
#include "monitor/target/uplink.h"
#include "probes/round.h"

struct targets;

struct targets_env {
    struct loop *loop;
    /* Called from the loop only; may not configure or free the targets. */
    void (*notice)(const struct notice *notice, void *arg);
    /* A finished check, also without a change: for the readable log. May be NULL. */
    void (*checked)(const struct config_target *target, const struct round_result *result,
                    void *arg);
    /* Whether this home publishes the address: a check of it from inside proves less. May be NULL.
     */
    bool (*is_home)(const struct addr *addr, void *arg);
    /* The address that a section has now; false: none is known. May be NULL. */
    bool (*current)(const struct config_address *section, struct addr *out, void *arg);
    struct uplink *uplink; /* outlives the targets; NULL: the own line is not looked at */
    void *arg;
};

struct targets *targets_new(const struct targets_env *env);
void targets_free(struct targets *targets); /* NULL is fine */
/* At start and reload: an unchanged target keeps its health and its timer; one whose check was
 * under way is checked anew at once. Configuration, resolver and trust stores must live until the
 * next call has returned, or targets_free. */
void targets_configure(struct targets *targets, const struct config *config,
                       struct resolver *resolver, struct trust_pool *trusts);
/* Before the first results, and after each targets_configure: what was told of the new ones in
 * former runs, so that it is neither told again nor left standing. latest: the last notice of a
 * key. */
typedef bool target_latest_fn(void *arg, const char *key, struct notice *out);
void targets_recall(struct targets *targets, target_latest_fn *latest, void *arg);
/* Checks now, spread over a short while; NULL: all. Returns how many. */
size_t targets_check(struct targets *targets, const char *name);
/* Checks now what could not be judged because that line was down. */
void targets_line_back(struct targets *targets, enum family family, const struct egress *egress);
/* Whether the checks of such a target look for what a remark said, by its word. */
bool target_may_remark(const struct config_target *target, const char *word);
/* An array, in the order of the configuration: see doc/reachd.8 for the members. */
json_t *targets_json(const struct targets *targets);
/* How many families of targets are down now (for a summary in one line). */
size_t targets_down(const struct targets *targets);

#endif
