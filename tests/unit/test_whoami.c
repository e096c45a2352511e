/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ddns/dns_wire.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/address/whoami.h"
#include "tests/unit/make_dns.h"

static const struct whoami txt = {.name = "whoami.example", .type = DNS_TYPE_TXT, .class = 1};
static const struct whoami chaos = {.name = "whoami.example", .type = DNS_TYPE_TXT, .class = 3};
static const struct whoami four = {.name = "whoami.example", .type = DNS_TYPE_A, .class = 1};
static const struct whoami six = {.name = "whoami.example", .type = DNS_TYPE_AAAA, .class = 1};

/* --- who is asked ------------------------------------------------------------------------- */

static void list(struct config_address *section, const char *want)
{
    struct whoami asked[WHOAMI_MAX];
    char label[200], text[1024] = "";
    section->query_class = DNS_CLASS_IN;
    size_t count = whoami_list(section, asked);
    for (size_t i = 0; i < count; i++)
        str_append(text, sizeof text, "%s%s port %u %s %u/%u", i ? "; " : "",
                   whoami_label(&asked[i], label, sizeof label), asked[i].port, asked[i].name,
                   asked[i].type, asked[i].class);
    assert_string_equal(text, want);
}

static void test_who_is_asked(void **state)
{
    char *two[] = {(char[]){"google"}, (char[]){"opendns"}, NULL};
    char *four_only[] = {(char[]){"akamai"}, NULL};
    char buf[128];
    (void)state;
    list(&(struct config_address){.family = FAMILY_IPV4},
         "opendns (208.67.222.222) port 53 myip.opendns.com 1/1; "
         "google (216.239.32.10) port 53 o-o.myaddr.l.google.com 16/1; "
         "cloudflare (1.1.1.1) port 53 whoami.cloudflare 16/3; "
         "akamai (193.108.88.1) port 53 whoami.akamai.net 1/1");
    list(&(struct config_address){.family = FAMILY_IPV6, .services = two},
         "google (2001:4860:4802:32::a) port 53 o-o.myaddr.l.google.com 16/1; "
         "opendns (2620:119:35::35) port 53 myip.opendns.com 28/1");
    list(&(struct config_address){.family = FAMILY_IPV6,
                                  .query = (char[]){"me.example"},
                                  .servers = (char[]){"2001:db8::53,[2001:db8::54]:5353"}},
         "me.example at 2001:db8::53 port 53 me.example 28/1; "
         "me.example at 2001:db8::54 port 5353 me.example 28/1");
    list(&(struct config_address){.family = FAMILY_IPV4,
                                  .services = four_only,
                                  .query = (char[]){"me.example"},
                                  .query_type = DNS_TYPE_TXT,
                                  .servers = (char[]){"192.0.2.53"}},
         "akamai (193.108.88.1) port 53 whoami.akamai.net 1/1; "
         "me.example at 192.0.2.53 port 53 me.example 16/1");
    assert_null(whoami_check_service("opendns", FAMILY_IPV6, buf, sizeof buf));
    assert_string_equal(whoami_check_service("akamai", FAMILY_IPV6, buf, sizeof buf),
                        "it does not answer over IPv6; allowed: opendns, google, cloudflare");
    assert_string_equal(whoami_check_service("quad", FAMILY_IPV4, buf, sizeof buf),
                        "allowed: opendns, google, cloudflare, akamai");
}

/* More servers than there is room for are left out, not written past the end. */
static void test_many(void **state)
{
    char servers[40 * 12] = "192.0.2.1";
    struct config_address section = {
        .family = FAMILY_IPV4, .query = (char[]){"a.example"}, .servers = servers};
    struct whoami asked[WHOAMI_MAX];
    (void)state;
    for (int i = 2; i < 40; i++)
        str_append(servers, sizeof servers, ",192.0.2.%d", i);
    assert_int_equal(whoami_list(&section, asked), WHOAMI_MAX);
}

static void test_question(void **state)
{
    static const uint8_t want[] = "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
                                  "\x06whoami\x07"
                                  "example\x00\x00\x10\x00\x03";
    struct buf out;
    (void)state;
    buf_init(&out, 512);
    assert_true(whoami_write(&chaos, 0x1234, &out));
    assert_int_equal(out.len, sizeof want - 1);
    assert_memory_equal(out.data, want, out.len);
    buf_clear(&out);
}

/* --- answers ------------------------------------------------------------------------------ */

static struct made_dns reply_to(const struct whoami *whoami, unsigned flags)
{
    struct made_dns m = make_reply(7, MAKE_QR | flags, whoami->name, whoami->type);
    m.data[m.len - 1] = (uint8_t)whoami->class;
    return m;
}

static void add(struct made_dns *m, const char *owner, unsigned type, unsigned class,
                const void *rdata, size_t len)
{
    m->data[7]++;
    make_name(m, owner);
    make_u16(m, type);
    make_u16(m, class);
    make_u32(m, 0);
    make_u16(m, (unsigned)len);
    make_bytes(m, rdata, len);
}

/* A TXT record of these strings, each behind its length. */
static void add_txt(struct made_dns *m, unsigned class, const char *a, const char *b)
{
    struct made_dns rdata = {.len = 0};
    for (const char *text = a; text; text = text == a ? b : NULL) {
        uint8_t len = (uint8_t)strlen(text);
        make_bytes(&rdata, &len, 1);
        make_bytes(&rdata, text, len);
    }
    add(m, "@12", DNS_TYPE_TXT, class, rdata.data, rdata.len);
}

static void reads(const struct whoami *whoami, enum family family, const struct made_dns *m,
                  const char *want, const char *why_want)
{
    struct config_address section = {.family = family};
    struct addr addr;
    char why[200] = "", text[ADDR_STRLEN] = "";
    uint8_t *exact = mem_zalloc(m->len + 1); /* for the sanitizer */
    memcpy(exact, m->data, m->len);
    if (whoami_read(whoami, exact, m->len, &section, &addr, why, sizeof why))
        addr_format(&addr, text);
    if (strcmp(text, want) != 0 || !strstr(why, why_want))
        fail_msg("'%s' (%s) instead of '%s' (%s)", text, why, want, why_want);
    free(exact);
}

static void test_addresses(void **state)
{
    struct made_dns m = reply_to(&four, 0);
    (void)state;
    reads(&four, FAMILY_IPV4, &m, "", "no address in the answer");
    add(&m, "other.example", DNS_TYPE_A, 1, "\x08\x08\x08\x08", 4); /* nobody asked for it */
    reads(&four, FAMILY_IPV4, &m, "", "no address in the answer");
    add(&m, "WHOami.example", DNS_TYPE_A, 1, "\x08\x08\x04\x04", 4);
    reads(&four, FAMILY_IPV4, &m, "8.8.4.4", "");
    add(&m, "@12", DNS_TYPE_A, 1, "\x08\x08\x04\x04", 4);
    reads(&four, FAMILY_IPV4, &m, "8.8.4.4", "");
    add(&m, "@12", DNS_TYPE_A, 1, "\x08\x08\x08\x08", 4);
    reads(&four, FAMILY_IPV4, &m, "", "more than one address: 8.8.4.4 and 8.8.8.8");
    m = reply_to(&six, 0);
    add(&m, "@12", DNS_TYPE_AAAA, 1, "\x24\x00\x40\x50\0\0\0\0\0\0\0\0\0\0\0\x05", 16);
    reads(&six, FAMILY_IPV6, &m, "2400:4050::5", "");
    m = reply_to(&four, 0);
    add(&m, "@12", DNS_TYPE_A, 1, "\x64\x40\x01\x02", 4);
    reads(&four, FAMILY_IPV4, &m, "", "100.64.1.2, which is not to be published: carrier");
    m = reply_to(&four, 0);
    add(&m, "@12", DNS_TYPE_A, 1, "\x08\x08\x04", 3);
    reads(&four, FAMILY_IPV4, &m, "", "malformed");
}

static void test_texts(void **state)
{
    struct made_dns m = reply_to(&txt, 0);
    (void)state;
    add_txt(&m, 1, "8.8.4.4", NULL);
    reads(&txt, FAMILY_IPV4, &m, "8.8.4.4", "");
    reads(&chaos, FAMILY_IPV4, &m, "", "another question");
    add_txt(&m, 1, "edns0-client-subnet 8.8.8.0/24", NULL);
    reads(&txt, FAMILY_IPV4, &m, "8.8.4.4", "");
    m = reply_to(&txt, 0);
    add_txt(&m, 1, "ns", "8.8.4.4");
    reads(&txt, FAMILY_IPV4, &m, "8.8.4.4", "");
    m = reply_to(&chaos, 0);
    add_txt(&m, 3, "2400:4050::0005", NULL);
    reads(&chaos, FAMILY_IPV6, &m, "2400:4050::5", "");
    reads(&chaos, FAMILY_IPV4, &m, "", "2400:4050::5, where IPv4 is asked for");
    m = reply_to(&chaos, 0);
    add_txt(&m, 1, "8.8.4.4", NULL); /* of the other class */
    reads(&chaos, FAMILY_IPV4, &m, "", "no address in the answer");
    m = reply_to(&txt, 0);
    add_txt(&m, 1, "\033[2J who are you? I am only a resolver, and it is late", NULL);
    reads(&txt, FAMILY_IPV4, &m, "", "no address in the answer: ?[2J who are you");
    m = reply_to(&txt, 0);
    add(&m, "@12", DNS_TYPE_TXT, 1,
        "\x09"
        "8.8.4.4",
        8); /* longer than it is */
    reads(&txt, FAMILY_IPV4, &m, "", "malformed");
    m = reply_to(&txt, 0);
    add(&m, "@12", DNS_TYPE_TXT, 1,
        "\x08"
        "8.8.4.4\0",
        9);
    reads(&txt, FAMILY_IPV4, &m, "", "no address in the answer: 8.8.4.4?");
    m = reply_to(&txt, 0);
    add(&m, "@12", DNS_TYPE_TXT, 1, "", 0);
    reads(&txt, FAMILY_IPV4, &m, "", "no address in the answer");
}

static void test_refusals(void **state)
{
    struct made_dns m = reply_to(&four, 5);
    (void)state;
    reads(&four, FAMILY_IPV4, &m, "", "REFUSED");
    m = reply_to(&four, 3);
    reads(&four, FAMILY_IPV4, &m, "", "NXDOMAIN");
    m = reply_to(&four, 15);
    reads(&four, FAMILY_IPV4, &m, "", "rcode 15");
    m = reply_to(&six, 0);
    reads(&four, FAMILY_IPV4, &m, "", "another question");
    m = make_reply(7, MAKE_QR, "else.example", DNS_TYPE_A);
    reads(&four, FAMILY_IPV4, &m, "", "another question");
    m = reply_to(&four, 0);
    m.data[2] = 0; /* a question */
    reads(&four, FAMILY_IPV4, &m, "", "no answer");
}

/* Cut anywhere, it says nothing, and nobody reads past its end. */
static void test_cut(void **state)
{
    struct made_dns m = reply_to(&txt, 0);
    (void)state;
    add_txt(&m, 1, "8.8.4.4", NULL);
    size_t whole = m.len;
    for (m.len = 0; m.len < whole; m.len++)
        reads(&txt, FAMILY_IPV4, &m, "", "a");
    reads(&txt, FAMILY_IPV4, &m, "8.8.4.4", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_is_asked), cmocka_unit_test(test_many),
        cmocka_unit_test(test_question),     cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_texts),        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
