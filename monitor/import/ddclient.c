/* SPDX-License-Identifier: ISC
 *
 * ddclient.conf: what its options mean. Not its job: its syntax (ddclient_file.c). Internal
 * to import*.c.
 */
#include "monitor/import/ddclient.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/duration.h"
#include "lib/mem.h"
#include "lib/str.h"

#define NO_NEED   "not needed"
#define LOG       "the log goes to standard error, or to syslog: section log"
#define ROUTER    "no counterpart: pages of routers are not read"
#define SKIP      "no counterpart: a web service must answer with the address alone"
#define OWN_LIMIT "the provider's own gap holds; gap of the record makes it longer"

/* clang-format off */
static const struct import_reason reasons[] = {
    {"daemon", "not needed for interfaces, whose changes the kernel tells at once"},
    {"foreground", "reachd run stays in the foreground"}, {"syslog", LOG}, {"facility", LOG},
    {"priority", LOG}, {"verbose", LOG}, {"debug", LOG}, {"quiet", LOG}, {"max-warn", LOG},
    {"mail", "a hook: command = {\"/usr/share/reachd/hooks/reachd-mail\", \"root\"}"},
    {"mail-failure", "a hook with events = {update-failed, update-halted}"},
    {"postscript", "a hook with events = {update-verified}; it gets the address in its environment"},
    {"pid", "the service manager knows it"}, {"cache", "the state is in a database: section state"},
    {"file", NO_NEED}, {"exec", NO_NEED}, {"test", NO_NEED}, {"force", "no counterpart: DNS decides "
     "whether an update is needed"}, {"retry", NO_NEED}, {"timeout", "a record has a timeout of its own"},
    {"geturl", NO_NEED}, {"curl", NO_NEED}, {"help", NO_NEED},
    {"redirect", "no counterpart: redirects are never followed, requests carry passwords"},
    {"ssl", "https is always used"}, {"web-ssl-validate", "certificates are always verified"},
    {"fw-ssl-validate", ROUTER}, {"proxy", "no counterpart: requests go directly"},
    {"ssl_ca_dir", "not taken, as ssl_ca_file is"},
    {"fw", ROUTER}, {"fwv4", ROUTER}, {"fwv6", ROUTER}, {"fw-skip", ROUTER}, {"fwv4-skip", ROUTER},
    {"fwv6-skip", ROUTER}, {"fw-login", ROUTER}, {"fw-password", ROUTER}, {"fw-banlocal", NO_NEED},
    {"web-skip", SKIP}, {"webv4-skip", SKIP}, {"webv6-skip", SKIP}, {"cmd-skip", SKIP},
    {"if-skip", "addresses that are not fit to be published are left out: see reachd addr"},
    {"if", "says nothing with this use"}, {"ifv4", "says nothing with this usev4"},
    {"ifv6", "says nothing with this usev6"}, {"web", "says nothing with this use"},
    {"webv4", "says nothing with this usev4"}, {"webv6", "says nothing with this usev6"},
    {"cmd", "says nothing with this use"}, {"cmdv4", "says nothing with this usev4"},
    {"cmdv6", "says nothing with this usev6"}, {"ip", "says nothing with this use"},
    {"ipv4", "says nothing with this usev4"}, {"ipv6", "says nothing with this usev6"},
    {"use", "says nothing beside usev4 and usev6"},
    {"min-interval", OWN_LIMIT}, {"min_interval", OWN_LIMIT}, {"min-error-interval", OWN_LIMIT},
    {"max-interval", "not needed: DNS is looked at; providers that want to hear from a name have that in "
     "their data"},
    {"wildcard", "no counterpart in the request: a record of its own with host = \"*\""},
    {"mx", "no counterpart: only A and AAAA records are written"},
    {"backupmx", "no counterpart: only A and AAAA records are written"},
    {"static", NO_NEED}, {"custom", NO_NEED},
    {"server", "the provider's own is used"}, {"script", "the provider's own is used"},
    {"path", "the provider's own is used"},
    {"tcp", "updates go over UDP, then over TCP where UDP is not answered"},
    {"zone", "not taken: the provider has no need of it"},
    {"use-personal-access-token", "a personal access token is needed"},
    {"quietreply", NO_NEED}, {"login", NO_NEED}, {"on-root-domain", NO_NEED},
    {NULL, NULL},
};

/* The services that "web=NAME" names; NULL: the one that is asked by default here. */
static const struct { const char *name, *url; } services[] = {
    {"ipify-ipv4", NULL}, {"ipify-ipv6", NULL}, {"dyndns", "checkip.dyndns.org/"},
    {"freedns", "freedns.afraid.org/dynamic/check.php"}, {"googledomains", "domains.google.com/checkip"},
    {"he", "checkip.dns.he.net/"}, {"he.net", "checkip.dns.he.net/"}, {"ip4only.me", "ip4only.me/api/"},
    {"ip6only.me", "ip6only.me/api/"}, {"loopia", "dns.loopia.se/checkip/checkip.php"},
    {"myonlineportal", "https://myonlineportal.net/checkip"}, {"noip-ipv4", "ip1.dynupdate.no-ip.com/"},
    {"noip-ipv6", "ip1.dynupdate6.no-ip.com/"}, {"nsupdate.info-ipv4", "https://ipv4.nsupdate.info/myip"},
    {"nsupdate.info-ipv6", "https://ipv6.nsupdate.info/myip"}, {"zoneedit", "dynamic.zoneedit.com/checkip.html"},
};
/* clang-format on */

/* --- addresses -------------------------------------------------------------------------------- */

static const char *service_url(const char *value)
{
    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
        if (strcmp(services[i].name, value) == 0)
            return services[i].url;
    return value;
}

static struct import_option *either(struct import_block *block, const char *first,
                                    const char *second)
{
    struct import_option *option = import_option(block, first);
    return option ? option : import_option(block, second);
}

static void set_web(struct import *im, struct import_name *name, struct import_block *block,
                    enum family family, const char *key)
{
    const struct import_option *web = either(block, key, "web");
    bool skips = web && (import_option(block, import_printf(im, "%s-skip", key)) ||
                         import_option(block, "web-skip"));
    if (!web)
        import_set_web(im, name, family, NULL, &block->at);
    else if (skips)
        import_set_web(im, name, family, "checkip.dyndns.", &web->at);
    else
        import_set_web(im, name, family, service_url(web->value), &web->at);
}

static void set_static(struct import *im, struct import_name *name, const char *text,
                       const struct import_at *at)
{
    struct addr addr;
    if (!text || !addr_parse(text, &addr)) {
        import_note(im, &name->notes, at, "no address is told there");
        return;
    }
    name->source[addr_family(&addr)].from = IMPORT_STATIC;
    name->source[addr_family(&addr)].value = text;
}

static void set_interface(struct import *im, struct import_name *name, struct import_block *block,
                          enum family family, const char *key)
{
    const struct import_option *interface = either(block, key, "if");
    bool any = !interface || strcmp(interface->value, "default") == 0;
    import_set_interface(im, name, family, any ? "" : interface->value,
                         interface ? &interface->at : &block->at);
}

static void set_command(struct import *im, struct import_name *name, struct import_block *block,
                        enum family family, const char *key)
{
    const struct import_option *command = either(block, key, "cmd");
    if (command)
        import_set_command(im, name, family, command->value, true, &command->at);
}

/* how: "webv4", or "web" for the option without a family. */
static void set_source(struct import *im, struct import_name *name, struct import_block *block,
                       enum family family, const struct import_option *how)
{
    const char *tail = family == FAMILY_IPV4 ? "v4" : "v6", *word = how->value;
    if (strcmp(word, "disabled") == 0 || strcmp(word, "no") == 0)
        return;
    if (str_starts(word, "web"))
        set_web(im, name, block, family, import_printf(im, "web%s", tail));
    else if (strcmp(word, "if") == 0 || str_starts(word, "ifv"))
        set_interface(im, name, block, family, import_printf(im, "if%s", tail));
    else if (str_starts(word, "cmd"))
        set_command(im, name, block, family, import_printf(im, "cmd%s", tail));
    else if (str_starts(word, "ip")) {
        const struct import_option *ip = either(block, import_printf(im, "ip%s", tail), "ip");
        set_static(im, name, ip ? ip->value : NULL, ip ? &ip->at : &how->at);
    } else {
        import_set_web(im, name, family, NULL, &how->at);
        import_note(im, &name->notes, &how->at,
                    "%s: pages of routers are not read: web services are asked%s", how->key,
                    family == FAMILY_IPV4 ? "; many routers tell their address to source = upnp, "
                                            "pcp or nat-pmp"
                                          : "");
    }
}

static void set_sources(struct import *im, struct import_name *name, struct import_block *block)
{
    const struct import_option *v4 = import_option(block, "usev4");
    const struct import_option *v6 = import_option(block, "usev6");
    const struct import_option *use = v4 || v6 ? NULL : import_option(block, "use");
    if (v4)
        set_source(im, name, block, FAMILY_IPV4, v4);
    if (v6)
        set_source(im, name, block, FAMILY_IPV6, v6);
    if (use)
        set_source(im, name, block, FAMILY_IPV4, use);
    for (int f = 0; f < FAMILY_COUNT; f++)
        if (import_is_asked(&name->source[f])) {
            const char *every = import_value(block, "daemon");
            if (every)
                duration_parse(every, &name->source[f].every_ms);
        }
    if (!v4 && !v6 && !use)
        import_note(im, &name->notes, &block->at,
                    "no use, usev4 or usev6: ddclient would publish nothing");
}

/* --- services --------------------------------------------------------------------------------- */

/* dyndns2 is what a server speaks: a provider that is known by its server knows more than that. */
static void set_dyndns2(struct import *im, struct import_name *name, struct import_block *block)
{
    const struct import_option *server = import_option(block, "server");
    const char *script = import_value(block, "script");
    const char *host = server ? server->value : "members.dyndns.org";
    const char *known = import_service_of_server(im, host);
    name->service = known ? known : "dyndns2";
    if (known)
        return;
    const char *bare = strstr(host, "://") ? strstr(host, "://") + 3 : host;
    name->url = import_printf(im, "https://%s%s", bare, script ? script : "/nic/update");
}

static void set_porkbun(struct import_name *name, struct import_block *block)
{
    name->user = import_value(block, "apikey");
    name->secret = import_value(block, "secretapikey");
    const char *root = import_value(block, "root-domain");
    if (root)
        name->zone = root;
    else if (import_flag(block, "on-root-domain", false))
        name->zone = name->fqdn;
}

/* login is the program, password the file of the key. */
static void set_nsupdate(struct import *im, struct import_name *name, struct import_block *block)
{
    const char *server = import_value(block, "server");
    name->user = NULL;
    if (name->secret && name->secret[0] == '/' && import_is_printable(name->secret)) {
        name->secret_file = name->secret;
        name->secret = NULL;
        import_note(im, &name->notes, &block->at,
                    "the file of the key is read as tsig-keygen prints one; of a K*.private file "
                    "take the line Key, and user = the name of the key");
    }
    if (server)
        name->url = import_printf(im, "dns://%s", server);
}

static void set_cloudns(struct import *im, struct import_name *name, struct import_block *block)
{
    const char *url = import_value(block, "dynurl");
    const char *key = url ? strstr(url, "q=") : NULL;
    if (key)
        name->secret = import_text(im, key + 2, strcspn(key + 2, "&"));
}

static void set_service(struct import *im, struct import_name *name, struct import_block *block)
{
    const struct import_option *protocol = import_option(block, "protocol");
    const char *word = protocol ? protocol->value : "dyndns2";
    name->service = word;
    if (strcmp(word, "dyndns2") == 0)
        set_dyndns2(im, name, block);
    else if (strcmp(word, "porkbun") == 0)
        set_porkbun(name, block);
    else if (strcmp(word, "nsupdate") == 0)
        set_nsupdate(im, name, block);
    else if (strcmp(word, "cloudns") == 0)
        set_cloudns(im, name, block);
    else if (strcmp(word, "emailonly") == 0)
        name->problem = "emailonly sends no update: a hook with reachd-mail tells of a new address";
    else if (strcmp(word, "cloudflare") == 0 && name->user && strcmp(name->user, "token") == 0)
        name->user = NULL;
}

/* Seconds, or a time with a unit. */
static int64_t ttl_of(struct import_block *block)
{
    int64_t ms = 0;
    const char *text = import_value(block, "ttl");
    return text && duration_parse(text, &ms) ? ms / 1000 : 0;
}

/* What stands with the host itself comes first, of whichever kind. */
static void set_secret(struct import_name *name, struct import_block *block)
{
    bool own_env = false;
    for (size_t i = 0; i < block->count; i++)
        own_env = own_env || strcmp(block->options[i].key, "password-env") == 0;
    if (!own_env)
        name->secret = import_value(block, "password");
    if (!name->secret)
        name->secret_env = import_value(block, "password-env");
}

static struct import_name *add_host(struct import *im, struct import_block *block, const char *host)
{
    struct import_name *name = import_name_add(im, host, &block->at);
    if (!name)
        return NULL;
    name->zone = import_value(block, "zone");
    name->user = import_value(block, "login");
    set_secret(name, block);
    name->ttl = ttl_of(block);
    if (import_is_yes(import_peek(block, "ssl")))
        import_option(block, "ssl"); /* as it is here */
    set_service(im, name, block);
    set_sources(im, name, block);
    return name;
}

static void read_hosts(struct import *im, struct import_block *block)
{
    struct import_name *first = NULL;
    for (const char *at = block->title; *at && !im->error;) {
        size_t len = strcspn(at, ",");
        if (len > 0) {
            char *host = mem_strndup(at, len);
            struct import_name *name = add_host(im, block, host);
            first = first ? first : name;
            free(host);
        }
        at += len + (at[len] == ',');
    }
    import_leftovers(im, block, first ? &first->notes : &im->notes, reasons);
}

void import_ddclient(struct import *im, const char *text, size_t len)
{
    struct import_block *global = import_block_add(im, "", NULL, &(struct import_at){NULL, 1});
    import_ddclient_file(im, global, text, len);
    for (struct import_block *block = global->next; block && !im->error; block = block->next)
        read_hosts(im, block);
    struct import_option *ca = either(global, "ssl_ca_file", "ssl_ca_dir");
    if (ca && ca->value[0] == '/' && access(ca->value, R_OK) == 0)
        im->ca = ca->value;
    else if (ca)
        import_note(im, &im->notes, &ca->at, "%s can't be read: the system's are trusted", ca->key);
    import_leftovers(im, global, &im->notes, reasons);
}
