/* SPDX-License-Identifier: ISC
 *
 * One look at a zone's authoritative servers. Owns: one short-lived resolver per server address,
 * the deadline. Not its job: finding the servers (probes/zone.h), what the answers amount to
 * (probes/verify_judge.c), when to look (ddns/updater.h).
 */
#include "probes/verify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/hostport.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/rng.h"
#include "lib/str.h"
#include "probes/zone.h"

#define GRACE_MS 1000 /* for the others, once one has answered */
#define DNS_PORT 53

static const enum rrtype rrtypes[FAMILY_COUNT] = {RR_A, RR_AAAA};

/* What one server is asked. */
struct ask {
    struct verify *verify;
    struct resolver *resolver;
    struct resolver_query *query;
    struct resolver_query *soa; /* NULL: not asked */
    size_t index;               /* in look.servers */
};

struct verify {
    struct loop *loop;
    struct resolver *recursive;
    struct loop_timer *timer; /* deadline of the whole, or end of the grace */
    int64_t deadline_ms;
    char fqdn[HOST_MAX];
    enum family family;
    struct egress egress;
    bool serials;
    struct zone_search *search;
    bool deep;
    struct resolver_query *own;    /* to the resolver */
    struct resolver_query *beside; /* to the first server */
    size_t pending;                /* the search and asks */
    bool in_grace;
    struct ask asks[VERIFY_MAX_SERVERS];
    struct verify_look look;
    verify_fn *done;
    void *arg;
};

static void release(struct verify *verify)
{
    zone_search_cancel(verify->search);
    resolver_query_cancel(verify->own);
    resolver_query_cancel(verify->beside);
    for (size_t i = 0; i < verify->look.count; i++) {
        resolver_query_cancel(verify->asks[i].query);
        resolver_query_cancel(verify->asks[i].soa);
        resolver_free(verify->asks[i].resolver);
    }
    loop_timer_free(verify->timer);
    free(verify);
}

/* Why nobody answered with authority. */
static void explain(struct verify_look *look)
{
    char text[ADDR_STRLEN];
    bool reached = false; /* one of them, at least */
    if (look->answered || look->count == 0)
        return;
    look->detail[0] = '\0';
    look->outcome = look->servers[0].outcome;
    for (size_t i = 0; i < look->count; i++) {
        const struct verify_server *server = &look->servers[i];
        bool lame = verify_is_lame(server);
        reached |= lame;
        str_append(look->detail, sizeof(look->detail), "%s%s (%s): %s", i ? "; " : "", server->name,
                   addr_format(&server->addr, text), verify_state_text(server));
    }
    if (reached)
        look->outcome = OUTCOME_DNS_LAME;
}

static void finish(struct verify *verify)
{
    struct verify_look *look = mem_zalloc(sizeof(*look));
    verify_fn *done = verify->done;
    void *arg = verify->arg;
    *look = verify->look;
    verify_judge(look);
    explain(look);
    if (look->answered)
        look->outcome = OUTCOME_OK;
    release(verify);
    done(look, arg);
    free(look);
}

/* A server that has not answered by then counts as silent: its outcome was preset. */
static void on_timer(void *arg)
{
    finish(arg);
}

static void fail(struct verify *verify, enum outcome outcome, const char *what, const char *detail)
{
    verify->look.outcome = outcome;
    verify->look.detail[0] = '\0';
    str_append(verify->look.detail, sizeof(verify->look.detail), "%s: %s", what, detail);
}

static void end_one(struct verify *verify)
{
    if (--verify->pending == 0)
        finish(verify);
}

/* --- the servers --- */

static void start_grace(struct verify *verify)
{
    int64_t left = verify->deadline_ms - clock_mono_ms();
    if (verify->in_grace)
        return;
    verify->in_grace = true;
    if (left > GRACE_MS)
        loop_timer_set(verify->timer, GRACE_MS);
}

static void note_reply(struct verify_server *server, const struct resolver_reply *reply)
{
    server->outcome = reply->outcome;
    server->authoritative = reply->msg.aa;
    str_copy(server->cname, sizeof(server->cname), reply->msg.cname);
    str_ncopy(server->detail, sizeof(server->detail), reply->detail, sizeof(server->detail) - 1);
    if (reply->outcome == OUTCOME_OK)
        verify_note_values(server, &reply->msg);
    else
        server->ttl = reply->msg.negative_ttl;
}

static void on_answer(const struct resolver_reply *reply, void *arg)
{
    struct ask *ask = arg;
    struct verify *verify = ask->verify;
    ask->query = NULL;
    note_reply(&verify->look.servers[ask->index], reply);
    if (reply->msg.aa)
        start_grace(verify);
    end_one(verify);
}

static void on_own(const struct resolver_reply *reply, void *arg)
{
    struct verify *verify = arg;
    verify->own = NULL;
    note_reply(&verify->look.resolver, reply);
    verify->look.resolver.addr = reply->server;
    verify->look.authenticated = reply->msg.ad;
    end_one(verify);
}

static void on_beside(const struct resolver_reply *reply, void *arg)
{
    struct verify *verify = arg;
    verify->beside = NULL;
    note_reply(&verify->look.beside, reply);
    end_one(verify);
}

/* Where the name is not the zone's own, the SOA stands beside the answer that there is none. */
static void on_soa(const struct resolver_reply *reply, void *arg)
{
    struct ask *ask = arg;
    struct verify_server *server = &ask->verify->look.servers[ask->index];
    ask->soa = NULL;
    server->has_serial = reply->msg.aa && reply->msg.soa_owner[0];
    server->serial = reply->msg.soa_serial;
    end_one(ask->verify);
}

static bool is_known(const struct verify_look *look, const struct addr *addr, uint16_t port)
{
    for (size_t i = 0; i < look->count; i++)
        if (look->servers[i].port == port && addr_equal(&look->servers[i].addr, addr))
            return true;
    return false;
}

/* A name with the same parent. Where only a wildcard can answer, it does so for both alike. */
static void ask_beside(struct verify *verify, struct resolver *resolver)
{
    char name[HOST_MAX] = "";
    const char *dot = strchr(verify->fqdn, '.');
    if (!dot || !str_append(name, sizeof name, "reachd-%08" PRIx32 "%s", rng_u32(), dot))
        return;
    verify->pending++;
    verify->beside = resolver_query_start(resolver, name, rrtypes[verify->family],
                                          verify->deadline_ms, on_beside, verify);
}

static void ask_server(struct verify *verify, const char *name, const struct addr *addr,
                       uint16_t port)
{
    struct verify_look *look = &verify->look;
    char text[ADDR_STRLEN], server_text[ADDR_STRLEN + 10] = "", error[128];
    bool six = addr->af == AF_INET6;
    if (look->count == VERIFY_MAX_SERVERS || is_known(look, addr, port))
        return;
    str_append(server_text, sizeof(server_text), "%s%s%s:%u", six ? "[" : "",
               addr_format(addr, text), six ? "]" : "", port);
    struct resolver_conf conf = {
        .servers = server_text, .authoritative = true, .egress = verify->egress};
    struct resolver *resolver = resolver_new(verify->loop, &conf, error, sizeof(error));
    if (!resolver) {
        log_warn("verify", "%s: %s", server_text, error);
        return;
    }
    struct ask *ask = &verify->asks[look->count];
    struct verify_server *server = &look->servers[look->count];
    *ask = (struct ask){.verify = verify, .resolver = resolver, .index = look->count++};
    *server = (struct verify_server){.addr = *addr, .port = port, .outcome = OUTCOME_DNS_TIMEOUT};
    str_copy(server->name, sizeof(server->name), name);
    if (verify->deep && ask->index == 0)
        ask_beside(verify, resolver);
    verify->pending++;
    ask->query = resolver_query_start(resolver, verify->fqdn, rrtypes[verify->family],
                                      verify->deadline_ms, on_answer, ask);
    if (!verify->serials)
        return;
    verify->pending++;
    ask->soa =
        resolver_query_start(resolver, verify->fqdn, RR_SOA, verify->deadline_ms, on_soa, ask);
}

/* --- the search --- */

static void on_server(const char *name, const struct addr *addr, void *arg)
{
    ask_server(arg, name, addr, DNS_PORT);
}

static void on_searched(enum outcome outcome, const char *detail, void *arg)
{
    struct verify *verify = arg;
    verify->search = NULL;
    if (outcome != OUTCOME_OK) {
        verify->look.outcome = outcome;
        str_copy(verify->look.detail, sizeof(verify->look.detail), detail);
    }
    end_one(verify);
}

/* The search may take two thirds of the time, so that some is left to ask. */
static void search(struct verify *verify, const char *zone)
{
    int64_t now = clock_mono_ms();
    verify->pending++;
    struct zone_search_conf conf = {
        .loop = verify->loop, .resolver = verify->recursive, .egress = &verify->egress};
    verify->search = zone_search_start(&conf, zone, now + (verify->deadline_ms - now) * 2 / 3,
                                       on_server, on_searched, verify);
}

/* --- start and end --- */

static bool ask_listed(struct verify *verify, const char *servers)
{
    char item[HOST_MAX + ADDR_STRLEN + 16];
    struct hostport at;
    while (*servers) {
        size_t len = strcspn(servers, ",");
        while (len > 0 && *servers == ' ') {
            servers++;
            len--;
        }
        if (!str_ncopy(item, sizeof(item), servers, len))
            return false;
        char *address = strchr(item, '=');
        if (address)
            *address++ = '\0';
        if (hostport_parse(address ? address : item, DNS_PORT, &at) || !addr_is_set(&at.literal))
            return false;
        ask_server(verify, address ? item : at.host, &at.literal, at.port);
        servers += len;
        servers += *servers == ',';
    }
    return verify->look.count > 0;
}

struct verify *verify_start(struct loop *loop, struct resolver *resolver,
                            const struct verify_conf *conf, const char *zone, const char *fqdn,
                            enum family family, verify_fn *done, void *arg)
{
    struct verify *verify = mem_zalloc(sizeof(*verify));
    int64_t timeout = conf->timeout_ms > 0 ? conf->timeout_ms : VERIFY_TIMEOUT_MS;
    verify->loop = loop;
    verify->recursive = resolver;
    verify->family = family;
    verify->done = done;
    verify->arg = arg;
    verify->serials = conf->serials;
    verify->deep = conf->deep;
    verify->look.resolver.outcome = verify->look.beside.outcome = OUTCOME_DNS_TIMEOUT;
    if (conf->egress)
        verify->egress = *conf->egress;
    verify->deadline_ms = clock_mono_ms() + timeout;
    verify->look.outcome = OUTCOME_DNS_TIMEOUT;
    str_copy(verify->fqdn, sizeof(verify->fqdn), fqdn);
    verify->timer = loop_timer_new(loop, on_timer, verify);
    loop_timer_set(verify->timer, timeout);
    if (verify->deep) {
        verify->pending++;
        verify->own = resolver_query_start(resolver, fqdn, rrtypes[family], verify->deadline_ms,
                                           on_own, verify);
    }
    if (!conf->servers || !conf->servers[0])
        search(verify, zone);
    else if (!ask_listed(verify, conf->servers)) {
        fail(verify, OUTCOME_DNS_BAD_NAME, "servers", "not a list of addresses");
        loop_timer_set(verify->timer, 0);
    }
    return verify;
}

void verify_cancel(struct verify *verify)
{
    if (verify)
        release(verify);
}
