/* SPDX-License-Identifier: ISC
 *
 * The text of an HTTP/1.1 request. Pure.
 */
#ifndef REACHD_PROBES_HTTP_REQUEST_H
#define REACHD_PROBES_HTTP_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"

#define HTTP_REQUEST_MAX (256 * 1024)

struct http_request {
    const char *method;
    const char *target;      /* path and query; may hold secrets */
    const char *host;        /* name or address literal without brackets */
    uint16_t port;           /* named in Host where it is not usual */
    const char *host_header; /* instead of these two; NULL: none */
    bool tls;
    const char *user; /* HTTP Basic when not NULL */
    const char *password;
    const char *headers; /* further lines, each with CRLF; NULL for none */
    const char *body;    /* NULL for none */
};

/* Initializes out and fills it; false when it is too large or a ':' is in the user. Growing would
 * leave copies of secrets in freed memory: all the room is taken at once. */
bool http_request_build(const struct http_request *request, struct buf *out);

#endif
