/* SPDX-License-Identifier: ISC
 *
 * What a machine of the network says over UPnP: it never leads to another host than its own.
 */
#include "monitor/address/sources/upnp_xml.h"
#include "probes/url.h"
#include "tests/fuzz/fuzz.h"

static void must_stay(const char *text)
{
    struct url url;
    MUST(url_parse(text, &url) == NULL && !url.tls && strcmp(url.host, "192.168.1.1") == 0);
}

static void check_description(const char *xml, size_t len, const char *url)
{
    struct upnp_services services;
    const char *wrong = upnp_description_read(xml, len, url, &services);
    MUST((wrong == NULL) == (services.count > 0) && services.count <= UPNP_MAX_SERVICES);
    for (size_t i = 0; i < services.count; i++) {
        char body[UPNP_ASK_LEN], headers[UPNP_ASK_LEN];
        must_stay(services.list[i].control);
        MUST(fuzz_is_clean(services.list[i].type, UPNP_TYPE_LEN));
        upnp_ask(&services.list[i], body, headers);
        MUST(strstr(headers, "#GetExternalIPAddress\"\r\n") && !strstr(headers, "\r\n\r\n"));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct addr from = {AF_INET, {192, 168, 1, 1}};
    char url[UPNP_URL_LEN] = "http://192.168.1.1:5000/a/rootDesc.xml";
    char text[ADDR_STRLEN], why[64];
    check_description((const char *)data, size, url);
    if (!upnp_reply_read(size % 2 ? 200 : 500, (const char *)data, size, text, sizeof text, why,
                         sizeof why))
        MUST(fuzz_is_clean(why, sizeof why) && *why);
    if (ssdp_read((const char *)data, size, &from, url) == NULL) {
        must_stay(url);
        check_description((const char *)data, size, url);
    }
    return 0;
}
