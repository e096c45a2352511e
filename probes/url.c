/* SPDX-License-Identifier: ISC
 *
 * URLs. Owns: the syntax that we accept, stricter than browsers: what is doubtful is refused with a
 * sentence, because a DDNS request that is read differently by the server does harm.
 */
#include "probes/url.h"

#include <string.h>

#include "lib/str.h"

static bool starts_nocase(const char *text, const char *start)
{
    char head[16];
    return str_ncopy(head, sizeof(head), text, strlen(start)) && str_equal_nocase(head, start);
}

static const char *parse_authority(const char *text, size_t len, struct url *url)
{
    char authority[HOST_MAX + 16];
    struct hostport hp;
    if (len == 0)
        return "the URL has no host";
    if (!str_ncopy(authority, sizeof(authority), text, len))
        return "the host of the URL is too long";
    if (strchr(authority, '@'))
        return "a user or password in the URL is not supported: use the options for them";
    const char *colon = strchr(authority, ':');
    if (authority[0] != '[' && colon && strchr(colon + 1, ':'))
        return "an IPv6 address in a URL needs brackets: [2001:db8::1]";
    const char *error = hostport_parse(authority, url->tls ? 443 : 80, &hp);
    if (error)
        return error;
    str_copy(url->host, sizeof(url->host), hp.host);
    url->literal = hp.literal;
    url->port = hp.port;
    return NULL;
}

static const char *parse_target(const char *text, struct url *url)
{
    url->target[0] = '\0';
    if (*text != '/')
        str_copy(url->target, sizeof(url->target), "/");
    for (const char *c = text; *c; c++) {
        if (*c == '#')
            return "a '#' in a URL must be written as %23";
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
            return "spaces, control and non-ASCII characters in a URL must be percent-encoded";
    }
    if (!str_append(url->target, sizeof(url->target), "%s", text))
        return "the path and query of the URL are too long";
    return NULL;
}

const char *url_parse(const char *text, struct url *out)
{
    struct url url = {0};
    if (starts_nocase(text, "https://"))
        url.tls = true;
    else if (!starts_nocase(text, "http://"))
        return "the URL must start with http:// or https://";
    text += url.tls ? 8 : 7;
    size_t len = strcspn(text, "/?#");
    const char *error = parse_authority(text, len, &url);
    if (!error)
        error = parse_target(text + len, &url);
    if (!error)
        *out = url;
    return error;
}

static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

bool url_encode(struct buf *buf, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t before = buf->len;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        char out[3] = {'%', hex[c >> 4], hex[c & 15]};
        bool plain = is_unreserved(c);
        if (!buf_append(buf, plain ? text : out, plain ? 1 : 3)) {
            buf->len = before;
            return false;
        }
    }
    return true;
}
