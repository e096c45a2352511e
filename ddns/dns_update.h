/* SPDX-License-Identifier: ISC
 *
 * The message of a dynamic update (RFC 2136): record sets of one zone replaced or deleted, all or
 * none of them. Pure. Not its job: signing (ddns/tsig.h), sending (probes/dns_exchange.h).
 */
#ifndef REACHD_DDNS_DNS_UPDATE_H
#define REACHD_DDNS_DNS_UPDATE_H

#include "lib/addr.h"
#include "lib/buf.h"

/* What the record sets of one name shall be; a family that is not set is left alone. */
struct dns_update {
    const char *fqdn;
    struct addr addrs[FAMILY_COUNT];
    uint32_t ttl[FAMILY_COUNT];
    struct addr withdraw[FAMILY_COUNT]; /* set: this set goes, if it holds just this address */
};

enum {
    DNS_RCODE_YXDOMAIN = 6,
    DNS_RCODE_YXRRSET = 7,
    DNS_RCODE_NXRRSET = 8,
    DNS_RCODE_NOTAUTH = 9,
    DNS_RCODE_NOTZONE = 10,
};

/* Asks on condition that no name is an alias: servers drop an address beside a CNAME and say that
 * all is well (section 3.4.2.2); so the answer is YXRRSET instead; and that a
 * set which is to go is as it should be, or the answer is NXRRSET. False: a name is none, or it
 * does not fit. */
bool dns_update_build(struct buf *out, unsigned id, const char *zone,
                      const struct dns_update *updates, size_t count);

#endif
