/* SPDX-License-Identifier: ISC
 *
 * Writes and reads SSDP.
 */
#include "monitor/address/sources/upnp_ssdp.h"

#include <stdio.h>
#include <string.h>

#include "lib/str.h"
#include "probes/url.h"

#define DEVICE   "urn:schemas-upnp-org:device:InternetGatewayDevice:"
#define LINE_MAX 512 /* a longer one is no line of ours */

size_t ssdp_ask(unsigned kind, char out[SSDP_ASK_LEN])
{
    int len = snprintf(out, SSDP_ASK_LEN,
                       "M-SEARCH * HTTP/1.1\r\nHOST: %s:%d\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\n"
                       "ST: %s%u\r\n\r\n",
                       SSDP_GROUP, SSDP_PORT, DEVICE, kind + 1);
    return (size_t)len;
}

/* The next line without its end, terminated; false at the end, or when a line is too long. */
static bool next_line(const char **at, size_t *left, char line[LINE_MAX])
{
    const char *end = memchr(*at, '\n', *left);
    size_t len = end ? (size_t)(end - *at) : *left;
    if (*left == 0 || len >= LINE_MAX || memchr(*at, '\0', len))
        return false;
    str_ncopy(line, LINE_MAX, *at, len);
    line[strcspn(line, "\r")] = '\0';
    *at += end ? len + 1 : len;
    *left -= end ? len + 1 : len;
    return true;
}

/* The value of a header line of that name, or NULL. */
static const char *value_of(const char *line, const char *name)
{
    char head[16];
    size_t len = strlen(name);
    if (!str_ncopy(head, sizeof head, line, strnlen(line, len)) || !str_equal_nocase(head, name) ||
        line[len] != ':')
        return NULL;
    return line + len + 1 + strspn(line + len + 1, " \t");
}

/* Whoever speaks can't lead us elsewhere: to another host, inside or out. */
static const char *judge_url(const char *url, const struct addr *from)
{
    struct url parsed;
    const char *wrong = url_parse(url, &parsed);
    if (wrong)
        return wrong;
    if (parsed.tls)
        return "the description is not at plain HTTP";
    return addr_equal(&parsed.literal, from) ? NULL
                                             : "the description is at another address than it";
}

const char *ssdp_read(const char *data, size_t len, const struct addr *from, char url[UPNP_URL_LEN])
{
    char line[LINE_MAX];
    bool is_router = false, has_url = false;
    if (!next_line(&data, &len, line) || strncmp(line, "HTTP/1.", 7) != 0 ||
        strncmp(line + strcspn(line, " "), " 200", 4) != 0)
        return "no answer to a search";
    while (next_line(&data, &len, line) && *line) {
        const char *value;
        if ((value = value_of(line, "ST")) && str_starts(value, DEVICE))
            is_router = true;
        if ((value = value_of(line, "LOCATION")) && !has_url)
            has_url = str_copy(url, UPNP_URL_LEN, value);
    }
    if (!is_router)
        return "the answer of another kind of device";
    return has_url ? judge_url(url, from) : "the answer says not where the description is";
}
