/* SPDX-License-Identifier: ISC
 *
 * The watched targets: schedule (jitter, spread, sooner while unsettled), rounds, health, notices.
 * Memory per idle target stays small: there may be 10 000.
 */
#ifndef REACHD_MONITOR_TARGET_H
#define REACHD_MONITOR_TARGET_H

#include "monitor/config.h"
#include "monitor/health.h"
#include "probes/round.h"

struct targets;

struct targets_env {
    struct loop *loop;
    struct resolver *resolver;
    struct trust *trust;
    void (*notice)(const struct notice *notice, void *arg);
    /* A finished check, also without a change: for the readable log. May be NULL. */
    void (*checked)(const struct config_target *target, const struct round_result *result,
                    void *arg);
    void *arg;
};

struct targets *targets_new(const struct targets_env *env);
void targets_free(struct targets *targets);
/* At start and reload: an unchanged target keeps its health and its timer. */
void targets_configure(struct targets *targets, const struct config *config);
/* Checks now, spread over a short while; NULL: all. Returns how many. */
size_t targets_check(struct targets *targets, const char *name);
json_t *targets_json(const struct targets *targets);

#endif
