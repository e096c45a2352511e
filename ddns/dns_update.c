/* SPDX-License-Identifier: ISC
 *
 * Building the message (RFC 2136 section 2).
 */
#include "ddns/dns_update.h"

#include "ddns/dns_wire.h"

#define OPCODE_UPDATE 5

static bool put_head(struct buf *out, const char *name, unsigned type, unsigned class, uint32_t ttl)
{
    return dns_put_name(out, name) && dns_put_u16(out, type) && dns_put_u16(out, class) &&
           dns_put_u32(out, ttl);
}

static bool put_header(struct buf *out, unsigned id, size_t prerequisites, size_t changes)
{
    return dns_put_u16(out, id) && dns_put_u16(out, OPCODE_UPDATE << 11) && dns_put_u16(out, 1) &&
           dns_put_u16(out, (unsigned)prerequisites) && dns_put_u16(out, (unsigned)changes) &&
           dns_put_u16(out, 0);
}

static unsigned type_of(int family)
{
    return family == FAMILY_IPV4 ? DNS_TYPE_A : DNS_TYPE_AAAA;
}

static bool put_address(struct buf *out, const struct addr *addr)
{
    return dns_put_u16(out, (unsigned)addr_len(addr)) &&
           buf_append(out, addr->bytes, addr_len(addr));
}

/* Section 2.4.2: the set must be this one. */
static bool put_exactly(struct buf *out, const struct dns_update *update, int family)
{
    return put_head(out, update->fqdn, type_of(family), DNS_CLASS_IN, 0) &&
           put_address(out, &update->withdraw[family]);
}

/* Section 2.5.2: the set goes. */
static bool put_delete(struct buf *out, const struct dns_update *update, int family)
{
    return put_head(out, update->fqdn, type_of(family), DNS_CLASS_ANY, 0) && dns_put_u16(out, 0);
}

/* Section 2.4.3: the set must not be there. */
static bool put_no_alias(struct buf *out, const char *name)
{
    return put_head(out, name, DNS_TYPE_CNAME, DNS_CLASS_NONE, 0) && dns_put_u16(out, 0);
}

/* Sections 2.5.2 and 2.5.1: the set goes, one record comes. */
static bool put_replace(struct buf *out, const struct dns_update *update, int family)
{
    return put_delete(out, update, family) &&
           put_head(out, update->fqdn, type_of(family), DNS_CLASS_IN, update->ttl[family]) &&
           put_address(out, &update->addrs[family]);
}

static bool put_prerequisites(struct buf *out, const struct dns_update *update)
{
    bool good = put_no_alias(out, update->fqdn);
    for (int f = 0; good && f < FAMILY_COUNT; f++)
        if (addr_is_set(&update->withdraw[f]))
            good = put_exactly(out, update, f);
    return good;
}

static bool put_changes(struct buf *out, const struct dns_update *update)
{
    bool good = true;
    for (int f = 0; good && f < FAMILY_COUNT; f++) {
        if (addr_is_set(&update->addrs[f]))
            good = put_replace(out, update, f);
        else if (addr_is_set(&update->withdraw[f]))
            good = put_delete(out, update, f);
    }
    return good;
}

bool dns_update_build(struct buf *out, unsigned id, const char *zone,
                      const struct dns_update *updates, size_t count)
{
    size_t prerequisites = count, changes = 0;
    for (size_t i = 0; i < count; i++)
        for (int f = 0; f < FAMILY_COUNT; f++) {
            bool set = addr_is_set(&updates[i].addrs[f]);
            bool gone = addr_is_set(&updates[i].withdraw[f]);
            prerequisites += gone;
            changes += set ? 2 : gone;
        }
    bool good = put_header(out, id, prerequisites, changes) && dns_put_name(out, zone) &&
                dns_put_u16(out, DNS_TYPE_SOA) && dns_put_u16(out, DNS_CLASS_IN);
    for (size_t i = 0; good && i < count; i++)
        good = put_prerequisites(out, &updates[i]);
    for (size_t i = 0; good && i < count; i++)
        good = put_changes(out, &updates[i]);
    return good;
}
