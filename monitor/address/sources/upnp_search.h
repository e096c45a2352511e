/* SPDX-License-Identifier: ISC
 *
 * One search for the router by SSDP, in the network behind one interface. Only the answer of the
 * router counts: another machine of the network must not say what our address is.
 */
#ifndef REACHD_MONITOR_ADDRESS_SOURCES_UPNP_SEARCH_H
#define REACHD_MONITOR_ADDRESS_SOURCES_UPNP_SEARCH_H

#include "lib/loop.h"
#include "monitor/address/sources/router.h"
#include "monitor/address/sources/upnp_ssdp.h"

struct upnp_search;

/* url: where the router describes itself; NULL: not found, text says why (printable). */
typedef void upnp_search_fn(const char *url, const char *text, void *arg);

/* `done` once, never before the return, never after cancel. */
struct upnp_search *upnp_search_start(struct loop *loop, const struct router *router,
                                      int64_t timeout_ms, upnp_search_fn *done, void *arg);
void upnp_search_cancel(struct upnp_search *search); /* NULL is fine */

#endif
