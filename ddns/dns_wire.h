/* SPDX-License-Identifier: ISC
 *
 * The DNS wire format as far as messages of our own need it (RFC 1035 section 4): names written,
 * records stepped over. Pure. Not its job: reading answers of resolvers (probes/dnsmsg.h).
 */
#ifndef REACHD_DDNS_DNS_WIRE_H
#define REACHD_DDNS_DNS_WIRE_H

#include "lib/buf.h"

#define DNS_WIRE_MAX   32768 /* of a message of ours */
#define DNS_HEADER     12
#define DNS_CLASS_IN   1
#define DNS_CLASS_CH   3
#define DNS_CLASS_ANY  255
#define DNS_CLASS_NONE 254
#define DNS_TYPE_A     1
#define DNS_TYPE_CNAME 5
#define DNS_TYPE_SOA   6
#define DNS_TYPE_TXT   16
#define DNS_TYPE_AAAA  28
#define DNS_TYPE_TSIG  250

bool dns_put_u16(struct buf *buf, unsigned value);
bool dns_put_u32(struct buf *buf, uint32_t value);
/* A host name, lower case, uncompressed; false when it is none (host_is_valid) or does not fit. */
bool dns_put_name(struct buf *buf, const char *name);
/* Overwrites two bytes that are there. */
void dns_set_u16(struct buf *buf, size_t at, unsigned value);

/* Step over a name, compressed or not, and over a whole record; false when it ends before. */
bool dns_skip_name(struct reader *r);
/* Steps over a name, compressed or not; true when it is the one given (letters of either case). */
bool dns_take_name(struct reader *r, const uint8_t *message, const char *name);
/* Fills type; the reader stands behind the record. */
bool dns_skip_record(struct reader *r, uint16_t *type);

#endif
