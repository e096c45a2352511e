/* SPDX-License-Identifier: ISC
 *
 * inadyn.conf, version 2 (inadyn.conf(5)): what its options mean. Not its job: its syntax
 * (inadyn_file.c). Internal to this folder.
 */
#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "lib/str.h"
#include "monitor/import/inadyn.h"

/* clang-format off */
static const struct import_reason reasons[] = {
    {"period", "not needed for interfaces, whose changes the kernel tells at once; of web services and "
               "commands it is every"},
    {"iterations", "reachd runs until it is ended"},
    {"forced-update", "not needed: DNS is looked at, and an update is sent when it shows something else; "
                      "providers that want to hear from a name have that in their data"},
    {"verify-address", "addresses that the world can't reach are never published; accept of an "
                       "address section lifts that for a range"},
    {"fake-address", "no counterpart: no wrong address is ever sent"},
    {"user-agent", "no counterpart: reachd sends its own name, as providers ask"},
    {"secure-ssl", "no counterpart: certificates are always verified"},
    {"broken-rtc", "no counterpart: a clock that is not set is told, and waited for"},
    {"cache-dir", "the state is in a database, see section state"},
    {"startup-delay", "no counterpart: an address is published when it has settled"},
    {"wildcard", "no counterpart in the request: a record of its own with host = \"*\", or the "
                 "provider's panel"},
    {"proxied", "no counterpart: whether a record is proxied stays as it is"},
    {"proxy", "no counterpart: requests go directly"},
    {"checkip-ssl", "https is always used"},
    {"checkip-server", "says nothing beside iface or checkip-command"},
    {"iface", "says nothing beside checkip-command"},
    {"checkip-path", "says nothing without checkip-server"},
    {"username", "not needed here"},
    {"ttl", "not taken"},
    {NULL, NULL},
};
/* clang-format on */

static bool looks_ipv6(const char *text)
{
    return text && (strstr(text, "v6") || strstr(text, "inet6") || strstr(text, "-6") ||
                    strstr(text, "dns64") || strstr(text, "api6"));
}

/* Which families it publishes: IPv4, unless something speaks of IPv6. */
static enum family family_of(struct import_block *block, bool allow_ipv6)
{
    const char *service = block->title ? block->title : "";
    const char *server = import_peek(block, "checkip-server");
    const char *command = import_peek(block, "checkip-command");
    bool v6 = str_starts(service, "ipv6") || looks_ipv6(server) || looks_ipv6(command);
    return v6 && (allow_ipv6 || str_starts(service, "ipv6")) ? FAMILY_IPV6 : FAMILY_IPV4;
}

static void set_checkip(struct import *im, struct import_name *name, struct import_block *block,
                        enum family family)
{
    const struct import_option *server = import_option(block, "checkip-server");
    const char *path = server ? import_value(block, "checkip-path") : NULL;
    if (!server || strcmp(server->value, "default") == 0)
        import_set_web(im, name, family, NULL, &block->at);
    else
        import_set_web(im, name, family,
                       import_printf(im, "%s%s%s", server->value, path && path[0] != '/' ? "/" : "",
                                     path ? path : "/"),
                       &server->at);
}

static void set_sources(struct import *im, struct import_name *name, struct import_block *block,
                        bool allow_ipv6)
{
    const struct import_option *command = import_option(block, "checkip-command");
    const struct import_option *interface = command ? NULL : import_option(block, "iface");
    enum family family = family_of(block, allow_ipv6);
    if (command || !interface)
        name->source[family].every_ms = import_number(block, "period", 1000);
    if (command) {
        import_set_command(im, name, family, command->value, true, &command->at);
    } else if (interface) {
        import_set_interface(im, name, family, interface->value, &interface->at);
        if (allow_ipv6 && family == FAMILY_IPV4) {
            import_set_interface(im, name, FAMILY_IPV6, interface->value, &interface->at);
            import_note(im, &name->notes, &interface->at,
                        "inadyn publishes the first address it finds, reachd both families: take "
                        "out the line of one that is not wanted");
        }
    } else {
        set_checkip(im, name, block, family);
    }
}

/* "/update?user=%u&password=%p&domain=%h&myip=%i". Without such signs the name is appended, or the
 * address. */
static void set_custom(struct import *im, struct import_name *name, struct import_block *block)
{
    static const struct import_mark marks[] = {{"%u", "{user}"}, {"%p", "{password}"},
                                               {"%h", "{fqdn}"}, {"%i", "{ip}"},
                                               {"%%", "%25"},    {NULL, NULL}};
    const struct import_option *server = import_option(block, "ddns-server");
    const char *path = import_value(block, "ddns-path");
    bool append_ip = import_flag(block, "append-myip", false);
    if (!server) {
        name->problem = "ddns-server is missing";
        return;
    }
    path = path ? path : "/";
    const char *end = strchr(path, '%') ? "" : append_ip ? "%i" : "%h";
    import_set_template(
        im, name,
        import_printf(im, "https://%s%s%s%s", server->value, path[0] == '/' ? "" : "/", path, end),
        marks, &server->at);
    name->provider = &provider_generic;
}

/* The replies that inadyn takes for success, or the user's own. */
static void set_ok(struct import *im, struct import_name *name, struct import_block *block)
{
    static const char *const usual[] = {"has OK", "has good", "has true", "has updated", NULL};
    size_t count = 0, max = sizeof(name->ok) / sizeof(name->ok[0]) - 1;
    for (size_t i = 0; i < block->count; i++) {
        struct import_option *option = &block->options[i];
        if (strcmp(option->key, "ddns-response") != 0)
            continue;
        option->used = true;
        if (count < max)
            name->ok[count++] =
                option->value[0] ? import_printf(im, "has %s", option->value) : "http 2xx";
        else
            import_note(im, &name->notes, &option->at, "ddns-response: only %zu are taken over",
                        max);
    }
    if (count == 0)
        memcpy(name->ok, usual, sizeof(usual));
}

/* "hostname=%h.dyndns.org": the rest of the name stands in the path. */
static void complete_name(struct import *im, struct import_name *name, const char *path)
{
    const char *rest = path ? strstr(path, "%h.") : NULL;
    if (rest && !strchr(name->fqdn, '.'))
        name->fqdn = import_printf(im, "%s%.*s", name->fqdn, (int)strcspn(rest + 2, "&"), rest + 2);
}

/* A service that is known by its server needs no template. */
static void set_service(struct import *im, struct import_name *name, struct import_block *block,
                        bool custom)
{
    const struct import_option *server = custom ? import_option(block, "ddns-server") : NULL;
    const char *known = server ? import_service_of_server(im, server->value) : NULL;
    name->service = block->title ? block->title : "";
    if (!custom)
        return;
    if (known) {
        name->service = known;
        complete_name(im, name, import_value(block, "ddns-path"));
        import_take_all(block, "append-myip");
        import_take_all(block, "ddns-response");
        import_note(im, &name->notes, &server->at, "this server is that of provider %s", known);
        return;
    }
    set_custom(im, name, block);
    set_ok(im, name, block);
}

static void add_name(struct import *im, struct import_block *block, struct import_option *host,
                     bool custom)
{
    struct import_name *name = import_name_add(im, host->value, &host->at);
    if (!name)
        return;
    host->used = true;
    name->user = import_value(block, "username");
    name->secret = import_value(block, "password");
    name->secret_env = import_value(block, "password-env");
    name->ttl = import_number(block, "ttl", 1);
    set_service(im, name, block, custom);
    set_sources(im, name, block, import_flag(block, "allow-ipv6", false));
}

static void read_provider(struct import *im, struct import_block *block, bool custom)
{
    struct import_name *first = NULL;
    for (size_t i = 0; i < block->count && !im->error; i++) {
        struct import_option *option = &block->options[i];
        struct import_name **end = im->names_end;
        if (strcmp(option->key, "hostname") != 0 && strcmp(option->key, "alias") != 0)
            continue;
        add_name(im, block, option, custom);
        if (!first)
            first = *end;
    }
    if (!first)
        import_note(im, &im->notes, &block->at, "%s %s has no hostname", block->type,
                    block->title ? block->title : "");
    if (import_flag(block, "ssl", true) == false && first)
        import_note(im, &first->notes, &import_option(block, "ssl")->at, "ssl: %s",
                    "https is used all the same; url = \"http://…\" is for a service without");
    import_leftovers(im, block, first ? &first->notes : &im->notes, reasons);
}

void import_inadyn(struct import *im, const char *text, size_t len)
{
    struct import_block *global = import_block_add(im, "", NULL, &(struct import_at){NULL, 1});
    import_inadyn_file(im, global, text, len);
    for (struct import_block *block = global->next; block && !im->error; block = block->next) {
        block->outer = global;
        if (strcmp(block->type, "provider") == 0 || strcmp(block->type, "custom") == 0)
            read_provider(im, block, block->type[0] == 'c');
        else
            import_note(im, &im->notes, &block->at, "section %s: unknown, it has no counterpart",
                        block->type);
    }
    const char *ca = import_value(global, "ca-trust-file");
    if (ca && ca[0] == '/' && access(ca, R_OK) == 0)
        im->ca = ca;
    else if (ca)
        import_note(im, &im->notes, NULL, "ca-trust-file can't be read: the system's are trusted");
    import_leftovers(im, global, &im->notes, reasons);
}
