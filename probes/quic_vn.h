/* SPDX-License-Identifier: ISC
 *
 * QUIC without a QUIC stack: a packet of a version that nobody speaks must be answered with Version
 * Negotiation (RFC 9000 section 6; the bytes are RFC 8999's, the same for every version). Pure.
 */
#ifndef REACHD_PROBES_QUIC_VN_H
#define REACHD_PROBES_QUIC_VN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUIC_HELLO_LEN    1200 /* a smaller datagram need not be answered */
#define QUIC_ID_LEN       8
#define QUIC_MAX_VERSIONS 16
#define QUIC_VERSION_LEN  16

/* What makes one attempt's packets its own: ours to choose, the server's to return. */
struct quic_ids {
    uint32_t version; /* reserved: of the form 0x?a?a?a?a */
    uint8_t destination[QUIC_ID_LEN];
    uint8_t source[QUIC_ID_LEN];
};

struct quic_versions {
    size_t count;
    uint32_t list[QUIC_MAX_VERSIONS]; /* as offered, without reserved ones */
    bool reserved;                    /* there was one: the server keeps clients honest */
    bool cut;                         /* there were more */
};

void quic_ids_make(struct quic_ids *ids, const uint32_t random[5]);
void quic_hello_write(const struct quic_ids *ids, uint8_t out[QUIC_HELLO_LEN]);
/* NULL when it is the answer to our packet, else what is wrong with it (static). */
const char *quic_vn_read(const struct quic_ids *ids, const void *data, size_t len,
                         struct quic_versions *out);
/* "v1", "v2", "draft-29", "Q050" or "0x…". Returns out. */
const char *quic_version_name(uint32_t version, char out[QUIC_VERSION_LEN]);
/* A version that today's HTTP/3 clients speak. */
bool quic_version_is_usual(uint32_t version);

#endif
