/* SPDX-License-Identifier: ISC
 *
 * The parser of rtnetlink messages, on the kernel's own structures. Every length is checked here
 * before it is used: libmnl's test of a message lets a length above 2 GiB pass.
 */
#include "monitor/address/rtnl_msg.h"

#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "lib/str.h"

struct attr {
    uint16_t type;
    size_t len;
    const uint8_t *data;
};

/* The attributes behind the fixed part of a message. */
struct attrs {
    const uint8_t *pos;
    size_t left;
    bool bad; /* one does not fit */
};

static const void *fixed_part(const struct nlmsghdr *nlh, size_t size)
{
    if (nlh->nlmsg_len < NLMSG_HDRLEN + NLMSG_ALIGN(size))
        return NULL;
    return (const uint8_t *)nlh + NLMSG_HDRLEN;
}

static struct attrs attrs_after(const struct nlmsghdr *nlh, size_t size)
{
    size_t skip = NLMSG_HDRLEN + NLMSG_ALIGN(size);
    return (struct attrs){.pos = (const uint8_t *)nlh + skip, .left = nlh->nlmsg_len - skip};
}

static bool next_attr(struct attrs *attrs, struct attr *out)
{
    struct nlattr head;
    if (attrs->left == 0 || attrs->bad)
        return false;
    if (attrs->left >= sizeof(head))
        memcpy(&head, attrs->pos, sizeof(head));
    if (attrs->left < sizeof(head) || head.nla_len < sizeof(head) || head.nla_len > attrs->left) {
        attrs->bad = true;
        return false;
    }
    out->type = head.nla_type & NLA_TYPE_MASK;
    out->len = head.nla_len - sizeof(head);
    out->data = attrs->pos + sizeof(head);
    size_t step = NLA_ALIGN((size_t)head.nla_len);
    step = step < attrs->left ? step : attrs->left;
    attrs->pos += step;
    attrs->left -= step;
    return true;
}

static bool take_u32(const struct attr *attr, uint32_t *out)
{
    if (attr->len != sizeof(*out))
        return false;
    memcpy(out, attr->data, sizeof(*out));
    return true;
}

static bool take_name(const struct attr *attr, struct rtnl_link *link)
{
    return attr->len > 1 && attr->len <= sizeof(link->name) && attr->data[0] != '\0' &&
           memchr(attr->data, '\0', attr->len) &&
           str_copy(link->name, sizeof(link->name), (const char *)attr->data);
}

/* What can't be read says nothing of the link itself, so that it is passed over. */
static void take_kind(const struct attr *attr, struct rtnl_link *link)
{
    struct attrs nested = {.pos = attr->data, .left = attr->len};
    struct attr info;
    while (next_attr(&nested, &info))
        if (info.type == IFLA_INFO_KIND && info.len > 0 && info.len <= sizeof(link->kind) &&
            memchr(info.data, '\0', info.len))
            str_copy(link->kind, sizeof(link->kind), (const char *)info.data);
}

static bool take_link_attr(const struct attr *attr, struct rtnl_link *link)
{
    switch (attr->type) {
    case IFLA_IFNAME:
        return take_name(attr, link);
    case IFLA_MTU:
        return take_u32(attr, &link->mtu);
    case IFLA_LINKINFO:
        take_kind(attr, link);
        return true;
    default:
        return true;
    }
}

static bool parse_link(const struct nlmsghdr *nlh, struct rtnl_event *event, bool *wanted)
{
    const struct ifinfomsg *info = fixed_part(nlh, sizeof(*info));
    if (!info)
        return false;
    /* A bridge speaks of its ports with the same message type: a DELLINK of AF_BRIDGE means
     * that a port left the bridge, not that the link is gone. */
    if (info->ifi_family != AF_UNSPEC)
        return true;
    event->kind = nlh->nlmsg_type == RTM_NEWLINK ? RTNL_LINK : RTNL_LINK_GONE;
    event->link.index = info->ifi_index;
    event->link.up = (info->ifi_flags & IFF_UP) && (info->ifi_flags & IFF_RUNNING);
    event->link.loopback = info->ifi_flags & IFF_LOOPBACK;
    struct attrs attrs = attrs_after(nlh, sizeof(*info));
    struct attr attr;
    while (next_attr(&attrs, &attr))
        if (!take_link_attr(&attr, &event->link))
            return false;
    bool named = event->kind == RTNL_LINK_GONE || event->link.name[0] != '\0';
    *wanted = !attrs.bad && named && event->link.index > 0;
    return *wanted;
}

static bool take_ip(const struct attr *attr, uint8_t af, struct addr *out)
{
    struct addr addr = {.af = af};
    if (attr->len != addr_len(&addr))
        return false;
    memcpy(addr.bytes, attr->data, attr->len);
    *out = addr;
    return true;
}

static bool take_cacheinfo(const struct attr *attr, struct rtnl_addr *addr)
{
    struct ifa_cacheinfo info;
    if (attr->len < sizeof(info))
        return false;
    memcpy(&info, attr->data, sizeof(info));
    addr->preferred_s = info.ifa_prefered;
    addr->valid_s = info.ifa_valid;
    addr->created_cs = info.cstamp;
    return true;
}

static bool take_addr_attr(const struct attr *attr, uint8_t af, struct rtnl_addr *addr)
{
    switch (attr->type) {
    case IFA_LOCAL:
        return take_ip(attr, af, &addr->addr);
    case IFA_ADDRESS:
        return take_ip(attr, af, &addr->peer);
    case IFA_FLAGS:
        return take_u32(attr, &addr->flags);
    case IFA_CACHEINFO:
        return take_cacheinfo(attr, addr);
    case IFA_PROTO:
        if (attr->len != 1)
            return false;
        addr->proto = attr->data[0];
        return true;
    default:
        return true;
    }
}

/* Point-to-point: IFA_LOCAL is ours and IFA_ADDRESS the peer's. Elsewhere IFA_ADDRESS alone, or
 * both and the same. */
static void settle_ends(struct rtnl_addr *addr)
{
    static const struct addr none;
    if (!addr_is_set(&addr->addr))
        addr->addr = addr->peer;
    if (addr_equal(&addr->addr, &addr->peer))
        addr->peer = none;
}

static bool parse_addr(const struct nlmsghdr *nlh, struct rtnl_event *event, bool *wanted)
{
    const struct ifaddrmsg *info = fixed_part(nlh, sizeof(*info));
    if (!info)
        return false;
    if (info->ifa_family != AF_INET && info->ifa_family != AF_INET6)
        return true;
    event->kind = nlh->nlmsg_type == RTM_NEWADDR ? RTNL_ADDR : RTNL_ADDR_GONE;
    event->addr.prefix_len = info->ifa_prefixlen;
    event->addr.scope = info->ifa_scope;
    event->addr.flags = info->ifa_flags;
    event->addr.preferred_s = UINT32_MAX;
    event->addr.valid_s = UINT32_MAX;
    struct attrs attrs = attrs_after(nlh, sizeof(*info));
    struct attr attr;
    while (next_attr(&attrs, &attr))
        if (!take_addr_attr(&attr, info->ifa_family, &event->addr))
            return false;
    settle_ends(&event->addr);
    bool plausible = info->ifa_index > 0 && info->ifa_index <= INT32_MAX &&
                     info->ifa_prefixlen <= 8 * addr_len(&event->addr.addr);
    *wanted = !attrs.bad && plausible && addr_is_set(&event->addr.addr);
    event->addr.index = *wanted ? (int)info->ifa_index : 0;
    return *wanted;
}

static void take_confirmed(const struct attr *attr, struct rtnl_neighbour *neighbour)
{
    struct nda_cacheinfo info;
    if (attr->len < sizeof(info))
        return;
    memcpy(&info, attr->data, sizeof(info));
    neighbour->confirmed_cs = info.ndm_confirmed;
}

static bool take_neighbour_attr(const struct attr *attr, uint8_t af,
                                struct rtnl_neighbour *neighbour)
{
    switch (attr->type) {
    case NDA_DST:
        return take_ip(attr, af, &neighbour->addr);
    case NDA_LLADDR:
        neighbour->has_mac = attr->len == MAC_LEN; /* a tunnel's is an address */
        if (neighbour->has_mac)
            memcpy(neighbour->mac, attr->data, MAC_LEN);
        return true;
    case NDA_CACHEINFO:
        take_confirmed(attr, neighbour);
        return true;
    default:
        return true;
    }
}

static bool parse_neighbour(const struct nlmsghdr *nlh, struct rtnl_event *event, bool *wanted)
{
    const struct ndmsg *info = fixed_part(nlh, sizeof(*info));
    if (!info)
        return false;
    /* Bridges tell of their ports with the same type; whom we answer for is no neighbour. */
    if ((info->ndm_family != AF_INET && info->ndm_family != AF_INET6) ||
        (info->ndm_flags & NTF_PROXY))
        return true;
    event->kind = nlh->nlmsg_type == RTM_NEWNEIGH ? RTNL_NEIGHBOUR : RTNL_NEIGHBOUR_GONE;
    event->neighbour.index = info->ndm_ifindex;
    event->neighbour.state = info->ndm_state;
    struct attrs attrs = attrs_after(nlh, sizeof(*info));
    struct attr attr;
    while (next_attr(&attrs, &attr))
        if (!take_neighbour_attr(&attr, info->ndm_family, &event->neighbour))
            return false;
    *wanted = !attrs.bad && info->ndm_ifindex > 0 && addr_is_set(&event->neighbour.addr);
    return *wanted;
}

static bool parse_message(const struct nlmsghdr *nlh,
                          void (*fn)(const struct rtnl_event *event, void *arg), void *arg)
{
    struct rtnl_event event = {.kind = RTNL_LINK};
    bool wanted = false;
    bool good = true;
    switch (nlh->nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
        good = parse_link(nlh, &event, &wanted);
        break;
    case RTM_NEWADDR:
    case RTM_DELADDR:
        good = parse_addr(nlh, &event, &wanted);
        break;
    case RTM_NEWNEIGH:
    case RTM_DELNEIGH:
        good = parse_neighbour(nlh, &event, &wanted);
        break;
    default:
        break;
    }
    if (wanted)
        fn(&event, arg);
    return good;
}

const struct nlmsghdr *rtnl_message_at(const void *data, size_t len, size_t *step)
{
    const struct nlmsghdr *nlh = data;
    if (len < sizeof(*nlh) || nlh->nlmsg_len < sizeof(*nlh) || nlh->nlmsg_len > len)
        return NULL;
    size_t padded = NLMSG_ALIGN((size_t)nlh->nlmsg_len);
    *step = padded < len ? padded : len;
    return nlh;
}

bool rtnl_parse(const void *data, size_t len, void (*fn)(const struct rtnl_event *event, void *arg),
                void *arg)
{
    bool good = true;
    const uint8_t *pos = data;
    while (len > 0) {
        size_t step = 0;
        const struct nlmsghdr *nlh = rtnl_message_at(pos, len, &step);
        if (!nlh)
            return false;
        good = parse_message(nlh, fn, arg) && good;
        pos += step;
        len -= step;
    }
    return good;
}
