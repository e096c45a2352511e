/* SPDX-License-Identifier: ISC
 *
 * The daemon's parts, shared by daemon*.c. Internal to them.
 */
#ifndef REACHD_MONITOR_DAEMON_PRIV_H
#define REACHD_MONITOR_DAEMON_PRIV_H

#include "monitor/address/addrwatch.h"
#include "monitor/clockwatch.h"
#include "monitor/control/control.h"
#include "monitor/daemon.h"
#include "monitor/hooks/hook.h"
#include "monitor/sdnotify.h"
#include "monitor/store/store.h"
#include "monitor/target/target.h"

enum {
    DAEMON_SIGNAL_HUP,
    DAEMON_SIGNAL_TERM,
    DAEMON_SIGNAL_INT,
    DAEMON_SIGNAL_USR1,
    DAEMON_SIGNAL_COUNT,
};

/* In the order of the flow: each part is made from those above it. */
struct daemon {
    struct daemon_options options;
    struct config *config;
    struct spawner *spawner;
    struct loop *loop;
    struct resolver *resolver;
    struct trust_pool *trusts; /* for probes */
    struct trust *trust;       /* for providers and address echoes */
    struct store *store;
    struct hooks *hooks;
    struct addrwatch *addrwatch; /* NULL while no address is configured */
    bool *address_told;          /* of each address: an answer of this run was seen */
    struct uplink *uplink;
    struct targets *targets;
    struct updater *updater;
    struct control *control; /* NULL: no socket */
    struct sdnotify *sdnotify;
    struct clockwatch *clockwatch;
    struct loop_signal *signals[DAEMON_SIGNAL_COUNT];
    struct loop_timer *prune; /* of the event log */

    struct loop_timer *rest; /* makes what the first checks need not wait for */
    bool started;            /* all parts are there */
    bool failed;

    int64_t started_wall_ms;
    int64_t started_mono_ms;
    char reload_error[256];  /* why the last reload was refused; "" it was not */
    struct loop_timer *stop; /* set: the end has begun */
    int64_t stop_until_ms;
};

/* --- daemon.c --- */
/* The address sections' records get their addresses; after a reload also those that did not change.
 */
void daemon_want_all(struct daemon *d);
void daemon_want(struct daemon *d, const struct config_address *section, const struct addr *addr);
/* Looks at everything again now. */
void daemon_check_all(struct daemon *d);
const char *daemon_summary(const struct daemon *d, char *buf, size_t cap);

/* Parts that a reload may have to make anew. False with a sentence in error. */
bool daemon_open_addrwatch(struct daemon *d, char *error, size_t cap);
void daemon_open_updater(struct daemon *d);
bool daemon_open_control(struct daemon *d, char *error, size_t cap);
void daemon_configure_updater(struct daemon *d);

/* --- daemon_reload.c --- */
void daemon_reload(struct daemon *d);
void daemon_report(const char *line, bool is_error, void *arg); /* config_report_fn: to the log */

/* --- daemon_recall.c --- */
/* At start and reload: what earlier runs told comes back to those who would tell it again; what is
 * no more in the configuration is forgotten. */
void daemon_recall(struct daemon *d);

/* --- daemon_notice.c: every event becomes a notice here --- */
void daemon_post(struct daemon *d, const struct notice *notice);
void daemon_on_target(const struct notice *notice, void *arg);
void daemon_on_checked(const struct config_target *target, const struct round_result *result,
                       void *arg);
void daemon_on_address(const struct config_address *section, const struct addr *now,
                       const struct addr *before, const char *reason, void *arg);
void daemon_on_cross(const struct addrwatch_cross *cross, void *arg);
void daemon_on_address_missing(const struct config_address *section, const char *reason, void *arg);
void daemon_on_update(const struct ddns_event *event, void *arg);
void daemon_post_started(struct daemon *d);
void daemon_post_stopped(struct daemon *d, const char *why);

/* --- daemon_control.c --- */
json_t *daemon_on_request(const json_t *request, void *arg);

#endif
