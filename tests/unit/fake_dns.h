/* SPDX-License-Identifier: ISC
 *
 * A scripted DNS server on loopback, UDP and TCP, on the test's own loop. Included by the tests
 * that need one.
 */
#ifndef REACHD_TESTS_FAKE_DNS_H
#define REACHD_TESTS_FAKE_DNS_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/loop.h"
#include "tests/unit/make_dns.h"

struct fake_question {
    uint16_t id;
    bool rd;
    bool tcp;
    char name[256]; /* as sent, so that the reply can repeat it */
    uint16_t type;
};

/* Fills the reply; false: silence. */
typedef bool fake_dns_fn(const struct fake_question *question, struct made_dns *reply, void *arg);

struct fake_dns {
    struct loop *loop;
    int udp, tcp, client;
    uint16_t port;
    struct loop_io *udp_io, *tcp_io, *client_io;
    fake_dns_fn *answer;
    void *arg;
    unsigned udp_count, tcp_count;
};

static inline bool fake_read_question(const uint8_t *data, size_t len, struct fake_question *q)
{
    size_t at = 12, used = 0;
    if (len < 17)
        return false;
    q->id = (uint16_t)(data[0] << 8 | data[1]);
    q->rd = data[2] & 1;
    while (at < len && data[at] != 0 && at + data[at] < len) {
        if (used)
            q->name[used++] = '.';
        memcpy(q->name + used, data + at + 1, data[at]);
        used += data[at];
        at += (size_t)data[at] + 1;
    }
    q->name[used] = '\0';
    if (len < at + 5)
        return false;
    q->type = (uint16_t)(data[at + 1] << 8 | data[at + 2]);
    return true;
}

static inline void fake_on_udp(unsigned ready, void *arg)
{
    struct fake_dns *dns = arg;
    uint8_t data[512];
    struct sockaddr_storage from;
    socklen_t from_len = sizeof(from);
    ssize_t len = recvfrom(dns->udp, data, sizeof(data), 0, (struct sockaddr *)&from, &from_len);
    struct fake_question q = {.tcp = false};
    struct made_dns reply = {.len = 0};
    (void)ready;
    if (len < 0 || !fake_read_question(data, (size_t)len, &q))
        return;
    dns->udp_count++;
    if (dns->answer(&q, &reply, dns->arg))
        sendto(dns->udp, reply.data, reply.len, 0, (struct sockaddr *)&from, from_len);
}

static inline void fake_close_client(struct fake_dns *dns)
{
    loop_io_free(dns->client_io);
    dns->client_io = NULL;
    if (dns->client >= 0)
        close(dns->client);
    dns->client = -1;
}

static inline void fake_on_client(unsigned ready, void *arg)
{
    struct fake_dns *dns = arg;
    uint8_t data[514];
    struct fake_question q = {.tcp = true};
    struct made_dns reply = {.len = 0};
    (void)ready;
    ssize_t len = read(dns->client, data, sizeof(data)); /* loopback: it comes in one piece */
    if (len <= 2 || !fake_read_question(data + 2, (size_t)len - 2, &q)) {
        fake_close_client(dns);
        return;
    }
    dns->tcp_count++;
    if (dns->answer(&q, &reply, dns->arg)) {
        uint8_t prefix[2] = {(uint8_t)(reply.len >> 8), (uint8_t)reply.len};
        assert_int_equal(send(dns->client, prefix, 2, MSG_MORE), 2);
        assert_int_equal(send(dns->client, reply.data, reply.len, 0), (ssize_t)reply.len);
    }
}

static inline void fake_on_tcp(unsigned ready, void *arg)
{
    struct fake_dns *dns = arg;
    (void)ready;
    fake_close_client(dns);
    dns->client = accept(dns->tcp, NULL, NULL);
    assert_true(dns->client >= 0);
    dns->client_io = loop_io_new(dns->loop, dns->client, fake_on_client, dns);
    loop_io_want(dns->client_io, LOOP_READ);
}

/* ip: "127.0.0.1"; port 0 takes a free one. Both sockets are on the same port. */
static inline void fake_dns_start(struct fake_dns *dns, struct loop *loop, const char *ip,
                                  uint16_t port, fake_dns_fn *answer, void *arg)
{
    struct sockaddr_storage sa;
    struct addr addr;
    int tries = 0;
    assert_true(addr_parse(ip, &addr));
    *dns = (struct fake_dns){.loop = loop, .client = -1, .answer = answer, .arg = arg};
    for (;;) {
        socklen_t len = addr_to_sockaddr(&addr, port, &sa);
        dns->tcp = socket(addr.af, SOCK_STREAM | SOCK_CLOEXEC, 0);
        dns->udp = socket(addr.af, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        int on = 1;
        setsockopt(dns->tcp, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        assert_int_equal(bind(dns->tcp, (struct sockaddr *)&sa, len), 0);
        assert_int_equal(getsockname(dns->tcp, (struct sockaddr *)&sa, &len), 0);
        if (bind(dns->udp, (struct sockaddr *)&sa, len) == 0)
            break;
        assert_true(++tries < 20); /* another's UDP socket has the number */
        close(dns->tcp);
        close(dns->udp);
    }
    assert_int_equal(listen(dns->tcp, 5), 0);
    assert_true(addr_from_sockaddr((struct sockaddr *)&sa, &addr, &dns->port));
    dns->udp_io = loop_io_new(loop, dns->udp, fake_on_udp, dns);
    dns->tcp_io = loop_io_new(loop, dns->tcp, fake_on_tcp, dns);
    loop_io_want(dns->udp_io, LOOP_READ);
    loop_io_want(dns->tcp_io, LOOP_READ);
}

static inline void fake_dns_stop(struct fake_dns *dns)
{
    loop_io_free(dns->udp_io);
    loop_io_free(dns->tcp_io);
    fake_close_client(dns);
    close(dns->udp);
    close(dns->tcp);
}

#endif
