/* SPDX-License-Identifier: ISC
 *
 * Reading ICMP errors off a socket's error queue. Owns: the meaning of ICMP and ICMPv6 codes.
 */
#include "probes/icmp.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>
#include <time.h> /* struct timespec, for linux/errqueue.h */

#include <linux/errqueue.h>

#include "probes/tcp.h"

void icmp_keep(int fd, int af, bool on)
{
    int value = on;
    if (af == AF_INET)
        setsockopt(fd, IPPROTO_IP, IP_RECVERR, &value, sizeof value);
    else
        setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &value, sizeof value);
}

static void read_icmp4(uint8_t type, uint8_t code, struct icmp_error *out)
{
    out->outcome = OUTCOME_UNREACHABLE;
    if (type == ICMP_TIME_EXCEEDED) {
        out->text = "ICMP time exceeded (a routing loop?)";
        return;
    }
    if (type != ICMP_DEST_UNREACH) {
        out->outcome = tcp_outcome(out->error);
        out->text = "ICMP error";
        return;
    }
    switch (code) {
    case ICMP_NET_ANO:
    case ICMP_HOST_ANO:
    case ICMP_PKT_FILTERED:
        out->outcome = OUTCOME_PROHIBITED;
        out->text = "ICMP administratively prohibited";
        break;
    case ICMP_PORT_UNREACH:
        out->outcome = OUTCOME_REFUSED;
        out->text = "ICMP port unreachable";
        break;
    case ICMP_HOST_UNREACH:
        out->text = "ICMP host unreachable";
        break;
    case ICMP_NET_UNREACH:
        out->text = "ICMP network unreachable";
        break;
    default:
        out->text = "ICMP destination unreachable";
    }
}

static void read_icmp6(uint8_t type, uint8_t code, struct icmp_error *out)
{
    out->outcome = OUTCOME_UNREACHABLE;
    if (type == ICMP6_TIME_EXCEEDED) {
        out->text = "ICMPv6 hop limit exceeded (a routing loop?)";
        return;
    }
    if (type != ICMP6_DST_UNREACH) {
        out->outcome = tcp_outcome(out->error);
        out->text = "ICMPv6 error";
        return;
    }
    switch (code) {
    case ICMP6_DST_UNREACH_ADMIN:
        out->outcome = OUTCOME_PROHIBITED;
        out->text = "ICMPv6 administratively prohibited";
        break;
    case 5: /* RFC 4443: source address failed ingress/egress policy */
        out->outcome = OUTCOME_PROHIBITED;
        out->text = "ICMPv6 source address failed policy";
        break;
    case 6:
        out->outcome = OUTCOME_PROHIBITED;
        out->text = "ICMPv6 reject route to destination";
        break;
    case ICMP6_DST_UNREACH_NOPORT:
        out->outcome = OUTCOME_REFUSED;
        out->text = "ICMPv6 port unreachable";
        break;
    case ICMP6_DST_UNREACH_NOROUTE:
        out->text = "ICMPv6 no route to destination";
        break;
    case ICMP6_DST_UNREACH_ADDR:
        out->text = "ICMPv6 address unreachable";
        break;
    default:
        out->text = "ICMPv6 destination unreachable";
    }
}

static void read_extended(struct sock_extended_err *ee, struct icmp_error *out)
{
    out->error = (int)ee->ee_errno;
    addr_from_sockaddr(SO_EE_OFFENDER(ee), &out->from, NULL);
    if (ee->ee_origin == SO_EE_ORIGIN_ICMP)
        read_icmp4(ee->ee_type, ee->ee_code, out);
    else
        read_icmp6(ee->ee_type, ee->ee_code, out);
}

struct icmp_error icmp_next(int fd)
{
    struct icmp_error out = {0};
    union {
        struct cmsghdr align;
        char bytes[512];
    } control;
    char data[64];
    struct iovec iov = {data, sizeof data};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.bytes,
                         .msg_controllen = sizeof control.bytes};
    if (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
        return out;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
        bool v4 = c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR;
        bool v6 = c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR;
        struct sock_extended_err *ee = (struct sock_extended_err *)(void *)CMSG_DATA(c);
        if ((v4 || v6) && c->cmsg_len >= CMSG_LEN(sizeof *ee + sizeof(struct sockaddr_in)) &&
            (ee->ee_origin == SO_EE_ORIGIN_ICMP || ee->ee_origin == SO_EE_ORIGIN_ICMP6))
            read_extended(ee, &out);
    }
    return out;
}
