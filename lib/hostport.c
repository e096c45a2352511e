/* SPDX-License-Identifier: ISC
 *
 * HOST[:PORT] as people type it. Owns: the syntax of names and literals. Not its job: resolving.
 */
#include "lib/hostport.h"

#include <string.h>

#include "lib/str.h"

static bool is_label_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

/* Labels of a name without a trailing dot. A hyphen at an end is left to the DNS: such names exist.
 */
static bool labels_are_valid(const char *name)
{
    size_t label = 0;
    for (; *name; name++) {
        if (*name == '.') {
            if (label == 0)
                return false;
            label = 0;
        } else if (!is_label_char(*name) || ++label > 63) {
            return false;
        }
    }
    return label > 0;
}

bool host_is_valid(const char *host)
{
    size_t len = strnlen(host, HOST_MAX + 1);
    char name[HOST_MAX];
    if (len > 0 && host[len - 1] == '.')
        len--;
    if (len == 0 || len >= HOST_MAX || !str_ncopy(name, sizeof(name), host, len))
        return false;
    return labels_are_valid(str_starts(name, "*.") ? name + 2 : name);
}

/* "1.2.3.400", "0x7f.1" and "127.1" are no names: the last label of a name is never a number
 * (RFC 3696 section 2), and some resolvers would take these for addresses. */
static bool looks_numeric(const char *host)
{
    const char *dot = strrchr(host, '.');
    const char *last = dot ? dot + 1 : host;
    if (last[0] == '0' && (last[1] == 'x' || last[1] == 'X'))
        return strspn(last + 2, "0123456789abcdefABCDEF") == strlen(last + 2);
    return strspn(last, "0123456789") == strlen(last);
}

static const char *parse_port(const char *text, uint16_t *port)
{
    uint64_t value;
    if (!*text)
        return "the port after ':' is missing";
    if (!str_to_uint(text, 65535, &value) || value == 0)
        return "the port must be a number from 1 to 65535";
    *port = (uint16_t)value;
    return NULL;
}

static void set_literal(struct hostport *hp, const struct addr *addr)
{
    char text[ADDR_STRLEN];
    hp->literal = *addr;
    str_copy(hp->host, sizeof(hp->host), addr_format(addr, text));
}

/* "[2001:db8::1]" and "[2001:db8::1]:443"; text stands at the bracket. */
static const char *parse_bracketed(const char *text, struct hostport *hp)
{
    char inner[ADDR_STRLEN];
    struct addr addr;
    const char *end = strchr(text, ']');
    if (!end)
        return "the closing ']' is missing";
    if (memchr(text, '%', (size_t)(end - text)))
        return "an address with a zone (%interface) is not supported";
    if (!str_ncopy(inner, sizeof(inner), text + 1, (size_t)(end - text - 1)) ||
        !addr_parse(inner, &addr) || addr.af != AF_INET6)
        return "the text in brackets is not an IPv6 address";
    set_literal(hp, &addr);
    if (end[1] == ':')
        return parse_port(end + 2, &hp->port);
    return end[1] ? "only ':PORT' may follow the closing ']'" : NULL;
}

static const char *set_name(struct hostport *hp)
{
    size_t len = strlen(hp->host);
    if (len > 0 && hp->host[len - 1] == '.')
        hp->host[--len] = '\0';
    if (!host_is_valid(hp->host) || hp->host[len - 1] == '.')
        return "the host is not a valid DNS name";
    if (looks_numeric(hp->host))
        return "the host is neither a valid address nor a DNS name";
    for (char *c = hp->host; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return NULL;
}

static const char *parse_plain(const char *text, struct hostport *hp)
{
    char host[HOST_MAX + 1]; /* one more for a trailing dot */
    struct addr addr;
    const char *colon = strchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : strlen(text);
    if (len == 0)
        return "the host is missing";
    if (!str_ncopy(host, sizeof(host), text, len))
        return "the host name is longer than 253 characters";
    if (addr_parse(host, &addr)) {
        set_literal(hp, &addr);
    } else {
        if (len == HOST_MAX && host[len - 1] == '.')
            host[len - 1] = '\0';
        if (!str_copy(hp->host, sizeof(hp->host), host))
            return "the host name is longer than 253 characters";
        const char *error = set_name(hp);
        if (error)
            return error;
    }
    return colon ? parse_port(colon + 1, &hp->port) : NULL;
}

static const char *parse_any(const char *text, struct hostport *hp)
{
    struct addr addr;
    const char *colon = strchr(text, ':');
    if (text[0] == '[')
        return parse_bracketed(text, hp);
    if (strchr(text, '%'))
        return "an address with a zone (%interface) is not supported";
    if (!colon || !strchr(colon + 1, ':'))
        return parse_plain(text, hp);
    /* Two colons: a bare IPv6 literal, where a port would be ambiguous. */
    if (!addr_parse(text, &addr))
        return "not an IPv6 address; with a port write [ADDRESS]:PORT";
    set_literal(hp, &addr);
    return NULL;
}

const char *hostport_parse(const char *text, uint16_t default_port, struct hostport *out)
{
    struct hostport hp = {.port = default_port};
    const char *error = parse_any(text, &hp);
    if (!error)
        *out = hp;
    return error;
}
