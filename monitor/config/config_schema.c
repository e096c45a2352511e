/* SPDX-License-Identifier: ISC
 *
 * The vocabulary of the configuration as tables. A new option is a row here (and a line in
 * reachd.conf(5): a test compares the two). Not its job: conversion (config_value.c), what options
 * mean together (config_check_*.c).
 */
#include "monitor/config/config_schema.h"

#include <string.h>

#include "ddns/dns_wire.h"
#include "lib/str.h"
#include "monitor/cmd.h"
#include "monitor/config/config.h"
#include "monitor/config/config_provider.h"

#define SECOND   1000
#define MINUTE   (60 * SECOND)
#define HOUR     (60 * MINUTE)
#define DAY      (24LL * HOUR)
#define AT(s, m) offsetof(struct s, m)
#define LATER    0
#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct config_word source_words[] = {{"interface", SOURCE_INTERFACE},
                                                  {"web", SOURCE_WEB},
                                                  {"command", SOURCE_COMMAND},
                                                  {"static", SOURCE_STATIC},
                                                  {"dns", SOURCE_DNS},
                                                  {"nat-pmp", SOURCE_NAT_PMP},
                                                  {"pcp", SOURCE_PCP},
                                                  {"upnp", SOURCE_UPNP},
                                                  {"first", SOURCE_FIRST},
                                                  {"ubus", SOURCE_UBUS},
                                                  {NULL, 0}};
static const struct config_word prefer_words[] = {
    {"stable", PREFER_STABLE}, {"temporary", PREFER_TEMPORARY}, {NULL, 0}};
static const struct config_word query_types[] = {
    {"a", DNS_TYPE_A}, {"aaaa", DNS_TYPE_AAAA}, {"txt", DNS_TYPE_TXT}, {NULL, 0}};
static const struct config_word query_classes[] = {
    {"in", DNS_CLASS_IN}, {"ch", DNS_CLASS_CH}, {NULL, 0}};
static const struct config_word family_words[] = {
    {"ipv4", FAMILY_IPV4}, {"ipv6", FAMILY_IPV6}, {NULL, 0}};
static const struct config_word via_words[] = {
    {"ipv4", SESSION_IPV4}, {"ipv6", SESSION_IPV6}, {"any", SESSION_ANY}, {NULL, 0}};
static const struct config_word kind_words[] = {
#define KIND(name, id) {#id, PROBE_##name},
#include "probes/kind_table.h"
#undef KIND
    {NULL, 0}};
static const struct config_word level_words[] = {{"error", LOG_LEVEL_ERROR},
                                                 {"warn", LOG_LEVEL_WARN},
                                                 {"info", LOG_LEVEL_INFO},
                                                 {"debug", LOG_LEVEL_DEBUG},
                                                 {NULL, 0}};
static const struct config_word sink_words[] = {
    {"stderr", LOG_SINK_STDERR}, {"syslog", LOG_SINK_SYSLOG}, {NULL, 0}};

#define HOSTPORT_ALLOWED "a host name or an address, with or without \":port\", or KIND://HOST"
#define COMMAND_ALLOWED  "an absolute path and its arguments: {\"/path/program\", \"argument\"}"

static const struct config_key target_keys[] = {
    {"host", CONFIG_LATER, LATER, 0, 0, NULL, NULL, HOSTPORT_ALLOWED},
    {"kind", CONFIG_WORD, AT(config_target, kind), 0, 0, "tls", kind_words, NULL},
    {"ports", CONFIG_LATER_LIST, LATER, 0, 0, NULL, NULL, "ports and ranges: 80, 8000:8999"},
    {"addresses", CONFIG_LATER_LIST, LATER, 0, 0, NULL, NULL, "addresses of hosts in the prefix"},
    {"mine", CONFIG_FLAG, AT(config_target, mine), 0, 0, "no", NULL, NULL},
    {"path", CONFIG_LATER, LATER, 0, 0, NULL, NULL, "a path that begins with \"/\""},
    {"method", CONFIG_LATER, LATER, 0, 0, NULL, NULL, "GET, HEAD, POST, …"},
    {"headers", CONFIG_LATER_LIST, LATER, 0, 0, NULL, NULL, "lines like \"Name: value\""},
    {"host-header", CONFIG_LATER, LATER, 0, 0, NULL, NULL, "a host name or an address"},
    {"expect-status", CONFIG_LATER_LIST, LATER, 0, 0, NULL, NULL, "200, 2xx or 200-299"},
    {"expect-text", CONFIG_LATER, LATER, 0, 0, NULL, NULL, "a text"},
    {"expect-regex", CONFIG_LATER, LATER, 0, 0, NULL, NULL, "a POSIX extended expression"},
    {"max-body", CONFIG_LATER, LATER, 0, 0, NULL, NULL, "a size: 4096, 64k, 10M"},
    {"families", CONFIG_FAMILIES, AT(config_target, families), 0, 0, NULL, NULL, NULL},
    {"require", CONFIG_FAMILIES, AT(config_target, require), 0, 0, NULL, NULL, NULL},
    {"every", CONFIG_DURATION, AT(config_target, every_ms), SECOND, 7 * DAY, "60s", NULL, NULL},
    {"retry-every", CONFIG_DURATION, AT(config_target, retry_every_ms), 100, DAY, "5s", NULL, NULL},
    {"timeout", CONFIG_DURATION, AT(config_target, timeout_ms), 100, 5 * MINUTE, "10s", NULL, NULL},
    {"rise", CONFIG_COUNT, AT(config_target, rise), 1, 100, "2", NULL, NULL},
    {"fall", CONFIG_COUNT, AT(config_target, fall), 1, 100, "3", NULL, NULL},
    {"cert-warn", CONFIG_DURATION, AT(config_target, cert_warn_ms), 0, 3650 * DAY, "14d", NULL,
     NULL},
    {"servername", CONFIG_HOST, AT(config_target, servername), 0, 0, NULL, NULL, NULL},
    {"connect", CONFIG_ADDR, AT(config_target, connect), 0, 0, NULL, NULL, NULL},
    {"authoritative", CONFIG_FLAG, AT(config_target, authoritative), 0, 0, "no", NULL, NULL},
    {"expect-address", CONFIG_LATER_LIST, LATER, 0, 0, NULL, NULL,
     "addresses, or the names of address sections"},
    {"ca", CONFIG_PATH, AT(config_target, ca), 1, 0, NULL, NULL, NULL},
    {"full-size", CONFIG_FLAG, AT(config_target, full_size), 0, 0, "no", NULL, NULL},
    {"interface", CONFIG_EGRESS, AT(config_target, egress.interface), 0, 0, NULL, NULL, NULL},
    {"source", CONFIG_ADDR, AT(config_target, egress.source), 0, 0, NULL, NULL, NULL},
    {"mark", CONFIG_MARK, AT(config_target, egress.mark), 0, 0, NULL, NULL, NULL},
};

static const struct config_key record_keys[] = {
    {"host", CONFIG_LATER, LATER, 0, 0, NULL, NULL, "the labels below the domain, \"*\" or \"@\""},
    {"domain", CONFIG_HOST, AT(config_record, ddns.domain), 0, 0, NULL, NULL, NULL},
    {"provider", CONFIG_LATER, LATER, 0, 0, NULL, NULL, NULL},
    {"user", CONFIG_TEXT, AT(config_record, ddns.user), 0, 0, NULL, NULL, NULL},
    {"password", CONFIG_LATER, LATER, 0, 0, NULL, NULL, NULL},
    {"password-file", CONFIG_LATER, LATER, 0, 0, NULL, NULL, NULL},
    {"password-env", CONFIG_LATER, LATER, 0, 0, NULL, NULL, NULL},
    {"password-credential", CONFIG_LATER, LATER, 0, 0, NULL, NULL, NULL},
    {"id", CONFIG_TEXT, AT(config_record, ddns.id), 0, 0, NULL, NULL, NULL},
    {"ok", CONFIG_LATER_LIST, LATER, 0, 0, NULL, NULL, "reply patterns"},
    {"command", CONFIG_STRINGS, AT(config_record, ddns.command), 0, 0, NULL, NULL, COMMAND_ALLOWED},
    {"ipv4", CONFIG_LATER, LATER, 0, 0, NULL, NULL, NULL},
    {"ipv6", CONFIG_LATER, LATER, 0, 0, NULL, NULL, NULL},
    {"url", CONFIG_LATER, LATER, 0, 0, NULL, NULL, NULL},
    {"via", CONFIG_WORD, AT(config_record, ddns.via), 0, 0, "any", via_words, NULL},
    {"interface", CONFIG_EGRESS, AT(config_record, ddns.egress.interface), 0, 0, NULL, NULL, NULL},
    {"source", CONFIG_ADDR, AT(config_record, ddns.egress.source), 0, 0, NULL, NULL, NULL},
    {"mark", CONFIG_MARK, AT(config_record, ddns.egress.mark), 0, 0, NULL, NULL, NULL},
    {"gap", CONFIG_DURATION, AT(config_record, ddns.gap_ms), 0, DAY, NULL, NULL, NULL},
    {"budget", CONFIG_COUNT, AT(config_record, ddns.budget.count), 1, 100000, NULL, NULL, NULL},
    {"budget-window", CONFIG_DURATION, AT(config_record, ddns.budget.window_ms), SECOND, 31 * DAY,
     "1d", NULL, NULL},
    {"look-every", CONFIG_DURATION, AT(config_record, ddns.look_every_ms), SECOND, 7 * DAY, "5m",
     NULL, NULL},
    {"verify-for", CONFIG_DURATION, AT(config_record, ddns.verify_for_ms), SECOND, DAY, "10m", NULL,
     NULL},
    {"backoff", CONFIG_DURATION, AT(config_record, ddns.backoff.base_ms), 100, DAY, "1m", NULL,
     NULL},
    {"backoff-max", CONFIG_DURATION, AT(config_record, ddns.backoff.max_ms), 100, 7 * DAY, "1h",
     NULL, NULL},
    {"authoritative", CONFIG_SERVERS, AT(config_record, ddns.authoritative), 0, 0, NULL, NULL,
     NULL},
    {"apex", CONFIG_LATER, LATER, 0, 0, NULL, NULL, "\"@\", \"*\" or \"\" (left out)"},
    {"ttl", CONFIG_SECONDS, AT(config_record, ddns.expect_ttl), SECOND, 7 * DAY, NULL, NULL, NULL},
    {"create", CONFIG_FLAG, AT(config_record, ddns.create), 0, 0, "yes", NULL, NULL},
    {"withdraw-after", CONFIG_DURATION, AT(config_record, ddns.withdraw_ms), SECOND, 366 * DAY,
     NULL, NULL, NULL},
    {"timeout", CONFIG_DURATION, AT(config_record, ddns.timeout_ms), SECOND, 5 * MINUTE, "30s",
     NULL, NULL},
};

static const struct config_key address_keys[] = {
    {"family", CONFIG_WORD, AT(config_address, family), 0, 0, NULL, family_words, NULL},
    {"source", CONFIG_WORD, AT(config_address, source), 0, 0, "interface", source_words, NULL},
    {"interface", CONFIG_INTERFACE, AT(config_address, interface), 0, 0, NULL, NULL, NULL},
    {"prefer", CONFIG_WORD, AT(config_address, prefer), 0, 0, "stable", prefer_words, NULL},
    {"accept", CONFIG_LATER_LIST, LATER, 0, 0, NULL, NULL, "ranges like \"203.0.113.0/24\""},
    {"suffix", CONFIG_LATER, LATER, 0, 0, NULL, NULL, "\"::5\" or a MAC address"},
    {"neighbour", CONFIG_LATER, LATER, 0, 0, NULL, NULL, "a MAC address: \"02:00:5e:10:00:05\""},
    {"prefix-length", CONFIG_COUNT, AT(config_address, prefix_length), 1, 127, "64", NULL, NULL},
    {"value", CONFIG_ADDR, AT(config_address, value), 0, 0, NULL, NULL, NULL},
    {"network", CONFIG_INTERFACE, AT(config_address, network), 0, 0, NULL, NULL, NULL},
    {"url", CONFIG_TEXT, AT(config_address, url), 0, 0, NULL, NULL, "the URL of a description"},
    {"server", CONFIG_ADDR, AT(config_address, server), 0, 0, NULL, NULL, NULL},
    {"settle", CONFIG_DURATION, AT(config_address, settle_ms), 0, 5 * MINUTE, NULL, NULL, NULL},
    {"urls", CONFIG_STRINGS, AT(config_address, urls), 0, 0, NULL, NULL, "https URLs"},
    {"command", CONFIG_STRINGS, AT(config_address, command), 0, 0, NULL, NULL, COMMAND_ALLOWED},
    {"services", CONFIG_STRINGS, AT(config_address, services), 0, 0, NULL, NULL, "services"},
    {"query", CONFIG_HOST, AT(config_address, query), 0, 0, NULL, NULL, NULL},
    {"servers", CONFIG_SERVERS, AT(config_address, servers), 0, 0, NULL, NULL, NULL},
    {"type", CONFIG_WORD, AT(config_address, query_type), 0, 0, NULL, query_types, NULL},
    {"class", CONFIG_WORD, AT(config_address, query_class), 0, 0, "in", query_classes, NULL},
    {"of", CONFIG_STRINGS, AT(config_address, of), 0, 0, NULL, NULL, "titles of address sections"},
    {"cross-check", CONFIG_TEXT, AT(config_address, cross_check), 0, 0, NULL, NULL, NULL},
    {"agree", CONFIG_LATER, LATER, 0, 0, "first", NULL, "first, majority or a number"},
    {"every", CONFIG_DURATION, AT(config_address, every_ms), SECOND, 7 * DAY, "5m", NULL, NULL},
    {"timeout", CONFIG_DURATION, AT(config_address, timeout_ms), 100, 5 * MINUTE, "10s", NULL,
     NULL},
    {"missing-after", CONFIG_DURATION, AT(config_address, missing_after_ms), 0, 7 * DAY, "5m", NULL,
     NULL},
};

static const struct config_key hook_keys[] = {
    {"command", CONFIG_STRINGS, AT(config_hook, command), 0, 0, NULL, NULL, COMMAND_ALLOWED},
    {"events", CONFIG_LATER_LIST, LATER, 0, 0, NULL, NULL, NULL},
    {"only", CONFIG_STRINGS, AT(config_hook, only), 0, 0, NULL, NULL,
     "names of targets, records and addresses"},
    {"timeout", CONFIG_DURATION, AT(config_hook, timeout_ms), 100, HOUR, "30s", NULL, NULL},
    {"remind", CONFIG_DURATION, AT(config_hook, remind_ms), 0, 365 * DAY, "0", NULL, NULL},
};

static const struct config_word form_words[] = {
    {"each", PROVIDER_EACH}, {"both", PROVIDER_BOTH}, {"whole", PROVIDER_WHOLE}, {NULL, 0}};
static const struct config_word method_words[] = {
    {"GET", 0}, {"POST", 1}, {"PUT", 2}, {"PATCH", 3}, {NULL, 0}};
static const struct config_word login_words[] = {{"none", 0}, {"basic", 1}, {NULL, 0}};
static const struct config_word codes_words[] = {{"none", 0}, {"dyndns2", 1}, {NULL, 0}};
static const struct config_word queue_words[] = {{"user", 0}, {"service", 1}, {NULL, 0}};

#define REPLIES(verdict)                                                                           \
    CONFIG_STRINGS, AT(provider_text, replies[verdict]), 0, 0, NULL, NULL, "reply patterns"

static const struct config_key provider_keys[] = {
    {"title", CONFIG_TEXT, AT(provider_text, title), 0, 0, NULL, NULL, NULL},
    {"link", CONFIG_TEXT, AT(provider_text, link), 0, 0, NULL, NULL, NULL},
    {"note", CONFIG_TEXT, AT(provider_text, note), 0, 0, NULL, NULL, NULL},
    {"secret", CONFIG_TEXT, AT(provider_text, secret), 0, 0, NULL, NULL, NULL},
    {"zone", CONFIG_TEXT, AT(provider_text, zone), 0, 0, NULL, NULL, NULL},
    {"aliases", CONFIG_STRINGS, AT(provider_text, aliases), 0, 0, NULL, NULL, "other names"},
    {"defunct", CONFIG_TEXT, AT(provider_text, defunct), 0, 0, NULL, NULL, NULL},
    {"successor", CONFIG_TEXT, AT(provider_text, successor), 0, 0, NULL, NULL, NULL},
    {"families", CONFIG_FAMILIES, AT(provider_text, families), 0, 0, NULL, NULL, NULL},
    {"request", CONFIG_WORD, AT(provider_text, form), 0, 0, "each", form_words, NULL},
    {"names", CONFIG_COUNT, AT(provider_text, names), 1, 32, "1", NULL, NULL},
    {"url", CONFIG_TEXT, AT(provider_text, url), 0, 0, NULL, NULL, NULL},
    {"url-ipv4", CONFIG_TEXT, AT(provider_text, url_ipv4), 0, 0, NULL, NULL, NULL},
    {"url-ipv6", CONFIG_TEXT, AT(provider_text, url_ipv6), 0, 0, NULL, NULL, NULL},
    {"url-both", CONFIG_TEXT, AT(provider_text, url_both), 0, 0, NULL, NULL, NULL},
    {"method", CONFIG_WORD, AT(provider_text, method), 0, 0, "GET", method_words, NULL},
    {"body", CONFIG_TEXT, AT(provider_text, body), 0, 0, NULL, NULL, NULL},
    {"content-type", CONFIG_TEXT, AT(provider_text, content_type), 0, 0, NULL, NULL, NULL},
    {"headers", CONFIG_STRINGS, AT(provider_text, headers), 0, 0, NULL, NULL, "\"Name: value\""},
    {"login", CONFIG_WORD, AT(provider_text, login), 0, 0, "none", login_words, NULL},
    {"keep", CONFIG_TEXT, AT(provider_text, keep), 0, 0, NULL, NULL, NULL},
    {"apex", CONFIG_TEXT, AT(provider_text, apex), 0, 0, NULL, NULL, NULL},
    {"source-decides", CONFIG_FLAG, AT(provider_text, source_decides), 0, 0, "no", NULL, NULL},
    {"in-dns", CONFIG_FLAG, AT(provider_text, in_dns), 0, 0, "yes", NULL, NULL},
    {"queue", CONFIG_WORD, AT(provider_text, queue), 0, 0, "user", queue_words, NULL},
    {"gap", CONFIG_DURATION, AT(provider_text, gap_ms), 0, DAY, "1m", NULL, NULL},
    {"error-gap", CONFIG_DURATION, AT(provider_text, error_gap_ms), 0, DAY, "5m", NULL, NULL},
    {"refresh", CONFIG_DURATION, AT(provider_text, refresh_ms), 0, 365 * DAY, "0", NULL, NULL},
    {"codes", CONFIG_WORD, AT(provider_text, codes), 0, 0, "none", codes_words, NULL},
    {"ok", REPLIES(DDNS_OK)},
    {"nochange", REPLIES(DDNS_NOCHANGE)},
    {"auth", REPLIES(DDNS_AUTH)},
    {"config", REPLIES(DDNS_CONFIG)},
    {"abuse", REPLIES(DDNS_ABUSE)},
    {"temporary", REPLIES(DDNS_TEMPORARY)},
};

static const struct config_key resolver_keys[] = {
    {"servers", CONFIG_SERVERS, AT(config, resolver_servers), 0, 0, NULL, NULL, NULL},
};
static const struct config_key uplink_keys[] = {
    {"ipv4", CONFIG_SERVERS, AT(config, uplink[FAMILY_IPV4]), 0, 0, NULL, NULL, NULL},
    {"ipv6", CONFIG_SERVERS, AT(config, uplink[FAMILY_IPV6]), 0, 0, NULL, NULL, NULL},
    {"every", CONFIG_DURATION, AT(config, uplink_every_ms), SECOND, HOUR, "10s", NULL, NULL},
    {"timeout", CONFIG_DURATION, AT(config, uplink_timeout_ms), 100, MINUTE, "3s", NULL, NULL},
};
static const struct config_key trust_keys[] = {
    {"ca", CONFIG_PATH, AT(config, ca), 1, 0, NULL, NULL, NULL},
    {"crl", CONFIG_PATH, AT(config, crl), 1, 0, NULL, NULL, NULL},
};
static const struct config_key state_keys[] = {
    {"path", CONFIG_PATH, AT(config, state_path), 0, 0, DEFAULT_STATE_PATH, NULL, NULL},
};
static const struct config_key control_keys[] = {
    {"path", CONFIG_PATH, AT(config, control_path), 0, 0, DEFAULT_CONTROL_PATH, NULL, NULL},
    {"group", CONFIG_TEXT, AT(config, control_group), 0, 0, NULL, NULL, NULL},
};
static const struct config_key log_keys[] = {
    {"level", CONFIG_WORD, AT(config, log_level), 0, 0, "info", level_words, NULL},
    {"to", CONFIG_WORD, AT(config, log_sink), 0, 0, "stderr", sink_words, NULL},
    {"checks", CONFIG_FLAG, AT(config, log_checks), 0, 0, "no", NULL, NULL},
};
static const struct config_key daemon_keys[] = {
    {"settle", CONFIG_DURATION, AT(config, rtnl_settle_ms), 0, 5 * MINUTE, "1s", NULL, NULL},
    {"debounce", CONFIG_DURATION, AT(config, hook_debounce_ms), 0, HOUR, "2s", NULL, NULL},
};

#define KIND(id, name, titled)                                                                     \
    {                                                                                              \
        id, #name, titled, name##_keys, COUNT(name##_keys)                                         \
    }
static const struct config_kind kinds[KIND_COUNT] = {
    KIND(KIND_TARGET, target, true),     KIND(KIND_RECORD, record, true),
    KIND(KIND_ADDRESS, address, true),   KIND(KIND_HOOK, hook, true),
    KIND(KIND_PROVIDER, provider, true), KIND(KIND_RESOLVER, resolver, false),
    KIND(KIND_UPLINK, uplink, false),    KIND(KIND_TRUST, trust, false),
    KIND(KIND_STATE, state, false),      KIND(KIND_CONTROL, control, false),
    KIND(KIND_LOG, log, false),          KIND(KIND_DAEMON, daemon, false),
};

const struct config_kind *config_kind(enum config_kind_id id)
{
    return &kinds[id];
}

const struct config_kind *config_kind_find(const char *name)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

const struct config_key *config_key_find(const struct config_kind *kind, const char *name)
{
    for (size_t i = 0; i < kind->key_count; i++)
        if (strcmp(kind->keys[i].name, name) == 0)
            return &kind->keys[i];
    return NULL;
}

bool config_key_is_list(const struct config_key *key)
{
    return key->type == CONFIG_FAMILIES || key->type == CONFIG_STRINGS ||
           key->type == CONFIG_SERVERS || key->type == CONFIG_LATER_LIST;
}

static void add_name(char *buf, const char *name)
{
    str_append(buf, CONFIG_NAMES_LEN, "%s%s", buf[0] ? ", " : "", name);
}

const char *config_kind_names(char buf[CONFIG_NAMES_LEN])
{
    buf[0] = '\0';
    for (size_t i = 0; i < KIND_COUNT; i++)
        add_name(buf, kinds[i].name);
    add_name(buf, "include(\"file\")");
    return buf;
}

const char *config_key_names(const struct config_kind *kind, char buf[CONFIG_NAMES_LEN])
{
    buf[0] = '\0';
    for (size_t i = 0; i < kind->key_count; i++)
        add_name(buf, kind->keys[i].name);
    return buf;
}

const char *config_word_names(const struct config_word *words, char buf[CONFIG_NAMES_LEN])
{
    buf[0] = '\0';
    for (; words->word; words++)
        add_name(buf, words->word);
    return buf;
}
