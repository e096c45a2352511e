/* SPDX-License-Identifier: ISC
 *
 * From URL to reply. Owns: the order resolve, connect, exchange, and how the one deadline is shared
 * out. Not its job: TLS, the exchange itself (probes/http_exchange.h), what a status means.
 *
 * The request's text and the URL may hold secrets: they are wiped, and never part of a detail.
 */
#include "probes/session.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/conn.h"
#include "probes/http_exchange.h"
#include "probes/http_request.h"

#define MAX_ADDRS (FAMILY_COUNT * 4) /* tried at the most, half of them of each family */

struct lookup {
    struct session *session;
    struct resolver_query *query;
    enum outcome outcome;
    char detail[128];
    size_t count;
    struct addr addrs[MAX_ADDRS / FAMILY_COUNT];
};

struct session {
    struct loop *loop;
    struct trust *trust;
    struct egress egress;
    struct url url;
    int64_t start_ms;
    int64_t deadline_ms;
    struct buf request;
    struct lookup lookups[FAMILY_COUNT];
    size_t next; /* address to try: an index over both families, IPv6 first */
    struct conn *conn;
    struct loop_timer *timer; /* the deferred call of a failure at the start */
    bool head_request;
    size_t max_body;
    struct http_exchange *exchange;
    struct session_reply reply; /* the best that can be said so far */
    session_fn *done;
    void *arg;
};

/* --- the end --- */

/* All but the exchange, which holds the reply's body. */
static void release(struct session *session)
{
    for (size_t i = 0; i < FAMILY_COUNT; i++)
        resolver_query_cancel(session->lookups[i].query);
    conn_free(session->conn);
    loop_timer_free(session->timer);
    http_exchange_wipe(&session->request);
    explicit_bzero(session->url.target, sizeof(session->url.target));
    free(session);
}

static void read_reply(struct http_exchange *exchange, struct session_reply *reply)
{
    reply->location = reply->body = "";
    reply->retry_after_s = -1;
    if (!exchange)
        return;
    struct http_parser *parser = http_exchange_parser(exchange);
    reply->status = http_parser_status(parser);
    reply->retry_after_s = http_parser_retry_after_s(parser, clock_wall_ms());
    reply->location = http_parser_location(parser);
    reply->body = http_parser_body(parser, &reply->body_len);
}

static void finish(struct session *session, enum outcome outcome)
{
    struct http_exchange *exchange = session->exchange;
    struct session_reply reply = session->reply;
    session_fn *done = session->done;
    void *arg = session->arg;
    reply.outcome = outcome;
    read_reply(exchange, &reply);
    release(session);
    done(&reply, arg);
    http_exchange_free(exchange);
}

static void set_detail(struct session *session, const char *detail)
{
    str_copy(session->reply.detail, sizeof(session->reply.detail), detail);
}

static void on_timer(void *arg)
{
    struct session *session = arg;
    finish(session, session->reply.outcome);
}

/* --- the exchange --- */

static void on_exchange(struct http_exchange *exchange, enum outcome outcome, void *arg)
{
    struct session *session = arg;
    set_detail(session, http_exchange_detail(exchange));
    finish(session, outcome);
}

static void start_exchange(struct session *session)
{
    struct http_exchange_spec spec = {.conn = session->conn,
                                      .head_request = session->head_request,
                                      .max_body = session->max_body,
                                      .keep_body = session->max_body,
                                      .since_ms = session->start_ms,
                                      .deadline_ms = session->deadline_ms};
    session->reply.request_left = true;
    session->exchange =
        http_exchange_start(session->loop, &spec, &session->request, on_exchange, session);
}

/* --- connecting --- */

static void try_next(struct session *session);

/* Of several failures the first that says something about the server is the one to tell. */
static void note_failure(struct session *session, enum outcome outcome)
{
    bool told = session->reply.outcome != OUTCOME_OK;
    if (told && (outcome_info(session->reply.outcome)->verdict != VERDICT_UNKNOWN ||
                 outcome_info(outcome)->verdict == VERDICT_UNKNOWN))
        return;
    session->reply.outcome = outcome;
    set_detail(session, conn_detail(session->conn));
}

static const struct addr *addr_at(const struct session *session, size_t i)
{
    const struct lookup *v6 = &session->lookups[FAMILY_IPV6];
    const struct lookup *v4 = &session->lookups[FAMILY_IPV4];
    return i < v6->count ? &v6->addrs[i] : &v4->addrs[i - v6->count];
}

static size_t addr_total(const struct session *session)
{
    return session->lookups[FAMILY_IPV4].count + session->lookups[FAMILY_IPV6].count;
}

static void on_conn(struct conn *conn, enum outcome outcome, void *arg)
{
    struct session *session = arg;
    const struct addr *addr = addr_at(session, session->next);
    if (outcome != OUTCOME_OK) {
        enum outcome before = session->reply.outcome;
        note_failure(session, outcome);
        if (before != session->reply.outcome || !addr_is_set(&session->reply.peer))
            session->reply.peer = *addr;
        session->conn = NULL;
        conn_free(conn);
        session->next++;
        try_next(session);
        return;
    }
    session->reply.peer = *addr;
    start_exchange(session);
}

/* Every address gets its share of what is left, with one share for the exchange; the last may use
 * it all. */
static void try_next(struct session *session)
{
    size_t left = addr_total(session) - session->next;
    int64_t now_ms = clock_mono_ms(), left_ms = session->deadline_ms - now_ms;
    if (left == 0 || (left_ms <= 0 && session->next > 0)) {
        finish(session, session->reply.outcome);
        return;
    }
    struct conn_spec spec = {
        .addr = *addr_at(session, session->next),
        .port = session->url.port,
        .servername = session->url.tls ? session->url.host : NULL,
        .alpn = session->url.tls ? "http/1.1" : NULL,
        .trust = session->trust,
        .require_verified = true,
        .egress = session->egress,
        .deadline_ms = left == 1 ? session->deadline_ms : now_ms + left_ms / ((int64_t)left + 1),
    };
    session->conn = conn_start(session->loop, &spec, on_conn, session);
}

/* --- resolving --- */

/* No address at all: what is said of IPv4 counts when IPv6 is merely absent. */
static void finish_unresolved(struct session *session)
{
    const struct lookup *v6 = &session->lookups[FAMILY_IPV6];
    const struct lookup *v4 = &session->lookups[FAMILY_IPV4];
    bool asked_v6 = v6->outcome != OUTCOME_OK, asked_v4 = v4->outcome != OUTCOME_OK;
    bool use_v4 = asked_v4 && (!asked_v6 || v6->outcome == OUTCOME_DNS_NODATA);
    const struct lookup *use = use_v4 ? v4 : v6;
    set_detail(session, use->detail);
    finish(session, use->outcome);
}

static void on_lookup(const struct resolver_reply *reply, void *arg)
{
    struct lookup *lookup = arg;
    struct session *session = lookup->session;
    lookup->query = NULL;
    lookup->outcome = reply->outcome;
    str_copy(lookup->detail, sizeof(lookup->detail), reply->detail);
    if (reply->outcome == OUTCOME_OK)
        while (lookup->count < reply->msg.addr_count &&
               lookup->count < sizeof(lookup->addrs) / sizeof(lookup->addrs[0])) {
            lookup->addrs[lookup->count] = reply->msg.addrs[lookup->count];
            lookup->count++;
        }
    if (session->lookups[FAMILY_IPV4].query || session->lookups[FAMILY_IPV6].query)
        return;
    if (addr_total(session) > 0)
        try_next(session);
    else
        finish_unresolved(session);
}

static void resolve(struct session *session, struct resolver *resolver, enum session_family wanted)
{
    int64_t half_ms = (session->deadline_ms - session->start_ms) / 2;
    for (enum family f = FAMILY_IPV4; f < FAMILY_COUNT; f++) {
        struct lookup *lookup = &session->lookups[f];
        if (wanted != SESSION_ANY && (wanted == SESSION_IPV4) != (f == FAMILY_IPV4))
            continue;
        lookup->query =
            resolver_query_start(resolver, session->url.host, f == FAMILY_IPV4 ? RR_A : RR_AAAA,
                                 session->start_ms + half_ms, on_lookup, lookup);
    }
}

/* --- the request --- */

static bool build_request(struct session *session, const struct session_request *request)
{
    struct http_request parts = {.method = request->method,
                                 .target = session->url.target,
                                 .host = session->url.host,
                                 .port = session->url.port,
                                 .tls = session->url.tls,
                                 .user = request->basic_user,
                                 .password = request->basic_password,
                                 .headers = request->headers,
                                 .body = request->body};
    return http_request_build(&parts, &session->request);
}

static void fail_later(struct session *session, enum outcome outcome, const char *detail)
{
    session->reply.outcome = outcome;
    set_detail(session, detail);
    loop_timer_set(session->timer, 0);
}

static void begin(struct session *session, struct resolver *resolver,
                  const struct session_request *request)
{
    const char *error = url_parse(request->url, &session->url);
    const struct addr *literal = &session->url.literal;
    if (error) {
        fail_later(session, OUTCOME_LOCAL_ERROR, error);
        return;
    }
    if (!build_request(session, request)) {
        fail_later(session, OUTCOME_LOCAL_ERROR, "the request is too large, or a ':' in the user");
        return;
    }
    if (!addr_is_set(literal)) {
        resolve(session, resolver, request->family);
        return;
    }
    enum family family = addr_family(literal);
    if (request->family != SESSION_ANY &&
        (request->family == SESSION_IPV4) != (family == FAMILY_IPV4)) {
        fail_later(session, OUTCOME_DNS_NODATA, "the URL's host is an address of the other family");
        return;
    }
    session->lookups[family].addrs[0] = *literal;
    session->lookups[family].count = 1;
    try_next(session);
}

struct session *session_start(struct loop *loop, struct resolver *resolver, struct trust *trust,
                              const struct session_request *request, session_fn *done, void *arg)
{
    struct session *session = mem_zalloc(sizeof(*session));
    session->loop = loop;
    session->trust = trust;
    session->egress = request->egress;
    session->start_ms = clock_mono_ms();
    session->deadline_ms = session->start_ms + request->timeout_ms;
    session->done = done;
    session->arg = arg;
    session->timer = loop_timer_new(loop, on_timer, session);
    session->head_request = strcmp(request->method, "HEAD") == 0;
    session->max_body = request->max_body;
    for (size_t i = 0; i < FAMILY_COUNT; i++)
        session->lookups[i].session = session;
    begin(session, resolver, request);
    return session;
}

void session_cancel(struct session *session)
{
    if (!session)
        return;
    http_exchange_free(session->exchange);
    release(session);
}
