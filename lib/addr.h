/* SPDX-License-Identifier: ISC
 *
 * One IPv4 or IPv6 address, and a prefix of such, as values.
 * Owns: text and sockaddr conversion, comparison. Not its job: what an address is good for
 * (lib/addr_special.h names the special ranges, monitor/address/addr_policy.h decides).
 */
#ifndef REACHD_LIB_ADDR_H
#define REACHD_LIB_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* The two families as an array index; the order is the order of display. */
enum family {
    FAMILY_IPV4,
    FAMILY_IPV6,
    FAMILY_COUNT,
};

/* "ipv4" or "ipv6": the word in configuration, JSON and hooks. */
const char *family_word(enum family family);
/* "IPv4" or "IPv6": for sentences. */
const char *family_text(enum family family);
bool family_from_word(const char *word, enum family *out);
int family_af(enum family family);

/* An address by value. A zeroed struct is "no address". */
struct addr {
    uint8_t af; /* AF_INET, AF_INET6, or AF_UNSPEC for none */
    uint8_t bytes[16];
};

#define ADDR_STRLEN INET6_ADDRSTRLEN

bool addr_is_set(const struct addr *addr);
enum family addr_family(const struct addr *addr); /* the address must be set */
size_t addr_len(const struct addr *addr);         /* 4, 16, or 0 when not set */
struct addr addr_v4(const void *bytes4);
struct addr addr_v6(const void *bytes16);
/* Accepts a literal only, no brackets, no zone, no port. False leaves *out alone. */
bool addr_parse(const char *text, struct addr *out);
/* Writes the canonical text (RFC 5952) or "-" when not set; returns buf. */
const char *addr_format(const struct addr *addr, char buf[ADDR_STRLEN]);
/* Total order: family first, then bytes as a big-endian number. */
int addr_cmp(const struct addr *a, const struct addr *b);
bool addr_equal(const struct addr *a, const struct addr *b);
socklen_t addr_to_sockaddr(const struct addr *addr, uint16_t port, struct sockaddr_storage *out);
bool addr_from_sockaddr(const struct sockaddr *sa, struct addr *out, uint16_t *port);
/* The loopback address of a family. */
struct addr addr_loopback(enum family family);

struct prefix {
    struct addr addr;
    uint8_t len; /* bits */
};

/* "203.0.113.0/24"; without "/len" the whole address. Refuses host bits outside the mask. */
bool prefix_parse(const char *text, struct prefix *out);
bool prefix_contains(const struct prefix *prefix, const struct addr *addr);

#endif
