/* SPDX-License-Identifier: ISC
 *
 * NAT-PMP and PCP byte by byte, as RFC 6886 and RFC 6887 draw them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/address/sources/pcp_wire.h"

#define HEX_MAX 1200

static size_t bytes_of(const char *hex, uint8_t *out)
{
    size_t len = 0;
    for (const char *at = hex; *at;) {
        if (*at == ' ') {
            at++;
            continue;
        }
        char two[3] = {at[0], at[1], '\0'};
        out[len++] = (uint8_t)strtoul(two, NULL, 16);
        at += 2;
    }
    return len;
}

static struct pcp_mapping mapping(void)
{
    struct pcp_mapping made = {.port = 0xc001};
    bytes_of("01 02 03 04 05 06 07 08 09 0a 0b 0c", made.nonce);
    assert_true(addr_parse("192.168.1.5", &made.client));
    return made;
}

struct row {
    const char *hex;
    enum pcp_meaning meaning;
    const char *said; /* the address, a part of the error, or the version */
};

typedef void read_fn(const uint8_t *data, size_t len, struct pcp_answer *out);

static void read_map(const uint8_t *data, size_t len, struct pcp_answer *out)
{
    struct pcp_mapping ours = mapping();
    pcp_map_read(data, len, &ours, out);
}

static void check(const struct row *row, read_fn *read)
{
    uint8_t data[HEX_MAX];
    char text[ADDR_STRLEN + 8] = "";
    size_t len = bytes_of(row->hex, data);
    uint8_t *exact = malloc(len + 1); /* for the sanitizer */
    struct pcp_answer answer;
    memcpy(exact, data, len);
    read(exact, len, &answer);
    free(exact);
    if (answer.meaning == PCP_ADDRESS)
        addr_format(&answer.addr, text);
    if (answer.meaning == PCP_NO_OPTION)
        assert_non_null(answer.error);
    if (answer.meaning == PCP_UNKNOWN)
        text[0] = (char)('0' + answer.version);
    const char *said = answer.meaning == PCP_REFUSAL ? answer.error : text;
    if (answer.meaning != row->meaning || !strstr(said, row->said))
        fail_msg("%s: %d %s", row->hex, answer.meaning, said);
}

static void test_nat_pmp(void **state)
{
    static const struct row rows[] = {
        {"00 80 0000 00000e10 cb00711b", PCP_ADDRESS, "203.0.113.27"},
        {"00 80 0000 00000e10 cb00711b ffff", PCP_ADDRESS, "203.0.113.27"},
        {"00 80 0000 00000e10 00000000", PCP_ADDRESS, "0.0.0.0"}, /* addr_answer.h refuses it */
        {"00 80 0003 00000e10 00000000", PCP_REFUSAL, "no address itself"},
        {"00 80 0002 00000e10", PCP_REFUSAL, "turned off"},
        {"00 80 0004 00000e10", PCP_REFUSAL, "out of resources"},
        {"00 80 0005 00000e10", PCP_REFUSAL, "opcode"},
        {"00 80 0107 00000e10", PCP_REFUSAL, "does not name"},
        {"00 80 0001 00000e10", PCP_UNKNOWN, "0"},
        {"02 80 0001 00000000 00000e10 000000000000000000000000", PCP_UNKNOWN, "2"},
        {"02 80 0000 00000000 00000e10 000000000000000000000000", PCP_NO_ANSWER, ""},
        {"00 80 0000 00000e10 cb0071", PCP_NO_ANSWER, ""},
        {"00 80 0003 00000e", PCP_NO_ANSWER, ""},
        {"00 80 00", PCP_NO_ANSWER, ""},
        {"00 00 0000 00000e10 cb00711b", PCP_NO_ANSWER, ""}, /* a request */
        {"00 81 0000 00000e10 cb00711b", PCP_NO_ANSWER, ""}, /* the answer to another */
        {"", PCP_NO_ANSWER, ""},
    };
    uint8_t ask[NAT_PMP_ASK_LEN] = {9, 9};
    struct pcp_answer answer;
    (void)state;
    nat_pmp_ask(ask);
    assert_memory_equal(ask, "\0\0", 2);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(&rows[i], nat_pmp_read);
    nat_pmp_read((const uint8_t *)"\0\x80\0\0\0\0\x0e\x10\1\1\1\1", 12, &answer);
    assert_int_equal(answer.epoch_s, 3600);
}

#define HEAD "00000078 00000e10 000000000000000000000000 "
#define OURS "0102030405060708090a0b0c 11 000000 c001 "

static void test_pcp(void **state)
{
    static const struct row rows[] = {
        {"02 81 00 00 " HEAD OURS "d431 00000000000000000000ffffcb00711b", PCP_ADDRESS,
         "203.0.113.27"},
        {"02 81 00 00 " HEAD OURS "d431 20010db8000000000000000000000005", PCP_ADDRESS,
         "2001:db8::5"},
        /* the nonce, the protocol, the port are another's */
        {"02 81 00 00 " HEAD "0102030405060708090a0b0d 11 000000 c001 d431 "
         "00000000000000000000ffffcb00711b",
         PCP_NO_ANSWER, ""},
        {"02 81 00 00 " HEAD "0102030405060708090a0b0c 06 000000 c001 d431 "
         "00000000000000000000ffffcb00711b",
         PCP_NO_ANSWER, ""},
        {"02 81 00 00 " HEAD "0102030405060708090a0b0c 11 000000 c002 d431 "
         "00000000000000000000ffffcb00711b",
         PCP_NO_ANSWER, ""},
        {"02 81 00 02 " HEAD OURS "0000 00000000000000000000000000000000", PCP_REFUSAL,
         "not authorised"},
        {"02 81 00 07 " HEAD, PCP_REFUSAL, "no address itself"},
        {"02 81 00 0b " HEAD, PCP_REFUSAL, "maps no port for this host"},
        {"02 81 00 05 " HEAD OURS "c001 00000000000000000000ffff00000000 02000000", PCP_NO_OPTION,
         ""},
        {"02 81 00 06 " HEAD, PCP_NO_OPTION, ""},
        {"02 81 00 0c " HEAD, PCP_REFUSAL, "another NAT between"},
        {"02 81 00 ff " HEAD, PCP_REFUSAL, "does not name"},
        {"02 81 00 02 " HEAD "0102030405060708090a0b0d 11 000000 c001", PCP_NO_ANSWER, ""},
        {"02 81 00 02 " HEAD "0102030405", PCP_NO_ANSWER, ""},
        {"02 81 00 00 " HEAD, PCP_NO_ANSWER, ""},
        {"02 81 00 00 " HEAD OURS "d431 00000000000000000000ffffcb0071", PCP_NO_ANSWER, ""},
        {"02 81 00 00 00000078 00000e10 0000", PCP_NO_ANSWER, ""},
        {"02 01 00 00 " HEAD OURS "d431 00000000000000000000ffffcb00711b", PCP_NO_ANSWER, ""},
        {"02 80 00 00 " HEAD, PCP_NO_ANSWER, ""}, /* ANNOUNCE */
        {"02 81 00 01 " HEAD, PCP_NO_ANSWER, ""}, /* our own version, not known */
        /* a router that knows NAT-PMP only, with either opcode that is seen */
        {"00 00 0001 00000e10", PCP_UNKNOWN, "0"},
        {"00 81 0001 00000e10", PCP_UNKNOWN, "0"},
        {"01 81 0001 00000000 00000e10", PCP_UNKNOWN, "1"},
        {"00 80 0000 00000e10 cb00711b", PCP_NO_ANSWER, ""},
        {"02 81 00", PCP_NO_ANSWER, ""},
        {"", PCP_NO_ANSWER, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(&rows[i], read_map);
}

static void test_map_request(void **state)
{
    static const char want[] = "02 01 0000 00000078 00000000000000000000ffffc0a80105"
                               "0102030405060708090a0b0c 11 000000 c001 c001"
                               "00000000000000000000ffff00000000 02 00 0000";
    struct pcp_mapping ours = mapping();
    uint8_t expected[PCP_MAP_LEN], got[PCP_MAP_LEN];
    (void)state;
    assert_int_equal(bytes_of(want, expected), PCP_MAP_LEN);
    assert_int_equal(pcp_map_ask(&ours, 120, got), 64);
    assert_memory_equal(got, expected, 64);
    ours.plain = true;
    assert_int_equal(pcp_map_ask(&ours, 120, got), 60);
    assert_memory_equal(got, expected, 60);
    ours.plain = false;
    expected[7] = 0;
    assert_int_equal(pcp_map_ask(&ours, 0, got), 60);
    assert_memory_equal(got, expected, 60);
}

static void test_too_long(void **state)
{
    uint8_t data[PCP_MAX_LEN + 1] = {2, 0x81, 0, 1};
    struct pcp_mapping ours = mapping();
    struct pcp_answer answer;
    (void)state;
    data[0] = 0;
    pcp_map_read(data, PCP_MAX_LEN, &ours, &answer);
    assert_int_equal(answer.meaning, PCP_UNKNOWN);
    pcp_map_read(data, sizeof data, &ours, &answer);
    assert_int_equal(answer.meaning, PCP_NO_ANSWER);
}

static void test_news(void **state)
{
    static const struct {
        const char *hex;
        bool is;
    } rows[] = {
        {"00 80 0000 00000000 cb00711b", true},
        {"02 80 0000 00000000 00000000 000000000000000000000000", true},
        {"00 80 0003 00000000 00000000", false},                          /* no address */
        {"02 81 0000 00000000 00000000 000000000000000000000000", false}, /* MAP */
        {"02 00 0000 00000000 00000000 000000000000000000000000", false}, /* a request */
        {"02 80 0000 00000000 00000000", false},
        {"01 80 0000 00000000 00000000 000000000000000000000000", false},
        {"00 80 0000 00000000 cb0071", false},
        {"", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t data[HEX_MAX];
        size_t len = bytes_of(rows[i].hex, data);
        uint8_t *exact = malloc(len + 1); /* for the sanitizer */
        memcpy(exact, data, len);
        if (pcp_is_news(exact, len) != rows[i].is)
            fail_msg("%s", rows[i].hex);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nat_pmp),     cmocka_unit_test(test_pcp),
        cmocka_unit_test(test_map_request), cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_news),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
