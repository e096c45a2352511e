/* SPDX-License-Identifier: ISC
 *
 * What a probe of kind closed may look at, and how long it takes. Owns: whose an address is.
 */
#include "probes/closed_want.h"

#include <ifaddrs.h>

#include "lib/addr_special.h"

/* --- whose is it? --- */

static struct addr masked(const struct addr *addr, const struct addr *mask)
{
    struct addr out = *addr;
    for (size_t i = 0; i < sizeof out.bytes; i++)
        out.bytes[i] &= mask->bytes[i];
    return out;
}

static bool is_on_link(const struct ifaddrs *list, const struct addr *addr)
{
    for (const struct ifaddrs *i = list; i; i = i->ifa_next) {
        struct addr own, mask;
        if (!i->ifa_addr || !i->ifa_netmask || !addr_from_sockaddr(i->ifa_addr, &own, NULL) ||
            !addr_from_sockaddr(i->ifa_netmask, &mask, NULL) || own.af != addr->af)
            continue;
        struct addr a = masked(addr, &mask), b = masked(&own, &mask);
        if (addr_equal(&a, &b))
            return true;
    }
    return false;
}

bool closed_is_ours(const struct addr *addr)
{
    struct ifaddrs *list;
    if (addr_special_find(addr))
        return true;
    if (getifaddrs(&list) != 0)
        return false;
    bool found = is_on_link(list, addr);
    freeifaddrs(list);
    return found;
}

/* --- time --- */

int64_t closed_wait_ms(int64_t timeout_ms)
{
    return timeout_ms > 0 && timeout_ms < CLOSED_WAIT_MS ? timeout_ms : CLOSED_WAIT_MS;
}

int64_t closed_longest_ms(const struct closed_want *want, int64_t timeout_ms)
{
    bool all = addr_is_set(&want->prefix.addr) && known_addrs_is_small(&want->prefix);
    int64_t addrs = all ? (int64_t)known_addrs_count(&want->prefix) : 1;
    int64_t count = (int64_t)port_set_count(&want->ports) * addrs, parallel = want->parallel;
    return (count + parallel - 1) / parallel * closed_wait_ms(timeout_ms) + count * CLOSED_PACE_MS;
}

bool closed_want_equal(const struct closed_want *a, const struct closed_want *b)
{
    if (!a || !b)
        return a == b;
    bool same = a->mine == b->mine && a->parallel == b->parallel &&
                port_set_equal(&a->ports, &b->ports) && a->prefix.len == b->prefix.len &&
                addr_equal(&a->prefix.addr, &b->prefix.addr) && a->given_count == b->given_count;
    for (size_t i = 0; same && i < a->given_count; i++)
        same = addr_equal(&a->given[i], &b->given[i]);
    return same;
}

/* --- prefixes --- */

size_t closed_addrs_max(const struct closed_want *want)
{
    size_t ports = port_set_count(&want->ports);
    size_t most = ports > 0 ? CLOSED_ATTEMPTS_MAX / ports : 1;
    return most < KNOWN_ADDRS_MAX ? most : KNOWN_ADDRS_MAX;
}

const char *closed_prefix_problem(const struct closed_want *want)
{
    const struct prefix *prefix = &want->prefix;
    if (!addr_is_set(&prefix->addr))
        return want->given_count > 0 ? "known addresses are for a prefix" : NULL;
    for (size_t i = 0; i < want->given_count; i++)
        if (!prefix_contains(prefix, &want->given[i]))
            return "a known address lies outside the prefix";
    if (known_addrs_is_small(prefix) && known_addrs_count(prefix) > closed_addrs_max(want))
        return "so many ports of so many addresses: 65536 in all are the most";
    return NULL;
}
