/* SPDX-License-Identifier: ISC
 *
 * Sentences about targets. What came from outside in them (details) was made printable where it
 * was received.
 */
#include "monitor/target/target_notice.h"

#include <inttypes.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/duration.h"
#include "lib/str.h"

#define DAY_MS INT64_C(86400000)

/* --- parts of sentences ----------------------------------------------------------------------- */

const char *target_host(const struct config_target *target, char buf[TARGET_HOST_LEN])
{
    const struct hostport *at = &target->at;
    bool bracket = at->literal.af == AF_INET6 || target->prefix.addr.af == AF_INET6;
    buf[0] = '\0';
    if (at->port == 0) /* several */
        str_append(buf, TARGET_HOST_LEN, "%s", at->host);
    else
        str_append(buf, TARGET_HOST_LEN, "%s%s%s:%u", bracket ? "[" : "", at->host,
                   bracket ? "]" : "", at->port);
    return buf;
}

const struct probe_result *target_telling(const struct round_family *family)
{
    enum outcome outcome = round_family_outcome(family);
    if (outcome == family->dns && outcome != OUTCOME_OK)
        return NULL; /* the name's fault, not an address's */
    for (size_t i = 0; i < family->count; i++)
        if (family->results[i].outcome == outcome)
            return &family->results[i];
    return NULL;
}

const char *target_label(const struct config_target *target, char buf[TARGET_LABEL_LEN])
{
    char host[TARGET_HOST_LEN];
    const char *name = target->name;
    bool tells_host = strstr(name, target->at.host);
    target_host(target, host);
    buf[0] = '\0';
    if (!target->alike && (str_starts(host, name) || strcmp(name, target->at.host) == 0))
        str_append(buf, TARGET_LABEL_LEN, "%s", host);
    else if (tells_host && (target->alike || strstr(name, "://")))
        str_append(buf, TARGET_LABEL_LEN, "%s", name);
    else
        str_append(buf, TARGET_LABEL_LEN, "%s (%s)", name, host);
    return buf;
}

static void append_who(char *text, size_t cap, const struct config_target *target)
{
    char label[TARGET_LABEL_LEN];
    str_append(text, cap, "%s", target_label(target, label));
}

/* Further addresses of the family with which it is the same. */
static size_t count_alike(const struct round_family *seen, const struct probe_result *telling)
{
    size_t alike = 0;
    for (size_t i = 0; i < seen->count; i++)
        alike += seen->results[i].outcome == telling->outcome;
    return alike - 1;
}

/* " over IPv4 (203.0.113.7)", " over IPv6 (2001:db8::5 and 2 more)" */
static void append_over(char *text, size_t cap, const struct target_change *change)
{
    char addr[ADDR_STRLEN];
    const struct probe_result *result = target_telling(change->seen);
    str_append(text, cap, " over %s", family_text(change->family));
    if (!result)
        return;
    str_append(text, cap, " (%s", addr_format(&result->addr, addr));
    size_t more = result->outcome == OUTCOME_OK ? 0 : count_alike(change->seen, result);
    if (more > 0)
        str_append(text, cap, " and %zu more", more);
    str_append(text, cap, ")");
}

/* ": connection refused (evidence)" */
static void append_cause(char *text, size_t cap, const struct target_change *change)
{
    const struct probe_result *result = target_telling(change->seen);
    const char *detail = result ? result->detail : change->seen->dns_detail;
    str_append(text, cap, ": %s", outcome_info(change->after->cause)->text);
    /* The evidence is left out where it would be cut. */
    if (*detail && strlen(text) + strlen(detail) + 4 < cap)
        str_append(text, cap, " (%s)", detail);
}

/* --- sentences -------------------------------------------------------------------------------- */

/* The state that people know of: for a fresh target what a former run told. */
static enum health_state known_state(const struct health *health)
{
    return health->state == HEALTH_UNKNOWN ? health->recalled : health->state;
}

static void say_up(char *text, size_t cap, const struct target_change *change)
{
    char took[DURATION_LEN];
    const struct health *before = change->before;
    append_who(text, cap, change->target);
    str_append(text, cap,
               change->target->kind == PROBE_CLOSED ? " is closed again"
               : known_state(before) == HEALTH_DOWN ? " is up again"
                                                    : " is reached again");
    append_over(text, cap, change);
    if (before->state == HEALTH_DOWN && before->since_ms > 0 && change->wall_ms > before->since_ms)
        str_append(text, cap, ", after %s",
                   duration_format(change->wall_ms - before->since_ms, took));
}

static void say_cause(char *text, size_t cap, const struct target_change *change)
{
    append_who(text, cap, change->target);
    str_append(text, cap, " is still down");
    append_over(text, cap, change);
    str_append(text, cap, ", not for %s any more", outcome_word(change->before->told));
    append_cause(text, cap, change);
}

static void say_plain(char *text, size_t cap, const struct target_change *change, const char *verb)
{
    append_who(text, cap, change->target);
    str_append(text, cap, " %s", verb);
    append_over(text, cap, change);
    append_cause(text, cap, change);
}

static void say_flapping(char *text, size_t cap, const struct target_change *change)
{
    char window[DURATION_LEN], calm[DURATION_LEN];
    append_who(text, cap, change->target);
    str_append(text, cap, " is flapping");
    append_over(text, cap, change);
    str_append(text, cap,
               ": %d changes between up and down within %s; no more is said until it has "
               "been steady for %s",
               HEALTH_FLAP_MOVES, duration_format(HEALTH_FLAP_WINDOW_MS, window),
               duration_format(HEALTH_FLAP_CALM_MS, calm));
}

static void say_steady(char *text, size_t cap, const struct target_change *change)
{
    char calm[DURATION_LEN];
    append_who(text, cap, change->target);
    str_append(text, cap, " has been %s for %s", health_word(change->after->state),
               duration_format(HEALTH_FLAP_CALM_MS, calm));
    append_over(text, cap, change);
    if (change->after->state != HEALTH_UP)
        append_cause(text, cap, change);
    else
        str_append(text, cap, ": the flapping is over");
}

/* --- notices ---------------------------------------------------------------------------------- */

static bool kind_of(const struct target_change *change, enum notice_kind *kind)
{
    switch (change->move) {
    case HEALTH_SAME:
    case HEALTH_FIRST_UP:
    case HEALTH_AS_TOLD:
        return false;
    case HEALTH_WENT_UP:
        *kind = NOTICE_TARGET_UP;
        return true;
    case HEALTH_WENT_DOWN:
        *kind = NOTICE_TARGET_DOWN;
        return true;
    case HEALTH_WITHDRAWN:
        *kind = known_state(change->before) == HEALTH_UP ? NOTICE_TARGET_DOWN : NOTICE_TARGET_CAUSE;
        return true;
    case HEALTH_WENT_BLIND:
    case HEALTH_CAUSE_CHANGED:
        *kind = NOTICE_TARGET_CAUSE;
        return true;
    case HEALTH_BECAME_FLAPPING:
        *kind = NOTICE_TARGET_FLAPPING;
        return true;
    case HEALTH_STEADY_AGAIN:
        *kind = change->after->state == HEALTH_UP     ? NOTICE_TARGET_UP
                : change->after->state == HEALTH_DOWN ? NOTICE_TARGET_DOWN
                                                      : NOTICE_TARGET_CAUSE;
        return true;
    }
    return false;
}

static void say(char *text, size_t cap, const struct target_change *change)
{
    switch (change->move) {
    case HEALTH_WENT_UP:
        say_up(text, cap, change);
        break;
    case HEALTH_WENT_DOWN:
        say_plain(text, cap, change,
                  change->after->cause == OUTCOME_PORT_OPEN ? "is open" : "is down");
        break;
    case HEALTH_WITHDRAWN:
        say_plain(text, cap, change, "is not published any more");
        break;
    case HEALTH_WENT_BLIND:
        say_plain(text, cap, change, "can't be judged any more");
        break;
    case HEALTH_CAUSE_CHANGED:
        say_cause(text, cap, change);
        break;
    case HEALTH_BECAME_FLAPPING:
        say_flapping(text, cap, change);
        break;
    case HEALTH_STEADY_AGAIN:
        say_steady(text, cap, change);
        break;
    case HEALTH_SAME:
    case HEALTH_FIRST_UP:
    case HEALTH_AS_TOLD:
        break;
    }
}

static const char *advice_of(const struct target_change *change)
{
    if (change->move == HEALTH_BECAME_FLAPPING)
        return "Look for a line or a service that restarts again and again.";
    if (change->after->cause == OUTCOME_OK)
        return "";
    if (change->move == HEALTH_WITHDRAWN)
        return "If that is meant, leave the family out of the target's families.";
    return outcome_info(change->after->cause)->advice;
}

bool target_notice(const struct target_change *change, struct notice *out)
{
    enum notice_kind kind;
    if (!kind_of(change, &kind))
        return false;
    bool cause = change->move == HEALTH_CAUSE_CHANGED;
    const struct health *before = change->before, *after = change->after;
    notice_init(out, kind, change->target->name, change->wall_ms);
    out->has_family = true;
    out->family = change->family;
    target_host(change->target, out->host);
    str_copy(out->old_value, sizeof out->old_value,
             cause ? outcome_word(before->told) : health_word(known_state(before)));
    str_copy(out->new_value, sizeof out->new_value,
             cause ? outcome_word(after->cause) : health_word(after->state));
    str_copy(out->cause, sizeof out->cause,
             after->cause == OUTCOME_OK ? "" : outcome_word(after->cause));
    say(out->text, sizeof out->text, change);
    str_copy(out->advice, sizeof out->advice, advice_of(change));
    return true;
}

void target_notice_cert(const struct config_target *target, enum family family,
                        int64_t not_after_ms, int64_t wall_ms, struct notice *out)
{
    char when[CLOCK_TEXT_LEN], left[DURATION_LEN];
    int64_t left_ms = not_after_ms > wall_ms ? not_after_ms - wall_ms : 0;
    clock_format_utc(not_after_ms, when);
    notice_init(out, NOTICE_CERT_EXPIRING, target->name, wall_ms);
    out->has_family = true;
    out->family = family;
    target_host(target, out->host);
    str_copy(out->new_value, sizeof out->new_value, when);
    str_append(out->text, sizeof out->text, "the certificate of ");
    append_who(out->text, sizeof out->text, target);
    if (left_ms >= 2 * DAY_MS)
        str_append(out->text, sizeof out->text, " expires in %" PRId64 " days (%.10s)",
                   left_ms / DAY_MS, when);
    else
        str_append(out->text, sizeof out->text, " expires in %s (%s)",
                   duration_format(left_ms, left), when);
    str_copy(out->advice, sizeof out->advice,
             "Renew it (certbot renew) and reload the server; check the timer that should do so.");
}

/* --- what was told before ----------------------------------------------------------------------
 */

/* The state that such a notice left people with: of a changed cause new_value is the cause. */
static enum health_state told_state(const struct notice *told)
{
    static const enum health_state states[] = {HEALTH_UNKNOWN, HEALTH_UP, HEALTH_NOT_PUBLISHED};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(told->new_value, health_word(states[i])) == 0)
            return states[i];
    return HEALTH_DOWN;
}

void target_recall_health(const struct notice *told, int64_t mono_ms, struct health *health)
{
    enum outcome cause = OUTCOME_OK;
    if (told->kind == NOTICE_TARGET_UP || !notice_is_bad(told->kind))
        return;
    outcome_from_word(told->cause, &cause);
    health_recall(health, told_state(told), cause, told->kind == NOTICE_TARGET_FLAPPING, mono_ms);
}

void target_recall_cert(const struct notice *told, int64_t cert_warn_ms, struct cert_told *cert)
{
    int64_t ends_ms;
    if (!clock_parse_utc(told->new_value, &ends_ms))
        return;
    cert->ends_ms = ends_ms;
    cert->stage = (uint8_t)cert_stage(ends_ms - told->wall_ms, cert_warn_ms);
}
