/* SPDX-License-Identifier: ISC
 *
 * Sections that ask somebody, and signs that there is something to ask: routers that say so by
 * themselves, and for netifd the kernel's own changes.
 */
#include "lib/clock.h"
#include "lib/log.h"
#include "monitor/address/addrwatch_priv.h"
#include "monitor/address/sources/pcp_news.h"
#include "monitor/address/sources/router.h"

#define TAG "address"

/* Announcements come in a series (RFC 6886, 3.2.1); and anybody can send one. */
#define ASK_GAP_MS 2000
/* netifd learns of a line from the program that made it, a moment after the kernel. */
#define NETIFD_LAG_MS 1000

static bool asks_router(const struct section_watch *w)
{
    enum address_source source = w->conf->source;
    return source == SOURCE_NAT_PMP || source == SOURCE_PCP || source == SOURCE_UPNP;
}

static void on_news(const struct addr *from, void *arg)
{
    struct addrwatch *watch = arg;
    int64_t now_ms = clock_mono_ms();
    for (size_t i = 0; i < watch->count; i++) {
        struct section_watch *w = watch->watches[i];
        struct router router;
        char why[128];
        if (w->fetch || !asks_router(w) || w->conf->url ||
            !router_find(w->conf, &router, why, sizeof why) || !addr_equal(&router.addr, from))
            continue;
        log_debug(TAG, "%s: the router has news", w->conf->name);
        loop_timer_set(w->timer, w->asked_ms + ASK_GAP_MS - now_ms);
    }
}

void addrwatch_heed_news(struct addrwatch *watch)
{
    char why[128];
    bool wanted = false;
    for (size_t i = 0; i < watch->count; i++)
        wanted |= asks_router(watch->watches[i]);
    if (!wanted) {
        pcp_news_free(watch->news);
        watch->news = NULL;
    } else if (!watch->news) {
        watch->news = pcp_news_new(watch->env.loop, on_news, watch, why, sizeof why);
        if (!watch->news)
            log_info(TAG, "announcements of routers can't be heard: %s", why);
    }
}

void addrwatch_heed_kernel(struct addrwatch *watch)
{
    for (size_t i = 0; i < watch->count; i++) {
        struct section_watch *w = watch->watches[i];
        if (w->conf->source != SOURCE_UBUS || w->hurried)
            continue;
        w->hurried = true; /* once: a storm must not put it off for ever */
        if (!w->fetch)
            loop_timer_set(w->timer, NETIFD_LAG_MS);
    }
}

int64_t section_ask_after(const struct section_watch *w, int64_t ms)
{
    return w->hurried && ms > NETIFD_LAG_MS ? NETIFD_LAG_MS : ms;
}
