/* SPDX-License-Identifier: ISC
 *
 * Kinds of lines (see addr_line.h). Owns: the sentences. The ranges are those of the registries;
 * the names of links are those that OpenWrt gives.
 */
#include "monitor/address/addr_line.h"

#include <string.h>

#include "lib/addr_special.h"
#include "lib/str.h"

static const struct {
    const char *word, *text, *advice;
} lines[ADDR_LINE_COUNT] = {
    [ADDR_LINE_PLAIN] = {NULL, "", ""},
    [ADDR_LINE_CGNAT] =
        {"cgnat", "",
         "The provider shares its public IPv4 among customers: nothing from outside reaches this "
         "one, and no port can be opened. Publish IPv6 only, or get an IPv4 of your own (PPPoE, "
         "another contract)."},
    [ADDR_LINE_NAT] = {"nat", "",
                       "A router in front of this machine does NAT: forward the port there, and "
                       "let source = upnp "
                       "(pcp, nat-pmp), web or dns find its address. If that router's own is "
                       "private or 100.64/10 "
                       "too (double NAT), forward on both or bridge one."},
    [ADDR_LINE_DS_LITE] =
        {"ds-lite", "DS-Lite: no port can be opened",
         "DS-Lite or 464XLAT: IPv4 leaves by the provider's NAT, where no port can be opened. "
         "Publish IPv6 only, or take the IPv4 of a PPPoE line."},
    [ADDR_LINE_MAP_E] =
        {"map-e", "MAP-E: shared, no port below 1024",
         "MAP-E shares this IPv4: only some ports from 1024 up are yours (1008 of them with OCN "
         "Virtual Connect, 240 with v6 Plus), never 80 or 443. For these publish IPv6 only, or the "
         "IPv4 of a PPPoE line."},
    [ADDR_LINE_TUNNEL] =
        {"ipv4-in-ipv6", "IPv4 in IPv6: perhaps shared",
         "A tunnel of IPv4 in IPv6: with a fixed address by contract all ports are yours; with "
         "MAP-E it is shared, and 80 and 443 can't be reached. Look from outside; else publish "
         "IPv6 only, or the IPv4 of a PPPoE line."},
};

/* By the special range that holds it. */
static enum addr_line range_line(const struct addr *addr)
{
    static const struct {
        const char *range;
        enum addr_line line;
    } ranges[] = {
        {"100.64.0.0/10", ADDR_LINE_CGNAT},  {"10.0.0.0/8", ADDR_LINE_NAT},
        {"172.16.0.0/12", ADDR_LINE_NAT},    {"192.168.0.0/16", ADDR_LINE_NAT},
        {"192.0.0.0/29", ADDR_LINE_DS_LITE},
    };
    const struct addr_special *special = addr_special_find(addr);
    for (size_t i = 0; special && i < sizeof ranges / sizeof *ranges; i++)
        if (strcmp(special->prefix, ranges[i].range) == 0)
            return ranges[i].line;
    return ADDR_LINE_PLAIN;
}

enum addr_line addr_line_of(const struct addr *addr, const char *link, const char *kind)
{
    if (addr->af != AF_INET)
        return ADDR_LINE_PLAIN;
    enum addr_line line = range_line(addr);
    if (line != ADDR_LINE_PLAIN)
        return line;
    if (str_starts(link, "map-"))
        return ADDR_LINE_MAP_E;
    if (str_starts(link, "ds-") || str_starts(link, "464-"))
        return ADDR_LINE_DS_LITE;
    return strcmp(kind, "ip6tnl") == 0 ? ADDR_LINE_TUNNEL : ADDR_LINE_PLAIN;
}

bool addr_line_is_shared(enum addr_line line)
{
    return line == ADDR_LINE_MAP_E || line == ADDR_LINE_TUNNEL;
}

const char *addr_line_word(enum addr_line line)
{
    return lines[line].word;
}

const char *addr_line_text(enum addr_line line)
{
    return lines[line].text;
}

const char *addr_line_advice(enum addr_line line)
{
    return lines[line].advice;
}
