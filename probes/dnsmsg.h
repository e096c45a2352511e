/* SPDX-License-Identifier: ISC
 *
 * A parser for DNS replies (RFC 1035), pure: bytes in, facts out. It follows the CNAME chain inside
 * the message and keeps what a reachability check needs: rcode, AA, TC, addresses, TTLs, NS, SOA.
 * Not its job: sending (probes/resolver.h). Everything in the bytes is hostile.
 */
#ifndef REACHD_PROBES_DNSMSG_H
#define REACHD_PROBES_DNSMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"
#include "lib/hostport.h"

enum rrtype {
    RR_A = 1,
    RR_NS = 2,
    RR_CNAME = 5,
    RR_SOA = 6,
    RR_AAAA = 28,
};

enum dns_rcode {
    RCODE_NOERROR = 0,
    RCODE_FORMERR = 1,
    RCODE_SERVFAIL = 2,
    RCODE_NXDOMAIN = 3,
    RCODE_NOTIMP = 4,
    RCODE_REFUSED = 5,
};

#define DNSMSG_MAX_ADDRS 32
#define DNSMSG_MAX_NAMES 16

struct dnsmsg {
    uint8_t rcode;
    bool aa;
    bool tc;
    bool ad;
    size_t addr_count; /* answers of the asked type at the end of the CNAME chain */
    struct addr addrs[DNSMSG_MAX_ADDRS];
    bool addrs_cut;    /* there were more than fit */
    size_t name_count; /* NS targets of the answer section, or of the authority section of a
                          referral */
    char names[DNSMSG_MAX_NAMES][HOST_MAX];
    char ns_owner[HOST_MAX]; /* owner of those NS records: the zone */
    size_t glue_count;       /* addresses of those NS targets from the additional section */
    struct addr glue[DNSMSG_MAX_ADDRS];
    uint8_t glue_of[DNSMSG_MAX_ADDRS]; /* the index in names that it belongs to */
    char cname[HOST_MAX];              /* last target of the CNAME chain, "" when there is none */
    bool cname_loop;
    uint32_t ttl;             /* seconds: the smallest along the chain and of the record set */
    char soa_owner[HOST_MAX]; /* owner of a SOA in answer or authority section, "" when none */
    char soa_mname[HOST_MAX];
    uint32_t soa_serial;
    uint32_t negative_ttl; /* RFC 2308: min(SOA TTL, MINIMUM) */
};

/* Names are lower case, without trailing dot, unusual bytes escaped as \DDD. False: not a
 * well-formed reply to (name, type); *out is zeroed then. */
bool dnsmsg_parse(const void *data, size_t len, const char *name, enum rrtype type,
                  struct dnsmsg *out);

#endif
