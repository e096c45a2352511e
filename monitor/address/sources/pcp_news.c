/* SPDX-License-Identifier: ISC
 *
 * Listens for announcements. Owns: the socket, and how much of a flood is looked at.
 */
#include "monitor/address/sources/pcp_news.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/mem.h"
#include "monitor/address/sources/pcp_wire.h"

#define NEWS_GROUP "224.0.0.1" /* all hosts: the kernel is a member on every link */
#define NEWS_PORT  5350
#define BATCH      8
#define PAUSE_MS   500 /* between batches */

struct pcp_news {
    int fd;
    struct loop_io *io;
    struct loop_timer *timer; /* the end of a pause */
    pcp_news_fn *heard;
    void *arg;
};

static void on_pause_over(void *arg)
{
    struct pcp_news *news = arg;
    loop_io_want(news->io, LOOP_READ);
}

static void on_ready(unsigned ready, void *arg)
{
    struct pcp_news *news = arg;
    uint8_t data[PCP_MAX_LEN + 1];
    (void)ready;
    loop_io_want(news->io, 0);
    loop_timer_set(news->timer, PAUSE_MS);
    for (int i = 0; i < BATCH; i++) {
        struct sockaddr_storage ss;
        socklen_t len = sizeof ss;
        struct addr from;
        uint16_t port;
        ssize_t got = recvfrom(news->fd, data, sizeof data, 0, (struct sockaddr *)&ss, &len);
        if (got < 0)
            return;
        if (pcp_is_news(data, (size_t)got) &&
            addr_from_sockaddr((struct sockaddr *)&ss, &from, &port) && port == PCP_PORT)
            news->heard(&from, news->arg);
    }
}

/* Bound to the group, so that nothing else is heard; beside other programs that listen. */
static bool open_socket(struct pcp_news *news)
{
    struct sockaddr_storage ss;
    struct addr group;
    int on = 1;
    addr_parse(NEWS_GROUP, &group);
    socklen_t len = addr_to_sockaddr(&group, NEWS_PORT, &ss);
    news->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return news->fd >= 0 && setsockopt(news->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
           bind(news->fd, (struct sockaddr *)&ss, len) == 0;
}

struct pcp_news *pcp_news_new(struct loop *loop, pcp_news_fn *heard, void *arg, char *why,
                              size_t cap)
{
    struct pcp_news *news = mem_zalloc(sizeof(*news));
    news->heard = heard;
    news->arg = arg;
    if (!open_socket(news)) {
        snprintf(why, cap, "UDP port %d: %s", NEWS_PORT, strerror(errno));
        pcp_news_free(news);
        return NULL;
    }
    news->timer = loop_timer_new(loop, on_pause_over, news);
    news->io = loop_io_new(loop, news->fd, on_ready, news);
    loop_io_want(news->io, LOOP_READ);
    return news;
}

void pcp_news_free(struct pcp_news *news)
{
    if (!news)
        return;
    loop_io_free(news->io);
    loop_timer_free(news->timer);
    if (news->fd >= 0)
        close(news->fd);
    free(news);
}
