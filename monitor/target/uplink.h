/* SPDX-License-Identifier: ISC
 *
 * The own line: when targets of a family fail, does anything outside answer at all? Asks a few
 * independent reference addresses by TCP, over the same way out as the target, and only then; while
 * none answers, again and again. Without configured references it does nothing.
 */
#ifndef REACHD_MONITOR_TARGET_UPLINK_H
#define REACHD_MONITOR_TARGET_UPLINK_H

#include "lib/loop.h"
#include "monitor/config/config.h"
#include "monitor/notice.h"
#include "monitor/target/line.h"

struct uplink;
struct uplink_wait;

struct uplink_env {
    struct loop *loop;
    void (*notice)(const struct notice *notice, void *arg);
    /* The line of that family and way out is up again: its targets want a look. */
    void (*back)(enum family family, const struct egress *egress, void *arg);
    void *arg;
};

struct uplink *uplink_new(const struct uplink_env *env);
void uplink_free(struct uplink *uplink); /* NULL is fine; waits end without a call */
/* At start and reload. Lines that are still looked at keep their state; waits end without a call.
 */
void uplink_configure(struct uplink *uplink, const struct config *config);
/* After each uplink_configure: a line that an earlier run told down is looked at now. latest: the
 * last notice of a key. */
void uplink_recall(struct uplink *uplink,
                   bool (*latest)(void *arg, const char *key, struct notice *out), void *arg);

/* What is told when a line that was told down is not looked at any more: that it is, or what it is,
 * nobody will say. Pure. */
void uplink_say_gone(const struct notice *down, int64_t wall_ms, struct notice *out);

/* There are references for the family. */
bool uplink_watches(const struct uplink *uplink, enum family family);
/* As far as is known without asking. */
bool uplink_is_down(const struct uplink *uplink, enum family family, const struct egress *egress);
/* Is the line down? Looks, unless it is known for what began at since_ms (monotonic). `done` never
 * before the return, once, or never after a cancel. The family must be watched. */
typedef void uplink_fn(bool down, void *arg);
struct uplink_wait *uplink_ask(struct uplink *uplink, enum family family,
                               const struct egress *egress, int64_t since_ms, uplink_fn *done,
                               void *arg);
void uplink_cancel(struct uplink_wait *wait); /* NULL is fine */

/* "default", or what the egress says: "pppoe-wanppp", "mark 0x12c". Returns buf. */
#define UPLINK_NAME_LEN 96
const char *uplink_name(const struct egress *egress, char buf[UPLINK_NAME_LEN]);
/* Of status: an array, see doc/reachd.8. */
json_t *uplink_json(const struct uplink *uplink);

#endif
