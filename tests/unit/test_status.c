/* SPDX-License-Identifier: ISC
 *
 * The page of `reachd status` from a document, and its exit status.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/control/status.h"

#define NOW INT64_C(1795000000000)

/* Single quotes stand for double ones. */
static json_t *parse(const char *text)
{
    char *copy = strdup(text);
    for (char *p = copy; *p; p++)
        if (*p == '\'')
            *p = '"';
    json_error_t error;
    json_t *value = json_loads(copy, 0, &error);
    if (!value)
        fail_msg("fixture: %s at %d", error.text, error.position);
    free(copy);
    return value;
}

#define HEAD                                                                                       \
    "'version': '0.1.0', 'pid': 7, 'config': '/etc/reachd/reachd.conf', 'uptime_ms': 3723000"
#define V4_UP                                                                                      \
    "'ipv4': {'state': 'up', 'since_ms': 1794999000000, 'flapping': false, 'unsettled': false,"    \
    " 'cause': null, 'address': '203.0.113.27', 'dns_us': 1200, 'tcp_us': 9100, 'tls_us': 31000,"  \
    " 'cert_ends_ms': 1800270400000}"
#define V6_DOWN                                                                                    \
    "'ipv6': {'state': 'down', 'since_ms': 1794999700000, 'flapping': false, 'unsettled': false,"  \
    " 'cause': 'prohibited', 'text': 'a firewall rejects', 'detail': 'EACCES',"                    \
    " 'advice': 'Open the port in the firewall that answered, then look again from outside.',"     \
    " 'address': '2001:db8:1111:2222:3333:4444:5555:6666', 'dns_us': 800, 'tcp_us': -1,"           \
    " 'tls_us': null, 'cert_ends_ms': 0}"
#define RECORD                                                                                     \
    "{'name': 'home', 'family': 'ipv4', 'fqdn': 'www.home.example', 'provider': 'value-domain',"   \
    " 'wanted': '203.0.113.28', 'sent': '203.0.113.27', 'sent_at_ms': 1794999940000,"              \
    " 'published': '203.0.113.27', 'looked_at_ms': 1794999997000,"                                 \
    " 'published_known': true, 'verified': '203.0.113.27', 'verifying': false, 'ttl': 60,"         \
    " 'current': false, 'action': 'wait', 'reason': 'provider\\u0027s gap', 'wait_ms': 42000,"     \
    " 'next_ms': 42000, 'allowed_ms': 42000, 'held_by': 'provider\\u0027s gap', 'failures': 0, "   \
    "'halted': false, 'last_verdict': 'ok',"                                                       \
    " 'last_text': 'status=0'}"
#define HALTED                                                                                     \
    "{'name': 'six', 'family': 'ipv6', 'fqdn': 'www.home.example', 'provider': 'dyndns2',"         \
    " 'wanted': '2001:db8::1', 'sent': null, 'published': null, 'published_known': false,"         \
    " 'action': 'halted', 'reason': 'stopped until the configuration changes', 'wait_ms': null,"   \
    " 'next_ms': null, 'failures': 1, 'halted': true, 'last_verdict': 'auth',"                     \
    " 'last_text': 'badauth', 'advice': 'Check user and password.'}"

static char *render(const json_t *status, bool colour)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    status_print(out, status, colour, NOW);
    fclose(out);
    return text;
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in:\n%s", part, text);
}

static void assert_narrow(const char *text)
{
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        if (strcspn(line, "\n") > STATUS_WIDTH)
            fail_msg("wider than %d columns: %.*s", STATUS_WIDTH, (int)strcspn(line, "\n"), line);
}

static void test_targets_show_state_and_cause(void **state)
{
    (void)state;
    json_t *doc =
        parse("{" HEAD ", 'targets': [{'name': 'www', 'label': 'www.home.example:443', " V4_UP
              ", " V6_DOWN "}]}");
    char *text = render(doc, false);
    assert_has(text, "reachd 0.1.0, up 1h 2m, pid 7, /etc/reachd/reachd.conf");
    assert_has(text, "www.home.example:443  IPv4    up     16m 40s  1.2 / 9.1 / 31      61 d");
    assert_has(text, "www.home.example:443  IPv6    down   5m       0.8 / - / -         -");
    assert_has(text, "prohibited: a firewall");
    assert_has(text, "EACCES");
    assert_has(text, "Open the port");
    assert_null(strstr(text, "\033"));
    assert_narrow(text);
    assert_false(status_is_well(doc));
    free(text);
    json_decref(doc);
}

/* Each is told apart, in the table and in the causes. */
static void test_targets_of_one_host(void **state)
{
    (void)state;
    json_t *doc = parse(
        "{" HEAD ", 'targets': [{'name': 'site', 'label': 'site (h.example:443)', " V4_UP
        "}, {'name': 'https://h.example/big', 'label': 'https://h.example/big', " V6_DOWN "}]}");
    char *text = render(doc, false);
    assert_has(text, "  site (h.example:443)   IPv4    up ");
    assert_has(text, "  https://h.example/big  IPv6    down ");
    assert_has(text, "https://h.example/big over IPv6 (2001:db8:");
    free(text);
    json_decref(doc);
}

static void test_all_is_well(void **state)
{
    (void)state;
    json_t *doc =
        parse("{" HEAD ", 'targets': [{'name': 'www', 'label': 'h:443', " V4_UP ", 'ipv6': null}],"
              " 'records': [" RECORD "]}");
    char *text = render(doc, true);
    assert_has(text, "\033[");
    assert_null(strstr(text, "IPv6"));
    assert_true(status_is_well(doc));
    free(text);
    json_decref(doc);
}

static void test_flapping_is_not_well(void **state)
{
    (void)state;
    json_t *doc = parse("{'targets': [{'ipv4': {'state': 'up', 'flapping': true}}]}");
    assert_false(status_is_well(doc));
    json_decref(doc);
}

static void test_records_say_what_comes_next(void **state)
{
    (void)state;
    json_t *doc = parse("{" HEAD ", 'reload_error': 'reachd.conf:7: error: no such key',"
                        " 'records': [" RECORD ", " HALTED "]}");
    char *text = render(doc, false);
    assert_has(text, "refused");
    assert_has(text, "reachd.conf:7");
    assert_has(text, "www.home.example  IPv4  waiting  by value-domain");
    assert_has(text, "wanted    203.0.113.28\n");
    assert_has(text, "sent      203.0.113.27  1m ago\n");
    assert_has(text, "answer    ok: status=0\n");
    assert_has(text, "in DNS    203.0.113.27  TTL 60, 3s ago\n");
    assert_has(text, "update in 42s: provider's gap");
    assert_null(strstr(text, "allowed")); /* would say it twice */
    assert_has(text, "www.home.example  IPv6  halted");
    assert_has(text, "answer    auth: badauth");
    assert_has(text, "Check user and password.");
    assert_narrow(text);
    assert_false(status_is_well(doc));
    free(text);
    json_decref(doc);
}

/* Nothing is due, but who asks wants to know when a change could go out. */
static void test_next_allowed_is_told(void **state)
{
    (void)state;
    json_t *doc =
        parse("{" HEAD ", 'records': [{'fqdn': 'a.example', 'family': 'ipv4', 'action': "
              "'nothing', 'reason': 'DNS shows the wanted address', 'wait_ms': 300000,"
              " 'next_ms': null, 'allowed_ms': 58200, 'held_by': 'provider\\u0027s gap'}]}");
    char *text = render(doc, false);
    assert_has(text, "next      look in 5m: DNS shows the wanted address\n");
    assert_has(text, "allowed   an update in 58s: provider's gap\n");
    free(text);
    json_decref(doc);
}

static char *render_updates(const json_t *reply)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    status_print_updates(out, reply, false);
    fclose(out);
    return text;
}

/* What DNS showed some time ago is not told as what it shows. */
static void test_silent_servers_are_told(void **state)
{
    (void)state;
    json_t *doc = parse("{" HEAD ", 'records': [{'fqdn': 'a.example', 'family': 'ipv4', 'action': "
                        "'nothing', 'wanted': '192.0.2.1', 'published': '192.0.2.1', 'ttl': 60,"
                        " 'published_known': true, 'current': true, 'looks_failed': 2}]}");
    char *text = render_updates(doc);
    assert_has(text, "a.example IPv4: nothing to do, DNS showed 192.0.2.1 when its servers");
    free(text);
    text = render(doc, false);
    assert_has(text, "192.0.2.1  TTL 60; its servers do not answer now\n");
    free(text);
    json_decref(doc);
}

static void test_update_tells_when_and_why(void **state)
{
    (void)state;
    json_t *doc = parse("{'records': [" RECORD "]}");
    char *text = render_updates(doc);
    assert_has(text, "www.home.example IPv4: ");
    assert_has(text, "203.0.113.28 goes out in 42s: provider's gap");
    assert_has(text, "DNS shows");
    assert_narrow(text);
    assert_true(status_updates_settled(doc));
    free(text);
    json_decref(doc);
    doc = parse("{'records': [{'action': 'busy'}]}");
    assert_false(status_updates_settled(doc));
    json_decref(doc);
}

static void test_addresses_hooks_events(void **state)
{
    (void)state;
    json_t *doc =
        parse("{" HEAD ", 'addresses': [{'name': 'ppp', 'family': 'ipv4', 'source': 'interface',"
              " 'interface': 'pppoe-wanppp', 'chosen': '203.0.113.28', 'reason': 'the only one',"
              " 'candidates': [{'address': '203.0.113.28', 'prefix_len': 32, 'verdict': 'chosen',"
              " 'interface': 'pppoe-wanppp', 'reason': 'global'}]}],"
              " 'hooks': [{'name': 'mail', 'waiting': 1, 'running': 0, 'told': 3, 'failed': 2,"
              " 'last_event': 'target-down', 'last_end': 'exit 0'}],"
              " 'events': [{'time_ms': 1794999700000, 'text': 'www is down over IPv6'}]}");
    char *text = render(doc, false);
    assert_has(text, "ppp  IPv4  203.0.113.28  from interface pppoe-wanppp");
    assert_has(text, "203.0.113.28/32 on pppoe-wanppp: chosen: global");
    assert_has(text, "mail");
    assert_has(text, "target-down: exit 0");
    assert_has(text, "www is down over IPv6");
    assert_narrow(text);
    free(text);
    json_decref(doc);
}

/* Whatever a document lacks or bends, the page comes out. */
static void test_odd_documents(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "{}",
        "{'targets': 3, 'records': {}, 'addresses': 'x', 'hooks': null}",
        "{'targets': [{}], 'records': [{}], 'addresses': [{}], 'hooks': [{}], 'events': [{}]}",
        "{'targets': [{'ipv4': {'state': 7, 'since_ms': 'x'}}]}",
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        json_t *doc = parse(odd[i]);
        char *text = render(doc, true);
        assert_has(text, "reachd");
        status_is_well(doc);
        free(text);
        json_decref(doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_targets_show_state_and_cause),
        cmocka_unit_test(test_targets_of_one_host),
        cmocka_unit_test(test_all_is_well),
        cmocka_unit_test(test_flapping_is_not_well),
        cmocka_unit_test(test_records_say_what_comes_next),
        cmocka_unit_test(test_next_allowed_is_told),
        cmocka_unit_test(test_silent_servers_are_told),
        cmocka_unit_test(test_update_tells_when_and_why),
        cmocka_unit_test(test_addresses_hooks_events),
        cmocka_unit_test(test_odd_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
