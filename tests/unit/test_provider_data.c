/* SPDX-License-Identifier: ISC
 *
 * The providers that are data (ddns/providers.d): every file is right, builds the requests that
 * tests/replay/providers/NAME/requests lists, understands the replies recorded there, and there is
 * a reply for every verdict that it can give. Then monitor/config/catalog.h: names, aliases, wrong
 * files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ddns/provider_data.h"
#include "lib/fsio.h"
#include "lib/mem.h"
#include "monitor/config/catalog.h"
#include "tests/unit/samples.h"

#define MIN_PROVIDERS 60

static void on_message(const char *line, bool is_error, void *arg)
{
    (void)is_error;
    str_append(arg, 4096, "%s\n", line);
}

/* What the report holds; it is empty afterwards. */
static const char *told(struct config_report *report)
{
    static char text[4096];
    text[0] = '\0';
    config_report_flush(report, on_message, text);
    *report = (struct config_report){0};
    return text;
}

static void use_folder(const char *folder)
{
    setenv(CATALOG_ENV, folder, 1);
}

static void use_source(void)
{
    char folder[512] = "";
    str_append(folder, sizeof(folder), "%s/ddns/providers.d", source_dir());
    use_folder(folder);
}

/* --- requests --- */

static struct provider_input input_of(const struct provider *provider)
{
    return (struct provider_input){.url = provider->url,
                                   .host = "www",
                                   .domain = "example.test",
                                   .fqdn = "www.example.test",
                                   .user = "me@x.test",
                                   .password = "p&a=s+s%\"",
                                   .apex = provider->apex ? provider->apex : "@",
                                   .id = "4711"};
}

static void add_request(char *text, size_t cap, const char *what, const struct provider *provider,
                        const struct provider_input *input)
{
    struct provider_request request = {0};
    provider_build(provider, input, &request);
    assert_non_null(request.url);
    str_append(text, cap, "%s %s %s%s\n", what, request.method, request.url,
               request.basic ? " basic" : "");
    for (const char *at = request.headers; at && *at; at += strcspn(at, "\n") + 1)
        str_append(text, cap, "  header %.*s\n", (int)strcspn(at, "\r\n"), at);
    if (request.body)
        str_append(text, cap, "  body %s\n", request.body);
    provider_request_clear(&request);
}

static void list_requests(const struct provider *provider, char *text, size_t cap)
{
    struct provider_input input = input_of(provider);
    struct addr v4, v6;
    bool both = provider->families[FAMILY_IPV4] && provider->families[FAMILY_IPV6];
    addr_parse("203.0.113.9", &v4);
    addr_parse("2001:db8::9", &v6);
    text[0] = '\0';
    for (int f = 0; f < FAMILY_COUNT; f++) {
        if (!provider->families[f])
            continue;
        input = input_of(provider);
        input.addrs[f] = f == FAMILY_IPV4 ? v4 : v6;
        add_request(text, cap, family_word((enum family)f), provider, &input);
    }
    if (both && provider->form != PROVIDER_EACH) {
        input.addrs[FAMILY_IPV4] = v4;
        input.addrs[FAMILY_IPV6] = v6;
        add_request(text, cap, "both", provider, &input);
        if (provider->names > 1) {
            input.more = &(struct provider_more){.host = "b", .fqdn = "b.other.test"};
            input.more_count = 1;
            add_request(text, cap, "names", provider, &input);
        }
    }
    if (provider_data_uses(provider->data, "host") || provider_data_uses(provider->data, "label")) {
        input.host = "";
        input.fqdn = "example.test";
        add_request(text, cap, "apex", provider, &input);
    }
}

static void check_requests(const struct provider *provider)
{
    static char built[16384];
    char path[512] = "", error[FSIO_ERROR_LEN];
    str_append(path, sizeof(path), "%s/tests/replay/providers/%s/requests", source_dir(),
               provider->id);
    list_requests(provider, built, sizeof(built));
    char *expected = fsio_read(path, sizeof(built), NULL, error);
    if (!expected)
        fail_msg("%s; it would hold:\n%s", error, built);
    if (strcmp(expected, built) != 0)
        fail_msg("%s:\n%sbut built are:\n%s", path, expected, built);
    free(expected);
}

/* --- replies --- */

static unsigned verdicts_of(const struct reply_rule *rules, size_t count)
{
    unsigned all = 0;
    for (size_t i = 0; i < count; i++)
        all |= 1u << rules[i].verdict;
    return all;
}

static void check_replies(const struct provider *provider)
{
    const struct provider_data *data = provider->data;
    struct provider_input input = input_of(provider);
    unsigned seen = 0;
    unsigned possible =
        verdicts_of(data->rules, data->rule_count) | verdicts_of(data->base, data->base_count);
    if (provider->families[FAMILY_IPV4])
        addr_parse("203.0.113.9", &input.addrs[FAMILY_IPV4]);
    else
        addr_parse("2001:db8::9", &input.addrs[FAMILY_IPV6]);
    size_t count = replay_samples(provider, &input, &seen);
    for (unsigned v = 0; v <= DDNS_TEMPORARY; v++)
        if ((possible & ~seen) & (1u << v))
            fail_msg("provider %s: no recorded reply for %s", provider->id,
                     ddns_verdict_word((enum ddns_verdict)v));
    assert_true(count >= 2);
}

/* Whatever it is, a reply that nobody knows is no success. */
static void check_strict(const struct provider *provider)
{
    static const char *const bodies[] = {
        "",
        "xyzzy",
        "<!DOCTYPE html><html><body>Log in. Success! good ok updated 203.0.113.9</body></html>",
        "{\"unheard\": 1}",
        "internal error",
    };
    struct provider_input input = input_of(provider);
    struct ddns_answer answer;
    addr_parse("203.0.113.9", &input.addrs[FAMILY_IPV4]);
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct session_reply reply = {.outcome = OUTCOME_OK,
                                      .status = i == 0 ? 418 : 200,
                                      .body = bodies[i],
                                      .body_len = strlen(bodies[i]),
                                      .location = "",
                                      .retry_after_s = -1};
        bool by_status = false;
        for (size_t r = 0; r < provider->data->rule_count; r++)
            by_status |= provider->data->rules[r].kind == REPLY_HTTP &&
                         ddns_verdict_is_success(provider->data->rules[r].verdict);
        provider_judge(provider, &reply, &input, &answer);
        if (ddns_verdict_is_success(answer.verdict) && !(by_status && i != 0 && i != 2))
            fail_msg("provider %s takes \"%s\" for a success: %s", provider->id, bodies[i],
                     answer.text);
    }
}

static void every_file_is_right(void **state)
{
    struct config_report report = {0};
    struct catalog *catalog = catalog_new();
    size_t count, live = 0;
    (void)state;
    use_source();
    struct config_provider *const *all = catalog_all(catalog, &report, &count);
    if (report.errors + report.warnings > 0)
        fail_msg("%s", told(&report));
    for (size_t i = 0; i < count; i++) {
        const struct provider *provider = &all[i]->provider;
        assert_non_null(all[i]->text.title);
        if (all[i]->text.defunct)
            continue;
        assert_true(provider->link[0]);
        assert_true(provider->gap_ms >= 1000);
        check_requests(provider);
        check_replies(provider);
        check_strict(provider);
        live++;
    }
    assert_in_range(live, MIN_PROVIDERS, 1000);
    catalog_free(catalog);
}

/* --- the catalog --- */

static void finds_by_name_and_alias(void **state)
{
    struct config_report report = {0};
    struct catalog *catalog = catalog_new();
    const struct config_at at = {"x.conf", 7};
    (void)state;
    use_source();
    const struct provider *duck = catalog_find(catalog, "duckdns", &at, &report);
    assert_non_null(duck);
    assert_ptr_equal(catalog_find(catalog, "duckdns.org", &at, &report), duck);
    assert_ptr_equal(catalog_find(catalog, "value-domain", &at, &report),
                     provider_find("value-domain"));
    assert_int_equal(report.errors, 0);
    assert_null(catalog_find(catalog, "duckdsn", &at, &report));
    assert_string_equal(told(&report),
                        "x.conf:7: error: unknown provider \"duckdsn\"; did you mean "
                        "\"duckdns\"?\n");
    assert_null(catalog_find(catalog, "../duckdns", &at, &report));
    assert_non_null(strstr(told(&report), "unknown provider"));
    assert_null(catalog_find(catalog, "google-domains", &at, &report));
    assert_non_null(strstr(told(&report), "is gone: "));
    catalog_free(catalog);
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[600] = "";
    str_append(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void check_wrong(const char *folder, const char *text, const char *expected)
{
    struct config_report report = {0};
    struct catalog *catalog = catalog_new();
    const struct config_at at = {"x.conf", 1};
    write_file(folder, "p.conf", text);
    catalog_find(catalog, "p", &at, &report);
    const char *found = told(&report);
    if (!strstr(found, expected))
        fail_msg("\"%s\" is not in \"%s\"", expected, found);
    catalog_free(catalog);
}

#define HEAD "provider p {\nfamilies = {ipv4}\n"
#define GOOD "url = \"https://x.test/?i={ip}\"\nok = {\"word good\"}\n"

static void refuses_wrong_files(void **state)
{
    char folder[] = "/tmp/reachd-providers-XXXXXX", path[600] = "";
    (void)state;
    assert_non_null(mkdtemp(folder));
    use_folder(folder);
    check_wrong(folder, HEAD GOOD "}\n", "");
    check_wrong(folder, HEAD GOOD "}\ntrust { }\n", "one section");
    check_wrong(folder, "provider q {\nfamilies = {ipv4}\n" GOOD "}\n", "provider \"p\"");
    check_wrong(folder, HEAD "ok = {\"word good\"}\n}\n", "url is missing");
    check_wrong(folder, HEAD "url = \"https://x.test/?i={ip}\"\n}\n", "ok is missing");
    check_wrong(folder, "provider p {\n" GOOD "}\n", "families is missing");
    check_wrong(folder, HEAD "url = \"https://x.test/?i={pi}\"\nok = {\"word good\"}\n}\n",
                "url: an unknown {name}");
    check_wrong(folder, HEAD "url = \"https://x.test/?i=<{ip}\"\nok = {\"word good\"}\n}\n",
                "without \">\"");
    check_wrong(folder, HEAD "url = \"https://x.test/?i={ipv6}\"\nok = {\"word good\"}\n}\n",
                "of a family that it does not carry");
    check_wrong(folder, HEAD "url = \"ftp://x.test/?i={ip}\"\nok = {\"word good\"}\n}\n",
                "must start with");
    check_wrong(folder, HEAD "url = \"https://x.test/?i={ip}\"\nok = {\"good\"}\n}\n",
                "p.conf:4: error: ok = \"good\": a pattern is one of");
    check_wrong(folder, HEAD "url = \"https://x.test/?i={ip}\"\nok = {\"word\"}\n}\n",
                "a text is missing");
    check_wrong(folder, HEAD "url = \"https://x.test/?i={ip}\"\nok = {\"http 404\"}\n}\n",
                "no success has such a status");
    check_wrong(folder, HEAD GOOD "temporary = {\"wait 9d word w\"}\n}\n", "at most 7 days");
    check_wrong(folder, HEAD GOOD "headers = {\"X\"}\n}\n", "Name: value");
    str_append(path, sizeof(path), "%s/p.conf", folder);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_is_right),
        cmocka_unit_test(finds_by_name_and_alias),
        cmocka_unit_test(refuses_wrong_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
