/* SPDX-License-Identifier: ISC
 *
 * HOST[:PORT] as people type it: name, IPv4 literal, "[2001:db8::1]:8443", bare IPv6 literal.
 */
#ifndef REACHD_LIB_HOSTPORT_H
#define REACHD_LIB_HOSTPORT_H

#include "lib/addr.h"

#define HOST_MAX 254 /* RFC 1035: 253 octets of text and the terminator */

struct hostport {
    char host[HOST_MAX]; /* lower case, no trailing dot; the canonical text for a literal */
    struct addr literal; /* set when host is an address literal */
    uint16_t port;       /* default_port when the text names none */
};

/* Returns NULL on success, else a sentence that says what is wrong (static). */
const char *hostport_parse(const char *text, uint16_t default_port, struct hostport *out);
/* A syntactically possible DNS name: labels of 1..63 of [A-Za-z0-9_-] (and a leading "*"). */
bool host_is_valid(const char *host);

#endif
