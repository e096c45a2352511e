/* SPDX-License-Identifier: ISC
 *
 * The search. Owns: its socket, the pace of the questions. Not its job: the bytes
 * (monitor/address/sources/upnp_ssdp.h).
 */
#include "monitor/address/sources/upnp_search.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/duration.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/tcp.h"

#define FIRST_WAIT_MS 500 /* doubled: UDP gets lost, above all in a wireless network */
#define BATCH         64  /* answers in one turn of the loop: others may flood us */
#define ANSWER_MAX    2048

struct upnp_search {
    struct router router;
    int fd;
    struct loop_io *io;
    struct loop_timer *timer;
    int64_t timeout_ms;
    int64_t deadline_ms;
    int64_t wait_ms;
    struct addr stranger; /* answered, and is not the router */
    char wrong[160];      /* what failed at the start, or is wrong with the router's answer */
    bool failed;          /* at the start */
    upnp_search_fn *done;
    void *arg;
};

void upnp_search_cancel(struct upnp_search *search)
{
    if (!search)
        return;
    loop_io_free(search->io);
    loop_timer_free(search->timer);
    if (search->fd >= 0)
        close(search->fd);
    free(search);
}

static void finish(struct upnp_search *search, const char *url, const char *text)
{
    char found[UPNP_URL_LEN], said[160];
    upnp_search_fn *done = search->done;
    void *arg = search->arg;
    str_copy(found, sizeof found, url ? url : "");
    str_copy(said, sizeof said, text);
    upnp_search_cancel(search);
    done(url ? found : NULL, said, arg);
}

static void finish_silent(struct upnp_search *search)
{
    char text[160], stranger[ADDR_STRLEN], took[DURATION_LEN];
    if (search->wrong[0])
        str_copy(text, sizeof text, search->wrong);
    else
        snprintf(text, sizeof text, "no answer to a search within %s",
                 duration_format(search->timeout_ms, took));
    if (addr_is_set(&search->stranger))
        str_append(text, sizeof text, "; %s answers, and is not the router (server)",
                   addr_format(&search->stranger, stranger));
    finish(search, NULL, text);
}

/* --- what comes back ---------------------------------------------------------------------- */

/* True when that was the end. */
static bool take(struct upnp_search *search, const char *data, size_t len, const struct addr *from)
{
    char url[UPNP_URL_LEN];
    const char *wrong = ssdp_read(data, len, from, url);
    if (!addr_equal(from, &search->router.addr)) {
        if (!wrong)
            search->stranger = *from;
        return false;
    }
    if (wrong) {
        str_copy(search->wrong, sizeof search->wrong, wrong);
        return false;
    }
    finish(search, url, "");
    return true;
}

static void on_ready(unsigned ready, void *arg)
{
    struct upnp_search *search = arg;
    char data[ANSWER_MAX];
    (void)ready;
    for (int i = 0; i < BATCH; i++) {
        struct sockaddr_storage ss;
        socklen_t ss_len = sizeof ss;
        struct addr from;
        uint16_t port;
        ssize_t got = recvfrom(search->fd, data, sizeof data, 0, (struct sockaddr *)&ss, &ss_len);
        if (got < 0)
            return; /* an error of one datagram; the time limit ends it */
        if (addr_from_sockaddr((struct sockaddr *)&ss, &from, &port) &&
            take(search, data, (size_t)got, &from))
            return;
    }
}

/* --- what leaves -------------------------------------------------------------------------- */

static void ask_at(struct upnp_search *search, const struct addr *at)
{
    struct sockaddr_storage to;
    char text[SSDP_ASK_LEN];
    socklen_t len = addr_to_sockaddr(at, SSDP_PORT, &to);
    for (unsigned kind = 0; kind < SSDP_KINDS; kind++) {
        size_t text_len = ssdp_ask(kind, text);
        if (sendto(search->fd, text, text_len, 0, (struct sockaddr *)&to, len) < 0 &&
            errno != EAGAIN && errno != ENOBUFS)
            str_copy(search->wrong, sizeof search->wrong, outcome_word(tcp_outcome(errno)));
    }
}

/* The router alone as well (UPnP 1.1, 1.3.3): a firewall of this host that lets answers in by
 * state, as ufw does, knows of no question that an answer to the group could belong to. */
static void ask(struct upnp_search *search)
{
    struct addr group;
    addr_parse(SSDP_GROUP, &group);
    ask_at(search, &group);
    ask_at(search, &search->router.addr);
}

static void on_timer(void *arg)
{
    struct upnp_search *search = arg;
    int64_t left_ms = search->deadline_ms - clock_mono_ms();
    if (search->failed || left_ms <= 0) {
        finish_silent(search);
        return;
    }
    ask(search);
    loop_timer_set(search->timer, search->wait_ms < left_ms ? search->wait_ms : left_ms);
    search->wait_ms *= 2;
}

/* --- the start ---------------------------------------------------------------------------- */

/* Out of the interface towards the router: the routing table may send multicast elsewhere. */
static bool open_socket(struct upnp_search *search)
{
    const struct router *router = &search->router;
    struct in_addr out = {0};
    struct sockaddr_storage ours;
    socklen_t len = addr_to_sockaddr(&router->source, 0, &ours);
    if (!addr_is_set(&router->source)) {
        str_copy(search->wrong, sizeof search->wrong, outcome_word(OUTCOME_NO_ROUTE));
        return false;
    }
    search->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (search->fd >= 0 && egress_apply(&router->egress, search->fd, AF_INET, search->wrong,
                                        sizeof search->wrong) != OUTCOME_OK)
        return false;
    memcpy(&out, router->source.bytes, sizeof out);
    if (search->fd >= 0 &&
        setsockopt(search->fd, IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof out) == 0 &&
        bind(search->fd, (struct sockaddr *)&ours, len) == 0)
        return true;
    str_copy(search->wrong, sizeof search->wrong, outcome_word(tcp_outcome(errno)));
    return false;
}

struct upnp_search *upnp_search_start(struct loop *loop, const struct router *router,
                                      int64_t timeout_ms, upnp_search_fn *done, void *arg)
{
    struct upnp_search *search = mem_zalloc(sizeof(*search));
    search->router = *router;
    search->done = done;
    search->arg = arg;
    search->timeout_ms = timeout_ms;
    search->deadline_ms = clock_mono_ms() + timeout_ms;
    search->wait_ms = FIRST_WAIT_MS;
    search->timer = loop_timer_new(loop, on_timer, search);
    search->failed = !open_socket(search);
    if (!search->failed) {
        search->io = loop_io_new(loop, search->fd, on_ready, search);
        loop_io_want(search->io, LOOP_READ);
    }
    loop_timer_set(search->timer, 0);
    return search;
}
