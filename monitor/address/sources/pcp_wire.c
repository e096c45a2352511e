/* SPDX-License-Identifier: ISC
 *
 * Writes and reads NAT-PMP and PCP.
 */
#include "monitor/address/sources/pcp_wire.h"

#include <string.h>

#include "lib/buf.h"

#define RESPONSE       0x80 /* set in the opcode of an answer, in both protocols */
#define OPCODE_ADDRESS 0    /* NAT-PMP */
#define OPCODE_MAP     1
#define PCP_HEADER_LEN 24
#define PCP_PLAIN_LEN  60 /* of a MAP request without options */
#define PROTOCOL_UDP   17

#define OPTION_PREFER_FAILURE 2
#define UNSUPP_OPTION         5
#define MALFORMED_OPTION      6
#define UNSUPP_VERSION        1 /* the result code has the same number in both */

/* RFC 6886, 3.5. */
static const char *nat_pmp_error(uint16_t code)
{
    switch (code) {
    case 2:
        return "not authorised: NAT-PMP is turned off";
    case 3:
        return "network failure: the router has no address itself";
    case 4:
        return "out of resources";
    case 5:
        return "the router does not know this request (opcode)";
    default:
        return "an error that RFC 6886 does not name";
    }
}

/* RFC 6887, 7.4. */
static const char *pcp_error(uint8_t code)
{
    static const char *const texts[] = {
        [2] = "not authorised: PCP is turned off, or not for this host",
        [3] = "malformed request",
        [4] = "the router does not know MAP (opcode)",
        [5] = "unsupported option",
        [6] = "malformed option",
        [7] = "network failure: the router has no address itself",
        [8] = "no resources",
        [9] = "the router does not map UDP",
        [10] = "the quota of this host is used up",
        [11] = "the router maps no port for this host, or none that is free",
        [12] = "there is another NAT between this host and the router (address mismatch)",
        [13] = "too many remote peers",
    };
    bool known = code < sizeof texts / sizeof *texts && texts[code];
    return known ? texts[code] : "an error that RFC 6887 does not name";
}

void nat_pmp_ask(uint8_t out[NAT_PMP_ASK_LEN])
{
    out[0] = PCP_VERSION_NAT_PMP;
    out[1] = OPCODE_ADDRESS;
}

void nat_pmp_read(const uint8_t *data, size_t len, struct pcp_answer *out)
{
    struct reader r = reader_of(data, len);
    *out = (struct pcp_answer){.meaning = PCP_NO_ANSWER};
    out->version = reader_u8(&r);
    uint8_t opcode = reader_u8(&r);
    uint16_t code = reader_u16(&r);
    if (r.bad || len > PCP_MAX_LEN || opcode != (RESPONSE | OPCODE_ADDRESS))
        return;
    if (out->version != PCP_VERSION_NAT_PMP || code == UNSUPP_VERSION) {
        /* PCP's code is one byte, behind a reserved one. */
        out->meaning = (code & 0xff) == UNSUPP_VERSION ? PCP_UNKNOWN : PCP_NO_ANSWER;
        return;
    }
    out->epoch_s = reader_u32(&r);
    if (r.bad)
        return;
    if (code != 0) {
        out->meaning = PCP_REFUSAL;
        out->error = nat_pmp_error(code);
        return;
    }
    const uint8_t *bytes = reader_bytes(&r, 4);
    if (!bytes)
        return;
    out->addr = addr_v4(bytes);
    out->meaning = PCP_ADDRESS;
}

/* --- PCP ---------------------------------------------------------------------------------- */

/* PCP speaks of IPv4 addresses as IPv4-mapped IPv6 ones (RFC 6887, 5). */
static const uint8_t mapped[12] = {[10] = 0xff, 0xff};

static void write_addr(const struct addr *addr, uint8_t out[16])
{
    if (addr->af == AF_INET6) {
        memcpy(out, addr->bytes, 16);
        return;
    }
    memcpy(out, mapped, sizeof mapped);
    memcpy(out + sizeof mapped, addr->bytes, 4);
}

static struct addr read_addr(const uint8_t bytes[16])
{
    return memcmp(bytes, mapped, sizeof mapped) == 0 ? addr_v4(bytes + sizeof mapped)
                                                     : addr_v6(bytes);
}

/* The suggested external port is ours: any is good. The address is "any IPv4" (RFC 6887, 11.2). */
size_t pcp_map_ask(const struct pcp_mapping *mapping, uint32_t lifetime_s, uint8_t out[PCP_MAP_LEN])
{
    bool option = !mapping->plain && lifetime_s > 0;
    memset(out, 0, PCP_MAP_LEN);
    out[0] = PCP_VERSION;
    out[1] = OPCODE_MAP;
    for (unsigned i = 0; i < 4; i++)
        out[4 + i] = (uint8_t)(lifetime_s >> (24 - 8 * i));
    write_addr(&mapping->client, out + 8);
    uint8_t *map = out + PCP_HEADER_LEN;
    memcpy(map, mapping->nonce, PCP_NONCE_LEN);
    map[12] = PROTOCOL_UDP;
    map[16] = (uint8_t)(mapping->port >> 8);
    map[17] = (uint8_t)mapping->port;
    memcpy(map + 18, map + 16, 2);
    memcpy(map + 20, mapped, sizeof mapped);
    out[PCP_PLAIN_LEN] = option ? OPTION_PREFER_FAILURE : 0; /* the rest of it is zeros */
    return option ? PCP_MAP_LEN : PCP_PLAIN_LEN;
}

/* A refusal may come without what was asked for; what is there must be ours. */
static bool is_ours(struct reader *r, const struct pcp_mapping *mapping, bool whole)
{
    if (r->left == 0 && !whole)
        return true;
    const uint8_t *nonce = reader_bytes(r, PCP_NONCE_LEN);
    uint8_t protocol = reader_u8(r);
    reader_skip(r, 3);
    uint16_t port = reader_u16(r);
    return !r->bad && memcmp(nonce, mapping->nonce, PCP_NONCE_LEN) == 0 &&
           protocol == PROTOCOL_UDP && port == mapping->port;
}

/* Version 2, behind the opcode. */
static void read_map(struct reader *r, const struct pcp_mapping *mapping, struct pcp_answer *out)
{
    reader_skip(r, 1);
    uint8_t code = reader_u8(r);
    reader_skip(r, 4); /* the lifetime: what was told once is enough */
    out->epoch_s = reader_u32(r);
    reader_skip(r, 12);
    if (r->bad || code == UNSUPP_VERSION || !is_ours(r, mapping, code == 0))
        return;
    if (code != 0) {
        bool option = code == UNSUPP_OPTION || code == MALFORMED_OPTION;
        out->meaning = option ? PCP_NO_OPTION : PCP_REFUSAL;
        out->error = pcp_error(code);
        return;
    }
    reader_skip(r, 2); /* the external port: not used */
    const uint8_t *bytes = reader_bytes(r, 16);
    if (!bytes)
        return;
    out->addr = read_addr(bytes);
    out->meaning = PCP_ADDRESS;
}

void pcp_map_read(const uint8_t *data, size_t len, const struct pcp_mapping *mapping,
                  struct pcp_answer *out)
{
    struct reader r = reader_of(data, len);
    *out = (struct pcp_answer){.meaning = PCP_NO_ANSWER};
    out->version = reader_u8(&r);
    uint8_t opcode = reader_u8(&r);
    if (r.bad || len < 4 || len > PCP_MAX_LEN)
        return;
    /* NAT-PMP alone answers with its own version and shape; its opcode may be any (RFC 6886, 3.5).
     * Its code is two bytes, PCP's one byte behind a reserved one: both are 1. */
    if (out->version != PCP_VERSION)
        out->meaning = data[3] == UNSUPP_VERSION ? PCP_UNKNOWN : PCP_NO_ANSWER;
    else if (opcode == (RESPONSE | OPCODE_MAP))
        read_map(&r, mapping, out);
}

/* --- news --------------------------------------------------------------------------------- */

#define OPCODE_ANNOUNCE 0 /* PCP's; NAT-PMP's announcement looks like its answer */
#define NAT_PMP_LEN     12

bool pcp_is_news(const uint8_t *data, size_t len)
{
    if (len < NAT_PMP_LEN || len > PCP_MAX_LEN || data[1] != (RESPONSE | OPCODE_ANNOUNCE) ||
        data[3] != 0)
        return false;
    return data[0] == PCP_VERSION_NAT_PMP || (data[0] == PCP_VERSION && len >= PCP_HEADER_LEN);
}
