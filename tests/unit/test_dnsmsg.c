/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/make_dns.h"

#define QR (MAKE_QR | MAKE_RA)

static bool parse(const struct made_dns *m, const char *name, enum rrtype type, struct dnsmsg *out)
{
    return dnsmsg_parse(m->data, m->len, name, type, out);
}

static void assert_addr(const struct addr *addr, const char *text)
{
    char buf[ADDR_STRLEN];
    assert_string_equal(addr_format(addr, buf), text);
}

static void addresses(void **arg)
{
    struct made_dns m = make_reply(7, QR | MAKE_AA | 0x20, "www.Example", RR_A);
    struct dnsmsg out;
    (void)arg;
    make_addr(&m, 0, "@12", 300, "192.0.2.1");
    make_addr(&m, 0, "WWW.exAMPLE", 200, "192.0.2.2");
    make_addr(&m, 0, "other.example", 1, "192.0.2.3");
    make_addr(&m, 0, "@12", 1, "2001:db8::1"); /* not asked for */
    assert_true(parse(&m, "wWw.example.", RR_A, &out));
    assert_int_equal(out.addr_count, 2);
    assert_addr(&out.addrs[0], "192.0.2.1");
    assert_addr(&out.addrs[1], "192.0.2.2");
    assert_int_equal(out.ttl, 200);
    assert_true(out.aa && out.ad && !out.tc && !out.addrs_cut && !out.cname_loop);
    assert_string_equal(out.cname, "");
}

static void question_must_match(void **arg)
{
    struct made_dns m = make_reply(7, QR, "www.example", RR_AAAA);
    struct dnsmsg out = {.ttl = 9};
    (void)arg;
    make_addr(&m, 0, "@12", 300, "2001:db8::1");
    assert_true(parse(&m, "www.example", RR_AAAA, &out));
    assert_false(parse(&m, "www.example", RR_A, &out));
    assert_int_equal(out.ttl, 0);
    assert_false(parse(&m, "ww.example", RR_AAAA, &out));
    assert_false(parse(&m, "", RR_AAAA, &out));
    m.data[2] &= 0x7f; /* a question */
    assert_false(parse(&m, "www.example", RR_AAAA, &out));
    m.data[2] |= 0x80;
    m.data[5] = 2; /* two questions */
    assert_false(parse(&m, "www.example", RR_AAAA, &out));
    m.data[5] = 0;
    assert_false(parse(&m, "www.example", RR_AAAA, &out));
}

static void cname_chain(void **arg)
{
    struct made_dns m = make_reply(7, QR, "a.example", RR_A);
    struct dnsmsg out;
    (void)arg;
    make_addr(&m, 0, "c.example", 500, "192.0.2.9"); /* out of order on purpose */
    make_target(&m, 0, "b.example", RR_CNAME, 40, "C.example");
    make_target(&m, 0, "a.example", RR_CNAME, 60, "b.example");
    assert_true(parse(&m, "a.example", RR_A, &out));
    assert_int_equal(out.addr_count, 1);
    assert_string_equal(out.cname, "c.example");
    assert_int_equal(out.ttl, 40);
    m = make_reply(7, QR, "a.example", RR_CNAME);
    make_target(&m, 0, "a.example", RR_CNAME, 60, "b.example");
    make_target(&m, 0, "b.example", RR_CNAME, 40, "c.example");
    assert_true(parse(&m, "a.example", RR_CNAME, &out));
    assert_string_equal(out.cname, "b.example");
    assert_int_equal(out.ttl, 60);
}

static void cname_loops(void **arg)
{
    struct made_dns m = make_reply(7, QR, "a.example", RR_A);
    struct dnsmsg out;
    (void)arg;
    make_target(&m, 0, "a.example", RR_CNAME, 60, "b.example");
    make_target(&m, 0, "b.example", RR_CNAME, 60, "a.example");
    assert_true(parse(&m, "a.example", RR_A, &out));
    assert_true(out.cname_loop);
    assert_int_equal(out.addr_count, 0);
    m = make_reply(7, QR, "a.example", RR_A);
    make_target(&m, 0, "a.example", RR_CNAME, 60, "A.example");
    assert_true(parse(&m, "a.example", RR_A, &out));
    assert_true(out.cname_loop);
}

static void ttl_with_top_bit_is_zero(void **arg)
{
    struct made_dns m = make_reply(7, QR, "a.example", RR_A);
    struct dnsmsg out;
    (void)arg;
    make_addr(&m, 0, "@12", 0x80000001u, "192.0.2.1");
    make_addr(&m, 0, "@12", 30, "192.0.2.2");
    assert_true(parse(&m, "a.example", RR_A, &out));
    assert_int_equal(out.ttl, 0);
}

static void negative_answers(void **arg)
{
    struct made_dns m = make_reply(7, QR | RCODE_NXDOMAIN, "a.b.example", RR_A);
    struct dnsmsg out;
    (void)arg;
    make_soa(&m, 1, "other", 60, 1, 1); /* of a zone that the name does not lie in */
    make_soa(&m, 1, "example", 900, 2026112401u, 300);
    assert_true(parse(&m, "a.b.example", RR_A, &out));
    assert_int_equal(out.rcode, RCODE_NXDOMAIN);
    assert_string_equal(out.soa_owner, "example");
    assert_string_equal(out.soa_mname, "ns1.example");
    assert_int_equal(out.soa_serial, 2026112401u);
    assert_int_equal(out.negative_ttl, 300);
    assert_int_equal(out.name_count, 0);
}

static void referral_and_glue(void **arg)
{
    struct made_dns m = make_reply(7, QR, "www.sub.example", RR_A);
    struct dnsmsg out;
    (void)arg;
    make_target(&m, 1, "elsewhere", RR_NS, 60, "evil.example");
    make_target(&m, 1, "sub.example", RR_NS, 60, "ns1.sub.example");
    make_target(&m, 1, "SUB.example", RR_NS, 60, "ns2.sub.example");
    make_addr(&m, 2, "ns1.sub.example", 60, "192.0.2.53");
    make_addr(&m, 2, "ns2.sub.example", 60, "2001:db8::53");
    make_addr(&m, 2, "evil.example", 60, "192.0.2.66");
    assert_true(parse(&m, "www.sub.example", RR_A, &out));
    assert_string_equal(out.ns_owner, "sub.example");
    assert_int_equal(out.name_count, 2);
    assert_string_equal(out.names[1], "ns2.sub.example");
    assert_int_equal(out.glue_count, 2);
    assert_addr(&out.glue[0], "192.0.2.53");
    assert_addr(&out.glue[1], "2001:db8::53");
}

static void ns_answer(void **arg)
{
    struct made_dns m = make_reply(7, QR | MAKE_AA, "example", RR_NS);
    struct dnsmsg out;
    (void)arg;
    for (int i = 0; i < DNSMSG_MAX_NAMES + 3; i++)
        make_target(&m, 0, "@12", RR_NS, 60, "ns.example");
    assert_true(parse(&m, "example", RR_NS, &out));
    assert_int_equal(out.name_count, DNSMSG_MAX_NAMES);
    assert_string_equal(out.ns_owner, "example");
    assert_int_equal(out.ttl, 60);
}

static void more_addresses_than_fit(void **arg)
{
    struct made_dns m = make_reply(7, QR, "a.example", RR_A);
    struct dnsmsg out;
    (void)arg;
    for (int i = 0; i <= DNSMSG_MAX_ADDRS; i++)
        make_addr(&m, 0, "@12", 60, "192.0.2.1");
    assert_true(parse(&m, "a.example", RR_A, &out));
    assert_int_equal(out.addr_count, DNSMSG_MAX_ADDRS);
    assert_true(out.addrs_cut);
}

static void unusual_bytes_are_escaped(void **arg)
{
    struct made_dns m = make_reply(7, QR, "a.example", RR_CNAME);
    struct dnsmsg out;
    (void)arg;
    make_record(&m, 0, "@12", RR_CNAME, 5, "\4a.\033\377\7example", 14);
    assert_true(parse(&m, "a.example", RR_CNAME, &out));
    assert_string_equal(out.cname, "a\\046\\027\\255.example");
}

/* A message whose answer has one CNAME record with this data. */
static bool parse_cname(const void *rdata, size_t len)
{
    struct made_dns m = make_reply(7, QR, "a.example", RR_CNAME);
    struct dnsmsg out;
    make_record(&m, 0, "@12", RR_CNAME, 5, rdata, len);
    return parse(&m, "a.example", RR_CNAME, &out);
}

static void bad_names(void **arg)
{
    uint8_t longest[300];
    (void)arg;
    assert_true(parse_cname("\xc0\x0c", 2));
    assert_false(parse_cname("\xc0", 1));
    assert_false(parse_cname("\xc0\x27", 2)); /* to itself: 12 + 11 + 4 + 2 + 10 = 0x27 */
    assert_false(parse_cname("\xc0\x30", 2)); /* forward */
    assert_false(parse_cname("\x01"
                             "a\xc0\x27",
                             4)); /* back to its own start */
    assert_false(parse_cname("\x40"
                             "a\0",
                             3));
    assert_false(parse_cname("\x80"
                             "a\0",
                             3));
    assert_false(parse_cname("\x01"
                             "a",
                             2));
    assert_false(parse_cname("\x01"
                             "a\0x",
                             4));
    for (size_t i = 0; i < sizeof(longest); i++)
        longest[i] = i % 64 == 0 ? 63 : 'x';
    longest[192] = 61;
    longest[254] = 0;
    assert_true(parse_cname(longest, 255));
    longest[192] = 62;
    longest[254] = 'x';
    longest[255] = 0;
    assert_false(parse_cname(longest, 256));
}

static void every_cut_is_refused(void **arg)
{
    struct made_dns m = make_reply(7, QR, "a.example", RR_A);
    struct dnsmsg out;
    (void)arg;
    make_target(&m, 0, "@12", RR_CNAME, 60, "b.example");
    make_addr(&m, 0, "b.example", 60, "192.0.2.1");
    make_soa(&m, 1, "example", 60, 1, 1);
    assert_true(parse(&m, "a.example", RR_A, &out));
    for (size_t len = 0; len < m.len; len++) {
        uint8_t *exact = malloc(len ? len : 1); /* so that a sanitizer sees a read past it */
        memcpy(exact, m.data, len);
        assert_false(dnsmsg_parse(exact, len, "a.example", RR_A, &out));
        free(exact);
    }
    m.data[2] |= 0x02; /* TC: what came counts */
    assert_true(dnsmsg_parse(m.data, m.len - 1, "a.example", RR_A, &out));
    assert_true(out.tc);
    assert_int_equal(out.addr_count, 1);
}

static void wrong_lengths(void **arg)
{
    struct made_dns m = make_reply(7, QR, "a.example", RR_A);
    struct dnsmsg out;
    (void)arg;
    make_record(&m, 0, "@12", RR_A, 5, "\1\2\3", 3);
    assert_false(parse(&m, "a.example", RR_A, &out));
    m = make_reply(7, QR, "a.example", RR_AAAA);
    make_record(&m, 0, "@12", RR_AAAA, 5, "\1\2\3\4", 4);
    assert_false(parse(&m, "a.example", RR_AAAA, &out));
}

/* An address whose owner is `jumps` pointers, one to the other, down to the question's name. */
static bool parse_stairs(unsigned jumps, struct dnsmsg *out)
{
    struct made_dns m = make_reply(7, QR, "a.example", RR_A), stairs = {.len = 0};
    char at[16];
    size_t start = m.len + 12; /* behind the owner, type, class, TTL and length of the TXT record */
    for (unsigned i = 0; i + 1 < jumps; i++) {
        snprintf(at, sizeof(at), "@%zu", i == 0 ? (size_t)12 : start + 2 * (i - 1));
        make_name(&stairs, at);
    }
    make_record(&m, 0, "@12", 16, 5, stairs.data, stairs.len);
    snprintf(at, sizeof(at), "@%zu", start + stairs.len - 2);
    make_addr(&m, 0, at, 5, "192.0.2.1");
    return parse(&m, "a.example", RR_A, out);
}

/* A message of 64 KiB could otherwise make us follow thirty million of them. */
static void pointers_are_counted(void **arg)
{
    struct dnsmsg out;
    (void)arg;
    assert_true(parse_stairs(127, &out));
    assert_int_equal(out.addr_count, 1);
    assert_false(parse_stairs(128, &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(question_must_match),
        cmocka_unit_test(cname_chain),
        cmocka_unit_test(cname_loops),
        cmocka_unit_test(ttl_with_top_bit_is_zero),
        cmocka_unit_test(negative_answers),
        cmocka_unit_test(referral_and_glue),
        cmocka_unit_test(ns_answer),
        cmocka_unit_test(more_addresses_than_fit),
        cmocka_unit_test(unusual_bytes_are_escaped),
        cmocka_unit_test(bad_names),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(wrong_lengths),
        cmocka_unit_test(pointers_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
