/* SPDX-License-Identifier: ISC
 *
 * The messages by which a router that does NAT tells its external address: NAT-PMP (RFC 6886,
 * opcode 0) and PCP (RFC 6887, MAP). Pure; the bytes are hostile. Not its job: sockets, the pace.
 */
#ifndef REACHD_MONITOR_ADDRESS_SOURCES_PCP_WIRE_H
#define REACHD_MONITOR_ADDRESS_SOURCES_PCP_WIRE_H

#include "lib/addr.h"

#define PCP_PORT        5351
#define NAT_PMP_ASK_LEN 2
#define PCP_MAP_LEN     64   /* at most */
#define PCP_MAX_LEN     1100 /* RFC 6887, 7: no message is longer */
#define PCP_NONCE_LEN   12

enum pcp_version {
    PCP_VERSION_NAT_PMP = 0,
    PCP_VERSION = 2,
};

/* What a MAP request asks for: a UDP port of ours. */
struct pcp_mapping {
    uint8_t nonce[PCP_NONCE_LEN];
    struct addr client; /* that the request leaves with: a NAT between is noticed by it */
    uint16_t port;
    bool plain; /* without the option PREFER_FAILURE */
};

enum pcp_meaning {
    PCP_NO_ANSWER, /* to this request: to be ignored */
    PCP_ADDRESS,   /* addr, epoch_s */
    PCP_REFUSAL,   /* error, epoch_s */
    PCP_NO_OPTION, /* the same, and the request may pass without its option */
    PCP_UNKNOWN,   /* the router does not know this version; version: the one that it has */
};

struct pcp_answer {
    enum pcp_meaning meaning;
    struct addr addr;
    uint32_t epoch_s;  /* since the router began, or lost, its table */
    const char *error; /* static sentence */
    uint8_t version;
};

void nat_pmp_ask(uint8_t out[NAT_PMP_ASK_LEN]);
void nat_pmp_read(const uint8_t *data, size_t len, struct pcp_answer *out);
/* Its length. lifetime_s 0 takes the mapping of the same nonce back. PREFER_FAILURE (RFC
 * 6887, 13.2) keeps a router that does not let us map a port from trying all the others:
 * miniupnpd 2.3 would, 65 000 of them. */
size_t pcp_map_ask(const struct pcp_mapping *mapping, uint32_t lifetime_s,
                   uint8_t out[PCP_MAP_LEN]);
void pcp_map_read(const uint8_t *data, size_t len, const struct pcp_mapping *mapping,
                  struct pcp_answer *out);
/* What a router sends to all: its address (NAT-PMP), or that its table is new (PCP's ANNOUNCE). */
bool pcp_is_news(const uint8_t *data, size_t len);

#endif
