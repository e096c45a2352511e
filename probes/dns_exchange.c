/* SPDX-License-Identifier: ISC
 *
 * UDP, then TCP (see dns_exchange.h). Owns: the socket, the pace, the frame of two bytes on TCP.
 *
 * A server that is silent over UDP, or that ICMP says is not there, gets its chance over TCP: a
 * firewall may drop the one and not the other, and TCP says best why nothing comes.
 */
#include "probes/dns_exchange.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/duration.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/conn.h"
#include "probes/tcp.h"

#define FIRST_WAIT_MS 1000 /* for an answer over UDP; doubled with the packet after it */
#define MAX_PACKETS   2
#define MAX_TAKEN     64 /* datagrams that were no answer; more are a flood */

struct dns_exchange {
    struct loop *loop;
    struct dns_exchange_spec spec;
    struct buf message; /* with the frame of TCP in front */
    struct loop_timer *timer;
    int64_t started_ms;
    /* UDP */
    int fd;
    struct loop_io *io;
    unsigned packets;
    unsigned taken;
    char udp[96]; /* what became of UDP, for the detail of TCP's failure */
    /* TCP */
    struct conn *conn;
    size_t sent;
    struct buf received;
    enum outcome failure; /* told by the timer */
    char detail[160];
    dns_exchange_fn *done;
    void *arg;
};

bool dns_answers(const void *sent, const void *reply, size_t len)
{
    const uint8_t *ours = sent;
    const uint8_t *theirs = reply;
    return len >= 12 && ours[0] == theirs[0] && ours[1] == theirs[1] && (theirs[2] & 0x80) &&
           (ours[2] & 0x78) == (theirs[2] & 0x78);
}

static bool is_cut(const uint8_t *reply)
{
    return reply[2] & 0x02;
}

/* --- the end --- */

static void close_udp(struct dns_exchange *exchange)
{
    loop_io_free(exchange->io);
    exchange->io = NULL;
    if (exchange->fd >= 0)
        close(exchange->fd);
    exchange->fd = -1;
}

void dns_exchange_cancel(struct dns_exchange *exchange)
{
    if (!exchange)
        return;
    close_udp(exchange);
    conn_free(exchange->conn);
    loop_timer_free(exchange->timer);
    buf_clear(&exchange->message);
    buf_clear(&exchange->received);
    free(exchange);
}

/* data: NULL, or bytes that outlive the exchange. */
static void finish(struct dns_exchange *exchange, enum outcome outcome, const uint8_t *data,
                   size_t len)
{
    struct dns_reply reply = {
        .outcome = outcome, .tcp = exchange->conn != NULL, .data = data, .len = len};
    dns_exchange_fn *done = exchange->done;
    void *arg = exchange->arg;
    str_copy(reply.detail, sizeof reply.detail, exchange->detail);
    if (outcome != OUTCOME_OK && exchange->udp[0])
        str_append(reply.detail, sizeof reply.detail, "%s%s", reply.detail[0] ? "; " : "",
                   exchange->udp);
    dns_exchange_cancel(exchange);
    done(&reply, arg);
}

/* --- TCP --- */

static const uint8_t *message_of(const struct dns_exchange *exchange)
{
    return exchange->message.data + 2;
}

/* The stream ended or broke before an answer was there. */
static void finish_broken(struct dns_exchange *exchange, enum tls_io io)
{
    enum outcome outcome = io == TLS_IO_FAILED ? conn_outcome(exchange->conn) : OUTCOME_RESET;
    str_append(exchange->detail, sizeof exchange->detail,
               "the server hung up without an answer%s%s",
               conn_detail(exchange->conn)[0] ? ": " : "", conn_detail(exchange->conn));
    finish(exchange, outcome == OUTCOME_OK ? OUTCOME_RESET : outcome, NULL, 0);
}

/* True when it has finished. */
static bool take_answer(struct dns_exchange *exchange)
{
    struct buf *got = &exchange->received;
    if (got->len < 2)
        return false;
    size_t len = (size_t)got->data[0] << 8 | got->data[1];
    if (got->len < 2 + len)
        return false;
    if (!dns_answers(message_of(exchange), got->data + 2, len)) {
        str_append(exchange->detail, sizeof exchange->detail,
                   "what came back over TCP (%zu bytes) is no answer to what was sent", len);
        finish(exchange, OUTCOME_DNS_MALFORMED, NULL, 0);
        return true;
    }
    struct buf kept = *got;
    buf_init(got, 0);
    finish(exchange, OUTCOME_OK, kept.data + 2, len);
    buf_clear(&kept);
    return true;
}

static void read_some(struct dns_exchange *exchange)
{
    for (;;) {
        size_t got = 0;
        char data[4096];
        enum tls_io io = conn_read(exchange->conn, data, sizeof data, &got);
        if (io == TLS_IO_WANT_READ || io == TLS_IO_WANT_WRITE)
            return;
        if (io != TLS_IO_OK || got == 0) {
            finish_broken(exchange, io);
            return;
        }
        if (!buf_append(&exchange->received, data, got)) {
            str_copy(exchange->detail, sizeof exchange->detail, "more than one answer");
            finish(exchange, OUTCOME_DNS_MALFORMED, NULL, 0);
            return;
        }
        if (take_answer(exchange))
            return;
    }
}

static void on_stream(unsigned ready, void *arg)
{
    struct dns_exchange *exchange = arg;
    (void)ready;
    while (exchange->sent < exchange->message.len) {
        size_t put = 0;
        enum tls_io io = conn_write(exchange->conn, exchange->message.data + exchange->sent,
                                    exchange->message.len - exchange->sent, &put);
        if (io == TLS_IO_WANT_READ || io == TLS_IO_WANT_WRITE)
            return;
        if (io != TLS_IO_OK) {
            finish_broken(exchange, io);
            return;
        }
        exchange->sent += put;
    }
    conn_watch(exchange->conn, LOOP_READ, on_stream, exchange);
    read_some(exchange);
}

static void on_conn(struct conn *conn, enum outcome outcome, void *arg)
{
    struct dns_exchange *exchange = arg;
    if (outcome != OUTCOME_OK) {
        str_copy(exchange->detail, sizeof exchange->detail, conn_detail(conn));
        finish(exchange, outcome, NULL, 0);
        return;
    }
    conn_watch(conn, LOOP_WRITE, on_stream, exchange);
}

static void start_tcp(struct dns_exchange *exchange)
{
    const struct dns_exchange_spec *spec = &exchange->spec;
    struct conn_spec conn = {.addr = spec->addr,
                             .port = spec->port,
                             .egress = spec->egress,
                             .deadline_ms = spec->deadline_ms};
    int64_t left_ms = spec->deadline_ms - clock_mono_ms();
    close_udp(exchange);
    exchange->conn = conn_start(exchange->loop, &conn, on_conn, exchange);
    loop_timer_set(exchange->timer, left_ms > 0 ? left_ms : 0);
}

/* --- UDP --- */

static void give_up_udp(struct dns_exchange *exchange, const char *why)
{
    str_copy(exchange->udp, sizeof exchange->udp, why);
    start_tcp(exchange);
}

/* Anybody may send a datagram: what does not fit is passed over. */
static void on_datagram(unsigned ready, void *arg)
{
    struct dns_exchange *exchange = arg;
    uint8_t data[4096];
    (void)ready;
    while (exchange->taken < MAX_TAKEN) {
        ssize_t got = recv(exchange->fd, data, sizeof data, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got < 0) {
            give_up_udp(exchange, errno == ECONNREFUSED ? "UDP: refused" : "UDP: failed");
            return;
        }
        exchange->taken++;
        if (!dns_answers(message_of(exchange), data, (size_t)got))
            continue;
        if (is_cut(data))
            start_tcp(exchange);
        else
            finish(exchange, OUTCOME_OK, data, (size_t)got);
        return;
    }
    give_up_udp(exchange, "UDP: a flood of what is no answer");
}

static void send_packet(struct dns_exchange *exchange)
{
    size_t len = exchange->message.len - 2;
    int64_t wait_ms = FIRST_WAIT_MS << exchange->packets;
    int64_t left_ms = exchange->spec.deadline_ms - clock_mono_ms();
    loop_timer_set(exchange->timer, wait_ms < left_ms ? wait_ms : left_ms);
    exchange->packets++;
    /* A packet that there is no room for is like one lost. */
    if (send(exchange->fd, message_of(exchange), len, 0) < 0 && errno != EAGAIN && errno != ENOBUFS)
        give_up_udp(exchange, errno == ECONNREFUSED ? "UDP: refused" : "UDP: can't be sent");
}

static enum outcome open_udp(struct dns_exchange *exchange)
{
    const struct dns_exchange_spec *spec = &exchange->spec;
    struct sockaddr_storage ss;
    socklen_t len = addr_to_sockaddr(&spec->addr, spec->port, &ss);
    char *detail = exchange->detail;
    exchange->fd = socket(spec->addr.af, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (exchange->fd < 0) {
        str_append(detail, sizeof exchange->detail, "socket: %s", tcp_error_name(errno));
        return tcp_outcome(errno);
    }
    enum outcome outcome =
        egress_apply(&spec->egress, exchange->fd, spec->addr.af, detail, sizeof exchange->detail);
    if (outcome != OUTCOME_OK)
        return outcome;
    if (connect(exchange->fd, (struct sockaddr *)&ss, len) == 0)
        return OUTCOME_OK;
    str_append(detail, sizeof exchange->detail, "connect: %s", tcp_error_name(errno));
    return tcp_connect_outcome(errno, spec->addr.af, &spec->egress);
}

/* --- time --- */

static void finish_late(struct dns_exchange *exchange)
{
    char took[DURATION_LEN];
    duration_format(clock_mono_ms() - exchange->started_ms, took);
    str_append(exchange->detail, sizeof exchange->detail, "no answer within %s", took);
    finish(exchange, OUTCOME_DNS_TIMEOUT, NULL, 0);
}

static void on_timer(void *arg)
{
    struct dns_exchange *exchange = arg;
    if (exchange->failure != OUTCOME_OK)
        finish(exchange, exchange->failure, NULL, 0);
    else if (clock_mono_ms() >= exchange->spec.deadline_ms)
        finish_late(exchange);
    else if (exchange->conn)
        loop_timer_set(exchange->timer, exchange->spec.deadline_ms - clock_mono_ms());
    else if (exchange->fd < 0)
        start_tcp(exchange);
    else if (exchange->packets < MAX_PACKETS)
        send_packet(exchange);
    else
        give_up_udp(exchange, "UDP: no answer");
}

struct dns_exchange *dns_exchange_start(struct loop *loop, const struct dns_exchange_spec *spec,
                                        dns_exchange_fn *done, void *arg)
{
    struct dns_exchange *exchange = mem_zalloc(sizeof *exchange);
    const uint8_t frame[] = {(uint8_t)(spec->len >> 8), (uint8_t)spec->len};
    exchange->loop = loop;
    exchange->spec = *spec;
    exchange->spec.message = NULL;
    exchange->started_ms = clock_mono_ms();
    exchange->fd = -1;
    exchange->done = done;
    exchange->arg = arg;
    buf_init(&exchange->message, 2 + DNS_MESSAGE_MAX);
    buf_init(&exchange->received, 2 + DNS_MESSAGE_MAX);
    buf_append(&exchange->message, frame, sizeof frame);
    if (!buf_append(&exchange->message, spec->message, spec->len))
        exchange->failure = OUTCOME_DNS_MALFORMED;
    else if (!spec->tcp && spec->len <= DNS_UDP_MAX)
        exchange->failure = open_udp(exchange);
    if (exchange->fd >= 0 && exchange->failure == OUTCOME_OK) {
        exchange->io = loop_io_new(loop, exchange->fd, on_datagram, exchange);
        loop_io_want(exchange->io, LOOP_READ);
    }
    exchange->timer = loop_timer_new(loop, on_timer, exchange);
    loop_timer_set(exchange->timer, 0);
    return exchange;
}
