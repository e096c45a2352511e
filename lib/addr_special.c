/* SPDX-License-Identifier: ISC
 *
 * The special-purpose ranges by name. Owns: the table, from the IANA special-purpose registries
 * (RFC 6890 and its updates). Not its job: the decision.
 */
#include "lib/addr_special.h"

/* The first match wins, so a narrower range stands before the wider one that holds it. */
static const struct addr_special ranges[] = {
    {"0.0.0.0/8", "\"this network\" (RFC 791)"},
    {"10.0.0.0/8", "private network (RFC 1918)"},
    {"100.64.0.0/10", "carrier-grade NAT (RFC 6598)"},
    {"127.0.0.0/8", "loopback (RFC 1122)"},
    {"169.254.0.0/16", "link-local (RFC 3927)"},
    {"172.16.0.0/12", "private network (RFC 1918)"},
    {"192.0.0.0/29", "DS-Lite (RFC 7335)"},
    {"192.0.0.0/24", "IETF protocol assignments (RFC 6890)"},
    {"192.0.2.0/24", "documentation (RFC 5737)"},
    {"192.88.99.0/24", "6to4 relay anycast (RFC 7526)"},
    {"192.168.0.0/16", "private network (RFC 1918)"},
    {"198.18.0.0/15", "benchmarking (RFC 2544)"},
    {"198.51.100.0/24", "documentation (RFC 5737)"},
    {"203.0.113.0/24", "documentation (RFC 5737)"},
    {"224.0.0.0/4", "multicast (RFC 5771)"},
    {"255.255.255.255/32", "limited broadcast (RFC 919)"},
    {"240.0.0.0/4", "reserved (RFC 1112)"},

    {"::/128", "unspecified (RFC 4291)"},
    {"::1/128", "loopback (RFC 4291)"},
    {"::ffff:0:0/96", "IPv4-mapped (RFC 4291)"},
    {"64:ff9b::/96", "NAT64 (RFC 6052)"},
    {"64:ff9b:1::/48", "local-use NAT64 (RFC 8215)"},
    {"100::/64", "discard-only (RFC 6666)"},
    {"2001::/32", "Teredo (RFC 4380)"},
    {"2001:2::/48", "benchmarking (RFC 5180)"},
    {"2001:10::/28", "deprecated ORCHID (RFC 4843)"},
    {"2001:20::/28", "ORCHIDv2 (RFC 7343)"},
    {"2001:db8::/32", "documentation (RFC 3849)"},
    {"2002::/16", "6to4 (RFC 3056)"},
    {"3fff::/20", "documentation (RFC 9637)"},
    {"5f00::/16", "segment routing (RFC 9602)"},
    {"fc00::/7", "unique local (RFC 4193)"},
    {"fe80::/10", "link-local (RFC 4291)"},
    {"fec0::/10", "deprecated site-local (RFC 3879)"},
    {"ff00::/8", "multicast (RFC 4291)"},
};

static const struct addr_special outside_unicast = {
    "::/0", "outside the global unicast space 2000::/3 (RFC 4291)"};

static bool is_global_unicast_v6(const struct addr *addr)
{
    return (addr->bytes[0] & 0xe0) == 0x20;
}

const struct addr_special *addr_special_find(const struct addr *addr)
{
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        struct prefix prefix;
        if (prefix_parse(ranges[i].prefix, &prefix) && prefix_contains(&prefix, addr))
            return &ranges[i];
    }
    /* IANA has given out nothing else so far. */
    if (addr->af == AF_INET6 && !is_global_unicast_v6(addr))
        return &outside_unicast;
    return NULL;
}
