/* SPDX-License-Identifier: ISC
 *
 * Following a name through the zones on its way. Owns: the look at each. Not its job: finding and
 * asking the servers of one zone (probes/verify.h).
 */
#include "probes/authority.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/str.h"

#define MAX_HOPS 8 /* aliases that lead into other zones */

struct authority {
    struct loop *loop;
    struct resolver *resolver;
    struct verify_conf conf;
    struct egress egress;
    char alias[HOST_MAX];         /* the name that was given */
    char name[HOST_MAX];          /* asked now */
    char met[MAX_HOPS][HOST_MAX]; /* asked before */
    enum family family;
    int64_t deadline_ms;
    int64_t start_us;
    unsigned hops;
    struct verify *verify;
    authority_fn *done;
    void *arg;
};

void authority_cancel(struct authority *authority)
{
    if (!authority)
        return;
    verify_cancel(authority->verify);
    free(authority);
}

/* --- from servers to a reply --- */

/* The server whose answer counts; NULL when none answered with authority. */
static const struct verify_server *telling(const struct verify_look *look)
{
    const struct verify_server *first = NULL;
    for (size_t i = 0; i < look->count; i++) {
        const struct verify_server *server = &look->servers[i];
        if (!verify_has_answered(server))
            continue;
        if (server->outcome == OUTCOME_OK)
            return server;
        first = first ? first : server;
    }
    return first;
}

static void fill(const struct authority *authority, const struct verify_server *server,
                 struct resolver_reply *reply)
{
    struct dnsmsg *msg = &reply->msg;
    size_t kept = server->count < DNSMSG_MAX_ADDRS ? server->count : DNSMSG_MAX_ADDRS;
    reply->outcome = server->outcome;
    str_copy(reply->detail, sizeof reply->detail, server->detail);
    msg->aa = true;
    msg->addr_count = kept;
    memcpy(msg->addrs, server->values, kept * sizeof *msg->addrs);
    msg->addrs_cut = server->count > kept;
    msg->ttl = server->ttl;
    /* An alias may have been met in another zone. */
    str_copy(msg->cname, sizeof msg->cname,
             *server->cname || authority->hops == 0 ? server->cname : authority->name);
}

/* What does not exist at the end of the way is where an alias leads. */
static void note_dangling(const struct authority *authority, struct resolver_reply *reply)
{
    if (authority->hops == 0 || reply->outcome != OUTCOME_DNS_NXDOMAIN)
        return;
    reply->outcome = OUTCOME_DNS_CNAME_DANGLING;
    resolver_say_dangling(authority->alias, authority->name, reply->detail);
}

static void finish(struct authority *authority, struct resolver_reply *reply,
                   const struct verify_look *look)
{
    authority_fn *done = authority->done;
    void *arg = authority->arg;
    note_dangling(authority, reply);
    reply->took_us = clock_mono_us() - authority->start_us;
    authority_cancel(authority);
    done(reply, look, arg);
}

/* --- from zone to zone --- */

static bool was_met(const struct authority *authority, const char *name)
{
    bool met = strcmp(authority->name, name) == 0;
    for (unsigned i = 0; i < authority->hops; i++)
        met |= strcmp(authority->met[i], name) == 0;
    return met;
}

static void look_at(struct authority *authority);

static void on_look(const struct verify_look *look, void *arg)
{
    struct authority *authority = arg;
    const struct verify_server *server = telling(look);
    struct resolver_reply reply = {.outcome = look->outcome};
    authority->verify = NULL;
    if (!server && look->outcome == OUTCOME_OK)
        reply.outcome = OUTCOME_DNS_NODATA; /* not one of the servers has an address */
    if (!server) {
        str_copy(reply.detail, sizeof reply.detail, look->detail);
        finish(authority, &reply, look);
        return;
    }
    bool elsewhere = server->outcome == OUTCOME_DNS_NODATA && *server->cname;
    if (elsewhere && authority->hops < MAX_HOPS && !was_met(authority, server->cname)) {
        str_copy(authority->met[authority->hops++], HOST_MAX, authority->name);
        str_copy(authority->name, sizeof authority->name, server->cname);
        look_at(authority);
        return;
    }
    fill(authority, server, &reply);
    if (elsewhere) {
        reply.outcome = OUTCOME_DNS_CNAME_LOOP;
        resolver_say_loop(server->cname, reply.detail);
    }
    finish(authority, &reply, look);
}

static void look_at(struct authority *authority)
{
    authority->conf.timeout_ms = authority->deadline_ms - clock_mono_ms();
    if (authority->conf.timeout_ms < 1)
        authority->conf.timeout_ms = 1;
    authority->verify =
        verify_start(authority->loop, authority->resolver, &authority->conf, authority->name,
                     authority->name, authority->family, on_look, authority);
}

struct authority *authority_start(struct loop *loop, struct resolver *resolver,
                                  const struct egress *egress, const char *name, enum family family,
                                  bool serials, int64_t deadline_ms, authority_fn *done, void *arg)
{
    struct authority *authority = mem_zalloc(sizeof(*authority));
    authority->loop = loop;
    authority->resolver = resolver;
    authority->egress = *egress;
    authority->conf.egress = &authority->egress;
    authority->conf.serials = serials;
    authority->family = family;
    authority->deadline_ms = deadline_ms;
    authority->start_us = clock_mono_us();
    authority->done = done;
    authority->arg = arg;
    str_copy(authority->alias, sizeof authority->alias, name);
    str_copy(authority->name, sizeof authority->name, name);
    look_at(authority);
    return authority;
}
