/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "monitor/clockwatch.h"

/* --- between us and the kernel: clocks that are set, a machine that sleeps
 * ------------------------ */

static struct {
    int fd;         /* the watch's timer, -1: not known */
    int read_error; /* what reading it gives; 0: nothing amiss */
    int64_t boot_ms, wall_ms;
} fake = {.fd = -1};

int clock_gettime(clockid_t id, struct timespec *now)
{
    int result = (int)syscall(SYS_clock_gettime, id, now);
    int64_t ahead_ms = id == CLOCK_BOOTTIME   ? fake.boot_ms
                       : id == CLOCK_REALTIME ? fake.wall_ms
                                              : 0;
    now->tv_sec += ahead_ms / 1000;
    return result;
}

ssize_t read(int fd, void *buffer, size_t cap)
{
    ssize_t got = syscall(SYS_read, fd, buffer, cap);
    if (fd != fake.fd || fake.read_error == 0)
        return got;
    errno = fake.read_error;
    return -1;
}

struct row {
    int64_t mono, boot, wall; /* how far each clock went */
    bool told;
    int64_t suspended, step;
};

static void test_compare(void **state)
{
    static const struct row rows[] = {
        {60000, 60000, 60000, false, 0, 0},
        {60000, 60000, 60999, false, 0, 0},          /* below a second */
        {60000, 60000, 59001, false, 0, 0},          /* the same back */
        {60000, 60000, 61000, true, 0, 1000},        /* stepped ahead */
        {60000, 60000, -3540000, true, 0, -3600000}, /* an hour back */
        {60000, 660000, 660000, true, 600000, 0},    /* slept for ten minutes */
        {60000, 660000, 665000, true, 600000, 5000}, /* slept, and the clock was off */
        {60000, 60500, 60500, false, 0, 0},          /* a nap */
        {1000, 1000, INT64_C(1764000000000), true, 0, INT64_C(1763999999000)}, /* 1970 to now */
    };
    (void)state;
    const struct clock_reading before = {.mono_ms = 5000, .boot_ms = 7000, .wall_ms = 9000};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct clock_reading after = {.mono_ms = before.mono_ms + row->mono,
                                      .boot_ms = before.boot_ms + row->boot,
                                      .wall_ms = before.wall_ms + row->wall};
        int64_t suspended;
        int64_t step;
        assert_int_equal(clockwatch_compare(&before, &after, &suspended, &step), row->told);
        assert_int_equal(suspended, row->suspended);
        assert_int_equal(step, row->step);
    }
}

static void never(int64_t suspended_ms, int64_t step_ms, void *arg)
{
    (void)suspended_ms;
    (void)step_ms;
    (void)arg;
    fail_msg("nothing happened to the clock");
}

static void stop(void *arg)
{
    loop_stop(arg);
}

static void test_quiet_clock_is_quiet(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    struct clockwatch *watch = clockwatch_new(loop, never, NULL);
    struct loop_timer *timer = loop_timer_new(loop, stop, loop);
    assert_non_null(watch);
    loop_timer_set(timer, 20);
    loop_run(loop);
    loop_timer_free(timer);
    clockwatch_free(watch);
    loop_free(loop);
}

struct heard {
    struct loop *loop;
    unsigned count;
    int64_t suspended_ms, step_ms;
};

static void hear(int64_t suspended_ms, int64_t step_ms, void *arg)
{
    struct heard *heard = arg;
    heard->count++;
    heard->suspended_ms = suspended_ms;
    heard->step_ms = step_ms;
}

/* The timer on the wall clock: the one whose expiry is years away. */
static int find_timer(void)
{
    for (int fd = 0; fd < 256; fd++) {
        struct itimerspec left;
        if (timerfd_gettime(fd, &left) == 0 && left.it_value.tv_sec > 86400)
            return fd;
    }
    return -1;
}

/* The kernel ends the wait; the loop sees it and comes to rest again. */
static void wake(struct heard *heard, int error)
{
    struct itimerspec soon = {.it_value.tv_nsec = 1};
    struct loop_timer *timer = loop_timer_new(heard->loop, stop, heard->loop);
    fake.read_error = error;
    assert_int_equal(timerfd_settime(fake.fd, 0, &soon, NULL), 0);
    loop_timer_set(timer, 20);
    loop_run(heard->loop);
    loop_timer_free(timer);
}

static void test_each_jump_is_told_once(void **state)
{
    (void)state;
    struct heard heard = {.loop = loop_new()};
    struct clockwatch *watch = clockwatch_new(heard.loop, hear, &heard);
    assert_non_null(watch);
    fake.fd = find_timer();
    assert_true(fake.fd >= 0);
    wake(&heard, ECANCELED); /* set, but to what it was */
    assert_int_equal(heard.count, 0);
    fake.wall_ms = -7200000;
    wake(&heard, ECANCELED);
    assert_int_equal(heard.count, 1);
    assert_int_equal(heard.suspended_ms, 0);
    assert_in_range(heard.step_ms + 7200000 + 100, 0, 200);
    /* It is armed again: the next one is heard as well, and what was told is not told again. */
    assert_true(find_timer() == fake.fd);
    fake.boot_ms += 600000;
    fake.wall_ms += 600000;
    wake(&heard, ECANCELED);
    assert_int_equal(heard.count, 2);
    assert_in_range(heard.suspended_ms - 600000 + 100, 0, 200);
    assert_int_equal(heard.step_ms, 0);
    wake(&heard, 0);
    assert_int_equal(heard.count, 2);
    clockwatch_free(watch);
    loop_free(heard.loop);
    fake.fd = -1;
    fake.boot_ms = fake.wall_ms = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_quiet_clock_is_quiet),
        cmocka_unit_test(test_each_jump_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
