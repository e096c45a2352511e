/* SPDX-License-Identifier: ISC
 *
 * OpenWrt's /etc/config/ddns (ddns-scripts): what its options mean. Not its job: UCI's syntax
 * (uci_file.c). Internal to this folder.
 */
#include "monitor/import/uci.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/str.h"
#include "probes/url.h"

#define LOG     "the log goes to standard error, or to syslog: section log"
#define BACKOFF "a failure is tried again with growing pauses: backoff, backoff-max"
#define CHANGES "not needed: the kernel tells every change of an interface"
#define FORCED                                                                                     \
    "not needed: DNS is looked at, and an update is sent when it shows something else; providers " \
    "that want to hear from a name have that in their data"

/* clang-format off */
static const struct import_reason reasons[] = {
    {"interface", CHANGES}, {"check_interval", CHANGES}, {"check_unit", CHANGES},
    {"check_interval_min", CHANGES}, {"force_interval", FORCED}, {"force_unit", FORCED},
    {"retry_interval", BACKOFF}, {"retry_unit", BACKOFF}, {"retry_count", BACKOFF},
    {"retry_max_count", BACKOFF}, {"use_syslog", LOG}, {"use_logfile", LOG}, {"log_dir", LOG},
    {"log_lines", LOG}, {"date_format", LOG}, {"ddns_dateformat", LOG}, {"ddns_rundir", LOG},
    {"ddns_logdir", LOG}, {"ddns_loglines", LOG},
    {"run_dir", "the state is in a database: section state"},
    {"upd_privateip", "accept of an address section lets a private range through"},
    {"allow_local_ip", "accept of an address section lets a private range through"},
    {"use_curl", "not needed"}, {"use_https", "https is always used"},
    {"cacert", "not taken: the system's authorities are trusted"},
    {"dns_server", "the zone's own servers are asked what they show; authoritative names others"},
    {"force_dnstcp", "DNS goes over UDP, and over TCP where that is needed"},
    {"proxy", "no counterpart: requests go directly"},
    {"is_glue", "no counterpart: the servers of the zone are asked, not those above it"},
    {"lookup_host", "another name than the one that is updated is not looked at"},
    {"ip_network", "says nothing with this ip_source"}, {"ip_interface", "says nothing with this ip_source"},
    {"ip_url", "says nothing with this ip_source"}, {"ip_script", "says nothing with this ip_source"},
    {"bind_network", "interface of the record: its device is not known here"},
    {"force_ipversion", "via = ipv4 or ipv6 of the record"},
    {"param_enc", "not taken: the provider has no need of it"},
    {"param_opt", "not taken: the provider has no need of it"},
    {"username", "not needed here"}, {"domain", "not needed here"},
    {NULL, NULL},
};
/* clang-format on */

/* --- addresses -------------------------------------------------------------------------------- */

static void set_network(struct import *im, struct import_name *name, struct import_block *block,
                        enum family family)
{
    const struct import_option *network = import_option(block, "ip_network");
    const char *word = network ? network->value : family == FAMILY_IPV4 ? "wan" : "wan6";
    const struct import_at *at = network ? &network->at : &block->at;
    const char *device = import_uci_device(im, word);
    if (device)
        import_set_interface(im, name, family, device, at);
    else
        import_set_network(im, name, family, word, at);
}

static int64_t check_every(struct import_block *block)
{
    const char *unit = import_value(block, "check_unit");
    int64_t unit_ms = !unit || strcmp(unit, "minutes") == 0 ? 60000
                      : strcmp(unit, "hours") == 0          ? 3600000
                      : strcmp(unit, "days") == 0           ? 86400000
                                                            : 1000;
    return import_number(block, "check_interval", unit_ms);
}

static void set_source(struct import *im, struct import_name *name, struct import_block *block,
                       enum family family)
{
    const struct import_option *source = import_option(block, "ip_source");
    const char *word = source ? source->value : "network";
    if (strcmp(word, "web") == 0) {
        const struct import_option *url = import_option(block, "ip_url");
        import_set_web(im, name, family, url ? url->value : NULL, url ? &url->at : &block->at);
    } else if (strcmp(word, "interface") == 0) {
        const struct import_option *device = import_option(block, "ip_interface");
        import_set_interface(im, name, family, device ? device->value : "eth1",
                             device ? &device->at : &block->at);
    } else if (strcmp(word, "script") == 0) {
        const struct import_option *script = import_option(block, "ip_script");
        import_set_command(im, name, family, script ? script->value : "", false,
                           script ? &script->at : &block->at);
    } else if (strcmp(word, "network") == 0) {
        set_network(im, name, block, family);
    } else {
        import_note(im, &name->notes, &source->at, "ip_source %s: unknown", word);
    }
    if (import_is_asked(&name->source[family]))
        name->source[family].every_ms = check_every(block);
}

/* --- services --------------------------------------------------------------------------------- */

static const char *encoded(struct import *im, const char *text)
{
    struct buf buf;
    buf_init(&buf, 4 * IMPORT_VALUE_MAX);
    url_encode(&buf, text);
    const char *kept = import_text(im, buf_text(&buf), buf.len);
    if (buf.data)
        explicit_bzero(buf.data, buf.cap);
    buf_clear(&buf);
    return kept;
}

/* The signs of a template, filled in before it is taken apart, so that a value that looks like a
 * secret is seen as one. */
static char *fill(const char *url, const char *mark, const char *value)
{
    struct buf out;
    buf_init(&out, 8 * IMPORT_VALUE_MAX);
    for (const char *found; (found = strstr(url, mark)); url = found + strlen(mark)) {
        buf_append(&out, url, (size_t)(found - url));
        buf_append(&out, value, strlen(value));
    }
    buf_append(&out, url, strlen(url));
    char *text = mem_strndup(buf_text(&out), out.len);
    if (out.data)
        explicit_bzero(out.data, out.cap);
    buf_clear(&out);
    return text;
}

static void set_custom(struct import *im, struct import_name *name, struct import_block *block,
                       const struct import_option *url)
{
    static const struct import_mark marks[] = {{"[USERNAME]", "{user}"},
                                               {"[PASSWORD]", "{password}"},
                                               {"[DOMAIN]", "{fqdn}"},
                                               {"[IP]", "{ip}"},
                                               {NULL, NULL}};
    const char *enc = strstr(url->value, "[PARAMENC]") ? import_value(block, "param_enc") : NULL;
    const char *opt = strstr(url->value, "[PARAMOPT]") ? import_value(block, "param_opt") : NULL;
    char *first = fill(url->value, "[PARAMENC]", enc ? encoded(im, enc) : "");
    char *second = fill(first, "[PARAMOPT]", opt ? opt : "");
    import_set_template(im, name, second, marks, &url->at);
    name->provider = &provider_generic;
    static const char *const usual[] = {"has good",    "has nochg",   "has ok",
                                        "has success", "has updated", NULL};
    memcpy(name->ok, usual, sizeof(usual));
    import_note(im, &name->notes, &url->at,
                "ddns-scripts does not look at what the service answers; ok must: see what yours "
                "says");
    mem_free_secret(first);
    mem_free_secret(second);
}

/* "[DOMAIN]" is where the service wants the name. Where the URL has it in another form (the label
 * in
 * "[USERNAME]", or written out, as Value Domain's), lookup_host tells it, unless the options mean
 * something of their own for this service. */
static bool fits_provider(struct import *im, struct import_name *name, const char *url)
{
    const char *full = name->lookup && strchr(name->lookup, '.') ? name->lookup : name->fqdn;
    if (strstr(url, "[DOMAIN]"))
        return true;
    import_find_provider(im, name);
    const struct import_shape *shape = import_shape_of(im, name->provider);
    bool own = shape->user_is_label || shape->user_is_zone || shape->domain_is_id;
    if (strstr(url, "[PASSWORD]") && strchr(full, '.') && !own) {
        name->fqdn = full;
        return true;
    }
    name->provider = NULL;
    name->problem = NULL;
    return false;
}

/* A server that is known knows its replies. */
static void set_url(struct import *im, struct import_name *name, struct import_block *block,
                    const struct import_option *url)
{
    const char *host = url->value, *sign = strchr(host, '@');
    const char *scheme = strstr(host, "://");
    const char *from = sign && sign < host + strcspn(host, "?") ? sign + 1
                       : scheme                                 ? scheme + 3
                                                                : host;
    const char *known = import_service_of_server(im, import_printf(im, "https://%s", from));
    name->service = known;
    if (!known || !fits_provider(im, name, host)) {
        set_custom(im, name, block, url);
        if (known)
            import_note(im, &name->notes, &url->at,
                        "this server is that of provider %s, which knows its replies and limits: "
                        "'reachd providers %s' prints the record to write instead",
                        known, known);
        return;
    }
    import_note(im, &name->notes, &url->at, "update_url: this server is that of provider %s",
                known);
}

static void set_service(struct import *im, struct import_name *name, struct import_block *block)
{
    const struct import_option *service = import_option(block, "service_name");
    const struct import_option *url = import_option(block, "update_url");
    const struct import_option *script = import_option(block, "update_script");
    const char *word = service ? service->value : "";
    bool custom = !word[0] || strcmp(word, "-") == 0 || strcmp(word, "custom") == 0;
    if (!custom) {
        name->service = word;
        if (url || script)
            import_note(im, &name->notes, url ? &url->at : &script->at,
                        "%s: not needed beside service_name", url ? "update_url" : "update_script");
    } else if (url) {
        set_url(im, name, block, url);
    } else if (script) {
        name->problem = import_printf(
            im,
            "update_script %s: a program for provider = command gets other arguments, see "
            "reachd.conf(5)",
            script->value);
    } else {
        name->problem = "neither service_name nor update_url";
    }
}

static bool names(const struct import_option *option, const char *word)
{
    return option && strstr(option->value, word) == option->value;
}

/* What a service needs beside user and password. */
static void set_more(struct import *im, struct import_name *name, struct import_block *block)
{
    const struct import_option *service = import_option(block, "service_name");
    const struct import_option *bind = import_option(block, "bind_network");
    if (names(service, "bind-nsupdate")) {
        const char *server = import_value(block, "dns_server");
        name->param = server ? import_printf(im, "dns://%s", server) : NULL;
    } else if (names(service, "pdns") || names(service, "scaleway")) {
        name->param = import_value(block, "param_opt");
    }
    if (names(service, "cloudflare") && name->user && strcmp(name->user, "Bearer") == 0)
        name->user = NULL;
    if (bind && !(name->egress = import_uci_device(im, bind->value)))
        import_note(im, &name->notes, &bind->at, "bind_network: %s",
                    "interface of the record; the device of this network is not known here");
}

static void read_service(struct import *im, struct import_block *block)
{
    enum family family = import_flag(block, "use_ipv6", false) ? FAMILY_IPV6 : FAMILY_IPV4;
    const char *lookup = import_value(block, "lookup_host");
    const char *domain = import_value(block, "domain");
    struct import_name *name = import_name_add(im,
                                               domain   ? domain
                                               : lookup ? lookup
                                                        : "",
                                               &block->at);
    if (!name)
        return;
    name->lookup = lookup;
    name->user = import_value(block, "username");
    name->secret = import_value(block, "password");
    set_service(im, name, block);
    set_more(im, name, block);
    set_source(im, name, block, family);
    if (import_is_yes(import_peek(block, "use_https")))
        import_option(block, "use_https"); /* as it is here */
    if (!import_flag(block, "enabled", false))
        name->off = "it is not enabled there (enabled = 1): take out the signs to use it";
    import_leftovers(im, block, &name->notes, reasons);
}

void import_uci(struct import *im, const char *text, size_t len)
{
    import_uci_file(im, text, len);
    for (struct import_block *block = im->blocks; block && !im->error; block = block->next) {
        if (strcmp(block->type, "service") == 0)
            read_service(im, block);
        else if (strcmp(block->type, "ddns") == 0)
            import_leftovers(im, block, &im->notes, reasons);
        else
            import_note(im, &im->notes, &block->at, "section %s: unknown, it has no counterpart",
                        block->type);
    }
}
