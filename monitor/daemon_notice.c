/* SPDX-License-Identifier: ISC
 *
 * The one place where what happens becomes a notice, and a notice goes to log, store and hooks.
 * Also the readable line of every check.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/duration.h"
#include "lib/str.h"
#include "lib/table.h"
#include "monitor/address/addr_cross.h"
#include "monitor/daemon_priv.h"
#include "monitor/target/check_line.h"

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
    store_begin(d->store, false);
    int64_t id = store_event_add(d->store, notice);
    hooks_post(d->hooks, notice, id);
    store_end(d->store);
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

static void begin_address(const struct config_address *section, enum notice_kind kind,
                          struct notice *notice)
{
    notice_init(notice, kind, section->name, clock_wall_ms());
    notice->has_family = true;
    notice->family = section->family;
    str_copy(notice->host, sizeof notice->host, section->interface ? section->interface : "");
}

/* "the IPv4 address 'wan' is lost (was 203.0.113.7): there is no interface pppoe-wan" */
static void say_address(const char *verb, const struct addr *before, const char *reason,
                        struct notice *notice)
{
    if (addr_is_set(before))
        addr_format(before, notice->old_value);
    str_append(notice->text, sizeof notice->text, "the %s address '%s' %s",
               family_text(notice->family), notice->subject, verb);
    if (addr_is_set(before))
        str_append(notice->text, sizeof notice->text, " (was %s)", notice->old_value);
    str_append(notice->text, sizeof notice->text, ": %s", reason);
}

/* What is no news is written down all the same when the log says something else: history tells
 * since when an address has been what it is, across restarts. */
static void say_found(struct daemon *d, const struct notice *found, bool known,
                      const struct config_address *section, const char *reason)
{
    struct notice last;
    char key[NOTICE_KEY_LEN];
    bool is_set = found->kind == NOTICE_ADDRESS_CHANGED;
    /* Stored before it is said: what somebody has read is not forgotten by a kill. */
    if (is_set && !known)
        store_event_add(d->store, found); /* what later runs compare with */
    else if (!store_event_last(d->store, notice_key(found, key), &last) ||
             strcmp(last.new_value, found->new_value) != 0)
        store_event_note(d->store, found);
    if (is_set)
        log_info("address", "%s", found->text);
    else
        log_warn("address", "the %s address '%s' is not there: %s", family_text(section->family),
                 section->name, reason);
}

/* The first answer of a run is news only against what an earlier run told: the router that comes
 * back from a power cut with another address. That there is none yet is not: the line may be on its
 * way. */
static bool address_is_news(const struct notice *notice, bool first, const struct notice *told)
{
    if (told && strcmp(told->new_value, notice->new_value) == 0)
        return false;
    return !first || (told && notice->kind == NOTICE_ADDRESS_CHANGED);
}

void daemon_on_address(const struct config_address *section, const struct addr *now,
                       const struct addr *before, const char *reason, void *arg)
{
    struct daemon *d = arg;
    struct notice notice, told;
    struct addr old = *before;
    char key[NOTICE_KEY_LEN], verb[ADDR_STRLEN + 8] = "is lost";
    bool *seen = &d->address_told[section - d->config->addresses];
    begin_address(section, addr_is_set(now) ? NOTICE_ADDRESS_CHANGED : NOTICE_ADDRESS_LOST,
                  &notice);
    bool known = store_latest(d->store, notice_key(&notice, key), &told);
    if (known && !addr_is_set(&old) && (!addr_parse(told.new_value, &old) || addr_equal(&old, now)))
        old = *before;
    if (addr_is_set(now))
        snprintf(verb, sizeof verb, "is now %s", addr_format(now, notice.new_value));
    say_address(verb, &old, reason, &notice);
    str_copy(notice.advice, sizeof notice.advice,
             addr_line_advice(addrwatch_line(d->addrwatch, section)));
    if (address_is_news(&notice, !*seen, known ? &told : NULL))
        daemon_post(d, &notice);
    else
        say_found(d, &notice, known, section, reason);
    *seen = true;
    daemon_want(d, section, now);
}

static const char *missing_advice(const struct daemon *d, const struct config_address *section)
{
    const char *line = addr_line_advice(addrwatch_line(d->addrwatch, section));
    if (*line)
        return line;
    if (section->source == SOURCE_INTERFACE)
        return "Is the line up? 'reachd addr' shows what the interfaces have, and why not one is "
               "fit. Until then DNS keeps the old address.";
    if (section->source == SOURCE_FIRST)
        return "None of the sections it is made of has one. Until then DNS keeps the old address.";
    return "Does the source answer when you ask it by hand? Until then DNS keeps the old address.";
}

/* That there was none at the start was not news; that it stays so is, unless it was told already.
 */
void daemon_on_address_missing(const struct config_address *section, const char *reason, void *arg)
{
    struct daemon *d = arg;
    struct notice notice, told;
    struct addr old = {0};
    char key[NOTICE_KEY_LEN], verb[DURATION_LEN + 32], waited[DURATION_LEN];
    begin_address(section, NOTICE_ADDRESS_LOST, &notice);
    bool known = store_latest(d->store, notice_key(&notice, key), &told);
    if (known && told.kind == NOTICE_ADDRESS_LOST)
        return;
    if (known && !addr_parse(told.new_value, &old))
        old = (struct addr){0};
    snprintf(verb, sizeof verb, "has not come in %s",
             duration_format(section->missing_after_ms, waited));
    say_address(verb, &old, reason, &notice);
    str_copy(notice.advice, sizeof notice.advice, missing_advice(d, section));
    daemon_post(d, &notice);
}

/* "the IPv4 address 'wan4' is 203.0.113.27, but 'echo4' (web) says 198.51.100.7" */
static void say_cross(const struct addrwatch_cross *cross, struct notice *notice)
{
    addr_format(&cross->ours, notice->old_value);
    addr_format(&cross->theirs, notice->new_value);
    str_append(notice->text, sizeof notice->text, "the %s address '%s' ",
               family_text(notice->family), notice->subject);
    if (!cross->differ)
        str_append(notice->text, sizeof notice->text, "and '%s' are the same again: %s",
                   cross->other->name, notice->new_value);
    else
        str_append(notice->text, sizeof notice->text, "is %s%s, but '%s' (%s) says %s%s%s",
                   notice->old_value, cross->behind ? ", behind NAT" : "", cross->other->name,
                   address_source_word(cross->other->source), notice->new_value,
                   *cross->holder ? ", the address of " : "", cross->holder);
}

/* A finding, never an update. */
void daemon_on_cross(const struct addrwatch_cross *cross, void *arg)
{
    struct notice notice;
    begin_address(cross->section, cross->differ ? NOTICE_ADDRESS_DIFFERS : NOTICE_ADDRESS_AGREES,
                  &notice);
    say_cross(cross, &notice);
    if (cross->differ) {
        str_copy(notice.cause, sizeof notice.cause, addr_cross_word(cross->line));
        str_copy(notice.advice, sizeof notice.advice, addr_cross_advice(cross->line));
    }
    daemon_post(arg, &notice);
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
    case DDNS_EVENT_WITHDRAWN:
        return NOTICE_UPDATE_WITHDRAWN;
    case DDNS_EVENT_COUNT:
        break;
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
