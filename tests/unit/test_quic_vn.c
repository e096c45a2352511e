/* SPDX-License-Identifier: ISC
 *
 * The QUIC packet that asks, and the answers to it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probes/quic_vn.h"

static const uint32_t random_words[5] = {0xffffffff, 1, 2, 3, 4};

static void the_packet_is_as_the_invariants_say(void **state)
{
    struct quic_ids ids;
    uint8_t packet[QUIC_HELLO_LEN];
    (void)state;
    quic_ids_make(&ids, random_words);
    assert_int_equal(ids.version, 0xfafafafa);
    assert_memory_not_equal(ids.source, ids.destination, QUIC_ID_LEN);
    quic_hello_write(&ids, packet);
    assert_int_equal(packet[0] & 0xc0, 0xc0);
    assert_memory_equal(packet + 1, "\xfa\xfa\xfa\xfa", 4);
    assert_int_equal(packet[5], QUIC_ID_LEN);
    assert_memory_equal(packet + 6, ids.destination, QUIC_ID_LEN);
    assert_int_equal(packet[14], QUIC_ID_LEN);
    assert_memory_equal(packet + 15, ids.source, QUIC_ID_LEN);
    /* the length covers the rest of the datagram */
    assert_int_equal(packet[23], 0);
    assert_int_equal((packet[24] & 0x3f) << 8 | packet[25], QUIC_HELLO_LEN - 26);
}

/* A Version Negotiation packet as a server makes it of ours; returns its length. */
static size_t answer(const struct quic_ids *ids, const uint32_t *versions, size_t count,
                     uint8_t out[512])
{
    size_t len = 0;
    out[len++] = 0x95;
    memset(out + len, 0, 4);
    len += 4;
    out[len++] = QUIC_ID_LEN;
    memcpy(out + len, ids->source, QUIC_ID_LEN);
    len += QUIC_ID_LEN;
    out[len++] = QUIC_ID_LEN;
    memcpy(out + len, ids->destination, QUIC_ID_LEN);
    len += QUIC_ID_LEN;
    for (size_t i = 0; i < count; i++)
        for (int shift = 24; shift >= 0; shift -= 8)
            out[len++] = (uint8_t)(versions[i] >> shift);
    return len;
}

static void answers_are_read(void **state)
{
    const uint32_t versions[] = {0x6b3343cf, 1, 0x3a4a5a6a, 0xff00001d, 0x51303530, 0xfaceb002};
    static const char *const names[] = {"v2", "v1", "draft-29", "Q050", "0xfaceb002"};
    struct quic_ids ids;
    struct quic_versions read;
    uint8_t packet[512];
    char name[QUIC_VERSION_LEN];
    (void)state;
    quic_ids_make(&ids, random_words);
    size_t len = answer(&ids, versions, 6, packet);
    assert_null(quic_vn_read(&ids, packet, len, &read));
    assert_int_equal(read.count, 5);
    assert_true(read.reserved && !read.cut);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(quic_version_name(read.list[i], name), names[i]);
    assert_true(quic_version_is_usual(read.list[0]) && !quic_version_is_usual(read.list[2]));
}

static void many_versions_are_cut(void **state)
{
    uint32_t versions[40];
    struct quic_ids ids;
    struct quic_versions read;
    uint8_t packet[512];
    (void)state;
    for (uint32_t i = 0; i < 40; i++)
        versions[i] = 100 + i;
    quic_ids_make(&ids, random_words);
    assert_null(quic_vn_read(&ids, packet, answer(&ids, versions, 40, packet), &read));
    assert_int_equal(read.count, QUIC_MAX_VERSIONS);
    assert_true(read.cut);
}

static void others_are_refused(void **state)
{
    const uint32_t versions[] = {1, 2};
    struct quic_ids ids;
    struct quic_versions read;
    uint8_t packet[512];
    (void)state;
    quic_ids_make(&ids, random_words);
    size_t len = answer(&ids, versions, 2, packet);
    for (size_t cut = 0; cut < len; cut++) /* whole lists only */
        assert_true(!quic_vn_read(&ids, packet, cut, &read) == (cut == len - 4));
    assert_non_null(quic_vn_read(&ids, "\x15SSH-2.0", 8, &read));
    for (size_t at = 5; at < 23; at++) { /* each byte of the IDs counts */
        packet[at] ^= 1;
        assert_non_null(quic_vn_read(&ids, packet, len, &read));
        packet[at] ^= 1;
    }
    packet[4] = 1; /* an Initial of version 1 */
    assert_non_null(quic_vn_read(&ids, packet, len, &read));
    packet[4] = 0;
    assert_null(quic_vn_read(&ids, packet, len, &read));
    assert_non_null(quic_vn_read(&ids, packet, answer(&ids, &ids.version, 1, packet), &read));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_packet_is_as_the_invariants_say),
        cmocka_unit_test(answers_are_read),
        cmocka_unit_test(many_versions_are_cut),
        cmocka_unit_test(others_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
