/* SPDX-License-Identifier: ISC
 *
 * One HTTP exchange. Owns: the order resolve, connect, send, receive, the request's text, and how
 * the one deadline is shared out. Not its job: TLS, the reply's syntax, what a status means.
 *
 * The request's text and the URL may hold secrets: they are wiped, and never part of a detail.
 */
#include "probes/session.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base64.h"
#include "lib/clock.h"
#include "lib/duration.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/conn.h"
#include "probes/http.h"

#define MAX_ADDRS    (FAMILY_COUNT * 4) /* tried at the most, half of them of each family */
#define MAX_REQUEST  (256 * 1024)
#define READ_AT_ONCE 16384

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
    size_t sent;
    struct lookup lookups[FAMILY_COUNT];
    size_t next; /* address to try: an index over both families, IPv6 first */
    struct conn *conn;
    /* The deadline while the exchange runs (resolver and conn keep it themselves before); with a
     * failure set, the deferred call of it. */
    struct loop_timer *timer;
    bool connected;
    struct http_parser *parser;
    struct session_reply reply; /* the best that can be said so far */
    session_fn *done;
    void *arg;
};

/* --- the end --- */

static void wipe(struct buf *buf)
{
    if (buf->data)
        explicit_bzero(buf->data, buf->cap);
    buf_clear(buf);
}

/* All but the parser, which holds the reply's body. */
static void release(struct session *session)
{
    for (size_t i = 0; i < FAMILY_COUNT; i++)
        resolver_query_cancel(session->lookups[i].query);
    conn_free(session->conn);
    loop_timer_free(session->timer);
    wipe(&session->request);
    explicit_bzero(session->url.target, sizeof(session->url.target));
    free(session);
}

static void finish(struct session *session, enum outcome outcome)
{
    struct http_parser *parser = session->parser;
    struct session_reply reply = session->reply;
    session_fn *done = session->done;
    void *arg = session->arg;
    reply.outcome = outcome;
    reply.status = http_parser_status(parser);
    reply.retry_after_s = http_parser_retry_after_s(parser, clock_wall_ms());
    reply.location = http_parser_location(parser);
    reply.body = http_parser_body(parser, &reply.body_len);
    release(session);
    done(&reply, arg);
    http_parser_free(parser);
}

static void set_detail(struct session *session, const char *detail)
{
    str_copy(session->reply.detail, sizeof(session->reply.detail), detail);
}

static void on_timer(void *arg)
{
    struct session *session = arg;
    char took[DURATION_LEN];
    if (!session->connected) {
        finish(session, session->reply.outcome);
        return;
    }
    duration_format(clock_mono_ms() - session->start_ms, took);
    session->reply.detail[0] = '\0';
    str_append(session->reply.detail, sizeof(session->reply.detail), "%s within %s",
               http_parser_status(session->parser) ? "the reply was not complete" : "no reply",
               took);
    finish(session, OUTCOME_HTTP_TIMEOUT);
}

/* --- the exchange --- */

static void finish_parsed(struct session *session, enum http_state state)
{
    switch (state) {
    case HTTP_DONE:
        set_detail(session, "");
        finish(session, OUTCOME_OK);
        return;
    case HTTP_TOO_LARGE:
        set_detail(session, "");
        finish(session, OUTCOME_HTTP_TOO_LARGE);
        return;
    case HTTP_TRUNCATED:
        set_detail(session, http_parser_status(session->parser)
                                ? "the connection was closed within the reply"
                                : "the connection was closed before a reply");
        finish(session, OUTCOME_HTTP_TRUNCATED);
        return;
    case HTTP_MORE:
    case HTTP_MALFORMED:
        set_detail(session, "");
        finish(session, OUTCOME_HTTP_MALFORMED);
        return;
    }
}

static void finish_broken(struct session *session)
{
    enum outcome outcome = conn_outcome(session->conn);
    set_detail(session, conn_detail(session->conn));
    /* Broken without a reason of its own: the reply is what is missing. */
    if (outcome == OUTCOME_OK || outcome == OUTCOME_TLS_CLOSED)
        outcome = OUTCOME_HTTP_TRUNCATED;
    finish(session, outcome);
}

static void on_stream(unsigned ready, void *arg);

static void watch(struct session *session, enum tls_io io)
{
    conn_watch(session->conn, io == TLS_IO_WANT_READ ? LOOP_READ : LOOP_WRITE, on_stream, session);
}

static void receive(struct session *session)
{
    uint8_t data[READ_AT_ONCE];
    for (;;) {
        size_t got;
        enum tls_io io = conn_read(session->conn, data, sizeof(data), &got);
        enum http_state state = HTTP_MORE;
        switch (io) {
        case TLS_IO_WANT_READ:
        case TLS_IO_WANT_WRITE:
            watch(session, io);
            return;
        case TLS_IO_FAILED:
            finish_broken(session);
            return;
        case TLS_IO_CLOSED:
            finish_parsed(session, http_parser_end(session->parser));
            return;
        case TLS_IO_OK:
            state = http_parser_feed(session->parser, data, got);
            break;
        }
        if (state != HTTP_MORE) {
            finish_parsed(session, state);
            return;
        }
    }
}

/* False when the stream wants to wait. A server that answers early and closes makes writing fail;
 * then its reply is worth more than our error. */
static bool send_request(struct session *session)
{
    struct buf *request = &session->request;
    while (session->sent < request->len) {
        size_t put;
        session->reply.request_left = true;
        enum tls_io io = conn_write(session->conn, request->data + session->sent,
                                    request->len - session->sent, &put);
        if (io == TLS_IO_WANT_READ || io == TLS_IO_WANT_WRITE) {
            watch(session, io);
            return false;
        }
        session->sent = io == TLS_IO_OK ? session->sent + put : request->len;
    }
    wipe(request);
    session->sent = 0; /* equal to the emptied length: all is sent */
    return true;
}

static void on_stream(unsigned ready, void *arg)
{
    struct session *session = arg;
    (void)ready;
    if (send_request(session))
        receive(session);
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
    session->connected = true;
    session->reply.peer = *addr;
    loop_timer_set(session->timer, session->deadline_ms - clock_mono_ms());
    on_stream(0, session);
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

static bool add_basic(struct buf *out, const char *user, const char *password)
{
    struct buf pair;
    buf_init(&pair, MAX_REQUEST);
    bool good = !strchr(user, ':') && buf_append(&pair, user, strlen(user)) &&
                buf_append(&pair, ":", 1) && buf_append(&pair, password, strlen(password)) &&
                buf_printf(out, "Authorization: Basic ") &&
                base64_encode(out, pair.data, pair.len) && buf_append(out, "\r\n", 2);
    wipe(&pair);
    return good;
}

static bool add_host(struct buf *out, const struct url *url)
{
    bool v6 = addr_is_set(&url->literal) && addr_family(&url->literal) == FAMILY_IPV6;
    if (!buf_printf(out, "Host: %s%s%s", v6 ? "[" : "", url->host, v6 ? "]" : ""))
        return false;
    if (url->port != (url->tls ? 443 : 80) && !buf_printf(out, ":%u", url->port))
        return false;
    return buf_append(out, "\r\n", 2);
}

/* Growing would leave copies of secrets in freed memory: all the room is taken at once. */
static bool build_request(struct session *session, const struct session_request *request)
{
    struct buf *out = &session->request;
    const char *headers = request->headers ? request->headers : "";
    size_t body_len = request->body ? strlen(request->body) : 0;
    const char *password = request->basic_password ? request->basic_password : "";
    size_t secret = request->basic_user ? (strlen(request->basic_user) + strlen(password)) * 2 : 0;
    buf_init(out, MAX_REQUEST);
    if (!buf_room(out, strlen(request->method) + strlen(session->url.target) + HOST_MAX + 512 +
                           secret + strlen(headers) + body_len))
        return false;
    if (!buf_printf(out, "%s ", request->method) ||
        !buf_append(out, session->url.target, strlen(session->url.target)) ||
        !buf_printf(out, " HTTP/1.1\r\n") || !add_host(out, &session->url) ||
        !buf_printf(out, "User-Agent: reachd/%s\r\nAccept: */*\r\nConnection: close\r\n",
                    PACKAGE_VERSION))
        return false;
    if (request->basic_user && !add_basic(out, request->basic_user, password))
        return false;
    if (request->body && !buf_printf(out, "Content-Length: %zu\r\n", body_len))
        return false;
    return buf_append(out, headers, strlen(headers)) && buf_append(out, "\r\n", 2) &&
           buf_append(out, request->body, body_len);
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
    session->parser = http_parser_new(strcmp(request->method, "HEAD") == 0, request->max_body);
    for (size_t i = 0; i < FAMILY_COUNT; i++)
        session->lookups[i].session = session;
    begin(session, resolver, request);
    return session;
}

void session_cancel(struct session *session)
{
    if (!session)
        return;
    http_parser_free(session->parser);
    release(session);
}
