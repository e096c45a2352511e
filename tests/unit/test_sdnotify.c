/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/str.h"
#include "monitor/sdnotify.h"

static char dir[] = "/tmp/reachd-notify-XXXXXX";
static char path[64];
static int server;
static char text[512];

/* The manager's end, at a path or ("@…") in the abstract namespace. */
static void listen_at(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    str_copy(address.sun_path, sizeof(address.sun_path), name);
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    server = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_int_equal(bind(server, (struct sockaddr *)&address, len), 0);
    struct timeval limit = {.tv_sec = 10};
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setenv("NOTIFY_SOCKET", name, 1);
}

static const char *receive(void)
{
    ssize_t n = recv(server, text, sizeof(text) - 1, 0);
    assert_true(n >= 0);
    text[n] = '\0';
    return text;
}

static bool is_silent(void)
{
    return recv(server, text, sizeof(text), MSG_DONTWAIT) < 0;
}

static int setup(void **state)
{
    (void)state;
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    memset(dir + strlen(dir) - 6, 'X', 6);
    if (!mkdtemp(dir))
        return -1;
    path[0] = '\0';
    str_append(path, sizeof(path), "%s/notify", dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unsetenv("NOTIFY_SOCKET");
    close(server);
    unlink(path);
    return rmdir(dir);
}

static void says_each_state(void **state)
{
    (void)state;
    listen_at(path);
    struct loop *loop = loop_new();
    struct sdnotify *notify = sdnotify_new(loop);
    sdnotify_ready(notify, "watching 3 targets\nX=1");
    assert_string_equal(receive(), "READY=1\nSTATUS=watching 3 targets?X=1");
    sdnotify_status(notify, "1 down");
    assert_string_equal(receive(), "STATUS=1 down");
    long long before = clock_mono_us(), usec = 0;
    sdnotify_reloading(notify);
    assert_int_equal(sscanf(receive(), "RELOADING=1\nMONOTONIC_USEC=%lld", &usec), 1);
    assert_true(usec >= before && usec <= clock_mono_us());
    sdnotify_stopping(notify);
    assert_true(str_starts(receive(), "STOPPING=1\n"));
    loop_run(loop); /* no watchdog asked for: nothing is registered */
    assert_true(is_silent());
    sdnotify_free(notify);
    loop_free(loop);
}

static void abstract_sockets(void **state)
{
    (void)state;
    char name[64] = "";
    str_append(name, sizeof(name), "@reachd-test-%d", (int)getpid());
    listen_at(name);
    struct loop *loop = loop_new();
    struct sdnotify *notify = sdnotify_new(loop);
    sdnotify_ready(notify, "x");
    assert_string_equal(receive(), "READY=1\nSTATUS=x");
    sdnotify_free(notify);
    loop_free(loop);
}

static void on_limit(void *arg)
{
    loop_stop(arg);
}

/* Runs the loop for a moment and says how often the watchdog was fed. */
static int count_feeds(int64_t for_ms)
{
    struct loop *loop = loop_new();
    struct sdnotify *notify = sdnotify_new(loop);
    struct loop_timer *limit = loop_timer_new(loop, on_limit, loop);
    loop_timer_set(limit, for_ms);
    loop_run(loop);
    int feeds = 0;
    while (!is_silent())
        feeds++;
    sdnotify_free(notify);
    loop_timer_free(limit);
    loop_free(loop);
    return feeds;
}

struct feeds {
    struct loop *loop;
    int count;
};

static void on_feed(unsigned ready, void *arg)
{
    struct feeds *feeds = arg;
    (void)ready;
    assert_string_equal(receive(), "WATCHDOG=1");
    if (++feeds->count == 2)
        loop_stop(feeds->loop);
}

static void the_watchdog_is_fed_at_half_its_time(void **state)
{
    (void)state;
    listen_at(path);
    setenv("WATCHDOG_USEC", "20000", 1);
    struct loop *loop = loop_new();
    struct feeds feeds = {.loop = loop};
    struct loop_io *io = loop_io_new(loop, server, on_feed, &feeds);
    loop_io_want(io, LOOP_READ);
    int64_t start = clock_mono_us();
    struct sdnotify *notify = sdnotify_new(loop);
    struct loop_timer *limit = loop_timer_new(loop, on_limit, loop);
    loop_timer_set(limit, 5000);
    loop_run(loop);
    assert_int_equal(feeds.count, 2);
    assert_true(clock_mono_us() - start >= 20000);
    sdnotify_free(notify);
    loop_timer_free(limit);
    loop_io_free(io);
    loop_free(loop);
}

static void a_watchdog_for_another_process_is_not_ours(void **state)
{
    (void)state;
    listen_at(path);
    char pid[16] = "";
    setenv("WATCHDOG_USEC", "2000", 1);
    setenv("WATCHDOG_PID", "1", 1);
    assert_int_equal(count_feeds(20), 0);
    setenv("WATCHDOG_PID", "rubbish", 1);
    assert_int_equal(count_feeds(20), 0);
    str_append(pid, sizeof(pid), "%d", (int)getpid());
    setenv("WATCHDOG_PID", pid, 1);
    assert_true(count_feeds(20) >= 1);
    setenv("WATCHDOG_USEC", "rubbish", 1);
    assert_int_equal(count_feeds(20), 0);
}

static void without_a_manager_nothing_happens(void **state)
{
    (void)state;
    static char too_long[200];
    memset(too_long, 'x', sizeof(too_long) - 1);
    too_long[0] = '/';
    const char *const names[] = {NULL, "", "/", "@", "vsock:2:1", "/nonexistent/notify", too_long};
    listen_at(path);
    setenv("WATCHDOG_USEC", "2000", 1);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        unsetenv("NOTIFY_SOCKET");
        if (names[i])
            setenv("NOTIFY_SOCKET", names[i], 1);
        struct loop *loop = loop_new();
        struct sdnotify *notify = sdnotify_new(loop);
        sdnotify_ready(notify, "x");
        sdnotify_stopping(notify);
        sdnotify_free(notify);
        loop_free(loop);
    }
    assert_true(is_silent());
    sdnotify_free(NULL);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(says_each_state),
        TEST(abstract_sockets),
        TEST(the_watchdog_is_fed_at_half_its_time),
        TEST(a_watchdog_for_another_process_is_not_ours),
        TEST(without_a_manager_nothing_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
