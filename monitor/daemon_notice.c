/* SPDX-License-Identifier: ISC
 *
 * The one place where what happens becomes a notice, and a notice goes to log, store and hooks.
 * Also the readable line of every check.
 */
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/duration.h"
#include "lib/str.h"
#include "lib/table.h"
#include "monitor/check_line.h"
#include "monitor/daemon_priv.h"

/* --- the way of a notice ---------------------------------------------------------------------- */

static void log_text(enum notice_kind kind, const char *text)
{
    if (kind == NOTICE_UPDATE_HALTED)
        log_error(notice_about(kind), "%s", text);
    else if (notice_is_bad(kind))
        log_warn(notice_about(kind), "%s", text);
    else
        log_info(notice_about(kind), "%s", text);
}

/* One line for a log; on a terminal the advice stands below. */
static void log_notice(const struct daemon *d, const struct notice *notice)
{
    char text[sizeof notice->text + sizeof notice->advice + 8] = "";
    bool below = d->options.terminal && *notice->advice;
    size_t len = strlen(notice->text);
    bool ended = len > 0 && notice->text[len - 1] == '.';
    str_append(text, sizeof text, "%s", notice->text);
    if (*notice->advice && !below)
        str_append(text, sizeof text, "%s %s", ended ? "" : ".", notice->advice);
    log_text(notice->kind, text);
    if (!below)
        return;
    text[0] = '\0';
    str_append(text, sizeof text, "  -> %s", notice->advice);
    log_text(notice->kind, text);
}

void daemon_post(struct daemon *d, const struct notice *notice)
{
    log_notice(d, notice);
    int64_t id = store_event_add(d->store, notice);
    hooks_post(d->hooks, notice, id);
}

/* --- the daemon itself ------------------------------------------------------------------------ */

void daemon_post_started(struct daemon *d)
{
    struct notice notice;
    char summary[128];
    notice_init(&notice, NOTICE_STARTED, "reachd", clock_wall_ms());
    str_append(notice.text, sizeof notice.text, "reachd " PACKAGE_VERSION " watches %s",
               daemon_summary(d, summary, sizeof summary));
    daemon_post(d, &notice);
}

void daemon_post_stopped(struct daemon *d, const char *why)
{
    struct notice notice;
    char ran[DURATION_LEN];
    notice_init(&notice, NOTICE_STOPPED, "reachd", clock_wall_ms());
    str_append(notice.text, sizeof notice.text, "reachd ends after %s, %s",
               duration_format(clock_mono_ms() - d->started_mono_ms, ran), why);
    daemon_post(d, &notice);
}

/* --- targets ---------------------------------------------------------------------------------- */

void daemon_on_target(const struct notice *notice, void *arg)
{
    daemon_post(arg, notice);
}

static void print_check(const char *line, void *arg)
{
    (void)arg;
    log_result("check", line);
}

static void log_check(const char *line, void *arg)
{
    (void)arg;
    log_info("check", "%s", line);
}

void daemon_on_checked(const struct config_target *target, const struct round_result *result,
                       void *arg)
{
    const struct daemon *d = arg;
    if (d->options.terminal)
        check_lines(target, result, term_wants_colour(STDOUT_FILENO), clock_wall_ms(), print_check,
                    NULL);
    else if (d->config->log_checks)
        check_lines(target, result, false, clock_wall_ms(), log_check, NULL);
}

/* --- addresses -------------------------------------------------------------------------------- */

static void say_address(const struct config_address *section, const struct addr *now,
                        const struct addr *before, const char *reason, struct notice *notice)
{
    char text[ADDR_STRLEN];
    notice->has_family = true;
    notice->family = section->family;
    str_copy(notice->host, sizeof notice->host, section->interface ? section->interface : "");
    if (addr_is_set(before))
        addr_format(before, notice->old_value);
    if (addr_is_set(now))
        addr_format(now, notice->new_value);
    str_append(notice->text, sizeof notice->text, "the %s address '%s' ",
               family_text(section->family), section->name);
    if (addr_is_set(now))
        str_append(notice->text, sizeof notice->text, "is now %s", notice->new_value);
    else
        str_append(notice->text, sizeof notice->text, "is lost");
    if (addr_is_set(before))
        str_append(notice->text, sizeof notice->text, " (was %s)", addr_format(before, text));
    str_append(notice->text, sizeof notice->text, ": %s", reason);
}

/* What a run finds at its start is no news, but written down when the former run left something
 * else: history says since when an address has been what it is, across restarts. */
static void say_found(struct daemon *d, const struct notice *found,
                      const struct config_address *section, const char *reason)
{
    struct notice last;
    char key[NOTICE_KEY_LEN];
    if (found->kind == NOTICE_ADDRESS_CHANGED)
        log_info("address", "%s", found->text);
    else
        log_warn("address", "the %s address '%s' is not there: %s", family_text(section->family),
                 section->name, reason);
    if (!store_event_last(d->store, notice_key(found, key), &last) ||
        strcmp(last.new_value, found->new_value) != 0)
        store_event_add(d->store, found);
}

/* The first answer of a run is no change: what it means for DNS is the updater's to find out. */
void daemon_on_address(const struct config_address *section, const struct addr *now,
                       const struct addr *before, const char *reason, void *arg)
{
    struct daemon *d = arg;
    struct notice notice;
    notice_init(&notice, addr_is_set(now) ? NOTICE_ADDRESS_CHANGED : NOTICE_ADDRESS_LOST,
                section->name, clock_wall_ms());
    say_address(section, now, before, reason, &notice);
    bool first = !d->address_told[section - d->config->addresses];
    d->address_told[section - d->config->addresses] = true;
    if (first)
        say_found(d, &notice, section, reason);
    else
        daemon_post(d, &notice);
    daemon_want(d, section, now);
}

/* --- updates ---------------------------------------------------------------------------------- */

static enum notice_kind kind_of(enum ddns_event_kind kind)
{
    switch (kind) {
    case DDNS_EVENT_SENT:
        return NOTICE_UPDATE_SENT;
    case DDNS_EVENT_FAILED:
        return NOTICE_UPDATE_FAILED;
    case DDNS_EVENT_HALTED:
        return NOTICE_UPDATE_HALTED;
    case DDNS_EVENT_VERIFIED:
        return NOTICE_UPDATE_VERIFIED;
    case DDNS_EVENT_MISMATCH:
        return NOTICE_UPDATE_MISMATCH;
    case DDNS_EVENT_TTL:
        return NOTICE_UPDATE_TTL;
    }
    return NOTICE_UPDATE_FAILED;
}

/* A record that was just verified is worth a look from outside: is the new address reached? */
static void check_targets_of(struct daemon *d, const char *fqdn)
{
    for (size_t i = 0; i < d->config->target_count; i++)
        if (strcmp(d->config->targets[i].at.host, fqdn) == 0)
            targets_check(d->targets, d->config->targets[i].name);
}

void daemon_on_update(const struct ddns_event *event, void *arg)
{
    struct daemon *d = arg;
    struct notice notice;
    bool failed = event->kind == DDNS_EVENT_FAILED || event->kind == DDNS_EVENT_HALTED;
    notice_init(&notice, kind_of(event->kind), event->record->name, clock_wall_ms());
    notice.has_family = true;
    notice.family = event->family;
    str_copy(notice.host, sizeof notice.host, event->record->fqdn);
    if (addr_is_set(&event->old))
        addr_format(&event->old, notice.old_value);
    if (addr_is_set(&event->now))
        addr_format(&event->now, notice.new_value);
    if (failed)
        str_copy(notice.cause, sizeof notice.cause, ddns_verdict_word(event->verdict));
    str_copy(notice.text, sizeof notice.text, event->text);
    str_copy(notice.advice, sizeof notice.advice, event->advice ? event->advice : "");
    daemon_post(d, &notice);
    if (event->kind == DDNS_EVENT_VERIFIED && d->targets)
        check_targets_of(d, event->record->fqdn);
}
