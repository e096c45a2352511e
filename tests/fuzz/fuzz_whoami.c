/* SPDX-License-Identifier: ISC
 *
 * An answer to "who am I?": whatever comes, an address that is taken is of the family asked for,
 * and may be published.
 */
#include "ddns/dns_wire.h"
#include "monitor/address/addr_policy.h"
#include "monitor/address/whoami.h"
#include "tests/fuzz/fuzz.h"

static void read_as(const uint8_t *data, size_t size, unsigned type, unsigned class,
                    enum family family)
{
    const struct whoami whoami = {.name = "whoami.example", .type = type, .class = class};
    const struct config_address section = {.family = family};
    struct addr addr;
    char why[200] = "", buf[128];
    if (whoami_read(&whoami, data, size, &section, &addr, why, sizeof why)) {
        MUST(addr_is_set(&addr) && addr_family(&addr) == family);
        MUST(!addr_reject_reason(&addr, NULL, 0, buf, sizeof buf));
        MUST(size > 4 && (data[3] & 0x0f) == 0);
    } else {
        MUST(*why && fuzz_is_clean(why, sizeof why));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (enum family family = FAMILY_IPV4; family < FAMILY_COUNT; family++) {
        read_as(data, size, DNS_TYPE_TXT, DNS_CLASS_IN, family);
        read_as(data, size, DNS_TYPE_TXT, DNS_CLASS_CH, family);
    }
    read_as(data, size, DNS_TYPE_A, DNS_CLASS_IN, FAMILY_IPV4);
    read_as(data, size, DNS_TYPE_AAAA, DNS_CLASS_IN, FAMILY_IPV6);
    return 0;
}
