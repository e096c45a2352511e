/* SPDX-License-Identifier: ISC
 *
 * DNS messages built by hand, for tests. Included by those tests.
 */
#ifndef REACHD_TESTS_MAKE_DNS_H
#define REACHD_TESTS_MAKE_DNS_H

#include <stdint.h>
#include <string.h>

#include "lib/addr.h"
#include "probes/dnsmsg.h"

enum {
    MAKE_QR = 0x8000,
    MAKE_AA = 0x0400,
    MAKE_TC = 0x0200,
    MAKE_RA = 0x0080,
};

struct made_dns {
    uint8_t data[8192];
    size_t len;
};

static inline void make_bytes(struct made_dns *m, const void *data, size_t len)
{
    assert_true(m->len + len <= sizeof(m->data));
    memcpy(m->data + m->len, data, len);
    m->len += len;
}

static inline void make_u16(struct made_dns *m, unsigned value)
{
    uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    make_bytes(m, bytes, 2);
}

static inline void make_u32(struct made_dns *m, uint32_t value)
{
    make_u16(m, value >> 16);
    make_u16(m, value & 0xffff);
}

/* "a.example", or "@12" for a pointer to offset 12. */
static inline void make_name(struct made_dns *m, const char *name)
{
    if (name[0] == '@') {
        make_u16(m, 0xc000u | (unsigned)strtoul(name + 1, NULL, 10));
        return;
    }
    while (*name) {
        size_t len = strcspn(name, ".");
        uint8_t byte = (uint8_t)len;
        make_bytes(m, &byte, 1);
        make_bytes(m, name, len);
        name += len + (name[len] == '.');
    }
    make_bytes(m, "", 1);
}

static inline struct made_dns make_reply(unsigned id, unsigned flags, const char *name,
                                         unsigned type)
{
    struct made_dns m = {.len = 0};
    make_u16(&m, id);
    make_u16(&m, flags);
    make_u16(&m, 1);
    make_u16(&m, 0);
    make_u16(&m, 0);
    make_u16(&m, 0);
    make_name(&m, name);
    make_u16(&m, type);
    make_u16(&m, 1);
    return m;
}

/* section: 0 answer, 1 authority, 2 additional; in this order. */
static inline void make_record(struct made_dns *m, unsigned section, const char *owner,
                               unsigned type, uint32_t ttl, const void *rdata, size_t len)
{
    m->data[7 + 2 * section]++;
    make_name(m, owner);
    make_u16(m, type);
    make_u16(m, 1);
    make_u32(m, ttl);
    make_u16(m, (unsigned)len);
    make_bytes(m, rdata, len);
}

static inline void make_addr(struct made_dns *m, unsigned section, const char *owner, uint32_t ttl,
                             const char *text)
{
    struct addr addr;
    assert_true(addr_parse(text, &addr));
    make_record(m, section, owner, addr.af == AF_INET ? RR_A : RR_AAAA, ttl, addr.bytes,
                addr_len(&addr));
}

static inline void make_target(struct made_dns *m, unsigned section, const char *owner,
                               unsigned type, uint32_t ttl, const char *target)
{
    struct made_dns rdata = {.len = 0};
    make_name(&rdata, target);
    make_record(m, section, owner, type, ttl, rdata.data, rdata.len);
}

static inline void make_soa(struct made_dns *m, unsigned section, const char *owner, uint32_t ttl,
                            uint32_t serial, uint32_t minimum)
{
    struct made_dns rdata = {.len = 0};
    make_name(&rdata, "ns1.example");
    make_name(&rdata, "hostmaster.example");
    make_u32(&rdata, serial);
    make_u32(&rdata, 3600);
    make_u32(&rdata, 600);
    make_u32(&rdata, 86400);
    make_u32(&rdata, minimum);
    make_record(m, section, owner, RR_SOA, ttl, rdata.data, rdata.len);
}

#endif
