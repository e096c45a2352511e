/* SPDX-License-Identifier: ISC
 *
 * One DNS message and its answer, against a server on loopback inside this process: UDP, TCP, and
 * what comes instead of an answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/dns_exchange.h"

#define LIMIT_MS 10000

enum way {
    ANSWER,
    CUT,     /* the TC bit */
    OTHERS,  /* what is no answer comes first */
    FOREIGN, /* nothing but what is no answer */
    PIECES,  /* on TCP, byte after byte */
    HANG_UP, /* on TCP */
    SILENCE,
};

struct rig {
    struct loop *loop;
    int udp, tcp, client;
    uint16_t port;
    struct loop_io *udp_io, *tcp_io, *client_io;
    struct loop_timer *timer; /* the next piece */
    enum way udp_way, tcp_way;
    uint8_t got[4096], reply[64];
    size_t got_len, reply_len, sent;
    unsigned udp_count, tcp_count;
    /* what came of it */
    struct dns_exchange *exchange;
    struct dns_reply result;
    uint8_t data[64];
    unsigned calls;
    bool starting;
};

/* --- the server --- */

static size_t make_reply(const uint8_t *message, enum way way, uint8_t out[32])
{
    memcpy(out, message, 12);
    out[2] |= 0x80;
    if (way == CUT)
        out[2] |= 0x02;
    if (way == FOREIGN)
        out[0] ^= 0xff;
    memcpy(out + 12, "end", 3);
    return 15;
}

static void on_udp(unsigned ready, void *arg)
{
    struct rig *rig = arg;
    struct sockaddr_storage from;
    socklen_t from_len = sizeof from;
    uint8_t message[1024], reply[32];
    ssize_t got =
        recvfrom(rig->udp, message, sizeof message, 0, (struct sockaddr *)&from, &from_len);
    (void)ready;
    assert_true(got >= 12);
    rig->udp_count++;
    if (rig->udp_way == SILENCE)
        return;
    if (rig->udp_way == OTHERS) {
        sendto(rig->udp, "short", 5, 0, (struct sockaddr *)&from, from_len);
        sendto(rig->udp, message, (size_t)got, 0, (struct sockaddr *)&from, from_len);
        size_t len = make_reply(message, FOREIGN, reply);
        sendto(rig->udp, reply, len, 0, (struct sockaddr *)&from, from_len);
    }
    size_t len = make_reply(message, rig->udp_way, reply);
    sendto(rig->udp, reply, len, 0, (struct sockaddr *)&from, from_len);
}

static void on_piece(void *arg)
{
    struct rig *rig = arg;
    size_t len = rig->tcp_way == PIECES ? 1 : rig->reply_len;
    if (rig->client < 0 || rig->sent >= rig->reply_len)
        return;
    assert_int_equal(send(rig->client, rig->reply + rig->sent, len, MSG_NOSIGNAL), (ssize_t)len);
    rig->sent += len;
    loop_timer_set(rig->timer, 1);
}

static void hang_up(struct rig *rig)
{
    loop_io_free(rig->client_io);
    rig->client_io = NULL;
    if (rig->client >= 0)
        close(rig->client);
    rig->client = -1;
}

static void on_client(unsigned ready, void *arg)
{
    struct rig *rig = arg;
    (void)ready;
    ssize_t got = recv(rig->client, rig->got + rig->got_len, sizeof rig->got - rig->got_len, 0);
    if (got <= 0) {
        hang_up(rig);
        return;
    }
    rig->got_len += (size_t)got;
    size_t want = rig->got_len < 2 ? 2 : 2 + ((size_t)rig->got[0] << 8 | rig->got[1]);
    if (rig->got_len < want)
        return;
    rig->tcp_count++;
    assert_int_equal(rig->got_len, want);
    if (rig->tcp_way == HANG_UP)
        hang_up(rig);
    if (rig->tcp_way == HANG_UP || rig->tcp_way == SILENCE)
        return;
    size_t len = make_reply(rig->got + 2, rig->tcp_way, rig->reply + 2);
    rig->reply[0] = 0;
    rig->reply[1] = (uint8_t)len;
    rig->reply_len = len + 2;
    on_piece(rig);
}

static void on_accept(unsigned ready, void *arg)
{
    struct rig *rig = arg;
    (void)ready;
    hang_up(rig);
    rig->got_len = rig->sent = rig->reply_len = 0; /* of one that was given up */
    rig->client = accept(rig->tcp, NULL, NULL);
    rig->client_io = loop_io_new(rig->loop, rig->client, on_client, rig);
    loop_io_want(rig->client_io, LOOP_READ);
}

static int bound(int type, uint16_t *port)
{
    struct addr addr = addr_loopback(FAMILY_IPV4);
    struct sockaddr_storage ss;
    socklen_t len = addr_to_sockaddr(&addr, *port, &ss);
    int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&ss, len) != 0) {
        close(fd);
        return -1;
    }
    len = sizeof ss;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
    assert_true(addr_from_sockaddr((struct sockaddr *)&ss, &addr, port));
    return fd;
}

/* A port that is free for both. */
static void bind_both(struct rig *rig)
{
    for (rig->tcp = -1; rig->tcp < 0;) {
        rig->port = 0;
        rig->udp = bound(SOCK_DGRAM, &rig->port);
        rig->tcp = bound(SOCK_STREAM, &rig->port);
        if (rig->tcp < 0)
            close(rig->udp);
    }
}

static int setup(void **state)
{
    struct rig *rig = mem_zalloc(sizeof *rig);
    rig->loop = loop_new();
    rig->client = -1;
    bind_both(rig);
    assert_int_equal(listen(rig->tcp, 4), 0);
    rig->udp_io = loop_io_new(rig->loop, rig->udp, on_udp, rig);
    rig->tcp_io = loop_io_new(rig->loop, rig->tcp, on_accept, rig);
    rig->timer = loop_timer_new(rig->loop, on_piece, rig);
    loop_io_want(rig->udp_io, LOOP_READ);
    loop_io_want(rig->tcp_io, LOOP_READ);
    *state = rig;
    return 0;
}

static void no_udp(struct rig *rig)
{
    loop_io_free(rig->udp_io);
    rig->udp_io = NULL;
    close(rig->udp);
    rig->udp = -1;
}

static void no_tcp(struct rig *rig)
{
    loop_io_free(rig->tcp_io);
    rig->tcp_io = NULL;
    close(rig->tcp);
    rig->tcp = -1;
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    dns_exchange_cancel(rig->exchange);
    hang_up(rig);
    no_udp(rig);
    no_tcp(rig);
    loop_timer_free(rig->timer);
    loop_free(rig->loop);
    free(rig);
    return 0;
}

/* --- the client --- */

static void on_done(const struct dns_reply *reply, void *arg)
{
    struct rig *rig = arg;
    assert_false(rig->starting);
    rig->exchange = NULL;
    rig->calls++;
    rig->result = *reply;
    if (reply->data)
        memcpy(rig->data, reply->data, reply->len);
    rig->result.data = NULL;
    loop_stop(rig->loop);
}

static void begin(struct rig *rig, size_t len, bool tcp, int64_t limit_ms)
{
    uint8_t message[2048] = {0x12, 0x34, 0x28};
    struct dns_exchange_spec spec = {.addr = addr_loopback(FAMILY_IPV4),
                                     .port = rig->port,
                                     .message = message,
                                     .len = len,
                                     .tcp = tcp,
                                     .deadline_ms = clock_mono_ms() + limit_ms};
    rig->starting = true;
    rig->exchange = dns_exchange_start(rig->loop, &spec, on_done, rig);
    rig->starting = false;
    memset(message, 0, sizeof message); /* it was copied */
}

static void run(struct rig *rig, size_t len, bool tcp)
{
    begin(rig, len, tcp, LIMIT_MS);
    loop_run(rig->loop);
    assert_int_equal(rig->calls, 1);
}

static void has_answer(const struct rig *rig, bool tcp)
{
    assert_int_equal(rig->result.outcome, OUTCOME_OK);
    assert_int_equal(rig->result.tcp, tcp);
    assert_int_equal(rig->result.len, 15);
    assert_memory_equal(rig->data + 12, "end", 3);
}

static void over_udp(void **state)
{
    struct rig *rig = *state;
    run(rig, 100, false);
    has_answer(rig, false);
    assert_int_equal(rig->udp_count, 1);
    assert_int_equal(rig->tcp_count, 0);
}

static void what_is_no_answer_is_passed_over(void **state)
{
    struct rig *rig = *state;
    rig->udp_way = OTHERS;
    run(rig, 100, false);
    has_answer(rig, false);
}

static void a_cut_answer_is_asked_again_over_tcp(void **state)
{
    struct rig *rig = *state;
    rig->udp_way = CUT;
    rig->tcp_way = PIECES;
    run(rig, 100, false);
    has_answer(rig, true);
    assert_int_equal(rig->udp_count, 1);
}

static void what_is_large_goes_over_tcp(void **state)
{
    struct rig *rig = *state;
    run(rig, DNS_UDP_MAX + 1, false);
    has_answer(rig, true);
    assert_int_equal(rig->got_len, DNS_UDP_MAX + 3);
    assert_int_equal(rig->udp_count, 0);
}

static void a_port_that_only_tcp_has(void **state)
{
    struct rig *rig = *state;
    no_udp(rig);
    run(rig, 100, false);
    has_answer(rig, true);
}

static void a_port_that_nobody_has(void **state)
{
    struct rig *rig = *state;
    no_udp(rig);
    no_tcp(rig);
    run(rig, 100, false);
    assert_int_equal(rig->result.outcome, OUTCOME_REFUSED);
    assert_non_null(strstr(rig->result.detail, "UDP: refused"));
}

static void nonsense_over_tcp(void **state)
{
    struct rig *rig = *state;
    rig->tcp_way = FOREIGN;
    run(rig, 100, true);
    assert_int_equal(rig->result.outcome, OUTCOME_DNS_MALFORMED);
    assert_int_equal(rig->result.len, 0);
}

static void hung_up(void **state)
{
    struct rig *rig = *state;
    rig->tcp_way = HANG_UP;
    run(rig, 100, true);
    assert_int_equal(rig->result.outcome, OUTCOME_RESET);
    assert_non_null(strstr(rig->result.detail, "hung up without an answer"));
}

static void silence_ends_in_time(void **state)
{
    struct rig *rig = *state;
    rig->udp_way = rig->tcp_way = SILENCE;
    begin(rig, 100, false, 1200); /* longer than the wait for the second packet */
    loop_run(rig->loop);
    assert_int_equal(rig->calls, 1);
    assert_int_equal(rig->result.outcome, OUTCOME_DNS_TIMEOUT);
    assert_non_null(strstr(rig->result.detail, "no answer within 1"));
    assert_int_equal(rig->udp_count, 2);
    rig->calls = 0;
    begin(rig, 100, true, 100);
    loop_run(rig->loop);
    assert_int_equal(rig->calls, 1);
    assert_int_equal(rig->result.outcome, OUTCOME_DNS_TIMEOUT);
    assert_true(rig->result.tcp);
}

static void stop(void *arg)
{
    struct rig *rig = arg;
    dns_exchange_cancel(rig->exchange);
    rig->exchange = NULL;
    loop_stop(rig->loop);
}

/* At every moment, and never a call after it. */
static void cancelled(void **state)
{
    struct rig *rig = *state;
    rig->udp_way = CUT;
    rig->tcp_way = PIECES;
    struct loop_timer *timer = loop_timer_new(rig->loop, stop, rig);
    for (int i = 0; i < 40; i++) {
        rig->got_len = rig->sent = rig->reply_len = 0;
        begin(rig, 100, i % 2, LIMIT_MS);
        loop_timer_set_us(timer, i * 100);
        loop_run(rig->loop);
        loop_timer_clear(timer);
        if (rig->calls > 0)
            break; /* slower than all of it */
    }
    stop(rig);
    loop_timer_free(timer);
    dns_exchange_cancel(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(over_udp),
        TEST(what_is_no_answer_is_passed_over),
        TEST(a_cut_answer_is_asked_again_over_tcp),
        TEST(what_is_large_goes_over_tcp),
        TEST(a_port_that_only_tcp_has),
        TEST(a_port_that_nobody_has),
        TEST(nonsense_over_tcp),
        TEST(hung_up),
        TEST(silence_ends_in_time),
        TEST(cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
