/* SPDX-License-Identifier: ISC
 *
 * One non-blocking TCP connect. Owns: the socket until it connects, the translation of errno to
 * outcomes. Not its job: what is spoken over the connection.
 */
#include "probes/tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/icmp.h"

#define DETAIL_LEN 160

struct tcp_connect {
    struct loop_io *io;
    struct loop_timer *timer; /* the deadline, or 0 ms after a connect that failed at once */
    int fd;
    struct addr addr;
    uint16_t port;
    enum outcome outcome; /* set when it failed at once */
    bool icmp;
    char detail[DETAIL_LEN];
    tcp_connect_fn *done;
    void *arg;
};

/* --- translation --- */

enum outcome tcp_outcome(int error)
{
    switch (error) {
    case 0:
        return OUTCOME_OK;
    case ECONNREFUSED:
        return OUTCOME_REFUSED;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
        return OUTCOME_RESET;
    case ETIMEDOUT:
        return OUTCOME_TIMEOUT;
    case ENETUNREACH:
    case ENETDOWN:
    case EINVAL: /* a blackhole route */
        return OUTCOME_NO_ROUTE;
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENONET:
    case ENOPROTOOPT:
    case EPROTO:
        return OUTCOME_UNREACHABLE;
    case EACCES:
        return OUTCOME_PROHIBITED;
    case EPERM:
        return OUTCOME_LOCAL_PERMISSION;
    case EADDRNOTAVAIL: /* no free port */
    case EAGAIN:
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return OUTCOME_LOCAL_RESOURCES;
    case EAFNOSUPPORT:
        return OUTCOME_LOCAL_NO_FAMILY;
    default:
        return OUTCOME_LOCAL_ERROR;
    }
}

const char *tcp_error_name(int error)
{
    static const struct {
        int error;
        const char *name;
    } names[] = {
#define NAME(error) {error, #error}
        NAME(ECONNREFUSED), NAME(ECONNRESET), NAME(EHOSTUNREACH), NAME(ENETUNREACH),
        NAME(EACCES),       NAME(EPERM),      NAME(ETIMEDOUT),    NAME(EINVAL),
        NAME(EMFILE),       NAME(ENFILE),     NAME(ENOBUFS),      NAME(EADDRNOTAVAIL),
        NAME(EAFNOSUPPORT), NAME(ENETDOWN),   NAME(EHOSTDOWN),    NAME(ENODEV),
#undef NAME
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].error == error)
            return names[i].name;
    }
    return strerror(error);
}

/* --- failures --- */

static struct addr own_address(int fd)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    struct addr own = {0};
    if (getsockname(fd, (struct sockaddr *)&ss, &len) == 0)
        addr_from_sockaddr((struct sockaddr *)&ss, &own, NULL);
    return own;
}

/* An ICMP message from our own address is made by this machine: its firewall's when it forbids,
 * the neighbour table's when the address on our own link does not answer. */
static void judge_own_icmp(struct tcp_connect *op, struct icmp_error *icmp)
{
    struct addr own = own_address(op->fd);
    if (!addr_is_set(&icmp->from) || !addr_equal(&own, &icmp->from) || addr_equal(&own, &op->addr))
        return;
    if (icmp->outcome == OUTCOME_PROHIBITED || icmp->outcome == OUTCOME_REFUSED)
        icmp->outcome = OUTCOME_LOCAL_PERMISSION;
    else if (icmp->error == EHOSTUNREACH)
        str_copy(op->detail, sizeof op->detail, "no neighbour on the link has this address");
}

/* --- the end --- */

static void release(struct tcp_connect *op)
{
    loop_io_free(op->io);
    op->io = NULL;
    loop_timer_free(op->timer);
    op->timer = NULL;
}

static void finish(struct tcp_connect *op, enum outcome outcome)
{
    struct tcp_connect own = *op;
    struct tcp_end end = {.outcome = outcome, .fd = own.fd, .icmp = own.icmp, .detail = own.detail};
    release(op);
    free(op);
    if (outcome != OUTCOME_OK && end.fd >= 0) {
        close(end.fd);
        end.fd = -1;
    }
    own.done(&end, own.arg);
}

/* A failure that became known while waiting: the network's, not the routing table's. */
static void fail_waiting(struct tcp_connect *op, int error, struct icmp_error *icmp)
{
    enum outcome outcome = error == ENETUNREACH ? OUTCOME_UNREACHABLE : tcp_outcome(error);
    if (icmp->error != 0) {
        op->icmp = true;
        judge_own_icmp(op, icmp);
        outcome = icmp->outcome;
    }
    if (!*op->detail) {
        str_copy(op->detail, sizeof op->detail, tcp_error_name(error));
        if (icmp->error != 0)
            str_append(op->detail, sizeof op->detail, ", %s", icmp->text);
        if (icmp->error != 0 && addr_is_set(&icmp->from)) {
            char text[ADDR_STRLEN];
            str_append(op->detail, sizeof op->detail, " from %s", addr_format(&icmp->from, text));
        }
    }
    finish(op, outcome);
}

/* A connect to a port of our own that nobody listens on can meet itself (simultaneous open). */
static bool met_itself(int fd, const struct sockaddr_storage *peer)
{
    struct sockaddr_storage own;
    socklen_t len = sizeof own;
    struct addr a, b;
    uint16_t a_port, b_port;
    return getsockname(fd, (struct sockaddr *)&own, &len) == 0 &&
           addr_from_sockaddr((struct sockaddr *)&own, &a, &a_port) &&
           addr_from_sockaddr((const struct sockaddr *)peer, &b, &b_port) && a_port == b_port &&
           addr_equal(&a, &b);
}

static void on_ready(unsigned ready, void *arg)
{
    struct tcp_connect *op = arg;
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;
    (void)ready;
    if (getpeername(op->fd, (struct sockaddr *)&peer, &len) == 0) {
        icmp_keep(op->fd, op->addr.af, false);
        finish(op, met_itself(op->fd, &peer) ? OUTCOME_REFUSED : OUTCOME_OK);
        return;
    }
    int error = 0;
    socklen_t error_len = sizeof error;
    getsockopt(op->fd, SOL_SOCKET, SO_ERROR, &error, &error_len);
    struct icmp_error icmp = icmp_next(op->fd);
    if (error == 0)
        error = icmp.error;
    if (error != 0)
        fail_waiting(op, error, &icmp);
}

static void on_timer(void *arg)
{
    struct tcp_connect *op = arg;
    if (op->outcome != OUTCOME_OK) {
        finish(op, op->outcome);
        return;
    }
    struct tcp_info info;
    socklen_t len = sizeof info;
    if (getsockopt(op->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0)
        snprintf(op->detail, sizeof op->detail, "no answer to %u SYN packet%s",
                 (unsigned)info.tcpi_total_retrans + 1, info.tcpi_total_retrans ? "s" : "");
    finish(op, OUTCOME_TIMEOUT);
}

/* --- the start --- */

static void fail_at_once(struct tcp_connect *op, enum outcome outcome, const char *what, int error)
{
    op->outcome = outcome;
    snprintf(op->detail, sizeof op->detail, "%s: %s", what, tcp_error_name(error));
}

/* An error of connect(2) itself is our own routing table's or firewall's. */
enum outcome tcp_connect_outcome(int error, int af, const struct egress *egress)
{
    if (error == EHOSTUNREACH)
        return OUTCOME_NO_ROUTE; /* a route of type unreachable */
    if (error == EACCES)
        return OUTCOME_LOCAL_PERMISSION; /* a route of type prohibit */
    if (error == EADDRNOTAVAIL && addr_is_set(&egress->source))
        return OUTCOME_LOCAL_SOURCE;
    if (error == EADDRNOTAVAIL && af == AF_INET6)
        return OUTCOME_NO_ROUTE; /* no address of our own to come from */
    return tcp_outcome(error);
}

static void fail_connect(struct tcp_connect *op, const struct egress *egress, int error)
{
    fail_at_once(op, tcp_connect_outcome(error, op->addr.af, egress), "connect", error);
}

/* The kernel would connect over IPv4, and the answer would pass for one over IPv6. */
static bool is_mapped(const struct addr *addr)
{
    static const uint8_t start[12] = {[10] = 0xff, [11] = 0xff};
    return addr->af == AF_INET6 && memcmp(addr->bytes, start, sizeof start) == 0;
}

/* Before connect: then it is also what we announce, so that it holds for the peer's too. */
static void limit_segments(int fd, uint16_t max_seg)
{
    int value = max_seg;
    if (max_seg != 0)
        setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &value, sizeof value);
}

static void begin(struct tcp_connect *op, struct loop *loop, const struct egress *egress)
{
    struct sockaddr_storage ss;
    socklen_t len = addr_to_sockaddr(&op->addr, op->port, &ss);
    int on = 1;
    op->fd = -1;
    if (is_mapped(&op->addr)) {
        op->outcome = OUTCOME_UNREACHABLE;
        str_copy(op->detail, sizeof op->detail, "an IPv4-mapped address is not reached over IPv6");
        return;
    }
    op->fd = socket(op->addr.af, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (op->fd < 0) {
        fail_at_once(op, tcp_outcome(errno), "socket", errno);
        return;
    }
    op->outcome = egress_apply(egress, op->fd, op->addr.af, op->detail, sizeof op->detail);
    if (op->outcome != OUTCOME_OK)
        return;
    limit_segments(op->fd, egress->max_seg);
    setsockopt(op->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    icmp_keep(op->fd, op->addr.af, true);
    if (connect(op->fd, (struct sockaddr *)&ss, len) != 0 && errno != EINPROGRESS) {
        fail_connect(op, egress, errno);
        return;
    }
    op->io = loop_io_new(loop, op->fd, on_ready, op);
    loop_io_want(op->io, LOOP_WRITE);
}

struct tcp_connect *tcp_connect_start(struct loop *loop, const struct addr *addr, uint16_t port,
                                      const struct egress *egress, int64_t deadline_ms,
                                      tcp_connect_fn *done, void *arg)
{
    struct tcp_connect *op = mem_zalloc(sizeof(*op));
    op->addr = *addr;
    op->port = port;
    op->done = done;
    op->arg = arg;
    begin(op, loop, egress);
    op->timer = loop_timer_new(loop, on_timer, op);
    loop_timer_set(op->timer, op->outcome != OUTCOME_OK ? 0 : deadline_ms - clock_mono_ms());
    return op;
}

void tcp_connect_cancel(struct tcp_connect *op)
{
    if (!op)
        return;
    release(op);
    if (op->fd >= 0)
        close(op->fd);
    free(op);
}
