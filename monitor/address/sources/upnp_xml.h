/* SPDX-License-Identifier: ISC
 *
 * What UPnP says in XML: the description of a router, and the reply to GetExternalIPAddress
 * (WANIPConnection:1, 2.4.18). Pure; the bytes are hostile.
 */
#ifndef REACHD_MONITOR_ADDRESS_SOURCES_UPNP_XML_H
#define REACHD_MONITOR_ADDRESS_SOURCES_UPNP_XML_H

#include "monitor/address/sources/upnp_ssdp.h"

#define UPNP_MAX_SERVICES 4
#define UPNP_TYPE_LEN     64

/* A connection of the router to the world: a router may have several, not all in use. */
struct upnp_service {
    char type[UPNP_TYPE_LEN]; /* "urn:schemas-upnp-org:service:WANIPConnection:1" */
    char control[UPNP_URL_LEN];
};

struct upnp_services {
    size_t count;
    struct upnp_service list[UPNP_MAX_SERVICES];
};

/* The connections whose control URL is on the host of the description; url: where that came from.
 * NULL, else what is wrong (static). */
const char *upnp_description_read(const char *xml, size_t len, const char *url,
                                  struct upnp_services *out);

/* ref as a link in the page at base (RFC 3986, 5.2, without ".." and queries alone). False when
 * it does not fit, or leads to another host. */
bool upnp_url_join(const char *base, const char *ref, char out[UPNP_URL_LEN]);

#define UPNP_ASK_LEN 512

/* The body of the request, and its header lines. */
void upnp_ask(const struct upnp_service *service, char body[UPNP_ASK_LEN],
              char headers[UPNP_ASK_LEN]);
/* The address as the router wrote it, trimmed by nobody; false with a printable sentence in why. */
bool upnp_reply_read(int status, const char *xml, size_t len, char *out, size_t out_cap, char *why,
                     size_t cap);

#endif
