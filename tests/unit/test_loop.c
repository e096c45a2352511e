/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <signal.h>
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
#include "lib/loop.h"

struct ctx {
    struct loop *loop;
    struct loop_timer *timer, *other;
    struct loop_io *io, *io2;
    struct loop_signal *sig;
    int fds[2];
    int calls;
    unsigned ready;
    int64_t at_us;
};

static void count(void *arg)
{
    struct ctx *c = arg;
    c->calls++;
    c->at_us = clock_mono_us();
}

static void timers_are_deferred_and_never_early(void **arg)
{
    struct ctx c = {.loop = loop_new()};
    (void)arg;
    c.timer = loop_timer_new(c.loop, count, &c);
    assert_false(loop_timer_pending(c.timer));
    loop_timer_set(c.timer, 0);
    assert_int_equal(c.calls, 0);
    assert_true(loop_timer_pending(c.timer));
    loop_run(c.loop);
    assert_int_equal(c.calls, 1);
    assert_false(loop_timer_pending(c.timer));
    for (int i = 0; i < 20; i++) {
        int64_t start = clock_mono_us();
        loop_timer_set_us(c.timer, 3000);
        loop_run(c.loop);
        assert_true(c.at_us - start >= 3000);
    }
    loop_timer_set(c.timer, INT64_MAX);
    loop_timer_set(c.timer, -1); /* re-arms */
    loop_run(c.loop);
    assert_int_equal(c.calls, 22);
    loop_timer_set_us(c.timer, INT64_MAX);
    loop_timer_clear(c.timer);
    loop_run(c.loop); /* nothing registered: returns */
    assert_int_equal(c.calls, 22);
    loop_timer_free(c.timer);
    loop_free(c.loop);
}

static void hold_up(void *arg)
{
    struct ctx *c = arg;
    int64_t end = clock_mono_us() + 20000;
    while (clock_mono_us() < end)
        ;
    c->calls++;
}

static void lateness_is_noticed(void **arg)
{
    struct ctx c = {.loop = loop_new()};
    (void)arg;
    assert_int_equal(loop_late_us(c.loop), 0);
    c.timer = loop_timer_new(c.loop, hold_up, &c);
    c.other = loop_timer_new(c.loop, count, &c);
    loop_timer_set_us(c.timer, 0);
    loop_timer_set_us(c.other, 1000);
    loop_run(c.loop);
    assert_int_equal(c.calls, 2);
    assert_true(loop_late_us(c.loop) >= 18000);
    loop_timer_free(c.timer);
    loop_timer_free(c.other);
    loop_free(c.loop);
}

static void free_both_timers(void *arg)
{
    struct ctx *c = arg;
    c->calls++;
    loop_timer_free(c->timer);
    loop_timer_free(c->other);
}

static void timer_frees_itself_and_its_neighbour(void **arg)
{
    struct ctx c = {.loop = loop_new()};
    (void)arg;
    c.timer = loop_timer_new(c.loop, free_both_timers, &c);
    c.other = loop_timer_new(c.loop, free_both_timers, &c);
    loop_timer_set(c.timer, 0);
    loop_timer_set(c.other, 0);
    loop_run(c.loop);
    assert_int_equal(c.calls, 1);
    loop_free(c.loop);
}

static void on_ready(unsigned ready, void *arg)
{
    struct ctx *c = arg;
    char byte;
    c->calls++;
    c->ready = ready;
    if (ready & LOOP_WRITE) {
        assert_int_equal(write(c->fds[1], "x", 1), 1);
        loop_io_want(c->io, LOOP_READ);
    } else {
        assert_int_equal(read(c->fds[0], &byte, 1), 1);
        loop_io_want(c->io, 0);
    }
}

static void want_changes_inside_the_callback(void **arg)
{
    struct ctx c = {.loop = loop_new()};
    (void)arg;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, c.fds), 0);
    c.io = loop_io_new(c.loop, c.fds[0], on_ready, &c);
    loop_run(c.loop); /* nothing wanted: returns */
    loop_io_want(c.io, LOOP_WRITE);
    assert_int_equal(c.calls, 0);
    loop_run(c.loop);
    assert_int_equal(c.calls, 2);
    assert_int_equal(c.ready, LOOP_READ);
    loop_io_free(c.io);
    close(c.fds[0]);
    close(c.fds[1]);
    loop_free(c.loop);
}

static void free_both_watches(unsigned ready, void *arg)
{
    struct ctx *c = arg;
    (void)ready;
    c->calls++;
    loop_io_free(c->io);
    loop_io_free(c->io2);
    close(c->fds[0]);
    close(c->fds[1]);
}

static void watch_frees_itself_and_its_neighbour(void **arg)
{
    struct ctx c = {.loop = loop_new()};
    (void)arg;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, c.fds), 0);
    c.io = loop_io_new(c.loop, c.fds[0], free_both_watches, &c);
    c.io2 = loop_io_new(c.loop, c.fds[1], free_both_watches, &c);
    loop_io_want(c.io, LOOP_READ | LOOP_WRITE);
    loop_io_want(c.io2, LOOP_WRITE);
    loop_run(c.loop);
    assert_int_equal(c.calls, 1);
    loop_free(c.loop);
}

static void free_signal(void *arg)
{
    struct ctx *c = arg;
    c->calls++;
    loop_signal_free(c->sig);
}

static void signal_frees_itself(void **arg)
{
    struct ctx c = {.loop = loop_new()};
    (void)arg;
    c.sig = loop_signal_new(c.loop, SIGUSR1, free_signal, &c);
    raise(SIGUSR1);
    assert_int_equal(c.calls, 0);
    loop_run(c.loop);
    assert_int_equal(c.calls, 1);
    loop_free(c.loop);
}

static void count_and_stop(void *arg)
{
    struct ctx *c = arg;
    c->calls++;
    loop_stop(c->loop);
}

/* A storm of one signal is one call, and another that came with it has its turn. */
static void signals_are_called_once(void **arg)
{
    struct ctx c = {.loop = loop_new()};
    (void)arg;
    c.sig = loop_signal_new(c.loop, SIGUSR1, count, &c);
    struct loop_signal *end = loop_signal_new(c.loop, SIGUSR2, count_and_stop, &c);
    for (int i = 0; i < 50; i++)
        raise(SIGUSR1);
    raise(SIGUSR2);
    loop_run(c.loop);
    assert_int_equal(c.calls, 2);
    loop_signal_free(c.sig);
    loop_signal_free(end);
    loop_free(c.loop);
}

static void stop_loop(void *arg)
{
    struct ctx *c = arg;
    c->calls++;
    loop_timer_set(c->timer, 0);
    loop_stop(c->loop);
}

static void stop_and_go_on(void **arg)
{
    struct ctx c = {.loop = loop_new()};
    (void)arg;
    c.timer = loop_timer_new(c.loop, stop_loop, &c);
    loop_timer_set(c.timer, 0);
    loop_run(c.loop);
    assert_int_equal(c.calls, 1);
    loop_after_fork(c.loop);
    loop_run(c.loop);
    assert_int_equal(c.calls, 2);
    loop_timer_free(c.timer);
    loop_timer_free(NULL);
    loop_io_free(NULL);
    loop_signal_free(NULL);
    loop_free(c.loop);
    assert_true(strncmp(loop_version(), "2.", 2) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_are_deferred_and_never_early),
        cmocka_unit_test(lateness_is_noticed),
        cmocka_unit_test(timer_frees_itself_and_its_neighbour),
        cmocka_unit_test(want_changes_inside_the_callback),
        cmocka_unit_test(watch_frees_itself_and_its_neighbour),
        cmocka_unit_test(signal_frees_itself),
        cmocka_unit_test(signals_are_called_once),
        cmocka_unit_test(stop_and_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
