/* SPDX-License-Identifier: ISC
 *
 * Updates, signed and answered: the bytes that we send and the answers that we believe, against
 * samples made without any code of ours (tests/fuzz/make_corpus.py).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ddns/dns_update.h"
#include "ddns/dns_wire.h"
#include "ddns/primary.h"
#include "ddns/providers/rfc2136.h"
#include "ddns/tsig.h"
#include "lib/fsio.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/dns_exchange.h"

#define NOW_S  1700000000
#define NAME   "key.home.example"
#define SECRET "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static char *sample(const char *name, size_t *len)
{
    const char *srcdir = getenv("srcdir");
    char error[FSIO_ERROR_LEN];
    char *path = mem_printf("%s/tests/fuzz/corpus/tsig/%s", srcdir ? srcdir : "..", name);
    char *data = fsio_read(path, 65536, len, error);
    if (!data)
        fail_msg("%s", error);
    free(path);
    return data;
}

static struct tsig_key key_of(const char *name, const char *secret)
{
    struct tsig_key key;
    const char *problem = tsig_key_parse(name, secret, &key);
    if (problem)
        fail_msg("%s: %s", name, problem);
    return key;
}

static struct addr ip(const char *text)
{
    struct addr addr;
    assert_true(addr_parse(text, &addr));
    return addr;
}

/* --- what is sent --- */

static void requests_are_signed(void **state)
{
    static const char *const hashes[] = {"sha1", "sha256", "sha384", "sha512"};
    const struct dns_update update = {.fqdn = "WWW.home.example",
                                      .addrs = {ip("203.0.113.27"), ip("2001:db8::5")},
                                      .ttl = {60, 300}};
    (void)state;
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
        char name[64] = "", file[64] = "";
        struct buf message;
        struct tsig_mac mac;
        size_t len;
        str_append(name, sizeof name, "hmac-%s:" NAME ".", hashes[i]);
        str_append(file, sizeof file, "request-%s", hashes[i]);
        struct tsig_key key = key_of(name, SECRET);
        char *want = sample(file, &len);
        buf_init(&message, DNS_WIRE_MAX);
        assert_true(dns_update_build(&message, 0x1234, "home.example", &update, 1));
        assert_true(tsig_sign(&message, &key, NOW_S, &mac));
        assert_int_equal(message.len, len);
        assert_memory_equal(message.data, want, len);
        buf_clear(&message);
        free(want);
    }
}

/* RFC 2136: on condition that the set is just this record (2.4.2) and the name no alias (2.4.3),
 * the set goes (2.5.2). */
static void a_withdrawal_names_what_it_takes(void **state)
{
    static const uint8_t want[] = {
        0x12, 0x34, 0x28, 0,   0,   1,   0,   2, 0, 1, 0, 0, /* header */
        4,    'h',  'o',  'm', 'e', 0,   0,   6, 0, 1,       /* the zone */
        1,    'w',  4,    'h', 'o', 'm', 'e', 0, 0, 5, 0, 254, 0, 0, 0, 0, 0,   0, 1,   'w',
        4,    'h',  'o',  'm', 'e', 0,   0,   1, 0, 1, 0, 0,   0, 0, 0, 4, 203, 0, 113, 27,
        1,    'w',  4,    'h', 'o', 'm', 'e', 0, 0, 1, 0, 255, 0, 0, 0, 0, 0,   0,
    };
    const struct dns_update update = {.fqdn = "w.home", .withdraw = {ip("203.0.113.27")}};
    struct buf message;
    (void)state;
    buf_init(&message, DNS_WIRE_MAX);
    assert_true(dns_update_build(&message, 0x1234, "home", &update, 1));
    assert_int_equal(message.len, sizeof want);
    assert_memory_equal(message.data, want, sizeof want);
    buf_clear(&message);
}

static void what_does_not_fit_is_not_built(void **state)
{
    struct dns_update update = {.fqdn = "www.home.example", .addrs = {ip("203.0.113.27")}};
    struct buf message;
    (void)state;
    buf_init(&message, 60);
    assert_false(dns_update_build(&message, 1, "home.example", &update, 1));
    buf_clear(&message);
    buf_init(&message, DNS_WIRE_MAX);
    update.fqdn = "www..example";
    assert_false(dns_update_build(&message, 1, "home.example", &update, 1));
    buf_clear(&message);
}

/* --- what is believed --- */

static const struct expected {
    const char *file;
    const char *algorithm; /* NULL: hmac-sha256 */
    enum ddns_verdict verdict;
    bool proven;
    const char *text;
} expected[] = {
    {"good-sha256", NULL, DDNS_OK, true, "NOERROR (updated)"},
    {"good-sha1", "hmac-sha1", DDNS_OK, true, "NOERROR (updated)"},
    {"good-sha384", "hmac-sha384", DDNS_OK, true, "NOERROR (updated)"},
    {"good-sha512", "hmac-sha512", DDNS_OK, true, "NOERROR (updated)"},
    {"good-compressed", NULL, DDNS_OK, true, "NOERROR"},
    {"good-capitals", NULL, DDNS_OK, true, "NOERROR"},
    {"good-empty", NULL, DDNS_OK, true, "NOERROR"},
    {"good-forwarded", NULL, DDNS_OK, true, "NOERROR"},
    {"good-sha1", NULL, DDNS_TEMPORARY, false, "the answer's signature is wrong"},
    {"refused", NULL, DDNS_AUTH, true, "REFUSED (the server's update policy"},
    {"yxrrset", NULL, DDNS_CONFIG, true, "YXRRSET (the name is an alias"},
    {"servfail", NULL, DDNS_TEMPORARY, true, "SERVFAIL"},
    {"rcode-11", NULL, DDNS_TEMPORARY, true, "rcode 11"},
    {"badtime", NULL, DDNS_TEMPORARY, true, "BADTIME (this machine's clock is 6m 52s behind the"},
    {"badtime-early", NULL, DDNS_TEMPORARY, true,
     "BADTIME (this machine's clock is 1d ahead of the"},
    {"badtime-no-time", NULL, DDNS_TEMPORARY, true,
     "BADTIME (this machine's clock and the server's"},
    {"badkey", NULL, DDNS_AUTH, false, "BADKEY"},
    {"badsig", NULL, DDNS_AUTH, false, "BADSIG"},
    {"badtrunc", NULL, DDNS_AUTH, true, "BADTRUNC"},
    {"error-unknown", NULL, DDNS_TEMPORARY, true, "TSIG error 4711"},
    {"unsigned", NULL, DDNS_TEMPORARY, false, "NOERROR (updated), but the answer is not signed"},
    {"unsigned-refused", NULL, DDNS_TEMPORARY, false, "REFUSED, unsigned: the key"},
    {"unsigned-notimp", NULL, DDNS_TEMPORARY, false, "NOTIMP (the server takes no updates), uns"},
    {"forged-secret", NULL, DDNS_TEMPORARY, false, "the answer's signature is wrong"},
    {"forged-key", NULL, DDNS_TEMPORARY, false, "the answer's signature is wrong"},
    {"forged-prior", NULL, DDNS_TEMPORARY, false, "the answer's signature is wrong"},
    {"forged-time", NULL, DDNS_TEMPORARY, false, "the answer's signature is wrong"},
    {"forged-byte", NULL, DDNS_TEMPORARY, false, "the answer's signature is wrong"},
    {"forged-no-mac", NULL, DDNS_TEMPORARY, false, "the answer's signature is wrong"},
    {"forged-short-mac", NULL, DDNS_TEMPORARY, false, "the answer's signature is wrong"},
    {"forged-algorithm", NULL, DDNS_TEMPORARY, false, "the answer's signature is wrong"},
    {"forged-cut", NULL, DDNS_TEMPORARY, false, "the answer's signature is wrong"},
    {"forged-longer", NULL, DDNS_TEMPORARY, false, "the answer's signature is wrong"},
    {"forged-pointer", NULL, DDNS_TEMPORARY, false, "the answer's signature is wrong"},
    {"forged-loop", NULL, DDNS_TEMPORARY, false, "the answer's signature is wrong"},
    {"forged-counts", NULL, DDNS_TEMPORARY, false, "the answer's signature is wrong"},
    {"forged-records", NULL, DDNS_TEMPORARY, false, "the answer's signature is wrong"},
    {"tsig-not-last", NULL, DDNS_TEMPORARY, false, ""},
};

static void answers_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const struct expected *one = &expected[i];
        char name[64] = "";
        struct ddns_answer answer;
        str_append(name, sizeof name, "%s:" NAME, one->algorithm ? one->algorithm : "hmac-sha256");
        struct tsig_key key = key_of(name, SECRET);
        struct tsig_mac mac = {.len = strcmp(name, "hmac-sha1:" NAME) == 0     ? 20
                                      : strcmp(name, "hmac-sha256:" NAME) == 0 ? 32
                                      : strcmp(name, "hmac-sha384:" NAME) == 0 ? 48
                                                                               : 64};
        memset(mac.bytes, 0xab, sizeof mac.bytes);
        struct rfc2136_reply reply = {.key = &key, .mac = &mac, .now_s = NOW_S};
        char *data = sample(one->file, &reply.len);
        reply.data = data;
        bool proven = rfc2136_judge(&reply, &answer);
        if (proven != one->proven || answer.verdict != one->verdict ||
            !str_starts(answer.text, one->text))
            fail_msg("%s: %s, %s: %s", one->file, proven ? "proven" : "not proven",
                     ddns_verdict_word(answer.verdict), answer.text);
        free(data);
    }
}

static void without_a_key_the_code_decides(void **state)
{
    struct ddns_answer answer;
    (void)state;
    struct rfc2136_reply reply = {.now_s = NOW_S};
    char *data = sample("unsigned", &reply.len);
    reply.data = data;
    assert_true(rfc2136_judge(&reply, &answer));
    assert_int_equal(answer.verdict, DDNS_OK);
    free(data);
    reply.data = data = sample("unsigned-refused", &reply.len);
    assert_true(rfc2136_judge(&reply, &answer));
    assert_int_equal(answer.verdict, DDNS_AUTH);
    assert_non_null(strstr(answer.text, "without a key"));
    free(data);
}

static void only_answers_are_answers(void **state)
{
    const uint8_t sent[12] = {0x12, 0x34, 0x28};
    uint8_t reply[12] = {0x12, 0x34, 0xa8};
    (void)state;
    assert_true(dns_answers(sent, reply, 12));
    assert_false(dns_answers(sent, reply, 11));
    assert_false(dns_answers(sent, sent, 12));
    reply[2] = 0x80; /* another opcode */
    assert_false(dns_answers(sent, reply, 12));
    reply[2] = 0xa8;
    reply[1] = 0x35;
    assert_false(dns_answers(sent, reply, 12));
}

/* --- keys --- */

static void keys_as_people_have_them(void **state)
{
    static const char *const files[] = {
        "key \"" NAME "\" {\n\talgorithm hmac-sha512;\n\tsecret \"" SECRET "\";\n};\n",
        "# mine\nkey " NAME ". { secret " SECRET "; // here\n algorithm HMAC-SHA512; };",
    };
    static const char *const bad[][2] = {
        {"", SECRET},
        {"a b", SECRET},
        {"hmac-md5:" NAME, SECRET},
        {":" NAME, SECRET},
        {NAME, ""},
        {NAME, "AAECAw"},
        {NAME, SECRET " " SECRET},
        {NAME, "key \"other\" { algorithm hmac-sha256; secret \"" SECRET "\"; };"},
        {"", "key \"" NAME "\" { algorithm hmac-sha256; };"},
        {"", "key \"" NAME "\" { secret \"" SECRET "\"; };"},
        {"", "key \"" NAME "\" { algorithm hmac-sha256; secret \"" SECRET "\"; }"},
        {"", "key \"" NAME "\" { algorithm hmac-sha256; secret \"" SECRET "\" };"},
        {"", "key \"" NAME "\" { algorithm hmac-sha256; secret \"" SECRET "\"; }; more"},
        {"", "key \"" NAME "\" { algorithm hmac-sha256; secret \"x\"; };"},
        {"", "key \"" NAME "\" { port 53; };"},
        {"", "key \"" NAME},
        {"", "key "},
    };
    (void)state;
    struct tsig_key key = key_of(NAME, SECRET "\n");
    assert_string_equal(key.algorithm, "hmac-sha256");
    assert_int_equal(key.secret_len, 32);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        key = key_of(i == 0 ? "" : NAME, files[i]);
        assert_string_equal(key.algorithm, "hmac-sha512");
        assert_string_equal(key.name, NAME);
        assert_int_equal(key.secret_len, 32);
        assert_int_equal(key.secret[31], 31);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (!tsig_key_parse(bad[i][0], bad[i][1], &key))
            fail_msg("taken: %s, %s", bad[i][0], bad[i][1]);
}

static void servers_as_people_write_them(void **state)
{
    (void)state;
    assert_null(primary_url_problem("dns://ns1.example.com"));
    assert_null(primary_url_problem("dns://[2001:db8::53]:5353"));
    assert_non_null(primary_url_problem("https://ns1.example.com"));
    assert_non_null(primary_url_problem("dns://"));
    assert_non_null(primary_url_problem("dns://a/b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_signed),
        cmocka_unit_test(a_withdrawal_names_what_it_takes),
        cmocka_unit_test(what_does_not_fit_is_not_built),
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(without_a_key_the_code_decides),
        cmocka_unit_test(only_answers_are_answers),
        cmocka_unit_test(keys_as_people_have_them),
        cmocka_unit_test(servers_as_people_write_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
