/* SPDX-License-Identifier: ISC
 *
 * The text of a configuration. Whatever it was, what is told is printable, the verdict agrees with
 * the messages, and the next load is not disturbed by it.
 */
#include "monitor/config/config.h"
#include "probes/url.h"
#include "tests/fuzz/fuzz.h"

struct told {
    size_t lines, errors;
};

static void on_message(const char *line, bool is_error, void *arg)
{
    struct told *told = arg;
    MUST(line[0] && fuzz_is_clean(line, 8192));
    told->lines++;
    told->errors += is_error;
}

static bool is_known(const struct config *config, const struct config_address *source)
{
    return source >= config->addresses && source < config->addresses + config->address_count;
}

static void check_targets(const struct config *config)
{
    for (size_t i = 0; i < config->target_count; i++) {
        const struct config_target *t = &config->targets[i];
        MUST(t->name[0] && t->at.host[0] && t->at.port > 0);
        MUST(fuzz_is_clean(t->name, 8192) && fuzz_is_clean(t->at.host, HOST_MAX));
        MUST(t->families[FAMILY_IPV4] || t->families[FAMILY_IPV6]);
        MUST(t->every_ms > 0 && t->retry_every_ms > 0 && t->timeout_ms > 0);
        MUST(t->rise > 0 && t->fall > 0);
    }
}

static void check_records(const struct config *config)
{
    struct url url;
    for (size_t i = 0; i < config->record_count; i++) {
        const struct config_record *r = &config->records[i];
        MUST(r->ddns.name[0] && r->ddns.provider && r->ddns.domain[0] && r->ddns.fqdn[0]);
        MUST(r->ddns.host && r->ddns.apex);
        MUST(!r->ddns.provider->needs_user || (r->ddns.user && r->ddns.user[0]));
        MUST(!r->ddns.provider->needs_password || (r->ddns.password && r->ddns.password[0]));
        MUST(r->ddns.backoff.base_ms > 0 && r->ddns.backoff.base_ms <= r->ddns.backoff.max_ms);
        MUST(!r->ddns.url || url_parse(r->ddns.url, &url) == NULL);
        MUST(r->ddns.timeout_ms > 0 && r->ddns.look_every_ms > 0);
        for (size_t f = 0; f < FAMILY_COUNT; f++)
            MUST(!r->ddns.families[f] ||
                 (is_known(config, r->source[f]) && r->source[f]->family == f));
    }
}

static void check_rest(const struct config *config)
{
    struct url url;
    for (size_t i = 0; i < config->address_count; i++) {
        const struct config_address *a = &config->addresses[i];
        MUST(a->name[0] && config_address_find(config, a->name) == a);
        MUST(a->source != SOURCE_WEB || (a->urls && url_parse(a->urls[0], &url) == NULL));
        MUST(a->source != SOURCE_COMMAND || (a->command && a->command[0][0] == '/'));
        MUST(a->source != SOURCE_UBUS || (a->network && (!a->command || a->command[0][0] == '/')));
        MUST(!a->url || url_parse(a->url, &url) == NULL);
        MUST(!addr_is_set(&a->server) || addr_family(&a->server) == FAMILY_IPV4);
        MUST(!a->by_neighbour || (a->family == FAMILY_IPV6 && a->interface));
    }
    for (size_t i = 0; i < config->hook_count; i++) {
        const struct config_hook *h = &config->hooks[i];
        MUST(h->name[0] && h->command && h->command[0] && h->command[0][0] == '/');
        MUST(h->events != 0 && h->timeout_ms > 0 && h->remind_ms >= 0);
    }
}

static void load(const char *text, size_t len)
{
    struct told told = {0};
    struct config *config = config_from_text(text, len, "/nowhere/fuzz.conf", on_message, &told);
    MUST((config != NULL) == (told.errors == 0));
    if (!config)
        return;
    check_targets(config);
    check_records(config);
    check_rest(config);
    config_free(config);
}

/* libconfuse's lexer is a global: what one text leaves behind, the next one would meet. */
static void load_good(void)
{
    static const char text[] = "target \"www\" { host = \"www.example\" }\n";
    struct told told = {0};
    struct config *config =
        config_from_text(text, sizeof(text) - 1, "/nowhere/good.conf", on_message, &told);
    MUST(config && told.lines == 0 && config->target_count == 1);
    config_free(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    load((const char *)data, size);
    load_good();
    return 0;
}
