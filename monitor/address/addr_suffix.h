/* SPDX-License-Identifier: ISC
 *
 * Addresses of other hosts of a network whose prefix is the provider's to choose: the prefix of an
 * address of ours and the host's own bits (RFC 4291, 2.5). Pure.
 */
#ifndef REACHD_MONITOR_ADDRESS_ADDR_SUFFIX_H
#define REACHD_MONITOR_ADDRESS_ADDR_SUFFIX_H

#include "lib/addr.h"

#define ADDR_SUFFIX_EUI64 64 /* a MAC address makes so many bits */

/* "02:00:5e:10:00:05", or with dashes. False leaves mac alone. */
bool addr_suffix_mac(const char *text, uint8_t mac[6]);
/* What a host without privacy extensions forms of it: the modified EUI-64 as a suffix. */
struct addr addr_suffix_eui64(const uint8_t mac[6]);
/* "::5", or a MAC address like "02:00:5e:10:00:05": its modified EUI-64 (RFC 4291, appendix A),
 * which is what hosts without privacy extensions form. False leaves *out alone. */
bool addr_suffix_parse(const char *text, struct addr *out);
/* The bits that the suffix has set among the first prefix_len ones would be lost. */
bool addr_suffix_fits(const struct addr *suffix, unsigned prefix_len);
/* The first prefix_len bits (0 to 128) of addr, the others of suffix. Both are IPv6. */
struct addr addr_suffix_apply(const struct addr *addr, unsigned prefix_len,
                              const struct addr *suffix);

#endif
