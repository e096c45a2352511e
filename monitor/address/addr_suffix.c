/* SPDX-License-Identifier: ISC
 *
 * See the header.
 */
#include "monitor/address/addr_suffix.h"

#include <stdio.h>
#include <string.h>

#define MAC_TEXT_LEN   17
#define UNIVERSAL_FLAG 0x02

bool addr_suffix_mac(const char *text, uint8_t mac[6])
{
    unsigned part[6];
    int used = 0;
    if (strlen(text) != MAC_TEXT_LEN || strspn(text, "0123456789abcdefABCDEF:-") != MAC_TEXT_LEN)
        return false;
    if (sscanf(text, "%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%n", &part[0], &part[1],
               &part[2], &part[3], &part[4], &part[5], &used) != 6 ||
        used != MAC_TEXT_LEN)
        return false;
    for (int i = 0; i < 6; i++)
        mac[i] = (uint8_t)part[i];
    return true;
}

struct addr addr_suffix_eui64(const uint8_t mac[6])
{
    const uint8_t bytes[16] = {[8] = (uint8_t)(mac[0] ^ UNIVERSAL_FLAG),
                               mac[1],
                               mac[2],
                               0xff,
                               0xfe,
                               mac[3],
                               mac[4],
                               mac[5]};
    return addr_v6(bytes);
}

bool addr_suffix_parse(const char *text, struct addr *out)
{
    uint8_t mac[6];
    struct addr literal;
    if (addr_suffix_mac(text, mac)) {
        *out = addr_suffix_eui64(mac);
        return true;
    }
    if (!addr_parse(text, &literal) || addr_family(&literal) != FAMILY_IPV6)
        return false;
    *out = literal;
    return true;
}

/* Which bits of byte i belong to the prefix. */
static uint8_t prefix_bits(unsigned prefix_len, unsigned i)
{
    if (prefix_len >= 8 * (i + 1))
        return 0xff;
    return prefix_len <= 8 * i ? 0 : (uint8_t)(0xff00u >> (prefix_len - 8 * i));
}

bool addr_suffix_fits(const struct addr *suffix, unsigned prefix_len)
{
    for (unsigned i = 0; i < sizeof suffix->bytes; i++)
        if (suffix->bytes[i] & prefix_bits(prefix_len, i))
            return false;
    return true;
}

struct addr addr_suffix_apply(const struct addr *addr, unsigned prefix_len,
                              const struct addr *suffix)
{
    struct addr made = *addr;
    for (unsigned i = 0; i < sizeof made.bytes; i++) {
        uint8_t keep = prefix_bits(prefix_len, i);
        made.bytes[i] = (uint8_t)((addr->bytes[i] & keep) | (suffix->bytes[i] & ~keep));
    }
    return made;
}
