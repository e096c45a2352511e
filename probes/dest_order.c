/* SPDX-License-Identifier: ISC
 *
 * Destination address selection. Owns: the policy table of RFC 6724, section 2.1. Not its job: what
 * becomes of the attempts (probes/client.h). Addresses of IPv4 are looked up as mapped ones.
 */
#include "probes/dest_order.h"

#include <string.h>

#include "lib/mem.h"
#include <stdlib.h>

struct policy {
    const char *prefix;
    int precedence;
    int label;
};

/* The first match counts, so the longer prefixes stand first. */
static const struct policy policies[] = {
    {"::1/128", 50, 0},   {"::ffff:0:0/96", 35, 4}, {"::/96", 1, 3},
    {"2001::/32", 5, 5},  {"2002::/16", 30, 2},     {"3ffe::/16", 1, 12},
    {"fec0::/10", 1, 11}, {"fc00::/7", 3, 13},      {"::/0", 40, 1},
};

enum scope {
    SCOPE_LINK = 2,
    SCOPE_SITE = 5,
    SCOPE_GLOBAL = 14
}; /* RFC 4291, 2.7 */

static const struct policy *policy_of(const struct addr *addr)
{
    static const struct policy mapped = {"::ffff:0:0/96", 35, 4};
    size_t last = sizeof policies / sizeof *policies - 1;
    if (addr->af == AF_INET)
        return &mapped;
    for (size_t i = 0; i < last; i++) {
        struct prefix prefix;
        if (prefix_parse(policies[i].prefix, &prefix) && prefix_contains(&prefix, addr))
            return &policies[i];
    }
    return &policies[last];
}

/* RFC 6724, 3.2: loopback and link-local IPv4 have link-local scope, all else global. */
static enum scope scope_of(const struct addr *addr)
{
    const uint8_t *b = addr->bytes;
    if (addr->af == AF_INET)
        return b[0] == 127 || (b[0] == 169 && b[1] == 254) ? SCOPE_LINK : SCOPE_GLOBAL;
    struct addr loopback = addr_loopback(FAMILY_IPV6);
    if (addr_equal(addr, &loopback) || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80))
        return SCOPE_LINK;
    return b[0] == 0xfe && (b[1] & 0xc0) == 0xc0 ? SCOPE_SITE : SCOPE_GLOBAL;
}

static int common_bits(const struct addr *a, const struct addr *b)
{
    int bits = 0;
    for (size_t i = 0; i < addr_len(a); i++) {
        unsigned differ = a->bytes[i] ^ b->bytes[i];
        if (differ == 0) {
            bits += 8;
            continue;
        }
        for (; !(differ & 0x80); differ <<= 1)
            bits++;
        break;
    }
    return bits;
}

/* Below zero: a comes first. */
static int compare_rules(const struct dest *a, const struct dest *b)
{
    bool a_usable = addr_is_set(&a->source), b_usable = addr_is_set(&b->source);
    if (a_usable != b_usable || !a_usable)
        return b_usable - a_usable; /* rule 1 */
    bool a_scope = scope_of(&a->addr) == scope_of(&a->source);
    bool b_scope = scope_of(&b->addr) == scope_of(&b->source);
    if (a_scope != b_scope)
        return b_scope - a_scope; /* rule 2 */
    const struct policy *a_policy = policy_of(&a->addr), *b_policy = policy_of(&b->addr);
    bool a_label = a_policy->label == policy_of(&a->source)->label;
    bool b_label = b_policy->label == policy_of(&b->source)->label;
    if (a_label != b_label)
        return b_label - a_label; /* rule 5 */
    if (a_policy->precedence != b_policy->precedence)
        return b_policy->precedence - a_policy->precedence; /* rule 6 */
    if (scope_of(&a->addr) != scope_of(&b->addr))
        return (int)scope_of(&a->addr) - (int)scope_of(&b->addr); /* rule 8 */
    if (a->addr.af == b->addr.af && a->addr.af == AF_INET6)
        return common_bits(&b->addr, &b->source) - common_bits(&a->addr, &a->source); /* rule 9 */
    return 0;
}

static int compare(const void *a, const void *b)
{
    const struct dest *left = a, *right = b;
    int order = compare_rules(left, right);
    if (order != 0)
        return order;
    return left->index < right->index ? -1 : left->index > right->index; /* rule 10 */
}

void dest_sort(struct dest *dests, size_t count)
{
    if (count > 0)
        qsort(dests, count, sizeof *dests, compare);
}

/* The next of a family from `from` on; count when there is none. */
static size_t next_of(const struct dest *dests, size_t count, size_t from, uint8_t af)
{
    while (from < count && dests[from].addr.af != af)
        from++;
    return from;
}

void dest_interleave(struct dest *dests, size_t count)
{
    size_t bytes = count * sizeof *dests;
    if (count < 2)
        return;
    struct dest *in = mem_array(count, sizeof *in);
    memcpy(in, dests, bytes);
    uint8_t af = in[0].addr.af;
    uint8_t other = af == AF_INET ? AF_INET6 : AF_INET;
    size_t a = 0, b = next_of(in, count, 0, other), out = 0;
    while (a < count || b < count) {
        if (a < count) {
            dests[out++] = in[a];
            a = next_of(in, count, a + 1, af);
        }
        if (b < count) {
            dests[out++] = in[b];
            b = next_of(in, count, b + 1, other);
        }
    }
    free(in);
}
