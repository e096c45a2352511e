/* SPDX-License-Identifier: ISC
 *
 * Whose service is it: the names that other programs have for providers, and what their options
 * mean there. The names themselves are aliases of the providers (ddns/providers.d). Internal to
 * import*.c.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/import/model.h"

#define INADYN   (1u << IMPORT_INADYN)
#define DDCLIENT (1u << IMPORT_DDCLIENT)
#define UCI      (1u << IMPORT_UCI)

/* The token of an update URL, which is no API key as provider ionos needs one. */
#define IONOS_URL                                                                                  \
    "https://ipv4.api.hosting.ionos.com/dns/v1/dyndns?q={password}<&ipv4={ipv4}><&ipv6={ipv6}>"

/* clang-format off */
static const struct {
    unsigned formats;
    const char *service; /* any alias or the id of the provider counts */
    struct import_shape shape;
} shapes[] = {
    {INADYN, "cloudflare", {.user_is_zone = true}},
    {INADYN, "duckdns", {.user_is_secret = true}},
    {INADYN, "dynv6", {.user_is_secret = true}},
    {INADYN, "ipv64", {.user_is_secret = true}},
    {INADYN | DDCLIENT, "dnsmadeeasy", {.host_is_id = true}},
    {INADYN | DDCLIENT, "sitelutions", {.host_is_id = true}},
    {INADYN, "he-tunnel", {.host_is_id = true, .under = "tunnelbroker.net"}},
    {INADYN | DDCLIENT, "dnsexit",
     {.user_is_nothing = true,
      .note = "the service has an API key now instead of user and password: that is what is needed"}},
    {DDCLIENT | UCI, "duckdns", {.host_is_label = true, .under = "duckdns.org"}},
    {DDCLIENT | UCI, "freemyip", {.host_is_label = true, .under = "freemyip.com"}},
    {DDCLIENT, "dslreports", {.host_is_id = true, .under = "dslreports.com"}},
    {INADYN | DDCLIENT, "namecheap", {.user_is_zone = true}},
    {DDCLIENT, "enom", {.user_is_zone = true}},
    {DDCLIENT, "rfc2136", {.user_is_nothing = true}},
    {DDCLIENT, "hetzner",
     {.note = "the old DNS Console is gone: a token of the Hetzner Console is needed"}},
    {DDCLIENT | UCI, "ionos", {.user_is_nothing = true, .url = IONOS_URL, .ok = "http 2xx"}},
    {UCI, "namecheap", {.user_is_label = true}},
    {UCI, "digitalocean", {.user_is_label = true}},
    {UCI, "hetzner", {.user_is_label = true}},
    {UCI, "gandi", {.user_is_label = true}},
    {UCI, "powerdns", {.user_is_label = true, .param_is_url = true}},
    {UCI, "scaleway", {.user_is_zone = true, .domain_is_label = true, .param_is_ttl = true}},
    {UCI, "route53", {.domain_is_id = true}},
    {UCI, "rfc2136", {.server_is_url = true}},
};

/* Servers that a provider had before, or that are not in its template. */
static const struct { const char *server, *provider; } servers[] = {
    {"www.ovh.com", "ovh"}, {"dns.loopia.se", "loopia"}, {"dynamic.zoneedit.com", "zoneedit"},
    {"members.easydns.com", "easydns"}, {"www.dynu.com", "dynu"}, {"dyndns.simply.com", "simply"},
    {"ddns.simply.com", "simply"}, {"update6.dedyn.io", "desec"},
    {"domains.google.com", "google-domains"}, {"members.dyndns.com", "dyn"},
    {"infomaniak.com", "infomaniak"}, {"members.3322.org", "pubyun"},
    {"dyn.value-domain.com", "value-domain"},
};
/* clang-format on */

/* --- the catalog ------------------------------------------------------------------------------ */

struct known {
    const struct provider *provider;
    const struct config_provider *file; /* NULL: of the program */
};

/* Calls fn for every provider until it says that it is done. */
static void each(struct import *im, bool (*fn)(const struct known *known, void *arg), void *arg)
{
    struct config_report quiet = {0};
    size_t files, code;
    struct config_provider *const *all = catalog_all(im->asked->catalog, &quiet, &files);
    const struct provider *const *own = provider_list(&code);
    bool done = false;
    config_report_flush(&quiet, NULL, NULL);
    for (size_t i = 0; i < code && !done; i++)
        done = fn(&(struct known){own[i], NULL}, arg);
    for (size_t i = 0; i < files && !done; i++)
        done = fn(&(struct known){&all[i]->provider, all[i]}, arg);
}

struct search {
    const char *word;
    struct known found; /* provider NULL: none */
    bool several;
};

static bool by_name(const struct known *known, void *arg)
{
    struct search *search = arg;
    if (strcmp(known->provider->id, search->word) == 0) {
        search->found = *known;
        return true; /* an id comes before any alias */
    }
    if (!search->found.provider && provider_has_alias(known->provider, search->word))
        search->found = *known;
    return false;
}

static bool has_part(const struct provider *provider, const char *part)
{
    if (strstr(provider->id, part))
        return true;
    for (const char *const *alias = provider->aliases; alias && *alias; alias++)
        if (strstr(*alias, part))
            return true;
    return false;
}

static bool by_part(const struct known *known, void *arg)
{
    struct search *search = arg;
    if (!has_part(known->provider, search->word))
        return false;
    search->several = search->found.provider != NULL;
    search->found = *known;
    return search->several;
}

static struct search find(struct import *im, const char *word)
{
    struct search search = {.word = word};
    each(im, by_name, &search);
    return search;
}

/* --- names ------------------------------------------------------------------------------------ */

/* "default@no-ip.com:1" is "no-ip.com" for inadyn. */
static const char *bare_service(struct import *im, const char *service)
{
    char lower[128];
    if (!str_copy(lower, sizeof(lower), service))
        return import_text(im, "", 0);
    for (char *c = lower; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    const char *from = lower;
    if (im->format == IMPORT_INADYN) {
        const char *sign = strchr(lower, '@');
        from = sign ? sign + 1 : lower;
    }
    size_t len = im->format == IMPORT_INADYN ? strcspn(from, ":") : strlen(from);
    return import_text(im, from, len);
}

static void say_defunct(struct import *im, struct import_name *name,
                        const struct config_provider *gone)
{
    const char *successor = gone->text.successor;
    name->problem = import_printf(im, "%s is gone: %s%s%s%s", name->service, gone->text.defunct,
                                  successor ? "; instead: provider = \"" : "",
                                  successor ? successor : "", successor ? "\"" : "");
}

/* "Dyn" and "loopia" are enough for inadyn. A part of one or two letters fits too much. */
static struct search find_part(struct import *im, struct import_name *name, const char *word)
{
    struct search search = {.word = word};
    if (im->format != IMPORT_INADYN || strlen(word) < 3)
        return search;
    each(im, by_part, &search);
    if (search.several)
        return (struct search){.word = word};
    if (search.found.provider)
        import_note(im, &name->notes, &name->at, "provider %s is taken for %s", name->service,
                    search.found.provider->id);
    return search;
}

void import_find_provider(struct import *im, struct import_name *name)
{
    const char *word = bare_service(im, name->service);
    struct search search = find(im, word);
    if (!search.found.provider)
        search = find_part(im, name, word);
    if (!search.found.provider)
        name->problem = import_printf(
            im,
            "no provider here is called \"%s\": 'reachd providers' lists those there are, "
            "provider = generic takes any other",
            name->service);
    else if (search.found.file && search.found.file->text.defunct)
        say_defunct(im, name, search.found.file);
    else
        name->provider = search.found.provider;
}

const struct import_shape *import_shape_of(const struct import *im, const struct provider *provider)
{
    static const struct import_shape plain = {0};
    for (size_t i = 0; provider && i < sizeof(shapes) / sizeof(shapes[0]); i++)
        if ((shapes[i].formats & 1u << im->format) && strcmp(shapes[i].service, provider->id) == 0)
            return &shapes[i].shape;
    return &plain;
}

/* --- servers ---------------------------------------------------------------------------------- */

/* The host of "https://host:80/path" or "host/path". */
static size_t host_of(const char **url)
{
    const char *scheme = strstr(*url, "://");
    if (scheme)
        *url = scheme + 3;
    return strcspn(*url, ":/?{<");
}

static bool is_server(const char *url, const char *server, size_t len)
{
    if (!url)
        return false;
    size_t url_len = host_of(&url);
    return url_len == len && len > 0 && strncasecmp(url, server, len) == 0;
}

static bool by_server(const struct known *known, void *arg)
{
    struct search *search = arg;
    const char *server = search->word;
    size_t len = host_of(&server);
    const struct provider_data *data = known->provider->data;
    if (!known->file || !data)
        return false;
    if (!is_server(data->url[FAMILY_IPV4], server, len) &&
        !is_server(data->url[FAMILY_IPV6], server, len))
        return false;
    search->found = *known;
    return true;
}

const char *import_service_of_server(struct import *im, const char *server)
{
    struct search search = {.word = server};
    const char *host = server;
    size_t len = host_of(&host);
    for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++)
        if (is_server(servers[i].server, host, len))
            return servers[i].provider;
    each(im, by_server, &search);
    return search.found.provider ? search.found.provider->id : NULL;
}
