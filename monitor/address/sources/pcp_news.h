/* SPDX-License-Identifier: ISC
 *
 * Routers that say by themselves that their address has changed, or that they have begun anew: to
 * all hosts of the network (NAT-PMP: RFC 6886, 3.2.1; PCP: RFC 6887, 14.1). Only heard of, never
 * believed: who hears one asks.
 */
#ifndef REACHD_MONITOR_ADDRESS_SOURCES_PCP_NEWS_H
#define REACHD_MONITOR_ADDRESS_SOURCES_PCP_NEWS_H

#include "lib/addr.h"
#include "lib/loop.h"

struct pcp_news;

typedef void pcp_news_fn(const struct addr *from, void *arg);

/* Listens from now on; several times a second at most. NULL with a sentence in why when the port
 * can't be had: then there is no news, and routers are asked as often as configured. */
struct pcp_news *pcp_news_new(struct loop *loop, pcp_news_fn *heard, void *arg, char *why,
                              size_t cap);
/* Not from inside `heard`; NULL is fine. */
void pcp_news_free(struct pcp_news *news);

#endif
