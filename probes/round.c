/* SPDX-License-Identifier: ISC
 *
 * One round: both families side by side, every address at once. Owns: the questions and probes
 * under way and the result until it is told. Not its job: schedule, memory, health.
 */
#include "probes/round.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/closed_want.h"
#include "probes/ladder.h"

#define CHECK_AFTER_MS 2000 /* a failure's check costs so much more at the most */
#define CHECK_MS       5000

struct slot { /* one address under way */
    struct side *side;
    struct ladder *probe;
    struct probe_result *result; /* where it goes */
    int64_t started_us;
};

struct side { /* one family under way */
    struct round *round;
    enum family family;
    struct resolver_query *query;
    struct authority *authority; /* instead, when the zone's own servers are asked */
    struct slot *slots;
    size_t next; /* of the addresses: not begun yet */
};

struct round {
    struct loop *loop;
    struct resolver *resolver;
    enum round_check check_when;
    struct dns_check *check; /* under way */
    bool checked;
    bool from_zone; /* the answers are the zone's own */
    struct expect expect;
    struct loop_timer *timer; /* for a round that has nothing to wait for */
    struct probe_spec probe;
    char *host;
    char *servername; /* NULL: the host */
    size_t max_addrs;
    struct side sides[FAMILY_COUNT];
    size_t pending; /* questions and probes */
    int64_t started_us;
    struct round_result result;
    bool *gone; /* set while `each` runs: tells that the round was cancelled inside */
    round_each_fn *each;
    round_done_fn *done;
    void *arg;
};

/* --- the end --- */

void round_result_clear(struct round_result *result)
{
    for (int f = 0; f < FAMILY_COUNT; f++) {
        struct round_family *family = &result->families[f];
        for (size_t i = 0; i < family->count; i++)
            probe_result_clear(&family->results[i]);
        free(family->results);
        family->results = NULL;
        family->count = 0;
    }
    dns_report_free(result->dns);
    result->dns = NULL;
}

static void release(struct round *round)
{
    for (int f = 0; f < FAMILY_COUNT; f++) {
        struct side *side = &round->sides[f];
        resolver_query_cancel(side->query);
        authority_cancel(side->authority);
        for (size_t i = 0; side->slots && i < round->result.families[f].count; i++)
            ladder_cancel(side->slots[i].probe);
        free(side->slots);
    }
    dns_check_cancel(round->check);
    loop_timer_free(round->timer);
    free(round->host);
    free(round->servername);
}

static void finish(struct round *round)
{
    struct round_result result = round->result;
    round_done_fn *done = round->done;
    void *arg = round->arg;
    result.took_us = clock_mono_us() - round->started_us;
    release(round);
    free(round);
    round_apply_report(&result);
    done(&result, arg);
    round_result_clear(&result);
}

static void settle(struct round *round);

static void on_checked(struct dns_report *report, void *arg)
{
    struct round *round = arg;
    round->check = NULL;
    round->result.dns = report;
    settle(round);
}

static void start_check(struct round *round, int64_t limit_ms, dns_check_zone_fn *zone)
{
    bool families[FAMILY_COUNT];
    for (int f = 0; f < FAMILY_COUNT; f++)
        families[f] = round->result.families[f].asked;
    round->checked = true;
    round->pending++;
    round->check = dns_check_start(round->loop, round->resolver, &round->probe.egress, round->host,
                                   families, clock_mono_ms() + limit_ms, zone, on_checked, round);
}

static void settle(struct round *round)
{
    if (--round->pending > 0)
        return;
    if (!round->checked && round_wants_check(round->host, &round->result, round->check_when))
        start_check(round, CHECK_AFTER_MS, NULL);
    else
        finish(round);
}

static void on_nothing(void *arg)
{
    finish(arg);
}

void round_cancel(struct round *round)
{
    if (!round)
        return;
    if (round->gone)
        *round->gone = true;
    release(round);
    round_result_clear(&round->result);
    free(round);
}

/* --- probes --- */

static void start_next(struct side *side);

static void note_vantage(const struct round *round, struct probe_result *result)
{
    struct route route;
    route_lookup(&result->addr, &round->probe.egress, &route);
    result->source = route.source;
    result->vantage = vantage_judge(&result->addr, &route, &result->path);
}

static void on_probe(struct probe_result *result, void *arg)
{
    struct slot *slot = arg;
    struct side *side = slot->side;
    struct round *round = side->round;
    bool gone = false;
    slot->probe = NULL;
    *slot->result = *result;
    slot->result->took_us = clock_mono_us() - slot->started_us;
    *result = (struct probe_result){0}; /* moved */
    note_vantage(round, slot->result);
    if (round->each) {
        round->gone = &gone;
        round->each(slot->result, round->arg);
        if (gone)
            return;
        round->gone = NULL;
    }
    start_next(side);
    settle(round);
}

/* Each address has the whole time for itself, also when it has to wait for its turn. */
static void start_next(struct side *side)
{
    struct round *round = side->round;
    struct round_family *family = &round->result.families[side->family];
    if (side->next == family->count)
        return;
    struct slot *slot = &side->slots[side->next];
    slot->side = side;
    slot->result = &family->results[side->next++];
    slot->started_us = clock_mono_us();
    if (round->probe.at_once > 0)
        round->probe.deadline_ms = clock_mono_ms() + round->probe.timeout_ms;
    slot->probe = ladder_start(round->loop, &round->probe, &slot->result->addr, on_probe, slot);
}

static int compare(const void *a, const void *b)
{
    return addr_cmp(a, b);
}

/* Sorts, drops what is twice, and cuts at the limit. */
static size_t choose(struct round *round, struct side *side, struct addr *addrs, size_t count)
{
    size_t kept = 0;
    qsort(addrs, count, sizeof *addrs, compare);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !addr_equal(&addrs[kept - 1], &addrs[i]))
            addrs[kept++] = addrs[i];
    }
    if (round->max_addrs != 0 && kept > round->max_addrs) {
        kept = round->max_addrs;
        round->result.families[side->family].addrs_cut = true;
    }
    return kept;
}

static void probe_all(struct side *side, struct addr *addrs, size_t count)
{
    struct round *round = side->round;
    struct round_family *family = &round->result.families[side->family];
    count = choose(round, side, addrs, count);
    side->slots = mem_array(count, sizeof *side->slots);
    family->results = mem_array(count, sizeof *family->results);
    family->count = count;
    round->pending += count;
    for (size_t i = 0; i < count; i++)
        family->results[i].addr = addrs[i];
    size_t at_once = round->probe.at_once > 0 ? round->probe.at_once : count;
    while (side->next < count && side->next < at_once)
        start_next(side);
}

/* --- addresses --- */

static void on_reply(const struct resolver_reply *given, void *arg)
{
    struct side *side = arg;
    struct round *round = side->round;
    struct round_family *family = &round->result.families[side->family];
    struct resolver_reply own = *given, *reply = &own;
    side->query = NULL;
    side->authority = NULL;
    expect_judge(&round->expect, side->family, !round->from_zone, reply);
    family->dns = reply->outcome;
    family->dns_us = reply->took_us;
    family->ttl = reply->msg.ttl;
    family->addrs_cut = reply->msg.addrs_cut;
    str_copy(family->cname, sizeof family->cname, reply->msg.cname);
    str_copy(family->dns_detail, sizeof family->dns_detail, reply->detail);
    if (reply->msg.addr_count > 0 &&
        (reply->outcome == OUTCOME_OK || reply->outcome == OUTCOME_DNS_STALE)) {
        struct addr addrs[DNSMSG_MAX_ADDRS];
        size_t count = reply->msg.addr_count;
        memcpy(addrs, reply->msg.addrs, sizeof addrs);
        probe_all(side, addrs, count);
    }
    settle(round);
}

static void on_zone(const struct resolver_reply *reply, const struct verify_look *look, void *arg)
{
    (void)look;
    on_reply(reply, arg);
}

/* A given address belongs to one family. The other is not looked at, unless nothing else is. */
static void use_address(struct round *round, const struct round_spec *spec, const struct addr *addr)
{
    enum family own = addr_family(addr);
    enum family other = own == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4;
    struct round_family *family = &round->result.families[own];
    struct addr copy = *addr;
    if (spec->families[own]) {
        round->result.families[other].asked = false;
        family->dns = OUTCOME_OK;
        probe_all(&round->sides[own], &copy, 1);
        return;
    }
    family = &round->result.families[other];
    family->dns = OUTCOME_DNS_NODATA;
    snprintf(family->dns_detail, sizeof family->dns_detail, "the given address is of %s",
             family_text(own));
}

/* The known addresses of a prefix; its family alone is looked at. */
static void use_prefix(struct round *round, const struct closed_want *want)
{
    char text[ADDR_STRLEN];
    enum family own = addr_family(&want->prefix.addr);
    struct round_family *family = &round->result.families[own];
    struct known_addrs known;
    round->result.families[!own].asked = false;
    known_addrs_find(&want->prefix, want->given, want->given_count, &known);
    family->dns = known.count > 0 ? OUTCOME_OK : OUTCOME_LOCAL_NONE_KNOWN;
    if (known.count == 0)
        snprintf(family->dns_detail, sizeof family->dns_detail,
                 "no neighbour, no own address and none that was given lies in %s/%u",
                 addr_format(&want->prefix.addr, text), want->prefix.len);
    round->max_addrs = closed_addrs_max(want);
    round->probe.addrs = known.count < round->max_addrs ? known.count : round->max_addrs;
    round->probe.at_once = want->parallel;
    if (round->probe.progress)
        round->probe.progress(round->probe.addrs * port_set_count(&want->ports), 0,
                              round->probe.progress_arg);
    if (known.count > 0)
        probe_all(&round->sides[own], known.list, known.count);
    family->addrs_cut |= known.cut;
}

static void on_compared(enum family family, const struct resolver_reply *reply, void *arg)
{
    struct round *round = arg;
    on_reply(reply, &round->sides[family]);
}

/* What the comparison learns from the zone's servers is the answer: they are not asked twice. */
static void ask_and_compare(struct round *round, int64_t limit_ms)
{
    for (int f = 0; f < FAMILY_COUNT; f++)
        round->pending += round->result.families[f].asked;
    start_check(round, limit_ms, on_compared);
}

static void ask(struct round *round, const char *host, bool authoritative)
{
    for (int f = 0; f < FAMILY_COUNT; f++) {
        struct side *side = &round->sides[f];
        if (!round->result.families[f].asked)
            continue;
        enum rrtype type = f == FAMILY_IPV4 ? RR_A : RR_AAAA;
        round->pending++;
        if (authoritative)
            side->authority =
                authority_start(round->loop, round->resolver, &round->probe.egress, host,
                                (enum family)f, false, round->probe.deadline_ms, on_zone, side);
        else
            side->query = resolver_query_start(round->resolver, host, type,
                                               round->probe.deadline_ms, on_reply, side);
    }
}

/* --- the start --- */

static void prepare(struct round *round, const struct round_spec *spec)
{
    round->host = mem_strdup(spec->target.host);
    round->servername = mem_strdup(spec->servername);
    round->probe.kind = spec->kind;
    round->probe.host = round->host;
    round->probe.servername = round->servername ? round->servername : round->host;
    round->probe.path = spec->path;
    round->probe.http = spec->http;
    round->probe.closed = spec->closed;
    round->probe.timeout_ms = spec->timeout_ms;
    round->probe.progress = spec->progress;
    round->probe.progress_arg = spec->progress_arg;
    round->probe.port = spec->target.port;
    round->probe.full_size = spec->full_size;
    round->probe.cert_soon_ms = spec->cert_soon_ms;
    round->probe.egress = spec->egress;
    round->probe.deadline_ms = clock_mono_ms() + spec->timeout_ms;
    round->max_addrs = spec->max_addrs;
    round->check_when = spec->check;
    if (spec->closed && addr_is_set(&spec->closed->prefix.addr))
        round->check_when = ROUND_CHECK_NEVER; /* there is no name */
    round->from_zone = spec->authoritative;
    round->expect = spec->expect;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        round->sides[f].round = round;
        round->sides[f].family = (enum family)f;
        round->result.families[f].asked = spec->families[f];
        round->result.families[f].dns_us = -1;
    }
}

struct round *round_start(struct loop *loop, struct resolver *resolver, struct trust *trust,
                          const struct round_spec *spec, round_each_fn *each, round_done_fn *done,
                          void *arg)
{
    struct round *round = mem_zalloc(sizeof(*round));
    bool prefix = spec->closed && addr_is_set(&spec->closed->prefix.addr);
    bool compare_all = spec->check == ROUND_CHECK_ALWAYS && !prefix;
    round->loop = loop;
    round->resolver = resolver;
    round->probe.trust = trust;
    round->started_us = clock_mono_us();
    round->each = each;
    round->done = done;
    round->arg = arg;
    prepare(round, spec);
    if (prefix)
        use_prefix(round, spec->closed);
    else if (addr_is_set(&spec->connect))
        use_address(round, spec, &spec->connect);
    else if (addr_is_set(&spec->target.literal))
        use_address(round, spec, &spec->target.literal);
    else if (compare_all && spec->authoritative && round_may_check(round->host, &round->result))
        ask_and_compare(round, spec->timeout_ms);
    else
        ask(round, spec->target.host, spec->authoritative);
    if (compare_all && !round->checked && round_may_check(round->host, &round->result))
        start_check(round, spec->timeout_ms < CHECK_MS ? spec->timeout_ms : CHECK_MS, NULL);
    if (round->pending == 0) {
        round->timer = loop_timer_new(loop, on_nothing, round);
        loop_timer_set(round->timer, 0);
    }
    return round;
}

/* --- judging --- */

/* What is known to be down comes before what says nothing about the target, then the layer. */
static bool is_graver(enum outcome a, enum outcome b)
{
    bool a_down = outcome_info(a)->verdict == VERDICT_DOWN;
    bool b_down = outcome_info(b)->verdict == VERDICT_DOWN;
    return a_down != b_down ? a_down : a < b;
}

enum outcome round_family_outcome(const struct round_family *family)
{
    enum outcome gravest = OUTCOME_OK;
    if (family->dns != OUTCOME_OK)
        return family->dns;
    if (family->count == 0)
        return OUTCOME_DNS_NODATA;
    for (size_t i = 0; i < family->count; i++) {
        enum outcome outcome = family->results[i].outcome;
        if (outcome != OUTCOME_OK && (gravest == OUTCOME_OK || is_graver(outcome, gravest)))
            gravest = outcome;
    }
    return gravest;
}
