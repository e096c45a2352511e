/* SPDX-License-Identifier: ISC
 *
 * Where updates of a zone go: the server that is configured, or the one that the zone's SOA record
 * names as its primary; and its addresses. Not its job: sending anything there.
 */
#ifndef REACHD_DDNS_PRIMARY_H
#define REACHD_DDNS_PRIMARY_H

#include "probes/resolver.h"
#include "probes/session.h"

#define PRIMARY_ADDRS_MAX 8
#define PRIMARY_SCHEME    "dns://"

struct primary_result {
    enum outcome outcome;
    char name[HOST_MAX]; /* "" while it is not known */
    uint16_t port;
    size_t count;
    struct addr addrs[PRIMARY_ADDRS_MAX]; /* IPv6 first */
    char detail[160];                     /* of a failure, printable */
};

struct primary;
typedef void primary_fn(const struct primary_result *result, void *arg);

/* url: "dns://HOST[:PORT]", or "" for the SOA's. Done once, not before the return, never after a
 * cancel. */
struct primary *primary_start(struct loop *loop, struct resolver *resolver, const char *url,
                              const char *zone, enum session_family via, int64_t deadline_ms,
                              primary_fn *done, void *arg);
void primary_cancel(struct primary *primary); /* NULL is fine */

/* NULL, or what is wrong with a url (static). */
const char *primary_url_problem(const char *url);

#endif
