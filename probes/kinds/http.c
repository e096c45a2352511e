/* SPDX-License-Identifier: ISC
 *
 * Kinds http and https: connect, ask, and hold the reply against what is expected. Nothing is sent
 * to a peer whose certificate does not verify. No redirect is followed.
 */
#include "probes/kinds/http.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/http_exchange.h"
#include "probes/http_request.h"
#include "probes/http_want.h"
#include "probes/kind.h"
#include "probes/kinds/connect.h"

struct http_look {
    struct loop *loop;
    struct probe_spec spec;
    struct conn *conn;
    struct http_exchange *exchange;
    int64_t started_us;
    struct probe_result result;
    probe_fn *done;
    void *arg;
};

static bool is_https(const struct probe_spec *spec)
{
    return spec->kind == PROBE_HTTPS;
}

static void cancel(void *arg)
{
    struct http_look *look = arg;
    http_exchange_free(look->exchange);
    conn_free(look->conn);
    free(look);
}

static void path(const void *arg, struct tcp_facts *out)
{
    const struct http_look *look = arg;
    conn_tcp_facts(look->conn, out);
}

static void finish(struct http_look *look, enum outcome outcome)
{
    struct probe_result result = look->result;
    probe_fn *done = look->done;
    void *arg = look->arg;
    result.outcome = outcome;
    cancel(look);
    done(&result, arg);
}

static struct http_facts *read_facts(struct http_look *look)
{
    struct http_parser *parser = http_exchange_parser(look->exchange);
    struct http_facts *facts = mem_zalloc(sizeof(*facts));
    facts->status = http_parser_status(parser);
    facts->body_bytes = http_parser_body_bytes(parser);
    facts->ttfb_us = http_exchange_first_us(look->exchange);
    facts->total_us = clock_mono_us() - look->started_us;
    str_copy(facts->location, sizeof facts->location, http_parser_location(parser));
    return facts;
}

static enum outcome judge(struct http_look *look, const struct http_facts *facts)
{
    const struct probe_spec *spec = &look->spec;
    struct http_seen seen = {.host = spec->http && spec->http->host_header ? spec->http->host_header
                                                                           : spec->host,
                             .tls = is_https(spec),
                             .status = facts->status,
                             .location = facts->location,
                             .body_bytes = facts->body_bytes};
    seen.body = http_parser_body(http_exchange_parser(look->exchange), &seen.body_len);
    return http_want_judge(spec->http, &seen, look->result.detail, sizeof look->result.detail);
}

static void on_exchange(struct http_exchange *exchange, enum outcome outcome, void *arg)
{
    struct http_look *look = arg;
    struct http_facts *facts = read_facts(look);
    connect_look_read(look->conn, &look->result); /* again: the path facts now know more */
    look->result.facts = facts;
    str_copy(look->result.detail, sizeof look->result.detail, http_exchange_detail(exchange));
    if (outcome == OUTCOME_OK)
        outcome = judge(look, facts);
    else if (outcome == OUTCOME_HTTP_TOO_LARGE)
        str_append(look->result.detail, sizeof look->result.detail,
                   "status %d, more than %" PRIu64 " bytes", facts->status, facts->body_bytes);
    finish(look, outcome);
}

static bool build(const struct probe_spec *spec, struct buf *out)
{
    const struct http_want *want = spec->http;
    struct http_request request = {.method = want && want->method ? want->method : "GET",
                                   .target = spec->path ? spec->path : "/",
                                   .host = spec->host,
                                   .port = spec->port,
                                   .host_header = want ? want->host_header : NULL,
                                   .tls = is_https(spec),
                                   .headers = want ? want->headers : NULL};
    return http_request_build(&request, out);
}

static void ask(struct http_look *look)
{
    const struct http_want *want = look->spec.http;
    bool searched = want && (want->text || want->regex);
    struct buf request;
    struct http_exchange_spec spec = {
        .conn = look->conn,
        .head_request = want && want->method && strcmp(want->method, "HEAD") == 0,
        .max_body = want && want->max_body ? want->max_body : HTTP_WANT_MAX_BODY,
        .keep_body = searched ? HTTP_WANT_SEARCHED : 0,
        .since_ms = look->started_us / 1000,
        .deadline_ms = look->spec.deadline_ms};
    if (!build(&look->spec, &request)) { /* its parts were bounded before */
        http_exchange_wipe(&request);
        finish(look, OUTCOME_LOCAL_ERROR);
        return;
    }
    look->exchange = http_exchange_start(look->loop, &spec, &request, on_exchange, look);
}

static void on_conn(struct conn *conn, enum outcome outcome, void *arg)
{
    struct http_look *look = arg;
    if (outcome == OUTCOME_OK) {
        ask(look);
        return;
    }
    connect_look_read(conn, &look->result);
    finish(look, outcome);
}

static void *start(struct loop *loop, const struct probe_spec *spec, const struct addr *addr,
                   probe_fn *done, void *arg)
{
    bool tls = is_https(spec);
    struct conn_spec conn = {.addr = *addr,
                             .port = spec->port,
                             .servername = tls ? spec->servername : NULL,
                             .alpn = tls ? "http/1.1" : NULL,
                             .trust = spec->trust,
                             .full_size = spec->full_size,
                             .cert_soon_ms = spec->cert_soon_ms,
                             .egress = spec->egress,
                             .deadline_ms = spec->deadline_ms};
    struct http_look *look = mem_zalloc(sizeof(*look));
    look->loop = loop;
    look->spec = *spec;
    look->started_us = clock_mono_us();
    look->done = done;
    look->arg = arg;
    probe_result_init(&look->result, spec, addr);
    look->conn = conn_start(loop, &conn, on_conn, look);
    return look;
}

/* --- telling --- */

static void facts_json(const void *arg, json_t *out)
{
    const struct http_facts *facts = arg;
    json_t *http = doc_object();
    doc_count(http, "status", facts->status ? facts->status : -1);
    doc_text(http, "location", *facts->location ? facts->location : NULL);
    doc_int(http, "body_bytes", (int64_t)facts->body_bytes);
    doc_count(http, "ttfb_us", facts->ttfb_us);
    doc_count(http, "total_us", facts->total_us);
    doc_value(out, "http", http);
}

static void facts_brief(const void *arg, char *text, size_t cap)
{
    const struct http_facts *facts = arg;
    if (facts->status)
        str_append(text, cap, "status %d  %" PRIu64 " bytes  ", facts->status, facts->body_bytes);
    str_append(text, cap, "total %.*f ms", facts->total_us < 9950 ? 1 : 0,
               (double)facts->total_us / 1000);
}

static void facts_numbers(const void *arg, kind_number_fn *tell, void *to)
{
    const struct http_facts *facts = arg;
    if (facts->status)
        tell("http_status_code", "Status of the reply.", facts->status, to);
    tell("http_body_bytes", "Bytes of the body that arrived.", (double)facts->body_bytes, to);
    if (facts->ttfb_us >= 0)
        tell("http_first_byte_seconds", "From the request to the first byte of the reply.",
             (double)facts->ttfb_us / 1e6, to);
    tell("http_duration_seconds", "From the start of the connect to the end of the reply.",
         (double)facts->total_us / 1e6, to);
}

const struct kind kind_http = {
    .word = "http",
    .about = "an HTTP request and its reply",
    .ok = "reached, and the reply is as expected",
    .port = 80,
    .takes = KIND_TAKES_HTTP,
    .start = start,
    .cancel = cancel,
    .path = path,
    .facts_free = free,
    .facts_json = facts_json,
    .facts_brief = facts_brief,
    .facts_numbers = facts_numbers,
};

const struct kind kind_https = {
    .word = "https",
    .about = "TLS and the certificate, then an HTTP request and its reply",
    .ok = "reached and verified, and the reply is as expected",
    .port = 443,
    .takes = KIND_TAKES_SERVERNAME | KIND_TAKES_HTTP,
    .start = start,
    .cancel = cancel,
    .path = path,
    .facts_free = free,
    .facts_json = facts_json,
    .facts_brief = facts_brief,
    .facts_numbers = facts_numbers,
};
