/* SPDX-License-Identifier: ISC
 *
 * RTM_GETNEIGH by hand, as RTM_GETROUTE in probes/route.c. Not its job: watching tables
 * (monitor/address/rtnl.h, which has libmnl for it).
 */
#include "probes/neighbour.h"

#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"

#define REPLY_MAX 32768 /* the kernel fills no larger buffer with a part of a dump */
/* Asked and not answered (yet), and what needs no link address, are no neighbours that are known.
 */
#define SEEN (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT)

/* data: what stands behind the header of one message, len bytes of it. */
static void read_entry(const uint8_t *data, size_t len, neighbour_fn *fn, void *arg)
{
    struct ndmsg entry;
    size_t size;
    if (len < sizeof entry)
        return;
    memcpy(&entry, data, sizeof entry);
    size = entry.ndm_family == AF_INET ? 4 : entry.ndm_family == AF_INET6 ? 16 : 0;
    if (size == 0 || !(entry.ndm_state & SEEN))
        return;
    for (size_t at = NLMSG_ALIGN(sizeof entry); at + sizeof(struct rtattr) <= len;) {
        struct rtattr attr;
        memcpy(&attr, data + at, sizeof attr);
        if (attr.rta_len < sizeof attr || attr.rta_len > len - at)
            return;
        if (attr.rta_type == NDA_DST && attr.rta_len == RTA_LENGTH(size)) {
            const uint8_t *bytes = data + at + RTA_LENGTH(0);
            struct addr addr = size == 4 ? addr_v4(bytes) : addr_v6(bytes);
            fn(&addr, arg);
            return;
        }
        at += RTA_ALIGN(attr.rta_len);
    }
}

bool neighbour_parse(const void *data, size_t len, neighbour_fn *fn, void *arg)
{
    const uint8_t *at = data;
    while (len >= NLMSG_HDRLEN) {
        struct nlmsghdr head;
        memcpy(&head, at, sizeof head);
        if (head.nlmsg_len < NLMSG_HDRLEN || head.nlmsg_len > len ||
            head.nlmsg_type == NLMSG_DONE || head.nlmsg_type == NLMSG_ERROR)
            return false;
        if (head.nlmsg_type == RTM_NEWNEIGH)
            read_entry(at + NLMSG_HDRLEN, head.nlmsg_len - NLMSG_HDRLEN, fn, arg);
        size_t step = NLMSG_ALIGN(head.nlmsg_len);
        step = step < len ? step : len;
        at += step;
        len -= step;
    }
    return true;
}

static bool ask(int fd, enum family family)
{
    struct {
        struct nlmsghdr head;
        struct ndmsg entry;
    } request = {
        .head = {.nlmsg_len = sizeof request,
                 .nlmsg_type = RTM_GETNEIGH,
                 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .entry = {.ndm_family = (uint8_t)family_af(family)},
    };
    return send(fd, &request, sizeof request, 0) == (ssize_t)sizeof request;
}

/* The kernel writes each part of a dump while the one before is read: there is nothing to wait for.
 */
void neighbour_dump(enum family family, neighbour_fn *fn, void *arg)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0)
        return;
    void *reply = mem_zalloc(REPLY_MAX);
    bool more = ask(fd, family);
    while (more) {
        ssize_t len = recv(fd, reply, REPLY_MAX, MSG_DONTWAIT);
        more = len > 0 && neighbour_parse(reply, (size_t)len, fn, arg);
    }
    free(reply);
    close(fd);
}
