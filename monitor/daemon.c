/* SPDX-License-Identifier: ISC
 *
 * The daemon. Owns: the parts, their order at start and end, signals. Not its job: reload
 * (daemon_reload.c), turning events into notices (daemon_notice.c), answers on the control socket
 * (daemon_control.c).
 */
#include "monitor/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "lib/clock.h"
#include "lib/duration.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/daemon_priv.h"
#include "monitor/spawner/runner_spawn.h"
#include "probes/crypto.h"

#define TAG "daemon"

/* At the end hooks get this long; what did not run then runs at the next start. */
#define STOP_MS      700
#define STOP_LOOK_MS 10

#define EVENTS_KEPT_MS INT64_C(7776000000) /* 90 days */
#define PRUNE_EVERY_MS INT64_C(86400000)

/* --- the flow --------------------------------------------------------------------------------- */

static bool open_resolver(struct daemon *d, char *error, size_t cap)
{
    struct resolver_conf conf = {.servers = d->config->resolver_servers};
    d->resolver = resolver_new(d->loop, &conf, error, cap);
    return d->resolver != NULL;
}

static bool open_trust(struct daemon *d, char *error, size_t cap)
{
    crypto_expect_many();
    d->trusts = trust_pool_new(d->config, error, cap);
    d->trust = d->trusts ? trust_ref(trust_pool_common(d->trusts)) : NULL;
    return d->trust != NULL;
}

/* One of the addresses that the configuration is about; while it starts none is known yet. */
static bool is_home(const struct addr *addr, void *arg)
{
    const struct daemon *d = arg;
    struct addr ours;
    for (size_t i = 0; d->addrwatch && i < d->config->address_count; i++)
        if (addrwatch_current(d->addrwatch, &d->config->addresses[i], &ours) &&
            addr_equal(addr, &ours))
            return true;
    return false;
}

/* While it starts none is known yet. */
static bool current(const struct config_address *section, struct addr *out, void *arg)
{
    const struct daemon *d = arg;
    return d->addrwatch && addrwatch_current(d->addrwatch, section, out);
}

static void on_line_back(enum family family, const struct egress *egress, void *arg)
{
    const struct daemon *d = arg;
    if (d->targets)
        targets_line_back(d->targets, family, egress);
}

static void open_uplink(struct daemon *d)
{
    struct uplink_env env = {
        .loop = d->loop, .notice = daemon_on_target, .back = on_line_back, .arg = d};
    d->uplink = uplink_new(&env);
    uplink_configure(d->uplink, d->config);
}

static void open_targets(struct daemon *d)
{
    struct targets_env env = {.loop = d->loop,
                              .notice = daemon_on_target,
                              .checked = daemon_on_checked,
                              .is_home = is_home,
                              .current = current,
                              .uplink = d->uplink,
                              .arg = d};
    d->targets = targets_new(&env);
    targets_configure(d->targets, d->config, d->resolver, d->trusts);
}

static bool open_store(struct daemon *d, char *error, size_t cap)
{
    d->store = store_open(d->config->state_path, error, cap);
    return d->store != NULL;
}

/* While the own line is down nobody is reminded of what lies behind it. */
static bool is_behind_line(const struct notice *notice, void *arg)
{
    const struct daemon *d = arg;
    if (!notice->has_family || strcmp(notice_about(notice->kind), "target") != 0)
        return false;
    for (size_t i = 0; i < d->config->target_count; i++)
        if (strcmp(d->config->targets[i].name, notice->subject) == 0)
            return uplink_is_down(d->uplink, notice->family, &d->config->targets[i].egress);
    return false;
}

static void open_hooks(struct daemon *d)
{
    d->hooks = hooks_new(d->loop, d->spawner, d->store);
    hooks_hold(d->hooks, is_behind_line, d);
    hooks_configure(d->hooks, d->config);
}

void daemon_open_updater(struct daemon *d)
{
    struct updater_env env = {.loop = d->loop,
                              .resolver = d->resolver,
                              .trust = d->trust,
                              .runner = runner_spawn(d->spawner),
                              .persist = store_ddns(d->store),
                              .on_event = daemon_on_update,
                              .arg = d};
    d->updater = updater_new(&env);
    daemon_configure_updater(d);
}

void daemon_configure_updater(struct daemon *d)
{
    const struct config *config = d->config;
    struct ddns_record_conf *records = mem_array(config->record_count + 1, sizeof(*records));
    for (size_t i = 0; i < config->record_count; i++)
        records[i] = config->records[i].ddns;
    updater_configure(d->updater, records, config->record_count);
    free(records);
}

bool daemon_open_addrwatch(struct daemon *d, char *error, size_t cap)
{
    struct addrwatch_env env = {.loop = d->loop,
                                .resolver = d->resolver,
                                .trust = d->trust,
                                .spawner = d->spawner,
                                .changed = daemon_on_address,
                                .missing = daemon_on_address_missing,
                                .crossed = daemon_on_cross,
                                .arg = d};
    struct addr known;
    size_t count = d->config->address_count;
    if (!d->addrwatch && count == 0)
        return true;
    if (!d->addrwatch)
        d->addrwatch = addrwatch_new(&env, error, cap);
    if (!d->addrwatch)
        return false;
    addrwatch_configure(d->addrwatch, d->config->addresses, count);
    free(d->address_told);
    d->address_told = mem_array(count + 1, sizeof *d->address_told);
    for (size_t i = 0; i < count; i++)
        d->address_told[i] = addrwatch_current(d->addrwatch, &d->config->addresses[i], &known);
    return true;
}

bool daemon_open_control(struct daemon *d, char *error, size_t cap)
{
    const struct config *config = d->config;
    if (!*config->control_path)
        return true;
    d->control = control_new(d->loop, config->control_path, config->control_group,
                             daemon_on_request, d, error, cap);
    if (d->control || !d->options.terminal)
        return d->control != NULL;
    log_warn(TAG, "no control socket, so 'reachd status' can't ask this one: %s", error);
    return true;
}

/* --- addresses meet records ------------------------------------------------------------------- */

void daemon_want(struct daemon *d, const struct config_address *section, const struct addr *addr)
{
    for (size_t i = 0; i < d->config->record_count; i++) {
        const struct config_record *record = &d->config->records[i];
        if (record->source[section->family] == section)
            updater_want(d->updater, record->ddns.name, section->family, addr);
    }
}

void daemon_want_all(struct daemon *d)
{
    struct addr addr;
    for (size_t i = 0; d->addrwatch && i < d->config->address_count; i++)
        if (addrwatch_current(d->addrwatch, &d->config->addresses[i], &addr))
            daemon_want(d, &d->config->addresses[i], &addr);
}

void daemon_check_all(struct daemon *d)
{
    if (d->addrwatch)
        addrwatch_check(d->addrwatch);
    updater_check(d->updater, NULL);
    targets_check(d->targets, NULL);
}

/* --- clocks and signals ----------------------------------------------------------------------- */

/* As people say it: clocks are read one after another, so that two hours are some ms less. */
static const char *whole_seconds(int64_t ms, char text[DURATION_LEN])
{
    return duration_format((ms + 500) / 1000 * 1000, text);
}

static void on_clock(int64_t suspended_ms, int64_t step_ms, void *arg)
{
    struct daemon *d = arg;
    char text[DURATION_LEN];
    if (suspended_ms > 0)
        log_info(TAG, "this machine slept for %s: looking at everything again",
                 whole_seconds(suspended_ms, text));
    else
        log_info(TAG, "the clock was set %s by %s: looking at everything again",
                 step_ms < 0 ? "back" : "forward",
                 whole_seconds(step_ms < 0 ? -step_ms : step_ms, text));
    if (suspended_ms > 0)
        resolver_reload(d->resolver); /* perhaps another network */
    if (step_ms != 0)
        updater_clock_set(d->updater);
    daemon_check_all(d);
}

static void on_prune(void *arg)
{
    struct daemon *d = arg;
    store_event_prune(d->store, clock_wall_ms() - EVENTS_KEPT_MS);
    loop_timer_set(d->prune, PRUNE_EVERY_MS);
}

static void on_stopping(void *arg)
{
    struct daemon *d = arg;
    bool done = hooks_flush(d->hooks);
    if (!done && clock_mono_ms() < d->stop_until_ms) {
        loop_timer_set(d->stop, STOP_LOOK_MS);
        return;
    }
    if (!done)
        log_warn(TAG, "a hook did not end in time; what it was to tell is kept for the next start");
    loop_stop(d->loop);
}

/* Nothing new begins from here on; the last notice is told. */
static void stop(struct daemon *d, const char *why)
{
    if (d->stop || !d->started) {
        loop_stop(d->loop); /* asked twice, or so early that there is nothing to end */
        return;
    }
    sdnotify_stopping(d->sdnotify);
    clockwatch_free(d->clockwatch);
    control_free(d->control);
    targets_free(d->targets);
    uplink_free(d->uplink);
    addrwatch_free(d->addrwatch);
    updater_free(d->updater);
    d->clockwatch = NULL;
    d->control = NULL;
    d->targets = NULL;
    d->uplink = NULL;
    d->addrwatch = NULL;
    d->updater = NULL;
    daemon_post_stopped(d, why);
    d->stop = loop_timer_new(d->loop, on_stopping, d);
    d->stop_until_ms = clock_mono_ms() + STOP_MS;
    loop_timer_set(d->stop, 0);
}

static void on_term(void *arg)
{
    stop(arg, "asked to by SIGTERM");
}

static void on_int(void *arg)
{
    stop(arg, "asked to by SIGINT");
}

static void on_hup(void *arg)
{
    struct daemon *d = arg;
    if (d->options.terminal)
        stop(d, "the terminal is gone");
    else if (!d->stop && d->started)
        daemon_reload(d);
}

static void on_usr1(void *arg)
{
    struct daemon *d = arg;
    if (d->stop || !d->started)
        return;
    log_info(TAG, "looking at everything now, as asked by SIGUSR1");
    daemon_check_all(d);
}

/* Without it no alert can go out, and a daemon that looks alive but is dumb is worse than none.
 * What is due stays in the store; a service manager starts us again. */
static void on_spawner_lost(void *arg)
{
    struct daemon *d = arg;
    if (d->stop)
        return; /* ending anyway */
    log_error(TAG, "ending, to be started again: the spawner process is gone");
    d->failed = true;
    stop(d, "the spawner process is gone");
}

static void open_signals(struct daemon *d)
{
    static const struct {
        int number;
        loop_fn *fn;
    } signals[DAEMON_SIGNAL_COUNT] = {
        [DAEMON_SIGNAL_HUP] = {SIGHUP, on_hup},
        [DAEMON_SIGNAL_TERM] = {SIGTERM, on_term},
        [DAEMON_SIGNAL_INT] = {SIGINT, on_int},
        [DAEMON_SIGNAL_USR1] = {SIGUSR1, on_usr1},
    };
    for (size_t i = 0; i < DAEMON_SIGNAL_COUNT; i++)
        d->signals[i] = loop_signal_new(d->loop, signals[i].number, signals[i].fn, d);
}

/* --- start and end ---------------------------------------------------------------------------- */

static void append_count(char *buf, size_t cap, size_t count, const char *one, const char *many)
{
    if (count > 0)
        str_append(buf, cap, "%s%zu %s", *buf ? ", " : "", count, count == 1 ? one : many);
}

const char *daemon_summary(const struct daemon *d, char *buf, size_t cap)
{
    buf[0] = '\0';
    append_count(buf, cap, d->config->target_count, "target", "targets");
    append_count(buf, cap, d->config->record_count, "record", "records");
    append_count(buf, cap, d->config->address_count, "address", "addresses");
    append_count(buf, cap, d->config->hook_count, "hook", "hooks");
    return *buf ? buf : "nothing to do";
}

/* Secrets stay out of core dumps and debuggers of the same user; descriptors for many checks. */
static void set_limits(void)
{
    struct rlimit files;
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

/* The parts that need not be there for a check to leave, but for its result to be told. */
static bool start_rest(struct daemon *d, char *error, size_t cap)
{
    if (!open_store(d, error, cap))
        return false;
    open_hooks(d);
    daemon_open_updater(d);
    if (!daemon_open_addrwatch(d, error, cap) || !daemon_open_control(d, error, cap))
        return false;
    daemon_recall(d);
    d->clockwatch = clockwatch_new(d->loop, on_clock, d);
    d->prune = loop_timer_new(d->loop, on_prune, d);
    loop_timer_set(d->prune, 60000);
    return true;
}

static void fail_to_start(struct daemon *d, const char *why)
{
    log_error(TAG, "can't start: %s", why);
    d->failed = true;
}

/* In the first turn of the loop, after the first checks left and before an answer can be read. */
static void on_rest(void *arg)
{
    struct daemon *d = arg;
    char text[256] = "";
    trust_prepare(d->trust);
    d->started = start_rest(d, text, sizeof text);
    if (!d->started) {
        fail_to_start(d, text);
        loop_stop(d->loop);
        return;
    }
    daemon_post_started(d);
    sdnotify_ready(d->sdnotify, daemon_summary(d, text, sizeof text));
}

/* In the order of the flow (doc/ARCHITECTURE.md). */
static bool start(struct daemon *d, char *error, size_t cap)
{
    open_signals(d);
    if (!open_resolver(d, error, cap) || !open_trust(d, error, cap))
        return false;
    open_uplink(d);
    open_targets(d);
    d->rest = loop_timer_new(d->loop, on_rest, d);
    loop_timer_set(d->rest, 0); /* behind the first checks, whose timers are 0 as well */
    return true;
}

/* In the opposite order; every part may be missing. */
static void finish(struct daemon *d)
{
    loop_timer_free(d->rest);
    loop_timer_free(d->stop);
    loop_timer_free(d->prune);
    clockwatch_free(d->clockwatch);
    if (d->control)
        control_free(d->control);
    addrwatch_free(d->addrwatch);
    if (d->updater)
        updater_free(d->updater);
    hooks_free(d->hooks);
    if (d->store)
        store_close(d->store);
    targets_free(d->targets);
    uplink_free(d->uplink);
    trust_free(d->trust);
    trust_pool_free(d->trusts);
    if (d->resolver)
        resolver_free(d->resolver);
    for (size_t i = 0; i < DAEMON_SIGNAL_COUNT; i++)
        loop_signal_free(d->signals[i]);
    sdnotify_free(d->sdnotify);
    spawner_free(d->spawner);
    loop_free(d->loop);
    free(d->address_told);
    config_free(d->config);
}

int daemon_run(struct config *config, struct spawner *spawner, const struct daemon_options *options)
{
    char text[256] = "";
    struct daemon d = {.options = *options,
                       .config = config,
                       .spawner = spawner,
                       .started_wall_ms = clock_wall_ms(),
                       .started_mono_ms = clock_mono_ms()};
    log_open(config->log_sink, options->debug ? LOG_LEVEL_DEBUG : config->log_level);
    set_limits();
    d.loop = loop_new();
    spawner_attach(spawner, d.loop);
    spawner_on_lost(spawner, on_spawner_lost, &d);
    d.sdnotify = sdnotify_new(d.loop);
    if (start(&d, text, sizeof text))
        loop_run(d.loop);
    else
        fail_to_start(&d, text);
    finish(&d);
    return d.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
