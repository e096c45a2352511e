/* SPDX-License-Identifier: ISC
 *
 * rtnetlink through libmnl. Two sockets: one listens all the time, a fresh one asks for each dump.
 * Owns: the listening socket and its retries, the order in which nothing is lost.
 * Not its job: reading messages (monitor/address/rtnl_msg.h), what exists
 * (monitor/address/addrset.h).
 *
 * The order: the listening socket joins its groups first; then the dump is read to its end while
 * notifications queue up; then they are read and applied on top. Whatever changed meanwhile is in
 * that queue, so the state converges. The kernel computes a dump inside our own calls: reading it
 * waits for nobody.
 */
#include "monitor/address/rtnl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"

#define TAG "rtnl"

/* The kernel fills at most 32 KiB per datagram of a dump when the reader offers that much. */
#define RECEIVE_CAP 32768
/* Room for a storm; counted by the kernel only while used. */
#define SOCKET_BUFFER (4 * 1024 * 1024)
/* Datagrams per turn of the loop, so that a storm doesn't starve the rest. */
#define BATCH 256
/* An interrupted dump is asked for again at once this often, then later. */
#define DUMP_TRIES       8
#define RESYNC_GAP_MIN   50
#define RESYNC_GAP_MAX   2000
#define RESYNC_QUIET     5000
#define REOPEN_DELAY_MIN 200
#define REOPEN_DELAY_MAX 30000

struct rtnl {
    struct loop *loop;
    struct rtnl_ops ops;
    void *arg;
    struct mnl_socket *listener; /* NULL while lost */
    struct loop_io *io;
    struct loop_timer *timer; /* the next resync, or the next try to open */
    bool overrun;             /* something was dropped: dump again once the queue is empty */
    int64_t resynced_ms;      /* when the last dump started */
    int64_t gap_ms;           /* least time between two dumps, grows in a storm */
    int64_t reopen_ms;
    bool neighbours;
    uint32_t *buffer;
};

/* --- receiving ---------------------------------------------------------------------------- */

enum received {
    RECEIVED_DATA,
    RECEIVED_NOTHING, /* the queue is empty */
    RECEIVED_IGNORED, /* not from the kernel */
    RECEIVED_OVERRUN, /* something was dropped */
    RECEIVED_ERROR,   /* errno */
};

/* libmnl's own receive doesn't tell who sent a message; any local process may send us one. */
static enum received receive(const struct mnl_socket *nl, void *buffer, size_t *len)
{
    struct sockaddr_nl from = {.nl_family = AF_NETLINK};
    struct iovec iov = {.iov_base = buffer, .iov_len = RECEIVE_CAP};
    struct msghdr msg = {
        .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1};
    ssize_t got;
    do
        got = recvmsg(mnl_socket_get_fd(nl), &msg, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return RECEIVED_NOTHING;
    if (got < 0)
        return errno == ENOBUFS ? RECEIVED_OVERRUN : RECEIVED_ERROR;
    if (msg.msg_namelen != sizeof(from) || from.nl_pid != 0)
        return RECEIVED_IGNORED;
    if (msg.msg_flags & MSG_TRUNC)
        return RECEIVED_OVERRUN;
    *len = (size_t)got;
    return RECEIVED_DATA;
}

static void enlarge_buffer(const struct mnl_socket *nl)
{
    int size = SOCKET_BUFFER;
    int fd = mnl_socket_get_fd(nl);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)); /* up to rmem_max */
}

static struct mnl_socket *open_socket(int flags, unsigned groups)
{
    struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | flags);
    if (!nl)
        return NULL;
    enlarge_buffer(nl);
    if (mnl_socket_bind(nl, groups, MNL_SOCKET_AUTOPID) == 0)
        return nl;
    int saved = errno;
    mnl_socket_close(nl);
    errno = saved;
    return NULL;
}

/* --- dump --------------------------------------------------------------------------------- */

enum dump_end {
    DUMP_GOES_ON,
    DUMP_DONE,
    DUMP_CHANGED, /* the table changed while it was read: not to be trusted */
    DUMP_FAILED,  /* errno */
};

static bool send_request(const struct mnl_socket *nl, uint16_t type, uint8_t family, uint32_t seq)
{
    uint32_t buffer[64] = {0};
    struct nlmsghdr *nlh = mnl_nlmsg_put_header(buffer);
    nlh->nlmsg_type = type;
    nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    nlh->nlmsg_seq = seq;
    if (type == RTM_GETLINK) {
        struct ifinfomsg *info = mnl_nlmsg_put_extra_header(nlh, sizeof(*info));
        info->ifi_family = family;
        mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    } else if (type == RTM_GETNEIGH) {
        struct ndmsg *info = mnl_nlmsg_put_extra_header(nlh, sizeof(*info));
        info->ndm_family = family;
    } else {
        struct ifaddrmsg *info = mnl_nlmsg_put_extra_header(nlh, sizeof(*info));
        info->ifa_family = family;
    }
    return mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) >= 0;
}

/* Looks for the end of the dump in a datagram; *changed remembers NLM_F_DUMP_INTR. */
static enum dump_end dump_state(const uint8_t *pos, size_t len, uint32_t seq, bool *changed)
{
    size_t step = 0;
    const struct nlmsghdr *nlh;
    while (len > 0 && (nlh = rtnl_message_at(pos, len, &step))) {
        pos += step;
        len -= step;
        if (nlh->nlmsg_seq != seq)
            continue;
        *changed = *changed || (nlh->nlmsg_flags & NLM_F_DUMP_INTR);
        /* Both start with an error number: a failed dump ends with either. */
        if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR) {
            const int *error = mnl_nlmsg_get_payload(nlh);
            bool told = nlh->nlmsg_len >= MNL_NLMSG_HDRLEN + sizeof(*error);
            if (nlh->nlmsg_type == NLMSG_DONE && (!told || *error >= 0))
                return *changed ? DUMP_CHANGED : DUMP_DONE;
            errno = told && *error < 0 ? -*error : EBADMSG;
            return DUMP_FAILED;
        }
    }
    return DUMP_GOES_ON;
}

static enum dump_end dump_table(const struct mnl_socket *nl, uint16_t type, uint8_t family,
                                const struct rtnl_ops *ops, void *arg, void *buffer)
{
    uint32_t seq = ((uint32_t)type << 8) | family;
    bool changed = false;
    enum dump_end end = DUMP_GOES_ON;
    if (!send_request(nl, type, family, seq))
        return DUMP_FAILED;
    while (end == DUMP_GOES_ON) {
        size_t len = 0;
        switch (receive(nl, buffer, &len)) {
        case RECEIVED_DATA:
            rtnl_parse(buffer, len, ops->event, arg);
            end = dump_state(buffer, len, seq, &changed);
            break;
        case RECEIVED_OVERRUN:
            changed = true;
            break;
        case RECEIVED_IGNORED:
            break;
        case RECEIVED_NOTHING:
            errno = ETIMEDOUT;
            return DUMP_FAILED;
        case RECEIVED_ERROR:
            return DUMP_FAILED;
        }
    }
    return end;
}

/* Links before addresses, so that each address finds its link. */
static enum dump_end dump_tables(const struct mnl_socket *nl, const struct rtnl_ops *ops, void *arg,
                                 void *buffer, bool neighbours)
{
    enum dump_end end = dump_table(nl, RTM_GETLINK, AF_UNSPEC, ops, arg, buffer);
    if (end == DUMP_DONE)
        end = dump_table(nl, RTM_GETADDR, AF_INET, ops, arg, buffer);
    if (end == DUMP_DONE)
        end = dump_table(nl, RTM_GETADDR, AF_INET6, ops, arg, buffer);
    if (end == DUMP_DONE && neighbours)
        end = dump_table(nl, RTM_GETNEIGH, AF_INET6, ops, arg, buffer);
    return end;
}

static enum dump_end dump_all(const struct rtnl_ops *ops, void *arg, void *buffer, bool neighbours)
{
    enum dump_end end = DUMP_FAILED;
    struct mnl_socket *nl = open_socket(0, 0);
    if (!nl)
        return DUMP_FAILED;
    /* The answer is there when the call returns; the limit is for a kernel that breaks this. */
    struct timeval limit = {.tv_sec = 2};
    setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    for (int i = 0; i < DUMP_TRIES; i++) {
        ops->sync_begin(arg);
        end = dump_tables(nl, ops, arg, buffer, neighbours);
        if (end != DUMP_CHANGED)
            break;
    }
    int saved = errno;
    mnl_socket_close(nl);
    errno = saved;
    if (end == DUMP_DONE)
        ops->synced(arg);
    return end;
}

bool rtnl_dump(const struct rtnl_ops *ops, void *arg, char *error, size_t cap)
{
    void *buffer = mem_array(RECEIVE_CAP / sizeof(uint32_t), sizeof(uint32_t));
    enum dump_end end = dump_all(ops, arg, buffer, false);
    if (end == DUMP_CHANGED)
        str_copy(error, cap, "the addresses keep changing while they are read; try again");
    else if (end != DUMP_DONE)
        snprintf(error, cap, "cannot read the addresses from rtnetlink: %s", strerror(errno));
    free(buffer);
    return end == DUMP_DONE;
}

/* --- listening ---------------------------------------------------------------------------- */

/* The gap grows while dumps follow each other closely and falls back after a quiet time. */
void rtnl_resync(struct rtnl *rtnl)
{
    if (!rtnl->listener || loop_timer_pending(rtnl->timer))
        return;
    int64_t since = clock_mono_ms() - rtnl->resynced_ms;
    if (since > RESYNC_QUIET)
        rtnl->gap_ms = RESYNC_GAP_MIN;
    else if (rtnl->gap_ms < RESYNC_GAP_MAX)
        rtnl->gap_ms *= 2;
    loop_timer_set(rtnl->timer, rtnl->gap_ms - since);
}

static void lose(struct rtnl *rtnl, const char *why)
{
    loop_io_free(rtnl->io);
    rtnl->io = NULL;
    if (rtnl->listener)
        mnl_socket_close(rtnl->listener);
    rtnl->listener = NULL;
    loop_timer_set(rtnl->timer, rtnl->reopen_ms);
    if (rtnl->reopen_ms == REOPEN_DELAY_MIN)
        rtnl->ops.lost(why, rtnl->arg);
    rtnl->reopen_ms =
        rtnl->reopen_ms < REOPEN_DELAY_MAX / 2 ? rtnl->reopen_ms * 2 : REOPEN_DELAY_MAX;
}

static void on_readable(unsigned ready, void *arg)
{
    struct rtnl *rtnl = arg;
    (void)ready;
    for (int i = 0; i < BATCH; i++) {
        size_t len = 0;
        switch (receive(rtnl->listener, rtnl->buffer, &len)) {
        case RECEIVED_DATA:
            if (!rtnl_parse(rtnl->buffer, len, rtnl->ops.event, rtnl->arg))
                log_debug(TAG, "skipped a malformed message of %zu bytes", len);
            break;
        case RECEIVED_IGNORED:
            break;
        case RECEIVED_OVERRUN:
            /* What is queued is still good, and must be read to the end before the kernel
             * tells of another overrun. */
            rtnl->overrun = true;
            break;
        case RECEIVED_NOTHING:
            if (rtnl->overrun) {
                log_info(TAG, "overrun: some changes went by unseen, reading all anew");
                rtnl_resync(rtnl);
            }
            rtnl->overrun = false;
            return;
        case RECEIVED_ERROR:
            lose(rtnl, strerror(errno));
            return;
        }
    }
}

static bool open_listener(struct rtnl *rtnl)
{
    unsigned groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
    if (rtnl->neighbours)
        groups |= RTMGRP_NEIGH;
    rtnl->listener = open_socket(SOCK_NONBLOCK, groups);
    if (!rtnl->listener)
        return false;
    rtnl->io = loop_io_new(rtnl->loop, mnl_socket_get_fd(rtnl->listener), on_readable, rtnl);
    loop_io_want(rtnl->io, LOOP_READ);
    return true;
}

void rtnl_want_neighbours(struct rtnl *rtnl, bool wanted)
{
    int group = RTNLGRP_NEIGH;
    if (rtnl->neighbours == wanted)
        return;
    rtnl->neighbours = wanted;
    if (rtnl->listener)
        mnl_socket_setsockopt(rtnl->listener,
                              wanted ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP, &group,
                              sizeof(group));
    rtnl_resync(rtnl);
}

static void on_timer(void *arg)
{
    struct rtnl *rtnl = arg;
    if (!rtnl->listener && !open_listener(rtnl)) {
        lose(rtnl, strerror(errno));
        return;
    }
    rtnl->resynced_ms = clock_mono_ms();
    enum dump_end end = dump_all(&rtnl->ops, rtnl->arg, rtnl->buffer, rtnl->neighbours);
    if (end == DUMP_FAILED) {
        lose(rtnl, strerror(errno));
        return;
    }
    rtnl->reopen_ms = REOPEN_DELAY_MIN;
    if (end == DUMP_CHANGED)
        rtnl_resync(rtnl);
}

struct rtnl *rtnl_new(struct loop *loop, const struct rtnl_ops *ops, void *arg, char *error,
                      size_t cap)
{
    struct rtnl *rtnl = mem_zalloc(sizeof(*rtnl));
    rtnl->loop = loop;
    rtnl->ops = *ops;
    rtnl->arg = arg;
    rtnl->gap_ms = RESYNC_GAP_MIN;
    rtnl->reopen_ms = REOPEN_DELAY_MIN;
    rtnl->timer = loop_timer_new(loop, on_timer, rtnl);
    rtnl->buffer = mem_array(RECEIVE_CAP / sizeof(uint32_t), sizeof(uint32_t));
    if (!open_listener(rtnl)) {
        snprintf(error, cap, "cannot listen to rtnetlink: %s", strerror(errno));
        rtnl_free(rtnl);
        return NULL;
    }
    loop_timer_set(rtnl->timer, 0);
    return rtnl;
}

void rtnl_free(struct rtnl *rtnl)
{
    if (!rtnl)
        return;
    loop_io_free(rtnl->io);
    loop_timer_free(rtnl->timer);
    if (rtnl->listener)
        mnl_socket_close(rtnl->listener);
    free(rtnl->buffer);
    free(rtnl);
}
