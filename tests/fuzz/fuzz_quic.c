/* SPDX-License-Identifier: ISC
 *
 * A datagram that came back for our QUIC packet. The connection IDs asked with are those in it, so
 * that the list behind them is reached.
 */
#include "probes/quic_vn.h"
#include "tests/fuzz/fuzz.h"

static void take_ids(const uint8_t *data, size_t size, struct quic_ids *ids)
{
    if (size >= 6 + QUIC_ID_LEN)
        memcpy(ids->source, data + 6, QUIC_ID_LEN);
    if (size >= 7 + 2 * QUIC_ID_LEN)
        memcpy(ids->destination, data + 7 + QUIC_ID_LEN, QUIC_ID_LEN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct quic_ids ids = {.version = 0x1a2a3a4a};
    struct quic_versions versions;
    char name[QUIC_VERSION_LEN];
    take_ids(data, size, &ids);
    const char *wrong = quic_vn_read(&ids, data, size, &versions);
    MUST(versions.count <= QUIC_MAX_VERSIONS);
    MUST(wrong || versions.count > 0 || versions.reserved);
    MUST(wrong || !versions.cut || versions.count == QUIC_MAX_VERSIONS);
    for (size_t i = 0; i < versions.count; i++)
        MUST(fuzz_is_clean(quic_version_name(versions.list[i], name), QUIC_VERSION_LEN));
    ids.source[0] ^= 1; /* whoever does not know our IDs is not believed */
    MUST(quic_vn_read(&ids, data, size, &versions));
    return 0;
}
