/* SPDX-License-Identifier: ISC
 *
 * What is kept of a watched target between its checks. Internal to target*.c.
 */
#ifndef REACHD_MONITOR_TARGET_TARGET_WATCH_H
#define REACHD_MONITOR_TARGET_TARGET_WATCH_H

#include "monitor/target/health.h"
#include "monitor/target/remark.h"
#include "monitor/target/resolver_pool.h"
#include "monitor/target/target.h"
#include "monitor/target/target_cert.h"

/* One family: health, and what status shows of the last check. */
struct watch_side {
    struct health health;
    struct addr addr; /* the telling one: that failed, or the first */
    uint8_t count;    /* addresses probed */
    uint8_t vantage;  /* enum vantage, of that address */
    int32_t dns_us;   /* -1: not done */
    int32_t tcp_us;
    int32_t tls_us;
    int64_t cert_ends_ms; /* wall clock; 0: none seen */
    char *detail;         /* evidence of a failure; NULL mostly */
    struct cert_told cert;
};

struct hold;
struct watch_remarks;

struct watch {
    struct targets *owner;
    const struct config_target *conf;
    struct loop_timer *timer;
    struct round *round; /* the check under way, or NULL */
    struct hold *hold;   /* its result, while the own line is looked at, or NULL */
    struct watch *next;  /* in the queue of those that wait for their turn */
    bool waiting;
    bool again;    /* asked for while a check was under way */
    bool kept;     /* while configuring: named by the new configuration */
    bool recalled; /* what was told before this run is known */
    int64_t checked_wall_ms;
    struct watch_remarks *remarks; /* NULL mostly: nothing was ever odd */
    struct watch_side sides[FAMILY_COUNT];
};

struct targets {
    struct targets_env env;
    struct resolver_pool *resolvers;
    struct trust_pool *trusts;
    struct watch **watches; /* in the order of the configuration */
    size_t count;
    size_t running;
    size_t running_max;
    size_t peak; /* of running, since memory went back */
    struct loop_timer *trim;
    struct watch *first, **last; /* the queue */
};

/* --- target_hold.c --- */
/* True: the result was taken, and target_conclude is called when word of the line is there. */
bool target_hold(struct watch *watch, struct round_result *result);
void target_hold_cancel(struct watch *watch);

/* --- target_judge.c --- */
/* Puts a finished check to the account. line_down: this family of it says nothing about the target.
 */
void watch_judge(struct watch *watch, const struct round_result *result,
                 const bool line_down[FAMILY_COUNT]);

/* --- target_remark.c --- */
void watch_remarks_free(struct watch_remarks *remarks); /* NULL is fine */
void watch_remarks_note(struct watch *watch, const struct round_result *result, int64_t wall_ms);
void watch_remarks_recall(struct watch *watch, target_latest_fn *latest, void *arg);
json_t *watch_remarks_json(const struct watch_remarks *remarks); /* NULL is fine */

/* --- target_configure.c --- */
void watch_free(struct watch *watch); /* ends its check too */

/* --- target.c --- */
/* Its timer's: a check begins, or waits for its turn. */
void watch_due(void *watch);
/* From now to its next check. */
int64_t watch_next_ms(const struct watch *watch);
/* The end of a check; line_down as in watch_judge. */
void target_conclude(struct watch *watch, const struct round_result *result,
                     const bool line_down[FAMILY_COUNT]);

/* Puts what status shows of a family in place of the former. */
void watch_side_note(struct watch_side *side, const struct round_family *seen);
json_t *watch_json(const struct watch *watch);

#endif
