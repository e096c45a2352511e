/* SPDX-License-Identifier: ISC
 *
 * Finding it (see primary.h): the SOA, then both families' addresses at once.
 */
#include "ddns/primary.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/str.h"

#define PORT 53

struct lookup {
    struct primary *primary;
    struct resolver_query *query;
    struct resolver_reply reply;
};

struct primary {
    struct resolver *resolver;
    struct resolver_query *soa;
    struct lookup lookups[FAMILY_COUNT];
    struct loop_timer *timer; /* when there is nothing to ask */
    char *zone;
    enum session_family via;
    int64_t deadline_ms;
    struct primary_result result;
    primary_fn *done;
    void *arg;
};

void primary_cancel(struct primary *primary)
{
    if (!primary)
        return;
    resolver_query_cancel(primary->soa);
    for (int f = 0; f < FAMILY_COUNT; f++)
        resolver_query_cancel(primary->lookups[f].query);
    loop_timer_free(primary->timer);
    free(primary->zone);
    free(primary);
}

static void finish(struct primary *primary, enum outcome outcome)
{
    struct primary_result result = primary->result;
    primary_fn *done = primary->done;
    void *arg = primary->arg;
    result.outcome = outcome;
    primary_cancel(primary);
    done(&result, arg);
}

/* --- the name --- */

static const char *parse_url(const char *url, struct hostport *out)
{
    if (!str_starts(url, PRIMARY_SCHEME))
        return "it is of the form dns://SERVER or dns://SERVER:PORT";
    return hostport_parse(url + strlen(PRIMARY_SCHEME), PORT, out);
}

const char *primary_url_problem(const char *url)
{
    struct hostport place;
    return parse_url(url, &place);
}

/* --- the addresses --- */

static bool wants(enum session_family via, enum family family)
{
    return via == SESSION_ANY || (via == SESSION_IPV4) == (family == FAMILY_IPV4);
}

static void take_addrs(struct primary *primary, enum family family)
{
    const struct dnsmsg *msg = &primary->lookups[family].reply.msg;
    struct primary_result *result = &primary->result;
    if (primary->lookups[family].reply.outcome != OUTCOME_OK)
        return;
    for (size_t i = 0; i < msg->addr_count && i < PRIMARY_ADDRS_MAX / FAMILY_COUNT; i++)
        result->addrs[result->count++] = msg->addrs[i];
}

static void finish_lookups(struct primary *primary)
{
    const struct resolver_reply *v4 = &primary->lookups[FAMILY_IPV4].reply;
    const struct resolver_reply *v6 = &primary->lookups[FAMILY_IPV6].reply;
    struct primary_result *result = &primary->result;
    take_addrs(primary, FAMILY_IPV6);
    take_addrs(primary, FAMILY_IPV4);
    bool use_v6 = !wants(primary->via, FAMILY_IPV4) ||
                  (v4->outcome == OUTCOME_DNS_NODATA && wants(primary->via, FAMILY_IPV6));
    const struct resolver_reply *worst = use_v6 ? v6 : v4;
    if (result->count == 0)
        str_append(result->detail, sizeof result->detail, "the address of the server %s: %s%s%s",
                   result->name, outcome_word(worst->outcome), worst->detail[0] ? ": " : "",
                   worst->detail);
    finish(primary, result->count > 0 ? OUTCOME_OK : worst->outcome);
}

static void on_lookup(const struct resolver_reply *reply, void *arg)
{
    struct lookup *lookup = arg;
    struct primary *primary = lookup->primary;
    lookup->query = NULL;
    lookup->reply = *reply;
    if (!primary->lookups[FAMILY_IPV4].query && !primary->lookups[FAMILY_IPV6].query)
        finish_lookups(primary);
}

static void resolve(struct primary *primary)
{
    for (int f = 0; f < FAMILY_COUNT; f++) {
        struct lookup *lookup = &primary->lookups[f];
        lookup->primary = primary;
        if (wants(primary->via, (enum family)f))
            lookup->query = resolver_query_start(primary->resolver, primary->result.name,
                                                 f == FAMILY_IPV4 ? RR_A : RR_AAAA,
                                                 primary->deadline_ms, on_lookup, lookup);
    }
}

/* --- the SOA --- */

static void on_soa(const struct resolver_reply *reply, void *arg)
{
    struct primary *primary = arg;
    struct primary_result *result = &primary->result;
    primary->soa = NULL;
    if (reply->outcome == OUTCOME_OK && host_is_valid(reply->msg.soa_mname)) {
        str_copy(result->name, sizeof result->name, reply->msg.soa_mname);
        resolve(primary);
        return;
    }
    if (reply->outcome == OUTCOME_DNS_NODATA && reply->msg.soa_owner[0])
        str_append(result->detail, sizeof result->detail, "%s is no zone of its own, %s is",
                   primary->zone, reply->msg.soa_owner);
    else
        str_append(result->detail, sizeof result->detail,
                   "the primary of %s is not known (SOA: %s%s%s)", primary->zone,
                   outcome_word(reply->outcome), reply->detail[0] ? ": " : "", reply->detail);
    finish(primary, reply->outcome == OUTCOME_OK ? OUTCOME_DNS_NODATA : reply->outcome);
}

static void on_timer(void *arg)
{
    struct primary *primary = arg;
    finish(primary, primary->result.outcome);
}

static void start_url(struct primary *primary, struct loop *loop, const char *url)
{
    struct primary_result *result = &primary->result;
    struct hostport place = {0};
    const char *problem = parse_url(url, &place);
    str_copy(result->name, sizeof result->name, place.host);
    result->port = place.port;
    if (!problem && !addr_is_set(&place.literal)) {
        resolve(primary);
        return;
    }
    if (problem) {
        str_copy(result->detail, sizeof result->detail, problem);
        result->outcome = OUTCOME_DNS_BAD_NAME;
    } else {
        result->addrs[result->count++] = place.literal;
    }
    primary->timer = loop_timer_new(loop, on_timer, primary);
    loop_timer_set(primary->timer, 0);
}

struct primary *primary_start(struct loop *loop, struct resolver *resolver, const char *url,
                              const char *zone, enum session_family via, int64_t deadline_ms,
                              primary_fn *done, void *arg)
{
    struct primary *primary = mem_zalloc(sizeof *primary);
    primary->resolver = resolver;
    primary->zone = mem_strdup(zone);
    primary->via = via;
    primary->deadline_ms = deadline_ms;
    primary->result.port = PORT;
    primary->done = done;
    primary->arg = arg;
    if (url[0])
        start_url(primary, loop, url);
    else
        primary->soa = resolver_query_start(resolver, zone, RR_SOA, deadline_ms, on_soa, primary);
    return primary;
}
