/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "probes/tcp.h"

struct ctx {
    struct loop *loop;
    struct tcp_connect *op;
    int calls;
    enum outcome outcome;
    int fd;
    bool icmp;
    char detail[160];
};

static void on_done(const struct tcp_end *end, void *arg)
{
    struct ctx *c = arg;
    c->calls++;
    c->outcome = end->outcome;
    c->icmp = end->icmp;
    c->fd = end->fd;
    c->op = NULL;
    snprintf(c->detail, sizeof c->detail, "%s", end->detail);
}

/* A listener on loopback; port out. */
static int listen_on(const struct addr *addr, uint16_t *port)
{
    struct sockaddr_storage ss;
    socklen_t len = addr_to_sockaddr(addr, 0, &ss);
    struct addr bound;
    int fd = socket(addr->af, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    if (bind(fd, (struct sockaddr *)&ss, len) != 0) {
        close(fd);
        return -1;
    }
    assert_int_equal(listen(fd, 8), 0);
    len = sizeof ss;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
    assert_true(addr_from_sockaddr((struct sockaddr *)&ss, &bound, port));
    return fd;
}

static void start(struct ctx *c, const struct addr *addr, uint16_t port,
                  const struct egress *egress, int64_t ms)
{
    struct egress none = {0};
    c->calls = 0;
    c->fd = -2;
    c->op = tcp_connect_start(c->loop, addr, port, egress ? egress : &none, clock_mono_ms() + ms,
                              on_done, c);
    assert_int_equal(c->calls, 0); /* never before start returns */
}

static void errno_has_an_outcome(void **arg)
{
    static const struct {
        int error;
        enum outcome outcome;
    } rows[] = {
        {0, OUTCOME_OK},
        {ECONNREFUSED, OUTCOME_REFUSED},
        {ECONNRESET, OUTCOME_RESET},
        {EPIPE, OUTCOME_RESET},
        {ETIMEDOUT, OUTCOME_TIMEOUT},
        {ENETUNREACH, OUTCOME_NO_ROUTE},
        {EHOSTUNREACH, OUTCOME_UNREACHABLE},
        {EACCES, OUTCOME_PROHIBITED},
        {EPERM, OUTCOME_LOCAL_PERMISSION},
        {EMFILE, OUTCOME_LOCAL_RESOURCES},
        {EADDRNOTAVAIL, OUTCOME_LOCAL_RESOURCES},
        {EAFNOSUPPORT, OUTCOME_LOCAL_NO_FAMILY},
        {EBADF, OUTCOME_LOCAL_ERROR},
    };
    (void)arg;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(tcp_outcome(rows[i].error), rows[i].outcome);
}

static void connects_over_both_families(void **arg)
{
    struct ctx c = {.loop = loop_new()};
    (void)arg;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        struct addr addr = addr_loopback((enum family)f);
        uint16_t port;
        int listener = listen_on(&addr, &port);
        if (listener < 0) {
            print_message("no %s here\n", family_text((enum family)f));
            continue;
        }
        start(&c, &addr, port, NULL, 5000);
        loop_run(c.loop);
        assert_int_equal(c.calls, 1);
        assert_int_equal(c.outcome, OUTCOME_OK);
        assert_true(fcntl(c.fd, F_GETFL) & O_NONBLOCK);
        assert_true(fcntl(c.fd, F_GETFD) & FD_CLOEXEC);
        close(c.fd);
        close(listener);
        start(&c, &addr, port, NULL, 5000);
        loop_run(c.loop);
        assert_int_equal(c.calls, 1);
        assert_int_equal(c.outcome, OUTCOME_REFUSED);
        assert_false(c.icmp);
        assert_int_equal(c.fd, -1);
        assert_string_equal(c.detail, "ECONNREFUSED");
    }
    loop_free(c.loop);
}

static void a_full_backlog_times_out(void **arg)
{
    struct ctx c = {.loop = loop_new()};
    struct addr addr = addr_loopback(FAMILY_IPV4);
    uint16_t port;
    int fds[8];
    (void)arg;
    int listener = listen_on(&addr, &port);
    assert_int_equal(listen(listener, 0), 0); /* room for one */
    for (int i = 0; i < 8; i++) {
        struct sockaddr_storage ss;
        socklen_t len = addr_to_sockaddr(&addr, port, &ss);
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)!connect(fds[i], (struct sockaddr *)&ss, len);
    }
    start(&c, &addr, port, NULL, 50);
    loop_run(c.loop);
    assert_int_equal(c.calls, 1);
    assert_int_equal(c.outcome, OUTCOME_TIMEOUT);
    assert_string_equal(c.detail, "no answer to 1 SYN packet");
    for (int i = 0; i < 8; i++)
        close(fds[i]);
    close(listener);
    loop_free(c.loop);
}

static void a_missing_source_is_a_local_failure(void **arg)
{
    struct ctx c = {.loop = loop_new()};
    struct addr addr = addr_loopback(FAMILY_IPV4);
    struct egress egress = {0};
    (void)arg;
    assert_true(addr_parse("198.51.100.77", &egress.source));
    start(&c, &addr, 9, &egress, 5000);
    loop_run(c.loop);
    assert_int_equal(c.calls, 1);
    assert_int_equal(c.outcome, OUTCOME_LOCAL_SOURCE);
    egress = (struct egress){.interface = "rd-none0"};
    start(&c, &addr, 9, &egress, 5000);
    loop_run(c.loop);
    assert_int_equal(c.calls, 1);
    assert_int_equal(c.outcome, OUTCOME_LOCAL_SOURCE);
    loop_free(c.loop);
}

static void on_cancel(void *arg)
{
    struct ctx *c = arg;
    tcp_connect_cancel(c->op);
    c->op = NULL;
}

static void cancel_is_legal_in_every_state(void **arg)
{
    struct ctx c = {.loop = loop_new()};
    struct addr addr = addr_loopback(FAMILY_IPV4);
    struct egress bad = {.interface = "rd-none0"};
    uint16_t port;
    (void)arg;
    int listener = listen_on(&addr, &port);
    struct loop_timer *timer = loop_timer_new(c.loop, on_cancel, &c);
    tcp_connect_cancel(NULL);
    start(&c, &addr, port, NULL, 5000); /* waiting for the loop */
    tcp_connect_cancel(c.op);
    loop_run(c.loop);
    assert_int_equal(c.calls, 0);
    start(&c, &addr, port, &bad, 5000); /* failed, not yet told */
    tcp_connect_cancel(c.op);
    loop_run(c.loop);
    assert_int_equal(c.calls, 0);
    loop_timer_set(timer, 0); /* from another callback of the same turn, before its own */
    start(&c, &addr, port, NULL, 5000);
    loop_run(c.loop);
    assert_true(c.op == NULL && c.calls <= 1);
    if (c.calls)
        close(c.fd);
    loop_timer_free(timer);
    close(listener);
    loop_free(c.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errno_has_an_outcome),
        cmocka_unit_test(connects_over_both_families),
        cmocka_unit_test(a_full_backlog_times_out),
        cmocka_unit_test(a_missing_source_is_a_local_failure),
        cmocka_unit_test(cancel_is_legal_in_every_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
