/* SPDX-License-Identifier: ISC
 *
 * What `reachd probe` prints in each format, from rounds that are made up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/probe/probe_format.h"
#include "monitor/probe/probe_verdict.h"
#include "tests/unit/make_round.h"

/* --- thresholds --- */

static void thresholds(void **arg)
{
    static const struct {
        const char *text;
        int64_t time_us, days; /* -1: none */
    } good[] = {
        {"14d", -1, 14},         {"1s", 1000000, -1},    {"1", 1000000, -1},
        {"0.5", 500000, -1},     {"0.25s", 250000, -1},  {"800ms", 800000, -1},
        {"14d,1s", 1000000, 14}, {"2,30d", 2000000, 30}, {"0d", -1, 0},
        {"1m30s", 90000000, -1},
    };
    static const char *const bad[] = {
        "",     ",",   "1s,",   "1s,2s", "1d,2d",  "1,2",      "x",   "-1",
        "1.5d", "1.",  ".5",    "1.2x",  "0",      "601s",     "0.0", "99999d",
        "d",    "10:", "1.5ms", "1 s",   "1s;10s", "1.0000001"};
    struct probe_limit limit;
    (void)arg;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (probe_limit_parse(good[i].text, &limit))
            fail_msg("%s: %s", good[i].text, probe_limit_parse(good[i].text, &limit));
        assert_int_equal(limit.has_time ? limit.time_us : -1, good[i].time_us);
        assert_int_equal(limit.has_days ? limit.days : -1, good[i].days);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        limit = (struct probe_limit){.days = 7};
        if (!probe_limit_parse(bad[i], &limit))
            fail_msg("'%s' is taken", bad[i]);
        assert_int_equal(limit.days, 7);
    }
}

/* --- running a format --- */

struct run {
    const struct probe_format *format;
    struct probe_view view;
    char *text;
    size_t len;
    void *report;
};

static void begin(struct run *run, const struct probe_format *format)
{
    run->format = format;
    run->view.out = open_memstream(&run->text, &run->len);
    run->view.style.width = 80;
    assert_non_null(run->view.out);
    run->report = format->begin(&run->view);
}

static void host(struct run *run, struct made *made)
{
    run->format->host(run->report, &made->spec, &made->result, MADE_NOW_MS);
}

static void expect(struct run *run, int status, int wanted_status, const char *wanted)
{
    assert_int_equal(run->format->end(run->report, status), wanted_status);
    assert_int_equal(fclose(run->view.out), 0);
    assert_string_equal(run->text, wanted);
    free(run->text);
}

static void one_host(const struct probe_format *format, struct made *made, int wanted_status,
                     const char *wanted)
{
    struct run run = {.view.warning = {.has_days = true, .days = 14}};
    begin(&run, format);
    host(&run, made);
    expect(&run, 7, wanted_status, wanted);
}

static void make_half(struct made *made)
{
    made_init(made, "www.home.example", 443);
    made_add(made, "203.0.113.10", OUTCOME_UNREACHABLE, "EHOSTUNREACH");
    made_cert(made_add(made, "2001:db8:1:1::5", OUTCOME_OK, ""), 89);
}

/* --- text --- */

static void text_is_verdict_evidence_advice(void **arg)
{
    struct made made;
    (void)arg;
    make_half(&made);
    one_host(&probe_format_text, &made, 7,
             "www.home.example:443  IPv4 unreachable, IPv6 ok\n"
             "  x IPv4  203.0.113.10     unreachable  dns 1.2 ms\n"
             "      a router on the way says host or network unreachable (EHOSTUNREACH)\n"
             "      The address is not in use or its last router can't find it: is it the\n"
             "      server's present address?\n"
             "  + IPv6  2001:db8:1:1::5  ok           dns 1.2 ms  tcp 0.4 ms  tls 7.8 ms\n"
             "  certificate  www.home.example, home.example\n"
             "               issued by CN=Lab Root; EC P-256; 1 certificate sent\n"
             "               valid until 2026-03-31 (89 days left)\n"
             "  clients      A browser would take IPv6 after 1.6 ms; there is nothing to fall\n"
             "               back to.\n");
    made_clear(&made);
}

static void quiet_is_a_line(void **arg)
{
    struct run run = {0};
    struct made made[5];
    (void)arg;
    begin(&run, &probe_format_quiet);
    make_half(&made[0]);
    made_init(&made[1], "both.example", 443);
    made_add(&made[1], "192.0.2.1", OUTCOME_OK, "");
    made_add(&made[1], "2001:db8::1", OUTCOME_OK, "");
    made_init(&made[2], "2001:db8::2", 8443);
    made[2].result.families[FAMILY_IPV4].asked = false;
    made_add(&made[2], "2001:db8::2", OUTCOME_LOCAL_NO_FAMILY, "");
    made_init(&made[3], "only4.example", 25);
    made[3].spec.kind = PROBE_TCP;
    made_add(&made[3], "192.0.2.1", OUTCOME_REFUSED, "");
    made_add(&made[3], "192.0.2.2", OUTCOME_OK, "");
    made_fail(&made[3], FAMILY_IPV6, OUTCOME_DNS_NODATA);
    made_init(&made[4], "none.example", 443);
    made_fail(&made[4], FAMILY_IPV4, OUTCOME_DNS_NODATA);
    made_fail(&made[4], FAMILY_IPV6, OUTCOME_DNS_NODATA);
    for (int i = 0; i < 5; i++)
        host(&run, &made[i]);
    expect(&run, 1, 1,
           "partly   www.home.example:443  IPv4 unreachable, IPv6 ok\n"
           "up       both.example:443  IPv4 ok, IPv6 ok\n"
           "unknown  [2001:db8::2]:8443  IPv6 local-no-family\n"
           "partly   tcp://only4.example:25  IPv4 refused (1 of 2), IPv6 not published\n"
           "down     none.example:443  IPv4 not published, IPv6 not published\n");
    for (int i = 0; i < 5; i++)
        made_clear(&made[i]);
}

/* --- columns --- */

/* The line is one word behind its indentation, which nobody could copy if it were broken. */
static bool is_one_word(const char *line, size_t len)
{
    size_t indent = strspn(line, " ");
    return strcspn(line + indent, " \n") == len - indent;
}

static void expect_columns(const char *text, int width, const char *what)
{
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        size_t len = strcspn(line, "\n");
        if (len > (size_t)width && !is_one_word(line, len))
            fail_msg("%s at %d columns: %.*s", what, width, (int)len, line);
        if (len > 0 && line[len - 1] == ' ')
            fail_msg("%s: a space at the end: '%.*s'", what, (int)len, line);
    }
}

static void print_outcome(enum outcome outcome, const char *name, int width)
{
    struct made made;
    char *text = NULL;
    size_t len = 0;
    struct probe_text_style style = {.width = width, .verbose = true};
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    made_init(&made, name, 65535);
    made_add(&made, "203.0.113.250", outcome, "some evidence that is said in so many words");
    for (int i = 0; i < 2; i++) {
        struct probe_result *result =
            made_add(&made, i ? "2001:db8:1234:5678:9abc:def0:1234:5678" : "2001:db8::1",
                     i ? outcome : OUTCOME_OK, "");
        made_cert(result, 10);
        str_copy(result->protocol, sizeof result->protocol, "TLSv1.3");
        str_copy(result->cipher, sizeof result->cipher, "TLS_CHACHA20_POLY1305_SHA256");
        result->path = (struct tcp_facts){.known = true,
                                          .rtt_us = 123456789,
                                          .rtt_min_us = 123456789,
                                          .mss_in = 65495,
                                          .mss_out = 65495,
                                          .mtu = 65535,
                                          .retransmits = 100,
                                          .unacked = 100};
    }
    probe_text_print(out, &style, &made.spec, &made.result, MADE_NOW_MS);
    fclose(out);
    expect_columns(text, width, outcome_word(outcome));
    assert_int_equal(strncmp(text, name, strlen(name)), 0);
    free(text);
    made_clear(&made);
}

static void no_line_is_too_long(void **arg)
{
    char name[HOST_MAX];
    (void)arg;
    memset(name, 'x', sizeof name - 1);
    for (size_t i = 60; i < sizeof name - 1; i += 60)
        name[i] = '.';
    name[sizeof name - 1] = '\0';
    for (int width = 60; width <= 100; width += 20) {
        for (int i = 0; i < OUTCOME_COUNT; i++) {
            print_outcome((enum outcome)i, "example.com", width);
            print_outcome((enum outcome)i, "a-name-of-some-length.in-a-zone-of-some-length.example",
                          width);
            print_outcome((enum outcome)i, name, width);
        }
    }
}

/* --cert-days says from when on. And a chain that was cut has no length that is known. */
static void an_end_that_is_near_is_coloured(void **arg)
{
    static const struct {
        int days;
        bool yellow;
    } rows[] = {{14, false}, {21, true}, {0, false}};
    (void)arg;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct made made;
        char *text = NULL;
        size_t len = 0;
        struct probe_text_style style = {.width = 80, .colour = true};
        FILE *out = open_memstream(&text, &len);
        made_init(&made, "www.home.example", 443);
        made.spec.cert_soon_ms = rows[i].days * MADE_DAY_MS;
        made_cert(made_add(&made, "203.0.113.10", OUTCOME_OK, ""), 20);
        made.addresses[FAMILY_IPV4][0].cert->chain_cut = true;
        probe_text_print(out, &style, &made.spec, &made.result, MADE_NOW_MS);
        fclose(out);
        assert_int_equal(strstr(text, "\033[33mvalid until 2026-01-21") != NULL, rows[i].yellow);
        assert_non_null(strstr(text, "more than 1 certificate sent"));
        free(text);
        made_clear(&made);
    }
}

/* --- nagios --- */

static const char half_line[] =
    "REACHD CRITICAL - www.home.example:443 IPv4 unreachable, IPv6 ok, certificate 89 days"
    " | ipv6_time=0.009500s;;;0 cert_days=89;14:;;\n"
    "www.home.example:443 IPv4 203.0.113.10 unreachable: a router on the way says host or network "
    "unreachable (EHOSTUNREACH). The address is not in use or its last router can't find it: is it "
    "the server's present address?\n"
    "www.home.example:443 IPv6 2001:db8:1:1::5 ok\n";

static void nagios_names_the_cause(void **arg)
{
    struct made made;
    (void)arg;
    make_half(&made);
    one_host(&probe_format_nagios, &made, 2, half_line);
    made_clear(&made);
}

static void nagios_state(const char *warning, const char *critical, int64_t days,
                         enum outcome outcome, int wanted_status, const char *wanted)
{
    struct run run = {0};
    struct made made;
    char line[512];
    made_init(&made, "a.example", 443);
    made.result.families[FAMILY_IPV6].asked = false;
    made_cert(made_add(&made, "192.0.2.1", outcome, ""), days);
    if (*warning)
        assert_null(probe_limit_parse(warning, &run.view.warning));
    if (*critical)
        assert_null(probe_limit_parse(critical, &run.view.critical));
    begin(&run, &probe_format_nagios);
    host(&run, &made);
    assert_int_equal(run.format->end(run.report, 0), wanted_status);
    fclose(run.view.out);
    str_ncopy(line, sizeof line, run.text, strcspn(run.text, "\n"));
    assert_string_equal(line, wanted);
    free(run.text);
    made_clear(&made);
}

static void nagios_thresholds(void **arg)
{
    (void)arg;
    nagios_state("", "", 20, OUTCOME_OK, 0,
                 "REACHD OK - a.example:443 IPv4 ok, certificate 20 days"
                 " | ipv4_time=0.009500s;;;0 cert_days=20;;;");
    nagios_state("21d", "7d", 20, OUTCOME_OK, 1,
                 "REACHD WARNING - a.example:443 IPv4 ok, certificate 20 days"
                 " | ipv4_time=0.009500s;;;0 cert_days=20;21:;7:;");
    nagios_state("20d", "", 20, OUTCOME_OK, 0, /* 20 are not less than 20 */
                 "REACHD OK - a.example:443 IPv4 ok, certificate 20 days"
                 " | ipv4_time=0.009500s;;;0 cert_days=20;20:;;");
    nagios_state("60d", "21d,5s", 20, OUTCOME_OK, 2,
                 "REACHD CRITICAL - a.example:443 IPv4 ok, certificate 20 days"
                 " | ipv4_time=0.009500s;;5;0 cert_days=20;60:;21:;");
    nagios_state("9ms", "0.5", 20, OUTCOME_OK, 1,
                 "REACHD WARNING - a.example:443 IPv4 ok, IPv4 took 0.009500 s, certificate 20 days"
                 " | ipv4_time=0.009500s;0.009;0.5;0 cert_days=20;;;");
    nagios_state(
        "1ms", "2ms", 20, OUTCOME_OK, 2,
        "REACHD CRITICAL - a.example:443 IPv4 ok, IPv4 took 0.009500 s, certificate 20 days"
        " | ipv4_time=0.009500s;0.001;0.002;0 cert_days=20;;;");
    nagios_state("14d", "", -3, OUTCOME_CERT_EXPIRED, 2,
                 "REACHD CRITICAL - a.example:443 IPv4 cert-expired, certificate ended 3 days ago"
                 " | cert_days=-3;14:;;");
    nagios_state("", "", 20, OUTCOME_LOCAL_CLOCK, 3,
                 "REACHD UNKNOWN - a.example:443 IPv4 local-clock, certificate 20 days"
                 " | cert_days=20;;;");
}

static void nagios_worst_host_decides(void **arg)
{
    struct run run = {.view.warning = {.has_days = true, .days = 14}};
    struct made good, soon, odd;
    (void)arg;
    made_init(&good, "a.example", 443);
    made_cert(made_add(&good, "192.0.2.1", OUTCOME_OK, ""), 80);
    made_fail(&good, FAMILY_IPV6, OUTCOME_DNS_NODATA);
    made_init(&soon, "b'=|.example", 443); /* no host, but what if */
    made_cert(made_add(&soon, "192.0.2.2", OUTCOME_OK, ""), 13);
    soon.result.families[FAMILY_IPV6].asked = false;
    made_init(&odd, "c.example", 443);
    made_fail(&odd, FAMILY_IPV4, OUTCOME_DNS_TIMEOUT);
    made_fail(&odd, FAMILY_IPV6, OUTCOME_DNS_TIMEOUT);
    begin(&run, &probe_format_nagios);
    host(&run, &good);
    host(&run, &odd);
    host(&run, &soon);
    run.format->wrong(run.report, 9, "a | b");
    expect(&run, 0, 1,
           "REACHD WARNING - 3 of 4 hosts: c.example:443 IPv4 dns-timeout, IPv6 dns-timeout; "
           "b'=/.example:443 IPv4 ok, certificate 13 days; line 9: a / b"
           " | 'a.example:443 ipv4_time'=0.009500s;;;0 'a.example:443 cert_days'=80;14:;;"
           " 'b''__.example:443 ipv4_time'=0.009500s;;;0 'b''__.example:443 cert_days'=13;14:;;\n"
           "a.example:443 IPv4 192.0.2.1 ok\n"
           "c.example:443 IPv4 dns-timeout: no DNS server answered in time. Check this machine's "
           "resolver (/etc/resolv.conf) and that UDP and TCP port 53 pass.\n"
           "c.example:443 IPv6 dns-timeout: no DNS server answered in time. Check this machine's "
           "resolver (/etc/resolv.conf) and that UDP and TCP port 53 pass.\n"
           "b'=/.example:443 IPv4 192.0.2.2 ok\n");
    made_clear(&good);
    made_clear(&soon);
    made_clear(&odd);
}

static void nagios_without_hosts_is_unknown(void **arg)
{
    struct run run = {0};
    (void)arg;
    begin(&run, &probe_format_nagios);
    expect(&run, 0, 3, "REACHD UNKNOWN - no host was given\n");
}

/* --- prometheus --- */

static void prometheus_groups_samples(void **arg)
{
    struct run run = {0};
    struct made half, web;
    (void)arg;
    make_half(&half);
    made_init(&web, "h.example", 443);
    web.spec.kind = PROBE_HTTPS;
    web.spec.path = "/a\"b\\c";
    web.result.families[FAMILY_IPV4].asked = false;
    struct probe_result *result = made_add(&web, "2001:db8::2", OUTCOME_HTTP_STATUS, "");
    struct http_facts *facts = mem_zalloc(sizeof *facts);
    *facts =
        (struct http_facts){.status = 503, .body_bytes = 5, .ttfb_us = 1500, .total_us = 2000000};
    result->facts = facts;
    begin(&run, &probe_format_prometheus);
    host(&run, &half);
    host(&run, &web);
    host(&run, &half); /* twice: the collector would refuse the file */
#define M                "reachd_probe_"
#define HALF             "{host=\"www.home.example\",port=\"443\",kind=\"tls\""
#define WEB              "{host=\"h.example\",port=\"443\",kind=\"https\",path=\"/a\\\"b\\\\c\",family=\"ipv6\""
#define A4               ",family=\"ipv4\",address=\"203.0.113.10\""
#define A6               ",family=\"ipv6\",address=\"2001:db8:1:1::5\""
#define AW               ",address=\"2001:db8::2\""
#define HEAD(name, help) "# HELP " M name " " help "\n# TYPE " M name " gauge\n"
    expect(
        &run, 1, 1,
        HEAD("dns_lookup_seconds", "Until DNS answered for the family.") M
        "dns_lookup_seconds" HALF ",family=\"ipv4\"} 0.0012\n" M "dns_lookup_seconds" HALF
        ",family=\"ipv6\"} 0.0012\n" M "dns_lookup_seconds" WEB
        "} 0.0012\n" HEAD("dns_ttl_seconds", "TTL of the answer as it was received.") M
        "dns_ttl_seconds" HALF ",family=\"ipv4\"} 60\n" M "dns_ttl_seconds" HALF
        ",family=\"ipv6\"} 60\n" M "dns_ttl_seconds" WEB
        "} 60\n" HEAD("up", "1: reached and good, 0: down; not there when nothing is known.") M
        "up" HALF A4 "} 0\n" M "up" HALF A6 "} 1\n" M "up" WEB AW
        "} 0\n" HEAD("outcome", "Always 1; its labels say what came of it.") M
        "outcome" HALF A4 ",outcome=\"unreachable\",layer=\"path\",verdict=\"down\"} 1\n" M
        "outcome" HALF A6 ",outcome=\"ok\",layer=\"\",verdict=\"up\"} 1\n" M "outcome" WEB AW
        ",outcome=\"http-status\",layer=\"http\",verdict=\"down\"} 1\n" HEAD(
            "duration_seconds", "All that was done at this address, without DNS.") M
        "duration_seconds" HALF A4 "} 0.0083\n" M "duration_seconds" HALF A6 "} 0.0083\n" M
        "duration_seconds" WEB AW
        "} 0.0083\n" HEAD("tcp_connect_seconds", "Until TCP was connected.") M
        "tcp_connect_seconds" HALF A6 "} 0.0004\n" M "tcp_connect_seconds" WEB AW
        "} 0.0004\n" HEAD("tls_handshake_seconds", "From there to the end of the TLS handshake.") M
        "tls_handshake_seconds" HALF A6 "} 0.0078\n" M "tls_handshake_seconds" WEB AW
        "} 0.0078\n" HEAD("certificate_not_after_timestamp_seconds",
                          "End of the server's certificate, seconds since 1970.") M
        "certificate_not_after_timestamp_seconds" HALF A6 "} 1774915201\n" HEAD(
            "certificate_chain_not_after_timestamp_seconds",
            "First end of a certificate that the chain needs, seconds since 1970.") M
        "certificate_chain_not_after_timestamp_seconds" HALF A6
        "} 1774915201\n" HEAD("round_duration_seconds", "All of the host: DNS and every address.") M
        "round_duration_seconds" HALF "} 0.021\n" M
        "round_duration_seconds{host=\"h.example\",port=\"443\",kind=\"https\",path=\"/"
        "a\\\"b\\\\c\"}"
        " 0.021\n" HEAD("http_status_code", "Status of the reply.") M
        "http_status_code" WEB AW
        "} 503\n" HEAD("http_body_bytes", "Bytes of the body that arrived.") M
        "http_body_bytes" WEB AW
        "} 5\n" HEAD("http_first_byte_seconds", "From the request to the first byte of the reply.")
            M "http_first_byte_seconds" WEB AW "} 0.0015\n" HEAD(
                "http_duration_seconds", "From the start of the connect to the end of the reply.") M
        "http_duration_seconds" WEB AW "} 2\n");
    made_clear(&half);
    made_clear(&web);
}

static void prometheus_does_not_judge_what_is_unknown(void **arg)
{
    struct run run = {0};
    struct made made;
    (void)arg;
    made_init(&made, "a.example", 443);
    made_fail(&made, FAMILY_IPV4, OUTCOME_DNS_NODATA);
    made_add(&made, "2001:db8::1", OUTCOME_LOCAL_RESOURCES, "");
    begin(&run, &probe_format_prometheus);
    host(&run, &made);
    run.format->end(run.report, 0);
    fclose(run.view.out);
    assert_null(strstr(run.text, "reachd_probe_up"));
    assert_non_null(strstr(run.text, ",family=\"ipv4\",address=\"\",outcome=\"dns-nodata\",layer="
                                     "\"dns\",verdict=\"absent\"} 1\n"));
    assert_non_null(strstr(run.text, "outcome=\"local-resources\",layer=\"local\",verdict="
                                     "\"unknown\"} 1\n"));
    free(run.text);
    made_clear(&made);
}

/* --- words --- */

static void formats_have_words(void **arg)
{
    char names[PROBE_FORMAT_NAMES_LEN];
    (void)arg;
    assert_string_equal(probe_format_names(names), "text, json, nagios, prometheus");
    assert_ptr_equal(probe_format_find("nagios"), &probe_format_nagios);
    assert_null(probe_format_find("quiet"));
    assert_null(probe_format_find(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thresholds),
        cmocka_unit_test(text_is_verdict_evidence_advice),
        cmocka_unit_test(quiet_is_a_line),
        cmocka_unit_test(no_line_is_too_long),
        cmocka_unit_test(nagios_names_the_cause),
        cmocka_unit_test(nagios_thresholds),
        cmocka_unit_test(nagios_worst_host_decides),
        cmocka_unit_test(nagios_without_hosts_is_unknown),
        cmocka_unit_test(an_end_that_is_near_is_coloured),
        cmocka_unit_test(prometheus_groups_samples),
        cmocka_unit_test(prometheus_does_not_judge_what_is_unknown),
        cmocka_unit_test(formats_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
