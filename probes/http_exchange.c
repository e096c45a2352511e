/* SPDX-License-Identifier: ISC
 *
 * One exchange over a connection. Owns: the request until it is sent, the parser, the deadline.
 */
#include "probes/http_exchange.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/duration.h"
#include "lib/mem.h"
#include "lib/str.h"

#define READ_AT_ONCE   16384
#define READS_PER_TURN 16 /* then others have their turn of the loop */

struct http_exchange {
    struct conn *conn;
    struct buf request;
    size_t sent;
    struct http_parser *parser;
    struct loop_timer *timer;
    int64_t since_ms;
    int64_t sent_us;
    int64_t first_us;
    bool over;
    char detail[160];
    http_exchange_fn *done;
    void *arg;
};

void http_exchange_wipe(struct buf *buf)
{
    if (buf->data)
        explicit_bzero(buf->data, buf->cap);
    buf_clear(buf);
}

/* --- the end --- */

static void finish(struct http_exchange *exchange, enum outcome outcome, const char *detail)
{
    exchange->over = true;
    str_copy(exchange->detail, sizeof exchange->detail, detail);
    loop_timer_clear(exchange->timer);
    conn_watch(exchange->conn, 0, NULL, NULL);
    exchange->done(exchange, outcome, exchange->arg);
}

static void finish_parsed(struct http_exchange *exchange, enum http_state state)
{
    switch (state) {
    case HTTP_DONE:
        finish(exchange, OUTCOME_OK, "");
        return;
    case HTTP_TOO_LARGE:
        finish(exchange, OUTCOME_HTTP_TOO_LARGE, "");
        return;
    case HTTP_TRUNCATED:
        finish(exchange, OUTCOME_HTTP_TRUNCATED,
               http_parser_status(exchange->parser) ? "the connection was closed within the reply"
                                                    : "the connection was closed before a reply");
        return;
    case HTTP_MORE:
    case HTTP_MALFORMED:
        finish(exchange, OUTCOME_HTTP_MALFORMED, "");
        return;
    }
}

/* Broken without a reason of its own: the reply is what is missing. */
static void finish_broken(struct http_exchange *exchange)
{
    enum outcome outcome = conn_outcome(exchange->conn);
    if (outcome == OUTCOME_OK || outcome == OUTCOME_TLS_CLOSED)
        outcome = OUTCOME_HTTP_TRUNCATED;
    finish(exchange, outcome, conn_detail(exchange->conn));
}

/* Where it stopped tells a lost large packet (MTU) from a server that never answers. */
static void on_deadline(void *arg)
{
    struct http_exchange *exchange = arg;
    char took[DURATION_LEN], detail[sizeof exchange->detail] = "";
    uint64_t bytes = http_parser_body_bytes(exchange->parser);
    duration_format(clock_mono_ms() - exchange->since_ms, took);
    if (!http_parser_status(exchange->parser))
        str_append(detail, sizeof detail, "no reply within %s", took);
    else
        str_append(detail, sizeof detail,
                   "the reply was not complete within %s: it stopped after %" PRIu64
                   " bytes of the body",
                   took, bytes);
    finish(exchange, OUTCOME_HTTP_TIMEOUT, detail);
}

/* --- sending and receiving --- */

static void on_stream(unsigned ready, void *arg);

static void watch(struct http_exchange *exchange, enum tls_io io)
{
    conn_watch(exchange->conn, io == TLS_IO_WANT_READ ? LOOP_READ : LOOP_WRITE, on_stream,
               exchange);
}

static void receive(struct http_exchange *exchange)
{
    uint8_t data[READ_AT_ONCE];
    for (size_t i = 0; i < READS_PER_TURN; i++) {
        size_t got;
        enum tls_io io = conn_read(exchange->conn, data, sizeof data, &got);
        enum http_state state = HTTP_MORE;
        switch (io) {
        case TLS_IO_WANT_READ:
        case TLS_IO_WANT_WRITE:
            watch(exchange, io);
            return;
        case TLS_IO_FAILED:
            finish_broken(exchange);
            return;
        case TLS_IO_CLOSED:
            finish_parsed(exchange, http_parser_end(exchange->parser));
            return;
        case TLS_IO_OK:
            if (exchange->first_us < 0)
                exchange->first_us = clock_mono_us() - exchange->sent_us;
            state = http_parser_feed(exchange->parser, data, got);
            break;
        }
        if (state != HTTP_MORE) {
            finish_parsed(exchange, state);
            return;
        }
    }
    /* Writable is at once: what the TLS layer holds already would wake nobody up. */
    conn_watch(exchange->conn, LOOP_READ | LOOP_WRITE, on_stream, exchange);
}

/* False when the stream wants to wait. A server that answers early and closes makes writing fail;
 * then its reply is worth more than our error. */
static bool send_request(struct http_exchange *exchange)
{
    struct buf *request = &exchange->request;
    while (exchange->sent < request->len) {
        size_t put;
        enum tls_io io = conn_write(exchange->conn, request->data + exchange->sent,
                                    request->len - exchange->sent, &put);
        if (io == TLS_IO_WANT_READ || io == TLS_IO_WANT_WRITE) {
            watch(exchange, io);
            return false;
        }
        exchange->sent = io == TLS_IO_OK ? exchange->sent + put : request->len;
    }
    http_exchange_wipe(request);
    exchange->sent = 0; /* equal to the emptied length: all is sent */
    return true;
}

static void on_stream(unsigned ready, void *arg)
{
    struct http_exchange *exchange = arg;
    (void)ready;
    if (send_request(exchange))
        receive(exchange);
}

struct http_exchange *http_exchange_start(struct loop *loop, const struct http_exchange_spec *spec,
                                          struct buf *request, http_exchange_fn *done, void *arg)
{
    struct http_exchange *exchange = mem_zalloc(sizeof(*exchange));
    exchange->conn = spec->conn;
    exchange->request = *request;
    buf_init(request, 0);
    exchange->parser = http_parser_new(spec->head_request, spec->max_body);
    http_parser_keep(exchange->parser, spec->keep_body);
    exchange->since_ms = spec->since_ms;
    exchange->sent_us = clock_mono_us();
    exchange->first_us = -1;
    exchange->done = done;
    exchange->arg = arg;
    exchange->timer = loop_timer_new(loop, on_deadline, exchange);
    loop_timer_set(exchange->timer, spec->deadline_ms - clock_mono_ms());
    /* It leaves now, not with the next turn of the loop; the reply is for later. */
    if (send_request(exchange))
        watch(exchange, TLS_IO_WANT_READ);
    return exchange;
}

void http_exchange_free(struct http_exchange *exchange)
{
    if (!exchange)
        return;
    if (!exchange->over)
        conn_watch(exchange->conn, 0, NULL, NULL);
    loop_timer_free(exchange->timer);
    http_exchange_wipe(&exchange->request);
    http_parser_free(exchange->parser);
    free(exchange);
}

struct http_parser *http_exchange_parser(struct http_exchange *exchange)
{
    return exchange->parser;
}

const char *http_exchange_detail(const struct http_exchange *exchange)
{
    return exchange->detail;
}

int64_t http_exchange_first_us(const struct http_exchange *exchange)
{
    return exchange->first_us;
}
