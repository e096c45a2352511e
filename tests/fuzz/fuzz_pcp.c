/* SPDX-License-Identifier: ISC
 *
 * Answers of a router to NAT-PMP and PCP.
 */
#include "monitor/address/sources/pcp_wire.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct pcp_answer *answer)
{
    MUST(answer->meaning == PCP_ADDRESS ? addr_is_set(&answer->addr) : !addr_is_set(&answer->addr));
    MUST((answer->meaning == PCP_REFUSAL || answer->meaning == PCP_NO_OPTION) ==
         (answer->error != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct pcp_mapping mapping = {.nonce = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
                                               .client = {AF_INET, {192, 168, 1, 5}},
                                               .port = 0xc001};
    uint8_t request[PCP_MAP_LEN];
    struct pcp_answer answer;
    nat_pmp_read(data, size, &answer);
    check(&answer);
    MUST(answer.meaning != PCP_ADDRESS || addr_family(&answer.addr) == FAMILY_IPV4);
    pcp_map_read(data, size, &mapping, &answer);
    check(&answer);
    MUST(answer.meaning != PCP_ADDRESS || memcmp(data + 24, mapping.nonce, PCP_NONCE_LEN) == 0);
    MUST(!pcp_is_news(data, size) || data[1] == 0x80);
    pcp_map_read(request, pcp_map_ask(&mapping, 120, request), &mapping, &answer);
    MUST(answer.meaning == PCP_NO_ANSWER); /* a request is no answer, though it comes back */
    return 0;
}
