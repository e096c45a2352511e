/* SPDX-License-Identifier: ISC
 *
 * Reads descriptions and replies with the scanner of elements (ddns/xml_scan.h).
 */
#include "monitor/address/sources/upnp_xml.h"

#include <stdio.h>
#include <string.h>

#include "ddns/xml_scan.h"
#include "lib/str.h"
#include "probes/url.h"

/* --- links -------------------------------------------------------------------------------- */

static bool same_host(const char *a, const char *b)
{
    struct url left, right;
    return url_parse(a, &left) == NULL && url_parse(b, &right) == NULL &&
           strcmp(left.host, right.host) == 0 && left.tls == right.tls;
}

/* How much of base stands before a ref: all up to the path for "/x", up to the last '/' for "x". */
static size_t kept_of(const char *base, const char *ref)
{
    const char *host = strstr(base, "://");
    size_t scheme = host ? (size_t)(host - base) + 3 : 0;
    size_t authority = scheme + strcspn(base + scheme, "/?");
    size_t path = authority + strcspn(base + authority, "?");
    if (*ref == '/')
        return authority;
    while (path > authority && base[path - 1] != '/')
        path--;
    return path;
}

bool upnp_url_join(const char *base, const char *ref, char out[UPNP_URL_LEN])
{
    bool whole = strstr(ref, "://") != NULL;
    size_t kept = whole ? 0 : kept_of(base, ref);
    if (!str_ncopy(out, UPNP_URL_LEN, base, kept))
        return false;
    if (!whole && *ref != '/' && (kept == 0 || out[kept - 1] != '/') &&
        !str_append(out, UPNP_URL_LEN, "/"))
        return false;
    return str_append(out, UPNP_URL_LEN, "%s", ref) && same_host(base, out);
}

/* --- the description ---------------------------------------------------------------------- */

static bool is_connection(const char *type)
{
    static const char *const known[] = {
        "urn:schemas-upnp-org:service:WANIPConnection:",
        "urn:schemas-upnp-org:service:WANPPPConnection:",
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const char *version = type + strlen(known[i]);
        if (str_starts(type, known[i]) && *version && strspn(version, "0123456789") < 3 &&
            version[strspn(version, "0123456789")] == '\0')
            return true;
    }
    return false;
}

static bool text_of(struct xml_span in, const char *name, char *out, size_t cap)
{
    struct xml_span content;
    return xml_find(in, name, &content) && xml_text(content, out, cap) && *out;
}

static bool read_service(struct xml_span in, const char *base, struct upnp_service *out)
{
    char control[UPNP_URL_LEN];
    return text_of(in, "serviceType", out->type, sizeof out->type) && is_connection(out->type) &&
           text_of(in, "controlURL", control, sizeof control) &&
           upnp_url_join(base, control, out->control);
}

const char *upnp_description_read(const char *xml, size_t len, const char *url,
                                  struct upnp_services *out)
{
    struct xml_span all = {xml, len}, service;
    char base[UPNP_URL_LEN];
    *out = (struct upnp_services){0};
    /* URLBase is of UPnP 1.0; some routers name one that is not theirs. */
    if (!text_of(all, "URLBase", base, sizeof base) || !same_host(base, url))
        str_copy(base, sizeof base, url);
    while (out->count < UPNP_MAX_SERVICES && xml_next(&all, "service", &service))
        out->count += read_service(service, base, &out->list[out->count]);
    return out->count > 0 ? NULL : "the description names no connection (WANIPConnection)";
}

/* --- the question ------------------------------------------------------------------------- */

void upnp_ask(const struct upnp_service *service, char body[UPNP_ASK_LEN],
              char headers[UPNP_ASK_LEN])
{
    snprintf(body, UPNP_ASK_LEN,
             "<?xml version=\"1.0\"?>\r\n"
             "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "
             "s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>"
             "<u:GetExternalIPAddress xmlns:u=\"%s\"></u:GetExternalIPAddress>"
             "</s:Body></s:Envelope>\r\n",
             service->type);
    snprintf(headers, UPNP_ASK_LEN,
             "Content-Type: text/xml; charset=\"utf-8\"\r\n"
             "SOAPAction: \"%s#GetExternalIPAddress\"\r\n",
             service->type);
}

static void say_error(struct xml_span in, int status, char *why, size_t cap)
{
    char code[16], text[64], shown[64] = "";
    if (!text_of(in, "errorCode", code, sizeof code) || strspn(code, "0123456789") < strlen(code)) {
        snprintf(why, cap, "HTTP status %d", status);
        return;
    }
    if (text_of(in, "errorDescription", text, sizeof text))
        str_printable(shown, sizeof shown, text, strlen(text));
    snprintf(why, cap, "UPnP error %s%s%s", code, *shown ? ": " : "", shown);
}

bool upnp_reply_read(int status, const char *xml, size_t len, char *out, size_t out_cap, char *why,
                     size_t cap)
{
    struct xml_span in = {xml, len}, content;
    if (status != 200)
        say_error(in, status, why, cap);
    else if (!xml_find(in, "NewExternalIPAddress", &content))
        str_copy(why, cap, "a reply without an address");
    else if (!xml_text(content, out, out_cap))
        str_copy(why, cap, "a reply with something else than an address");
    else if (!*out)
        str_copy(why, cap, "the router has no address itself: the connection is down");
    else
        return true;
    return false;
}
