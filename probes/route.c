/* SPDX-License-Identifier: ISC
 *
 * RTM_GETROUTE by hand: one request, one reply, no state. Not its job: watching routes
 * (monitor/address/rtnl.h, which has libmnl for it).
 */
#include "probes/route.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/str.h"

#ifndef RTM_F_FIB_MATCH
#define RTM_F_FIB_MATCH 0x2000
#endif

#define REPLY_MAX 4096

struct request {
    struct nlmsghdr head;
    struct rtmsg route;
    uint8_t attrs[128];
};

static void put(struct request *request, uint16_t type, const void *value, size_t len)
{
    struct rtattr attr = {.rta_len = (unsigned short)RTA_LENGTH(len), .rta_type = type};
    uint8_t *at = request->attrs + (request->head.nlmsg_len - NLMSG_LENGTH(sizeof(struct rtmsg)));
    memcpy(at, &attr, sizeof attr);
    memcpy(at + sizeof attr, value, len);
    request->head.nlmsg_len += (uint32_t)RTA_ALIGN(RTA_LENGTH(len));
}

static void build(struct request *request, const struct addr *to, const struct egress *egress,
                  uint32_t flags)
{
    unsigned device = *egress->interface ? if_nametoindex(egress->interface) : 0;
    size_t len = addr_len(to);
    *request = (struct request){
        .head = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct rtmsg)),
                 .nlmsg_type = RTM_GETROUTE,
                 .nlmsg_flags = NLM_F_REQUEST},
        .route = {.rtm_family = to->af, .rtm_dst_len = (uint8_t)(len * 8), .rtm_flags = flags},
    };
    put(request, RTA_DST, to->bytes, len);
    if (egress->source.af == to->af) {
        put(request, RTA_SRC, egress->source.bytes, len);
        request->route.rtm_src_len = (uint8_t)(len * 8);
    }
    if (device != 0)
        put(request, RTA_OIF, &device, sizeof device);
    if (egress->mark != 0)
        put(request, RTA_MARK, &egress->mark, sizeof egress->mark);
}

static void take_address(uint16_t type, const uint8_t *bytes, int af, struct route *out)
{
    struct addr addr = af == AF_INET ? addr_v4(bytes) : addr_v6(bytes);
    if (type == RTA_PREFSRC)
        out->source = addr;
    if (type == RTA_GATEWAY)
        out->gateway = addr;
}

static void read_reply(const uint8_t *data, size_t len, const struct addr *to, struct route *out)
{
    struct nlmsghdr head;
    struct rtmsg route;
    bool gateway = false;
    memcpy(&head, data, sizeof head);
    if (head.nlmsg_type != RTM_NEWROUTE || head.nlmsg_len > len ||
        head.nlmsg_len < NLMSG_LENGTH(sizeof route))
        return;
    memcpy(&route, data + NLMSG_HDRLEN, sizeof route);
    for (size_t at = NLMSG_SPACE(sizeof route); at + sizeof(struct rtattr) <= head.nlmsg_len;) {
        struct rtattr attr;
        memcpy(&attr, data + at, sizeof attr);
        if (attr.rta_len < sizeof attr || attr.rta_len > head.nlmsg_len - at)
            return;
        gateway |= attr.rta_type == RTA_GATEWAY || attr.rta_type == RTA_VIA ||
                   attr.rta_type == RTA_MULTIPATH;
        if (attr.rta_len == RTA_LENGTH(addr_len(to)))
            take_address(attr.rta_type, data + at + sizeof attr, to->af, out);
        at += RTA_ALIGN(attr.rta_len);
    }
    out->found = true;
    out->local = route.rtm_type == RTN_LOCAL;
    /* A default route without a gateway is a point-to-point line. */
    out->on_link = route.rtm_type == RTN_UNICAST && !gateway && route.rtm_dst_len > 0;
}

static void ask(int fd, const struct addr *to, const struct egress *egress, uint32_t flags,
                struct route *out)
{
    struct request request;
    union {
        struct nlmsghdr align;
        uint8_t bytes[REPLY_MAX];
    } reply;
    build(&request, to, egress, flags);
    *out = (struct route){0};
    if (send(fd, &request, request.head.nlmsg_len, 0) < 0)
        return;
    ssize_t len = recv(fd, reply.bytes, sizeof reply.bytes, MSG_DONTWAIT);
    if (len >= (ssize_t)sizeof(struct nlmsghdr))
        read_reply(reply.bytes, (size_t)len, to, out);
}

/* The route that matches shows the network; the route as used shows the source. */
void route_lookup(const struct addr *to, const struct egress *egress, struct route *out)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    struct route used;
    *out = (struct route){0};
    if (fd < 0)
        return;
    ask(fd, to, egress, RTM_F_FIB_MATCH, out);
    if (out->found && !out->local) {
        ask(fd, to, egress, 0, &used);
        out->source = egress->source.af == to->af ? egress->source : used.source;
        out->gateway = used.gateway;
    }
    if (out->local && !addr_is_set(&out->source))
        out->source = *to;
    close(fd);
}
