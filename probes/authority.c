/* SPDX-License-Identifier: ISC
 *
 * Finding the servers, asking them. Owns: a resolver for each zone on the way. Not its job:
 * comparing the servers of a zone with each other (ddns/verify.h does).
 */
#include "probes/authority.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/zone.h"

#define MAX_HOPS    8 /* aliases that lead into other zones */
#define MAX_SERVERS 8
#define SERVER_LEN  (ADDR_STRLEN + 3)

struct authority {
    struct loop *loop;
    struct resolver *resolver;
    struct egress egress;
    char name[HOST_MAX]; /* asked now */
    enum rrtype type;
    int64_t deadline_ms;
    int64_t start_us;
    unsigned hops;
    struct zone_search *search;
    char servers[MAX_SERVERS * SERVER_LEN];
    size_t server_count;
    struct resolver *own; /* asks the zone's servers */
    struct resolver_query *query;
    resolver_fn *done;
    void *arg;
};

static void search(struct authority *authority);

void authority_cancel(struct authority *authority)
{
    if (!authority)
        return;
    zone_search_cancel(authority->search);
    resolver_query_cancel(authority->query);
    resolver_free(authority->own);
    free(authority);
}

static void finish(struct authority *authority, struct resolver_reply *reply)
{
    resolver_fn *done = authority->done;
    void *arg = authority->arg;
    reply->took_us = clock_mono_us() - authority->start_us;
    authority_cancel(authority);
    done(reply, arg);
}

static void fail(struct authority *authority, enum outcome outcome, const char *detail)
{
    struct resolver_reply reply = {.outcome = outcome};
    str_copy(reply.detail, sizeof reply.detail, detail);
    finish(authority, &reply);
}

/* --- asking --- */

static void on_reply(const struct resolver_reply *reply, void *arg)
{
    struct authority *authority = arg;
    const char *cname = reply->msg.cname;
    struct resolver_reply own = *reply;
    authority->query = NULL;
    bool elsewhere = *cname && reply->msg.addr_count == 0 && !reply->msg.cname_loop;
    if (elsewhere && authority->hops < MAX_HOPS) {
        authority->hops++;
        str_copy(authority->name, sizeof authority->name, cname);
        search(authority);
        return;
    }
    if (elsewhere)
        own.outcome = OUTCOME_DNS_CNAME_LOOP;
    else if (!reply->msg.aa &&
             (reply->outcome == OUTCOME_OK || reply->outcome == OUTCOME_DNS_NODATA ||
              reply->outcome == OUTCOME_DNS_NXDOMAIN)) {
        own.outcome = OUTCOME_DNS_REFUSED;
        str_copy(own.detail, sizeof own.detail,
                 "the zone's server answers without authority (lame delegation)");
    }
    if (authority->hops > 0 && !*cname) /* the alias was met in another zone */
        str_copy(own.msg.cname, sizeof own.msg.cname, authority->name);
    finish(authority, &own);
}

static void ask(struct authority *authority)
{
    struct resolver_conf conf = {
        .servers = authority->servers, .egress = authority->egress, .authoritative = true};
    char error[128];
    authority->own = resolver_new(authority->loop, &conf, error, sizeof error);
    if (!authority->own) {
        fail(authority, OUTCOME_LOCAL_ERROR, error);
        return;
    }
    authority->query = resolver_query_start(authority->own, authority->name, authority->type,
                                            authority->deadline_ms, on_reply, authority);
}

/* --- searching --- */

static void on_server(const char *name, const struct addr *addr, void *arg)
{
    struct authority *authority = arg;
    char text[ADDR_STRLEN];
    bool six = addr->af == AF_INET6;
    (void)name;
    if (authority->server_count == MAX_SERVERS)
        return;
    authority->server_count++;
    str_append(authority->servers, sizeof authority->servers, "%s%s%s%s",
               authority->servers[0] ? "," : "", six ? "[" : "", addr_format(addr, text),
               six ? "]" : "");
}

static void on_searched(enum outcome outcome, const char *detail, void *arg)
{
    struct authority *authority = arg;
    authority->search = NULL;
    if (authority->server_count > 0)
        ask(authority);
    else
        fail(authority, outcome == OUTCOME_OK ? OUTCOME_DNS_NODATA : outcome,
             *detail ? detail : "no address of any of the zone's servers");
}

/* Half of what is left is kept for asking. */
static void search(struct authority *authority)
{
    int64_t now_ms = clock_mono_ms();
    resolver_free(authority->own);
    authority->own = NULL;
    authority->servers[0] = '\0';
    authority->server_count = 0;
    authority->search = zone_search_start(authority->resolver, authority->name,
                                          now_ms + (authority->deadline_ms - now_ms) / 2, on_server,
                                          on_searched, authority);
}

struct authority *authority_start(struct loop *loop, struct resolver *resolver,
                                  const struct egress *egress, const char *name, enum rrtype type,
                                  int64_t deadline_ms, resolver_fn *done, void *arg)
{
    struct authority *authority = mem_zalloc(sizeof(*authority));
    authority->loop = loop;
    authority->resolver = resolver;
    authority->egress = *egress;
    authority->type = type;
    authority->deadline_ms = deadline_ms;
    authority->start_us = clock_mono_us();
    authority->done = done;
    authority->arg = arg;
    str_copy(authority->name, sizeof authority->name, name);
    search(authority);
    return authority;
}
