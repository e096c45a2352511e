/* SPDX-License-Identifier: ISC
 *
 * What a probe of http or https asks for, and whether the reply is as expected. Pure: the setters
 * take options as people write them, the judgement takes what was seen.
 */
#ifndef REACHD_PROBES_HTTP_WANT_H
#define REACHD_PROBES_HTTP_WANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/outcome.h"

#define HTTP_WANT_RANGES   8
#define HTTP_WANT_MAX_BODY (16u << 20) /* unless given */
#define HTTP_WANT_SEARCHED (1u << 20)  /* text is looked for within so much of the body */

struct http_range {
    uint16_t low, high;
};

/* Zeroed: GET, and a status 2xx or a redirect that stays with the host. */
struct http_want {
    char *method;
    char *host_header;
    char *headers; /* lines with CRLF; may hold secrets */
    struct http_range statuses[HTTP_WANT_RANGES];
    size_t status_count;
    char *text;
    char *regex;
    uint32_t max_body; /* 0: HTTP_WANT_MAX_BODY */
};

/* Takes one option by its name, as in the configuration; NULL, or what is wrong with the text
 * (static). Headers and statuses add up. */
const char *http_want_option(struct http_want *want, const char *name, const char *text);
const char *http_want_path(const char *text);                               /* only judges it */
bool http_want_equal(const struct http_want *a, const struct http_want *b); /* either may be NULL */
void http_want_free(struct http_want *want); /* wipes; of what mem_* made; NULL is fine */

struct http_seen {
    const char *host; /* that was asked */
    bool tls;
    int status;
    const char *location; /* "" for none */
    const char *body;     /* terminated; the part that was kept */
    size_t body_len;
    uint64_t body_bytes; /* all of it */
};

/* OK or an HTTP_* word; detail is printable evidence, "" with OK. */
enum outcome http_want_judge(const struct http_want *want, const struct http_seen *seen,
                             char *detail, size_t cap);

#endif
