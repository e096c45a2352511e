/* SPDX-License-Identifier: ISC
 *
 * SIGHUP: a second configuration is loaded beside the running one and takes its place only when
 * all of it can be used. What did not change keeps its state and its timers.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/daemon_priv.h"

#define TAG "reload"

/* What a configuration needs before it can take over. */
struct means {
    struct config *config;
    struct trust_pool *trusts;
    struct trust *trust;       /* NULL: the present one goes on */
    struct resolver *resolver; /* NULL: likewise */
};

void daemon_report(const char *line, bool is_error, void *arg)
{
    char *first = arg; /* 256 bytes for the first error, or NULL */
    if (is_error)
        log_error("config", "%s", line);
    else
        log_warn("config", "%s", line);
    if (first && is_error && !*first)
        str_copy(first, 256, line);
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void discard(struct means *means)
{
    if (means->resolver)
        resolver_free(means->resolver);
    trust_free(means->trust);
    trust_pool_free(means->trusts);
    config_free(means->config);
}

static bool prepare(const struct daemon *d, struct means *means, char error[256])
{
    const struct config *now = d->config;
    means->config = config_load(now->path, daemon_report, error);
    if (!means->config)
        return false;
    means->trusts = trust_pool_new(means->config, error, 256);
    if (!means->trusts)
        return false;
    if (!same_text(now->ca, means->config->ca) || now->crl || means->config->crl)
        means->trust = trust_ref(trust_pool_common(means->trusts));
    struct resolver_conf conf = {.servers = means->config->resolver_servers};
    if (!same_text(now->resolver_servers, means->config->resolver_servers) &&
        !(means->resolver = resolver_new(d->loop, &conf, error, 256)))
        return false;
    return true;
}

static void warn_of_restart(const struct config *before, const struct config *after)
{
    if (strcmp(before->state_path, after->state_path) != 0)
        log_warn(TAG, "another state path takes effect at the next start; until then it is %s",
                 *before->state_path ? before->state_path : "kept in memory");
}

/* Exchanges what d holds for the new; `means` then holds the old. */
static void swap(struct daemon *d, struct means *means)
{
    struct means old = {.config = d->config, .trusts = d->trusts};
    d->config = means->config;
    d->trusts = means->trusts;
    if (means->trust) {
        old.trust = d->trust;
        d->trust = means->trust;
    }
    if (means->resolver) {
        old.resolver = d->resolver;
        d->resolver = means->resolver;
    } else {
        resolver_reload(d->resolver);
    }
    *means = old;
}

/* The socket stays as it is, unless it is to be elsewhere or someone else's. */
static void reopen_control(struct daemon *d, const struct config *before)
{
    char error[256] = "";
    if (strcmp(before->control_path, d->config->control_path) == 0 &&
        same_text(before->control_group, d->config->control_group))
        return;
    if (d->control)
        control_free(d->control);
    d->control = NULL;
    if (!daemon_open_control(d, error, sizeof error))
        log_error(TAG, "no control socket: %s", error);
}

static void reopen_ddns(struct daemon *d, bool other_means)
{
    char error[256] = "";
    if (other_means) {
        updater_free(d->updater);
        addrwatch_free(d->addrwatch);
        d->addrwatch = NULL;
        daemon_open_updater(d);
    } else {
        daemon_configure_updater(d);
    }
    if (!daemon_open_addrwatch(d, error, sizeof error))
        log_error(TAG, "addresses are not watched: %s", error);
    daemon_want_all(d);
}

static void take_over(struct daemon *d, struct means *means)
{
    bool other_means = means->trust || means->resolver;
    char text[256];
    warn_of_restart(d->config, means->config);
    swap(d, means);
    log_open(d->config->log_sink, d->options.debug ? LOG_LEVEL_DEBUG : d->config->log_level);
    targets_configure(d->targets, d->config, d->resolver, d->trusts); /* ends its waits */
    uplink_configure(d->uplink, d->config);
    hooks_configure(d->hooks, d->config);
    reopen_ddns(d, other_means);
    daemon_recall(d);
    reopen_control(d, means->config);
    log_info(TAG, "the new configuration is in effect: %s", daemon_summary(d, text, sizeof text));
}

void daemon_reload(struct daemon *d)
{
    struct means means = {0};
    char error[256] = "", text[256];
    log_info(TAG, "reading %s", d->config->path);
    sdnotify_reloading(d->sdnotify);
    if (prepare(d, &means, error)) {
        take_over(d, &means);
    } else {
        log_error(TAG, "refused, the running configuration stays in effect: %s", error);
    }
    str_copy(d->reload_error, sizeof d->reload_error, error);
    discard(&means);
    sdnotify_ready(d->sdnotify,
                   *error ? "the last reload was refused" : daemon_summary(d, text, sizeof text));
}
