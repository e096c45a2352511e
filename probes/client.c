/* SPDX-License-Identifier: ISC
 *
 * Plays RFC 8305 with measured times. Owns: its delays. A browser races the TCP connections only:
 * once one is established the others are dropped, and what fails later fails for good.
 */
#include "probes/client.h"

#include <stdio.h>

#include "lib/doc.h"
#include "lib/str.h"
#include "probes/dest_order.h"

#define RESOLUTION_DELAY_US 50000  /* RFC 8305, section 8: A came, AAAA did not yet */
#define ATTEMPT_DELAY_US    250000 /* between two attempts */
#define NEVER               INT64_MAX
#define MAX_DESTS           (FAMILY_COUNT * DNSMSG_MAX_ADDRS)

struct race {
    const struct round_result *round;
    size_t count;
    struct dest dests[MAX_DESTS];
    const struct probe_result *results[MAX_DESTS]; /* by dest.index */
    int64_t start_us;
};

/* When the attempts may begin, and whether IPv6 has to stand back because its answer was late. */
static bool ipv6_is_late(const struct round_result *round, int64_t *start_us)
{
    const struct round_family *v4 = &round->families[FAMILY_IPV4];
    const struct round_family *v6 = &round->families[FAMILY_IPV6];
    int64_t a_us = v4->count > 0 ? v4->dns_us : NEVER;
    int64_t aaaa_us = v6->count > 0 ? v6->dns_us : NEVER;
    *start_us = 0;
    if (v4->dns_us < 0 && v6->dns_us < 0) /* nothing was looked up */
        return false;
    if (aaaa_us != NEVER && (a_us == NEVER || aaaa_us <= a_us + RESOLUTION_DELAY_US)) {
        *start_us = aaaa_us;
        return false;
    }
    if (a_us == NEVER)
        return false;
    /* An answer that there is no AAAA ends the wait. */
    int64_t wait_us = v6->asked && v6->dns_us > a_us ? v6->dns_us - a_us : 0;
    *start_us = a_us + (wait_us < RESOLUTION_DELAY_US ? wait_us : RESOLUTION_DELAY_US);
    return v6->count > 0;
}

static void line_up(struct race *race)
{
    const struct round_result *round = race->round;
    bool late = ipv6_is_late(round, &race->start_us);
    for (int f = 0; f < FAMILY_COUNT; f++) {
        const struct round_family *family = &round->families[f];
        for (size_t i = 0; i < family->count && race->count < MAX_DESTS; i++) {
            const struct probe_result *result = &family->results[i];
            race->dests[race->count] =
                (struct dest){.addr = result->addr, .source = result->source, .index = race->count};
            race->results[race->count++] = result;
        }
    }
    dest_sort(race->dests, race->count);
    for (size_t i = 0; late && i < race->count; i++)
        if (race->dests[i].addr.af == AF_INET) { /* the first of IPv4 moves to the front */
            struct dest first = race->dests[i];
            for (; i > 0; i--)
                race->dests[i] = race->dests[i - 1];
            race->dests[0] = first;
            break;
        }
    dest_interleave(race->dests, race->count);
}

/* Refused, no route and the like: the next attempt need not wait. A silent one lets it wait. */
static bool fails_at_once(const struct probe_result *result)
{
    return result->tcp_us < 0 && result->outcome != OUTCOME_TIMEOUT;
}

/* Runs the race; what is of `silent` (FAMILY_COUNT: none) is taken not to answer. */
static const struct probe_result *run(const struct race *race, enum family silent, int64_t *end_us)
{
    const struct probe_result *winner = NULL;
    int64_t at_us = race->start_us;
    *end_us = NEVER;
    for (size_t i = 0; i < race->count && at_us < *end_us; i++) {
        const struct probe_result *result = race->results[race->dests[i].index];
        bool mute = addr_family(&result->addr) == silent;
        if (!mute && result->tcp_us >= 0 && at_us + result->tcp_us < *end_us) {
            *end_us = at_us + result->tcp_us;
            winner = result;
        }
        if (mute || !fails_at_once(result))
            at_us += ATTEMPT_DELAY_US;
    }
    return winner;
}

void client_judge(const struct round_result *round, struct client_view *out)
{
    struct race race = {.round = round};
    *out = (struct client_view){0};
    line_up(&race);
    if (race.count == 0)
        return;
    out->known = true;
    out->both = round->families[FAMILY_IPV4].count > 0 && round->families[FAMILY_IPV6].count > 0;
    out->preferred = addr_family(&race.dests[0].addr);
    out->picked = run(&race, FAMILY_COUNT, &out->picked_us);
    if (!out->picked)
        return;
    out->late_us = out->picked_us - out->picked->tcp_us - race.start_us;
    out->stuck = outcome_info(out->picked->outcome)->verdict == VERDICT_DOWN;
    out->fallback = run(&race, addr_family(&out->picked->addr), &out->fallback_us);
}

/* --- words --- */

static const char *ms_text(int64_t us, char text[32])
{
    snprintf(text, 32, "%.*f ms", us < 9950 ? 1 : 0, (double)us / 1000);
    return text;
}

static const char *picked_text(const struct client_view *view)
{
    return family_text(addr_family(&view->picked->addr));
}

static void say_fallback(const struct client_view *view, char *out, size_t cap)
{
    char ms[32];
    if (view->fallback)
        str_append(out, cap, "; if that fell silent, %s after %s",
                   family_text(addr_family(&view->fallback->addr)), ms_text(view->fallback_us, ms));
    else
        str_append(out, cap, "; there is nothing to fall back to");
}

void client_sentence(const struct client_view *view, char *out, size_t cap)
{
    char ms[32], late[32];
    out[0] = '\0';
    if (!view->known || !view->both)
        return;
    const char *preferred = family_text(view->preferred);
    if (!view->picked) {
        str_append(out, cap, "A browser would try %s first, and reach nothing.", preferred);
        return;
    }
    bool other = addr_family(&view->picked->addr) != view->preferred;
    if (other && view->late_us > 0)
        str_append(out, cap, "A browser would try %s first, in vain, and take %s %s late, after %s",
                   preferred, picked_text(view), ms_text(view->late_us, late),
                   ms_text(view->picked_us, ms));
    else if (other)
        str_append(out, cap, "A browser would try %s first, fail at once, and take %s after %s",
                   preferred, picked_text(view), ms_text(view->picked_us, ms));
    else
        str_append(out, cap, "A browser would take %s after %s", picked_text(view),
                   ms_text(view->picked_us, ms));
    if (view->stuck)
        str_append(out, cap,
                   " and stay there, though it then fails (%s): once TCP connects nothing "
                   "else is tried",
                   outcome_word(view->picked->outcome));
    else if (!other)
        say_fallback(view, out, cap);
    else if (view->late_us > 0)
        str_append(out, cap, "; a program that tries one after another waits for minutes");
    str_append(out, cap, ".");
}

json_t *client_json(const struct client_view *view)
{
    char text[320];
    if (!view->known)
        return json_null();
    json_t *out = doc_object();
    const struct probe_result *picked = view->picked, *fallback = view->fallback;
    client_sentence(view, text, sizeof text);
    doc_text(out, "preferred", family_word(view->preferred));
    doc_text(out, "picked", picked ? family_word(addr_family(&picked->addr)) : NULL);
    doc_addr(out, "picked_address", picked ? &picked->addr : &(struct addr){0});
    doc_count(out, "picked_us", picked ? view->picked_us : -1);
    doc_count(out, "late_us", picked ? view->late_us : -1);
    doc_bool(out, "stuck", view->stuck);
    doc_text(out, "fallback", fallback ? family_word(addr_family(&fallback->addr)) : NULL);
    doc_count(out, "fallback_us", fallback ? view->fallback_us : -1);
    doc_text(out, "sentence", *text ? text : NULL);
    return out;
}
