/* SPDX-License-Identifier: ISC
 *
 * The packet that asks, and the reading of what comes back.
 */
#include "probes/quic_vn.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/buf.h"

#define LONG_HEADER 0x80
#define FIXED_BIT   0x40 /* middleboxes look for it */
#define V1          0x00000001u
#define V2          0x6b3343cfu
#define ID_MAX      20 /* of a Version Negotiation to us: it returns ours */

static bool is_reserved(uint32_t version)
{
    return (version & 0x0f0f0f0fu) == 0x0a0a0a0au;
}

void quic_ids_make(struct quic_ids *ids, const uint32_t random[5])
{
    ids->version = (random[0] & 0xf0f0f0f0u) | 0x0a0a0a0au;
    memcpy(ids->destination, random + 1, QUIC_ID_LEN);
    memcpy(ids->source, random + 3, QUIC_ID_LEN);
}

/* Shaped like an Initial packet: no token, a length, and for the rest zeros, which nobody reads. */
void quic_hello_write(const struct quic_ids *ids, uint8_t out[QUIC_HELLO_LEN])
{
    uint8_t *at = out;
    memset(out, 0, QUIC_HELLO_LEN);
    *at++ = LONG_HEADER | FIXED_BIT;
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(ids->version >> shift);
    *at++ = QUIC_ID_LEN;
    memcpy(at, ids->destination, QUIC_ID_LEN);
    at += QUIC_ID_LEN;
    *at++ = QUIC_ID_LEN;
    memcpy(at, ids->source, QUIC_ID_LEN);
    at += QUIC_ID_LEN;
    *at++ = 0; /* no token */
    size_t left = QUIC_HELLO_LEN - (size_t)(at - out) - 2;
    *at++ = (uint8_t)(0x40 | left >> 8);
    *at = (uint8_t)left;
}

static bool is_id(struct reader *r, const uint8_t id[QUIC_ID_LEN])
{
    uint8_t len = reader_u8(r);
    const uint8_t *bytes = reader_bytes(r, len <= ID_MAX ? len : 0);
    return bytes && len == QUIC_ID_LEN && memcmp(bytes, id, QUIC_ID_LEN) == 0;
}

const char *quic_vn_read(const struct quic_ids *ids, const void *data, size_t len,
                         struct quic_versions *out)
{
    struct reader r = reader_of(data, len);
    memset(out, 0, sizeof *out);
    if (!(reader_u8(&r) & LONG_HEADER))
        return len == 0 ? "an empty datagram" : "not QUIC: no long header";
    uint32_t version = reader_u32(&r);
    if (r.bad)
        return "not QUIC: too short";
    if (version != 0)
        return "no Version Negotiation: a packet of a version that can't be meant";
    if (!is_id(&r, ids->source) || !is_id(&r, ids->destination))
        return "the connection IDs are not ours";
    if (r.left == 0 || r.left % 4 != 0)
        return "the list of versions is broken";
    while (r.left > 0) {
        version = reader_u32(&r);
        if (version == ids->version || version == 0)
            return "it offers the version that it has just refused";
        if (is_reserved(version))
            out->reserved = true;
        else if (out->count < QUIC_MAX_VERSIONS)
            out->list[out->count++] = version;
        else
            out->cut = true;
    }
    return NULL;
}

const char *quic_version_name(uint32_t version, char out[QUIC_VERSION_LEN])
{
    unsigned char text[4] = {(unsigned char)(version >> 24), (unsigned char)(version >> 16),
                             (unsigned char)(version >> 8), (unsigned char)version};
    if (version == V1 || version == V2)
        snprintf(out, QUIC_VERSION_LEN, "v%d", version == V1 ? 1 : 2);
    else if (version >> 8 == 0xff0000)
        snprintf(out, QUIC_VERSION_LEN, "draft-%u", version & 0xff);
    else if ((text[0] == 'Q' || text[0] == 'T') && isdigit(text[1]) && isdigit(text[2]) &&
             isdigit(text[3]))
        snprintf(out, QUIC_VERSION_LEN, "%.4s", (const char *)text); /* Google's own */
    else
        snprintf(out, QUIC_VERSION_LEN, "0x%08x", version);
    return out;
}

bool quic_version_is_usual(uint32_t version)
{
    return version == V1 || version == V2;
}
