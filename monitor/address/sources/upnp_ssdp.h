/* SPDX-License-Identifier: ISC
 *
 * SSDP, by which UPnP finds devices (UPnP Device Architecture 1.1, 1.3): the question for a router,
 * and an answer to it. Pure; the bytes are hostile.
 */
#ifndef REACHD_MONITOR_ADDRESS_SOURCES_UPNP_SSDP_H
#define REACHD_MONITOR_ADDRESS_SOURCES_UPNP_SSDP_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/addr.h"

#define SSDP_GROUP   "239.255.255.250"
#define SSDP_PORT    1900
#define SSDP_ASK_LEN 192
#define SSDP_KINDS   2 /* versions of InternetGatewayDevice that are asked for */
#define UPNP_URL_LEN 256

/* The question for version kind + 1; its length. */
size_t ssdp_ask(unsigned kind, char out[SSDP_ASK_LEN]);
/* NULL: the answer of a router, and url is where it describes itself: plain HTTP at the very
 * address that the answer came from. Else what is wrong (static). */
const char *ssdp_read(const char *data, size_t len, const struct addr *from,
                      char url[UPNP_URL_LEN]);

#endif
