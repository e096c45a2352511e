/* SPDX-License-Identifier: ISC
 *
 * Signature Version 4 of Amazon Web Services: the Authorization header of a request. Pure; the time
 * is an argument. Source: "Create a signed AWS API request" of the IAM user guide; checked against
 * the test suite that Amazon published.
 */
#ifndef REACHD_DDNS_SIGV4_H
#define REACHD_DDNS_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"

#define SIGV4_WHEN_LEN 17 /* "20150830T123600Z" */

struct sigv4_header {
    const char *name;  /* lower case */
    const char *value; /* without space around it */
};

struct sigv4_request {
    const char *method;
    const char *path;  /* percent-encoded, as sent */
    const char *query; /* sorted by name, percent-encoded, as sent; "" when there is none */
    const struct sigv4_header
        *headers; /* that are signed, sorted by name: host and x-amz-date too */
    size_t header_count;
    const char *body;
};

struct sigv4_scope {
    const char *when; /* as in x-amz-date */
    const char *region;
    const char *service;
    const char *key_id;
    const char *secret;
};

/* The time as x-amz-date has it. Returns out. */
const char *sigv4_when(int64_t wall_ms, char out[SIGV4_WHEN_LEN]);
/* Appends the value of the Authorization header. False: out->max, or SHA-256 is not to be had. */
bool sigv4_authorization(const struct sigv4_request *request, const struct sigv4_scope *scope,
                         struct buf *out);

#endif
