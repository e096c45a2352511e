/* SPDX-License-Identifier: ISC
 *
 * One HTTP request and its reply over a connection that stands: sent, received, timed, within one
 * deadline. Shared by sessions and by probes of http and https. Not its job: connecting, what the
 * reply means.
 */
#ifndef REACHD_PROBES_HTTP_EXCHANGE_H
#define REACHD_PROBES_HTTP_EXCHANGE_H

#include "lib/buf.h"
#include "probes/conn.h"
#include "probes/http.h"

struct http_exchange;

struct http_exchange_spec {
    struct conn *conn; /* established; stays the owner's and must outlive the exchange */
    bool head_request;
    size_t max_body;
    size_t keep_body;    /* of it, from the front; more is only counted */
    int64_t since_ms;    /* when the whole began: for "within 10s" */
    int64_t deadline_ms; /* clock_mono_ms() */
};

/* The exchange is over: OK when a complete reply arrived, whatever its status. Called once, not
 * before http_exchange_start returns. The exchange stays the owner's until http_exchange_free. */
typedef void http_exchange_fn(struct http_exchange *exchange, enum outcome outcome, void *arg);

/* Takes the request's text over and wipes it once it is sent: it may hold secrets. */
struct http_exchange *http_exchange_start(struct loop *loop, const struct http_exchange_spec *spec,
                                          struct buf *request, http_exchange_fn *done, void *arg);
void http_exchange_free(
    struct http_exchange *exchange); /* cancels; legal at any time; NULL is fine */

struct http_parser *http_exchange_parser(struct http_exchange *exchange);
const char *
http_exchange_detail(const struct http_exchange *exchange); /* printable, without secrets */
int64_t http_exchange_first_us(
    const struct http_exchange *exchange); /* to the first byte of the reply; -1 */
void http_exchange_wipe(struct buf *buf);  /* frees it and leaves no trace */

#endif
