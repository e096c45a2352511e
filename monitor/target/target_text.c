/* SPDX-License-Identifier: ISC
 *
 * Reading a target. Owns: the forms with a scheme. Not its job: names and literals
 * (lib/hostport.h).
 */
#include "monitor/target/target_text.h"

#include <string.h>

#include "lib/str.h"

/* Takes "KIND://" off the text. */
static const char *take_scheme(const char **text, const enum probe_kind *asked,
                               struct target_text *out)
{
    char word[16];
    const char *colon = strstr(*text, "://");
    if (!colon)
        return NULL;
    if (!str_ncopy(word, sizeof word, *text, (size_t)(colon - *text)) ||
        !kind_from_word(word, &out->kind))
        return "before \"://\" stands no kind of probe";
    if (asked && *asked != out->kind)
        return "another kind is asked for than stands before \"://\"";
    *text = colon + 3;
    return NULL;
}

/* The part behind "https://", by the rules of URLs. */
static const char *parse_url(const char *text, struct target_text *out)
{
    struct url url;
    const char *problem = url_parse(text, &url);
    if (problem)
        return problem;
    str_copy(out->at.host, sizeof out->at.host, url.host);
    out->at.literal = url.literal;
    out->at.port = url.port;
    str_copy(out->path, sizeof out->path, url.target);
    return NULL;
}

/* "192.0.2.0/28", "2001:db8::/64", "[2001:db8::/64]:22", "192.0.2.0/28:22" */
static const char *parse_prefix(const char *text, struct target_text *out)
{
    static const char *const wrong =
        "a prefix is written 192.0.2.0/28 or 2001:db8::/64, with no bit behind its length";
    char inner[ADDR_STRLEN + 4], network[ADDR_STRLEN];
    bool bracket = *text == '[';
    const char *end = bracket ? strchr(text, ']') : strchr(strchr(text, '/'), ':');
    size_t len = end ? (size_t)(end - text) - bracket : strlen(text);
    uint64_t port = 0;
    if ((bracket && !end) || !str_ncopy(inner, sizeof inner, text + bracket, len) ||
        !prefix_parse(inner, &out->prefix))
        return wrong;
    end = end ? end + bracket : "";
    if (*end && (*end != ':' || !str_to_uint(end + 1, 65535, &port) || port == 0))
        return "one port may stand behind the prefix, from 1 to 65535; several go into ports";
    out->at.port = (uint16_t)port;
    out->at.host[0] = '\0';
    str_append(out->at.host, sizeof out->at.host, "%s/%u", addr_format(&out->prefix.addr, network),
               out->prefix.len);
    return NULL;
}

/* "www.example.com", "192.0.2.1:25"; whoever adds a path is told what that wants. */
static const char *parse_host(const char *text, struct target_text *out)
{
    const char *problem = hostport_parse(text, kind_of(out->kind)->port, &out->at);
    if (problem && strchr(text, '/') && !strstr(text, "://"))
        problem = "a path wants https://HOST/PATH or http://, a prefix closed://PREFIX";
    return problem;
}

const char *target_text_parse(const char *text, const enum probe_kind *kind,
                              struct target_text *out)
{
    struct target_text read = {.kind = kind ? *kind : PROBE_TLS};
    const char *rest = text;
    const char *problem = take_scheme(&rest, kind, &read);
    bool http = kind_of(read.kind)->takes & KIND_TAKES_HTTP;
    if (!problem && http && rest != text)
        problem = parse_url(text, &read);
    else if (!problem && read.kind == PROBE_CLOSED && strchr(rest, '/'))
        problem = parse_prefix(rest, &read);
    else if (!problem)
        problem = parse_host(rest, &read);
    if (http && rest == text)
        str_copy(read.path, sizeof read.path, "/");
    if (!problem)
        *out = read;
    return problem;
}
