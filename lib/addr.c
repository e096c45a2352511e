/* SPDX-License-Identifier: ISC
 *
 * One address or prefix as a value. Owns: text and sockaddr conversion, comparison. Not its job:
 * what an address is good for.
 */
#include "lib/addr.h"

#include <arpa/inet.h>
#include <string.h>

#include "lib/str.h"

const char *family_word(enum family family)
{
    return family == FAMILY_IPV4 ? "ipv4" : "ipv6";
}

const char *family_text(enum family family)
{
    return family == FAMILY_IPV4 ? "IPv4" : "IPv6";
}

bool family_from_word(const char *word, enum family *out)
{
    for (int i = 0; i < FAMILY_COUNT; i++) {
        enum family family = (enum family)i;
        if (strcmp(word, family_word(family)) == 0) {
            *out = family;
            return true;
        }
    }
    return false;
}

int family_af(enum family family)
{
    return family == FAMILY_IPV4 ? AF_INET : AF_INET6;
}

bool addr_is_set(const struct addr *addr)
{
    return addr->af != AF_UNSPEC;
}

enum family addr_family(const struct addr *addr)
{
    return addr->af == AF_INET ? FAMILY_IPV4 : FAMILY_IPV6;
}

size_t addr_len(const struct addr *addr)
{
    if (addr->af == AF_INET)
        return 4;
    return addr->af == AF_INET6 ? 16 : 0;
}

struct addr addr_v4(const void *bytes4)
{
    struct addr addr = {.af = AF_INET};
    memcpy(addr.bytes, bytes4, 4);
    return addr;
}

struct addr addr_v6(const void *bytes16)
{
    struct addr addr = {.af = AF_INET6};
    memcpy(addr.bytes, bytes16, 16);
    return addr;
}

bool addr_parse(const char *text, struct addr *out)
{
    uint8_t bytes[16];
    if (inet_pton(AF_INET, text, bytes) == 1)
        *out = addr_v4(bytes);
    else if (inet_pton(AF_INET6, text, bytes) == 1)
        *out = addr_v6(bytes);
    else
        return false;
    return true;
}

/* The longest run of two or more zero groups, the first of equals: RFC 5952 section 4.2. */
static int longest_zero_run(const uint8_t bytes[16], int *len)
{
    int best = -1, run = 0;
    *len = 1;
    for (int i = 0; i < 8; i++) {
        run = bytes[2 * i] == 0 && bytes[2 * i + 1] == 0 ? run + 1 : 0;
        if (run > *len) {
            *len = run;
            best = i - run + 1;
        }
    }
    return best;
}

static bool is_v4_mapped(const uint8_t bytes[16])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(bytes, mapped, sizeof(mapped)) == 0;
}

/* By hand: the C libraries differ in where they write "::" and the dotted tail. */
static void format_v6(const uint8_t bytes[16], char buf[ADDR_STRLEN])
{
    int run_len;
    int run = longest_zero_run(bytes, &run_len);
    for (int i = 0; i < 8; i++) {
        if (i == run) {
            str_append(buf, ADDR_STRLEN, "::");
            i += run_len - 1;
            continue;
        }
        bool after_run = run >= 0 && i == run + run_len;
        unsigned group = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
        str_append(buf, ADDR_STRLEN, "%s%x", i == 0 || after_run ? "" : ":", group);
    }
}

const char *addr_format(const struct addr *addr, char buf[ADDR_STRLEN])
{
    const uint8_t *b = addr->bytes;
    buf[0] = '\0';
    if (addr->af == AF_INET)
        str_append(buf, ADDR_STRLEN, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
    else if (addr->af == AF_INET6 && is_v4_mapped(b))
        str_append(buf, ADDR_STRLEN, "::ffff:%u.%u.%u.%u", b[12], b[13], b[14], b[15]);
    else if (addr->af == AF_INET6)
        format_v6(b, buf);
    else
        str_copy(buf, ADDR_STRLEN, "-");
    return buf;
}

/* Not by af: that AF_INET is below AF_INET6 is an accident of the platform. */
static int family_rank(const struct addr *addr)
{
    return addr_is_set(addr) ? 1 + (int)addr_family(addr) : 0;
}

int addr_cmp(const struct addr *a, const struct addr *b)
{
    int order = family_rank(a) - family_rank(b);
    return order != 0 ? order : memcmp(a->bytes, b->bytes, addr_len(a));
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
    return addr_cmp(a, b) == 0;
}

socklen_t addr_to_sockaddr(const struct addr *addr, uint16_t port, struct sockaddr_storage *out)
{
    memset(out, 0, sizeof(*out));
    if (addr->af == AF_INET) {
        struct sockaddr_in sin = {.sin_family = AF_INET, .sin_port = htons(port)};
        memcpy(&sin.sin_addr, addr->bytes, 4);
        memcpy(out, &sin, sizeof(sin));
        return sizeof(sin);
    }
    if (addr->af == AF_INET6) {
        struct sockaddr_in6 sin6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
        memcpy(&sin6.sin6_addr, addr->bytes, 16);
        memcpy(out, &sin6, sizeof(sin6));
        return sizeof(sin6);
    }
    return 0;
}

bool addr_from_sockaddr(const struct sockaddr *sa, struct addr *out, uint16_t *port)
{
    uint16_t net_port;
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in sin;
        memcpy(&sin, sa, sizeof(sin));
        *out = addr_v4(&sin.sin_addr);
        net_port = sin.sin_port;
    } else if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 sin6;
        memcpy(&sin6, sa, sizeof(sin6));
        *out = addr_v6(&sin6.sin6_addr);
        net_port = sin6.sin6_port;
    } else {
        return false;
    }
    if (port)
        *port = ntohs(net_port);
    return true;
}

struct addr addr_loopback(enum family family)
{
    static const uint8_t v4[4] = {127, 0, 0, 1};
    static const uint8_t v6[16] = {[15] = 1};
    return family == FAMILY_IPV4 ? addr_v4(v4) : addr_v6(v6);
}

/* The bits of byte `index` that lie inside the first `len` bits. */
static uint8_t mask_byte(unsigned len, size_t index)
{
    unsigned first = (unsigned)index * 8;
    if (len >= first + 8)
        return 0xff;
    return len <= first ? 0 : (uint8_t)(0xff00u >> (len - first));
}

static bool has_host_bits(const struct prefix *prefix)
{
    for (size_t i = 0; i < addr_len(&prefix->addr); i++)
        if (prefix->addr.bytes[i] & (uint8_t)~mask_byte(prefix->len, i))
            return true;
    return false;
}

bool prefix_parse(const char *text, struct prefix *out)
{
    char host[ADDR_STRLEN];
    struct prefix prefix;
    const char *slash = strchr(text, '/');
    size_t host_len = slash ? (size_t)(slash - text) : strlen(text);
    if (!str_ncopy(host, sizeof(host), text, host_len) || !addr_parse(host, &prefix.addr))
        return false;
    uint64_t bits = addr_len(&prefix.addr) * 8;
    if (slash && (strlen(slash + 1) > 3 || !str_to_uint(slash + 1, bits, &bits)))
        return false;
    prefix.len = (uint8_t)bits;
    if (has_host_bits(&prefix))
        return false;
    *out = prefix;
    return true;
}

bool prefix_contains(const struct prefix *prefix, const struct addr *addr)
{
    if (!addr_is_set(addr) || prefix->addr.af != addr->af)
        return false;
    for (size_t i = 0; i < addr_len(addr); i++)
        if ((prefix->addr.bytes[i] ^ addr->bytes[i]) & mask_byte(prefix->len, i))
            return false;
    return true;
}
