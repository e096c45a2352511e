/* SPDX-License-Identifier: ISC
 *
 * Known addresses of a prefix: counted, or asked of the kernel (own addresses, neighbours).
 */
#include "probes/known_addrs.h"

#include <ifaddrs.h>
#include <string.h>

#include "probes/neighbour.h"

#define SMALL_BITS 8 /* KNOWN_ADDRS_MAX */

static unsigned host_bits(const struct prefix *prefix)
{
    return (unsigned)(8 * addr_len(&prefix->addr)) - prefix->len;
}

bool known_addrs_is_small(const struct prefix *prefix)
{
    return host_bits(prefix) <= SMALL_BITS;
}

/* RFC 3021: of a prefix of two, both are hosts. IPv6 has no broadcast. */
static bool has_broadcast(const struct prefix *prefix)
{
    return prefix->addr.af == AF_INET && host_bits(prefix) >= 2;
}

size_t known_addrs_count(const struct prefix *prefix)
{
    return ((size_t)1 << host_bits(prefix)) - (has_broadcast(prefix) ? 2 : 0);
}

/* A prefix of at most 8 bits for hosts: only the last byte differs. */
static void count_up(const struct prefix *prefix, struct known_addrs *out)
{
    size_t last = addr_len(&prefix->addr) - 1, first = has_broadcast(prefix) ? 1 : 0;
    out->count = known_addrs_count(prefix);
    for (size_t i = 0; i < out->count; i++) {
        out->list[i] = prefix->addr;
        out->list[i].bytes[last] = (uint8_t)(prefix->addr.bytes[last] + first + i);
    }
}

struct search {
    const struct prefix *prefix;
    struct known_addrs *out;
};

/* Of a link alone, or of several at once: nothing that a probe can speak to without more. */
static bool is_of_one_host(const struct addr *addr)
{
    const uint8_t *bytes = addr->bytes;
    if (addr->af == AF_INET)
        return bytes[0] < 224;
    return bytes[0] != 0xff && !(bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
}

static void take(const struct addr *addr, void *arg)
{
    const struct search *search = arg;
    struct known_addrs *out = search->out;
    if (!prefix_contains(search->prefix, addr) || !is_of_one_host(addr))
        return;
    for (size_t i = 0; i < out->count; i++)
        if (addr_equal(&out->list[i], addr))
            return;
    if (out->count == KNOWN_ADDRS_MAX)
        out->cut = true;
    else
        out->list[out->count++] = *addr;
}

static void take_own(struct search *search)
{
    struct ifaddrs *list;
    if (getifaddrs(&list) != 0)
        return;
    for (const struct ifaddrs *i = list; i; i = i->ifa_next) {
        struct addr addr;
        if (i->ifa_addr && addr_from_sockaddr(i->ifa_addr, &addr, NULL))
            take(&addr, search);
    }
    freeifaddrs(list);
}

void known_addrs_find(const struct prefix *prefix, const struct addr *given, size_t given_count,
                      struct known_addrs *out)
{
    struct search search = {.prefix = prefix, .out = out};
    out->count = 0;
    out->cut = false;
    if (known_addrs_is_small(prefix)) {
        count_up(prefix, out);
        return;
    }
    for (size_t i = 0; i < given_count; i++)
        take(&given[i], &search);
    take_own(&search);
    neighbour_dump(addr_family(&prefix->addr), take, &search);
}
