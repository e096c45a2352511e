/* SPDX-License-Identifier: ISC
 *
 * Where the addresses come from: what other programs ask, and how that is written here. Internal to
 * import*.c.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/import/model.h"
#include "probes/url.h"

#define INTERFACE_MAX 15
#define MAX_WORDS     20

/* What answers with the address alone. The first of a family is inadyn's and ddclient's default
 * too.
 */
static const char *const usual[FAMILY_COUNT][2] = {
    [FAMILY_IPV4] = {"https://api.ipify.org/", "https://ifconfig.me/ip"},
    [FAMILY_IPV6] = {"https://api6.ipify.org/", "https://ifconfig.me/ip"},
};

/* Parts of URLs of services that answer with a page, or do not answer any more. */
static const char *const no_plain_text[] = {
    "checkip.dyndns.", "checkipv6.dyndns.", "checkip.two-dns.de",    "checkip.dns.he.net",
    "dns.loopia.se/",  "/cdn-cgi/trace",    "domains.google.com",    "ip4only.me",
    "ip6only.me",      "dynamic.zoneedit.", "freedns.afraid.org/dy", "checkip.dynu.com",
    "ip1.dynupdate",
};

static const char *as_url(struct import *im, const char *text)
{
    if (str_starts(text, "https://"))
        return text;
    return import_printf(im, "https://%s", str_starts(text, "http://") ? text + 7 : text);
}

static bool is_no_plain_text(const char *url)
{
    for (size_t i = 0; i < sizeof(no_plain_text) / sizeof(no_plain_text[0]); i++)
        if (strstr(url, no_plain_text[i]))
            return true;
    return false;
}

bool import_is_asked(const struct import_source *source)
{
    return source->from == IMPORT_WEB || source->from == IMPORT_COMMAND ||
           source->from == IMPORT_UBUS;
}

void import_set_web(struct import *im, struct import_name *name, enum family family,
                    const char *url, const struct import_at *at)
{
    struct url parsed;
    struct import_source *source = &name->source[family];
    source->from = IMPORT_WEB;
    source->value = "";
    if (!url || !url[0])
        return;
    const char *full = as_url(im, url);
    if (is_no_plain_text(full))
        import_note(im, &name->notes, at,
                    "the web service for the address does not answer with the address alone: "
                    "the usual ones are asked");
    else if (import_url_has_secret(full))
        import_note(im, &name->notes, at,
                    "the URL of the web service for the address holds what looks like a secret, "
                    "which is not printed: the usual ones are asked");
    else if (strlen(full) > IMPORT_VALUE_MAX || url_parse(full, &parsed))
        import_note(im, &name->notes, at,
                    "the web service for the address is no URL that can be used: the usual ones "
                    "are asked");
    else if (strcmp(full, usual[family][0]) != 0)
        source->value = full;
}

static bool is_interface(const char *word)
{
    char clean[4 * INTERFACE_MAX];
    size_t len = strlen(word);
    return len <= INTERFACE_MAX && !strpbrk(word, " /:\\\"") &&
           strcmp(str_printable(clean, sizeof(clean), word, len), word) == 0 &&
           strcmp(word, ".") != 0 && strcmp(word, "..") != 0;
}

void import_set_network(struct import *im, struct import_name *name, enum family family,
                        const char *network, const struct import_at *at)
{
    if (!network[0] || !is_interface(network)) {
        import_set_interface(im, name, family, network, at);
        return;
    }
    name->source[family].from = IMPORT_UBUS;
    name->source[family].value = network;
    import_note(im, &name->notes, at,
                "netifd is asked for the addresses of network %s, which works on the router "
                "only; source = interface with the device of the network would hear of a change at "
                "once",
                network);
}

void import_set_interface(struct import *im, struct import_name *name, enum family family,
                          const char *interface, const struct import_at *at)
{
    struct import_source *source = &name->source[family];
    bool fits = is_interface(interface);
    source->from = IMPORT_INTERFACE;
    source->value = fits ? interface : "";
    if (!fits)
        import_note(im, &name->notes, at,
                    "this is no name of an interface: every interface is looked at");
}

void import_set_command(struct import *im, struct import_name *name, enum family family,
                        const char *line, bool loose, const struct import_at *at)
{
    struct import_source *source = &name->source[family];
    const char *from = line + strspn(line, " ");
    if (!*from) {
        import_note(im, &name->notes, at, "the command is empty");
        return;
    }
    *source = (struct import_source){
        .from = IMPORT_COMMAND, .value = from, .every_ms = source->every_ms, .loose = loose};
    import_note(im, &name->notes, at,
                "the command runs as the user of the daemon, with PATH, LC_ALL and REACHD_FAMILY "
                "as its whole environment");
}

/* --- writing ---------------------------------------------------------------------------------- */

void import_put_quoted(struct buf *out, const char *text)
{
    buf_append(out, "\"", 1);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\' || (*text == '$' && text[1] == '{'))
            buf_append(out, "\\", 1);
        buf_append(out, text, 1);
    }
    buf_append(out, "\"", 1);
}

static void put_urls(const struct import_source *source, enum family family, struct buf *out)
{
    buf_printf(out, "    source    = web\n    urls      = {");
    if (source->value[0]) {
        import_put_quoted(out, source->value);
        buf_printf(out, ", ");
    }
    import_put_quoted(out, usual[family][0]);
    buf_printf(out, ", ");
    import_put_quoted(out, usual[family][1]);
    buf_printf(out, "}\n");
}

/* A path and plain words, which no shell is needed for. */
static bool is_plain(const char *line)
{
    size_t words = 0;
    for (const char *c = line; *c; c++)
        words += *c == ' ';
    return line[0] == '/' && words < MAX_WORDS && !strpbrk(line, "|&;<>()$`\\\"'*?[#~=%{}!\t");
}

static void put_words(const char *line, struct buf *out)
{
    for (const char *sign = ""; *line; sign = ", ") {
        size_t len = strcspn(line, " ");
        char *word = mem_strndup(line, len);
        buf_printf(out, "%s", sign);
        import_put_quoted(out, word);
        free(word);
        line += len + strspn(line + len, " ");
    }
}

/* The command is its argument: as a part of the line, a comment or a ';' at its end would break it.
 */
static void put_filter(const char *pattern, struct buf *out)
{
    char *line = mem_printf("eval \"$1\" | grep -oE '%s' | head -n 1", pattern);
    import_put_quoted(out, line);
    buf_printf(out, ", \"sh\", ");
    free(line);
}

static void put_command(const struct import_source *source, enum family family, struct buf *out)
{
    static const char *const patterns[FAMILY_COUNT] = {
        [FAMILY_IPV4] = "([0-9]{1,3}\\.){3}[0-9]{1,3}",
        [FAMILY_IPV6] = "[0-9a-fA-F]{1,4}:[0-9a-fA-F:]*:[0-9a-fA-F:]*"};
    buf_printf(out, "    source    = command\n    command   = {");
    if (is_plain(source->value) && !source->loose) {
        put_words(source->value, out);
    } else {
        buf_printf(out, "\"/bin/sh\", \"-c\", ");
        if (source->loose)
            put_filter(patterns[family], out);
        import_put_quoted(out, source->value);
    }
    buf_printf(out, "}\n");
}

static void put_every(int64_t every_ms, struct buf *out)
{
    /* A web service that is asked more often than once a minute may turn us away. */
    int64_t seconds = every_ms / 1000;
    seconds = seconds < 60 ? 60 : seconds > 604800 ? 604800 : seconds;
    buf_printf(out, "    every     = %llds\n", (long long)seconds);
}

void import_put_address(const struct import_address *address, struct buf *out)
{
    const struct import_source *source = address->source;
    buf_printf(out, "address ");
    import_put_quoted(out, address->title);
    buf_printf(out, " {\n    family    = %s\n", family_word(address->family));
    if (source->from == IMPORT_INTERFACE && source->value[0]) {
        buf_printf(out, "    interface = ");
        import_put_quoted(out, source->value);
        buf_printf(out, "\n");
    }
    if (source->from == IMPORT_UBUS) {
        buf_printf(out, "    source    = ubus\n    network   = ");
        import_put_quoted(out, source->value);
        buf_printf(out, "\n");
    }
    if (source->from == IMPORT_WEB)
        put_urls(source, address->family, out);
    if (source->from == IMPORT_COMMAND)
        put_command(source, address->family, out);
    if (source->from == IMPORT_STATIC) {
        buf_printf(out, "    source    = static\n    value     = ");
        import_put_quoted(out, source->value);
        buf_printf(out, "\n");
    }
    if (source->every_ms > 0 && import_is_asked(source))
        put_every(source->every_ms, out);
    buf_printf(out, "}\n");
}
