/* SPDX-License-Identifier: ISC
 *
 * URLs of http and https (RFC 3986), pure: taken apart, and values encoded for them.
 */
#ifndef REACHD_PROBES_URL_H
#define REACHD_PROBES_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/hostport.h"

#define URL_TARGET_MAX 2048

struct url {
    bool tls;
    char host[HOST_MAX]; /* name (lower case) or address literal without brackets */
    struct addr literal; /* set when host is an address literal */
    uint16_t port;
    char target[URL_TARGET_MAX]; /* path and query, at least "/"; may hold secrets */
};

/* http:// and https:// only, no user part; NULL on success, else what is wrong (static). */
const char *url_parse(const char *text, struct url *out);
/* Percent-encodes everything but unreserved characters (RFC 3986) onto buf. */
bool url_encode(struct buf *buf, const char *text);

#endif
