/* SPDX-License-Identifier: ISC
 *
 * The search. Owns: its questions. Not its job: asking the servers that it finds.
 */
#include "probes/zone.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/str.h"

#define MAX_CLIMBS 3

static const enum rrtype rrtypes[FAMILY_COUNT] = {RR_A, RR_AAAA};

/* A question for the address of a name server. */
struct lookup {
    struct zone_search *search;
    struct resolver_query *query;
    char name[HOST_MAX];
};

struct zone_search {
    struct resolver *resolver;
    int64_t deadline_ms;
    char zone[HOST_MAX];
    unsigned climbs;
    struct resolver_query *ns_query;
    size_t pending;
    struct lookup lookups[DNSMSG_MAX_NAMES * FAMILY_COUNT];
    enum outcome outcome;
    char detail[160];
    zone_server_fn *server;
    zone_done_fn *done;
    void *arg;
};

static void release(struct zone_search *search)
{
    resolver_query_cancel(search->ns_query);
    for (size_t i = 0; i < sizeof search->lookups / sizeof *search->lookups; i++)
        resolver_query_cancel(search->lookups[i].query);
}

static void finish(struct zone_search *search)
{
    struct zone_search end = *search;
    zone_search_cancel(search);
    end.done(end.outcome, end.detail, end.arg);
}

static void fail(struct zone_search *search, enum outcome outcome, const char *what,
                 const char *detail)
{
    search->outcome = outcome;
    search->detail[0] = '\0';
    str_append(search->detail, sizeof search->detail, "%s: %s", what, detail);
}

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
    lookup->query = resolver_query_start(search->resolver, lookup->name, rrtypes[family],
                                         search->deadline_ms, on_address, lookup);
}

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
        for (size_t i = 0; i < msg->name_count && i < DNSMSG_MAX_NAMES; i++)
            for (size_t f = 0; f < FAMILY_COUNT; f++)
                look_up(search, i * FAMILY_COUNT + f, msg->names[i], (enum family)f);
        return;
    }
    if (climb(search, reply))
        return;
    enum outcome outcome = reply->outcome == OUTCOME_OK ? OUTCOME_DNS_NODATA : reply->outcome;
    char what[HOST_MAX + 8] = "";
    str_append(what, sizeof what, "NS of %s", search->zone);
    fail(search, outcome, what, reply->detail[0] ? reply->detail : outcome_word(outcome));
    finish(search);
}

static void find_ns(struct zone_search *search)
{
    search->ns_query = resolver_query_start(search->resolver, search->zone, RR_NS,
                                            search->deadline_ms, on_ns, search);
}

struct zone_search *zone_search_start(struct resolver *resolver, const char *name,
                                      int64_t deadline_ms, zone_server_fn *server,
                                      zone_done_fn *done, void *arg)
{
    struct zone_search *search = mem_zalloc(sizeof(*search));
    search->resolver = resolver;
    search->deadline_ms = deadline_ms;
    search->server = server;
    search->done = done;
    search->arg = arg;
    str_copy(search->zone, sizeof search->zone, name);
    find_ns(search);
    return search;
}

void zone_search_cancel(struct zone_search *search)
{
    if (!search)
        return;
    release(search);
    free(search);
}
