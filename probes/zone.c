/* SPDX-License-Identifier: ISC
 *
 * The search. Owns: its questions, and the search for the zone above. Not its job: asking the
 * servers that it finds.
 *
 * A resolver can't tell the NS set of a zone whose servers it does not reach, or of an alias in a
 * circle: it says SERVFAIL, or nothing for long. Then the zone above is searched, and its servers
 * are asked.
 */
#include "probes/zone.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/str.h"

#define MAX_CLIMBS  3
#define MAX_DEPTH   3   /* searches above each other */
#define MAX_ABOVE   8   /* addresses of servers above that are asked */
#define PATIENCE_MS 300 /* resolvers that know a zone answer sooner */
#define SERVER_LEN  (ADDR_STRLEN + 3)

static const enum rrtype rrtypes[FAMILY_COUNT] = {RR_A, RR_AAAA};

/* A question for the address of a name server. */
struct lookup {
    struct zone_search *search;
    struct resolver_query *query;
    char name[HOST_MAX];
};

/* A server of the zone above. */
struct above_server {
    char name[HOST_MAX];
    struct addr addr;
};

struct zone_search {
    struct zone_search_conf conf;
    unsigned depth; /* 0: the one that was asked for */
    int64_t deadline_ms;
    char zone[HOST_MAX];
    unsigned climbs;
    struct resolver_query *ns_query;
    struct loop_timer *patience;
    struct zone_search *above; /* under way */
    struct above_server found[MAX_ABOVE];
    size_t found_count;
    struct resolver *own; /* asks them */
    struct resolver_query *own_query;
    size_t pending;
    struct lookup lookups[DNSMSG_MAX_NAMES * FAMILY_COUNT];
    enum outcome outcome;
    char detail[RESOLVER_DETAIL_LEN];
    zone_server_fn *server;
    zone_done_fn *done;
    void *arg;
};

static struct zone_search *start(const struct zone_search_conf *conf, const char *name,
                                 unsigned depth, int64_t deadline_ms, zone_server_fn *server,
                                 zone_done_fn *done, void *arg);

static void stop_above(struct zone_search *search)
{
    zone_search_cancel(search->above);
    search->above = NULL;
    resolver_query_cancel(search->own_query);
    search->own_query = NULL;
    loop_timer_clear(search->patience);
}

void zone_search_cancel(struct zone_search *search)
{
    if (!search)
        return;
    stop_above(search);
    resolver_query_cancel(search->ns_query);
    for (size_t i = 0; i < sizeof search->lookups / sizeof *search->lookups; i++)
        resolver_query_cancel(search->lookups[i].query);
    resolver_free(search->own);
    loop_timer_free(search->patience);
    free(search);
}

static void finish(struct zone_search *search)
{
    char detail[RESOLVER_DETAIL_LEN];
    enum outcome outcome = search->outcome;
    zone_done_fn *done = search->done;
    void *arg = search->arg;
    str_copy(detail, sizeof detail, search->detail);
    zone_search_cancel(search);
    done(outcome, detail, arg);
}

static void fail(struct zone_search *search, enum outcome outcome, const char *what,
                 const char *detail)
{
    search->outcome = outcome;
    search->detail[0] = '\0';
    str_append(search->detail, sizeof search->detail, "%.120s: %s", what, detail);
}

/* --- the addresses of the servers --- */

static void on_address(const struct resolver_reply *reply, void *arg)
{
    struct lookup *lookup = arg;
    struct zone_search *search = lookup->search;
    lookup->query = NULL;
    if (reply->outcome != OUTCOME_OK && reply->outcome != OUTCOME_DNS_NODATA)
        fail(search, reply->outcome, lookup->name, reply->detail);
    for (size_t i = 0; i < reply->msg.addr_count && reply->outcome == OUTCOME_OK; i++)
        search->server(lookup->name, &reply->msg.addrs[i], search->arg);
    if (--search->pending == 0)
        finish(search);
}

static void look_up(struct zone_search *search, size_t index, const char *name, enum family family)
{
    struct lookup *lookup = &search->lookups[index];
    lookup->search = search;
    str_copy(lookup->name, sizeof lookup->name, name);
    search->pending++;
    lookup->query = resolver_query_start(search->conf.resolver, lookup->name, rrtypes[family],
                                         search->deadline_ms, on_address, lookup);
}

static void look_up_all(struct zone_search *search, const struct dnsmsg *msg)
{
    search->outcome = OUTCOME_OK;
    search->detail[0] = '\0';
    for (size_t i = 0; i < msg->name_count && i < DNSMSG_MAX_NAMES; i++)
        for (size_t f = 0; f < FAMILY_COUNT; f++)
            look_up(search, i * FAMILY_COUNT + f, msg->names[i], (enum family)f);
}

/* --- from the zone above --- */

/* Where the zone above leads: with glue, since a resolver may not find these names. No referral:
 * its servers have the name themselves, or are as lame as it gets. */
static void on_referral(const struct resolver_reply *reply, void *arg)
{
    struct zone_search *search = arg;
    const struct dnsmsg *msg = &reply->msg;
    search->own_query = NULL;
    resolver_query_cancel(search->ns_query);
    search->ns_query = NULL;
    bool referral = !msg->aa && msg->name_count > 0 && msg->ns_owner[0];
    for (size_t i = 0; i < search->found_count && !referral; i++)
        search->server(search->found[i].name, &search->found[i].addr, search->arg);
    for (size_t i = 0; i < msg->glue_count && referral; i++)
        search->server(msg->names[msg->glue_of[i]], &msg->glue[i], search->arg);
    search->outcome = OUTCOME_OK;
    if (referral && msg->glue_count == 0)
        look_up_all(search, msg);
    else
        finish(search);
}

static void on_above(const char *name, const struct addr *addr, void *arg)
{
    struct zone_search *search = arg;
    if (search->found_count == MAX_ABOVE)
        return;
    struct above_server *server = &search->found[search->found_count++];
    str_copy(server->name, sizeof server->name, name);
    server->addr = *addr;
}

static void ask_above(struct zone_search *search)
{
    char list[MAX_ABOVE * SERVER_LEN] = "", text[ADDR_STRLEN], error[128];
    struct resolver_conf conf = {.servers = list, .authoritative = true};
    if (search->conf.egress)
        conf.egress = *search->conf.egress;
    for (size_t i = 0; i < search->found_count; i++) {
        bool six = search->found[i].addr.af == AF_INET6;
        str_append(list, sizeof list, "%s%s%s%s", *list ? "," : "", six ? "[" : "",
                   addr_format(&search->found[i].addr, text), six ? "]" : "");
    }
    search->own = resolver_new(search->conf.loop, &conf, error, sizeof error);
    if (search->own)
        search->own_query = resolver_query_start(search->own, search->zone, RR_NS,
                                                 search->deadline_ms, on_referral, search);
}

static void on_above_done(enum outcome outcome, const char *detail, void *arg)
{
    struct zone_search *search = arg;
    (void)outcome;
    (void)detail;
    search->above = NULL;
    if (search->found_count > 0)
        ask_above(search);
    if (!search->own_query && !search->ns_query) /* nothing else is to come */
        finish(search);
}

/* False: there is nothing above that could be asked. */
static bool look_above(struct zone_search *search)
{
    const char *dot = strchr(search->zone, '.');
    if (search->above || search->own)
        return true;
    if (!dot || search->depth == MAX_DEPTH)
        return false;
    search->above = start(&search->conf, dot + 1, search->depth + 1, search->deadline_ms, on_above,
                          on_above_done, search);
    return true;
}

static void on_patience(void *arg)
{
    look_above(arg);
}

/* --- the NS set --- */

static void find_ns(struct zone_search *search);

/* Where the name has no NS: the owner of the SOA that came instead is the zone above. An alias
 * leads into the zone of its target, so for one the label above is asked. */
static const char *zone_above(const struct zone_search *search, const struct resolver_reply *reply)
{
    bool none = reply->outcome == OUTCOME_DNS_NODATA || reply->outcome == OUTCOME_DNS_NXDOMAIN;
    const char *owner = reply->msg.soa_owner, *dot = strchr(search->zone, '.');
    if (reply->msg.cname[0])
        return dot ? dot + 1 : NULL;
    return none && owner[0] && strcmp(owner, search->zone) != 0 ? owner : NULL;
}

static bool climb(struct zone_search *search, const struct resolver_reply *reply)
{
    char above[HOST_MAX];
    const char *owner = zone_above(search, reply);
    if (!owner || search->climbs == MAX_CLIMBS)
        return false;
    search->climbs++;
    str_copy(above, sizeof above, owner); /* it may lie within what it replaces */
    str_copy(search->zone, sizeof search->zone, above);
    find_ns(search);
    return true;
}

static void on_ns(const struct resolver_reply *reply, void *arg)
{
    struct zone_search *search = arg;
    const struct dnsmsg *msg = &reply->msg;
    search->ns_query = NULL;
    if (reply->outcome == OUTCOME_OK && msg->name_count > 0 && !msg->cname[0]) {
        stop_above(search);
        look_up_all(search, msg);
        return;
    }
    enum outcome outcome = reply->outcome == OUTCOME_OK ? OUTCOME_DNS_NODATA : reply->outcome;
    char what[HOST_MAX + 8] = "";
    str_append(what, sizeof what, "NS of %s", search->zone);
    fail(search, outcome, what, reply->detail[0] ? reply->detail : outcome_word(outcome));
    bool broken = outcome == OUTCOME_DNS_SERVFAIL || outcome == OUTCOME_DNS_TIMEOUT;
    if (broken && look_above(search))
        return;
    stop_above(search);
    if (!climb(search, reply))
        finish(search);
}

static void find_ns(struct zone_search *search)
{
    search->ns_query = resolver_query_start(search->conf.resolver, search->zone, RR_NS,
                                            search->deadline_ms, on_ns, search);
    loop_timer_set(search->patience, PATIENCE_MS);
}

static struct zone_search *start(const struct zone_search_conf *conf, const char *name,
                                 unsigned depth, int64_t deadline_ms, zone_server_fn *server,
                                 zone_done_fn *done, void *arg)
{
    struct zone_search *search = mem_zalloc(sizeof(*search));
    search->conf = *conf;
    search->depth = depth;
    search->deadline_ms = deadline_ms;
    search->server = server;
    search->done = done;
    search->arg = arg;
    search->patience = loop_timer_new(conf->loop, on_patience, search);
    str_copy(search->zone, sizeof search->zone, name);
    find_ns(search);
    return search;
}

struct zone_search *zone_search_start(const struct zone_search_conf *conf, const char *name,
                                      int64_t deadline_ms, zone_server_fn *server,
                                      zone_done_fn *done, void *arg)
{
    return start(conf, name, 0, deadline_ms, server, done, arg);
}
