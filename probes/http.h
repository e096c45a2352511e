/* SPDX-License-Identifier: ISC
 *
 * HTTP/1.1 replies (RFC 9112), parsed incrementally and purely: bytes in, state out.
 * Content-Length, chunked and close-delimited bodies; bounds on everything. Not its job: the
 * connection.
 */
#ifndef REACHD_PROBES_HTTP_H
#define REACHD_PROBES_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/http_date.h"
#include "probes/url.h"

enum http_state {
    HTTP_MORE,      /* feed more */
    HTTP_DONE,      /* complete */
    HTTP_TRUNCATED, /* the stream ended before the reply did */
    HTTP_TOO_LARGE, /* a bound was passed */
    HTTP_MALFORMED, /* not HTTP */
};

#define HTTP_MAX_HEAD     16384
#define HTTP_LOCATION_LEN 512

struct http_parser;

/* head_request: the reply has no body whatever its headers say. max_body: bytes allowed. */
struct http_parser *http_parser_new(bool head_request, size_t max_body);
/* Before the first byte: keeps no more than this of the body, from its front; the rest is counted.
 */
void http_parser_keep(struct http_parser *parser, size_t keep);
void http_parser_free(struct http_parser *parser);
enum http_state http_parser_feed(struct http_parser *parser, const void *data, size_t len);
enum http_state http_parser_end(struct http_parser *parser); /* the stream ended */

int http_parser_status(const struct http_parser *parser); /* 100..599, 0 before the status line */
/* Seconds from Retry-After, a number or an HTTP date against now_wall_ms, bounded to 7 days; -1
 * none. */
int64_t http_parser_retry_after_s(const struct http_parser *parser, int64_t now_wall_ms);
/* Printable; "" when there is none or it is longer than HTTP_LOCATION_LEN. */
const char *http_parser_location(const struct http_parser *parser);
int64_t http_parser_date_ms(const struct http_parser *parser);         /* the Date header; 0 none */
const char *http_parser_body(struct http_parser *parser, size_t *len); /* terminated */
uint64_t http_parser_body_bytes(const struct http_parser *parser);     /* that arrived */

#endif
