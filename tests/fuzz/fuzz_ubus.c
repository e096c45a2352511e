/* SPDX-License-Identifier: ISC
 *
 * netifd's status of an interface, and what the policy makes of it.
 */
#include "monitor/address/addr_policy.h"
#include "monitor/address/ubus_status.h"
#include "tests/fuzz/fuzz.h"

static void choose(const struct addrset *set, const char *link, enum family family)
{
    struct addr_policy policy = {.interface = link, .family = family};
    struct addr_choice choice;
    char reason[128];
    addr_choose(set, &policy, NULL, 0, &choice);
    MUST(fuzz_is_clean(choice.reason, sizeof choice.reason) && *choice.reason);
    MUST(!choice.chosen ||
         !addr_reject_reason(&choice.candidates[0].addr.addr, NULL, 0, reason, sizeof reason));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct addrset *set = addrset_new();
    char link[IF_NAMESIZE], why[96];
    if (ubus_status_read((const char *)data, size, set, link, why, sizeof why)) {
        MUST(fuzz_is_clean(link, sizeof link));
        choose(set, link, FAMILY_IPV4);
        choose(set, link, FAMILY_IPV6);
    } else {
        MUST(fuzz_is_clean(why, sizeof why) && *why);
    }
    addrset_free(set);
    return 0;
}
