/* SPDX-License-Identifier: ISC
 *
 * One timer on the wall clock, far in the future: the kernel cancels it whenever the clock is set,
 * and at every resume. What happened is read from the distances of the three clocks.
 */
#include "monitor/clockwatch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"

#define TAG "clock"

#define IGNORED_BELOW_MS 1000
#define FAR_S            (INT64_C(3650) * 86400)

#ifndef TFD_TIMER_CANCEL_ON_SET
#define TFD_TIMER_CANCEL_ON_SET (1 << 1)
#endif

struct clockwatch {
    int fd;
    struct loop_io *io;
    clockwatch_fn *fn;
    void *arg;
    struct clock_reading last; /* at the last report: small steps add up */
};

static struct clock_reading read_clocks(void)
{
    return (struct clock_reading){
        .mono_ms = clock_mono_ms(), .boot_ms = clock_boot_ms(), .wall_ms = clock_wall_ms()};
}

static bool counts(int64_t ms)
{
    return ms >= IGNORED_BELOW_MS || ms <= -IGNORED_BELOW_MS;
}

bool clockwatch_compare(const struct clock_reading *before, const struct clock_reading *after,
                        int64_t *suspended_ms, int64_t *step_ms)
{
    int64_t asleep = (after->boot_ms - after->mono_ms) - (before->boot_ms - before->mono_ms);
    int64_t step = (after->wall_ms - after->boot_ms) - (before->wall_ms - before->boot_ms);
    *suspended_ms = asleep >= IGNORED_BELOW_MS ? asleep : 0;
    *step_ms = counts(step) ? step : 0;
    return *suspended_ms || *step_ms;
}

static bool arm(const struct clockwatch *watch)
{
    struct itimerspec far = {.it_value.tv_sec = (time_t)(clock_wall_ms() / 1000 + FAR_S)};
    /* Where time_t has 32 bits the sum may not fit; any moment far ahead will do. */
    if (far.it_value.tv_sec <= 0)
        far.it_value.tv_sec = INT32_MAX;
    return timerfd_settime(watch->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL) == 0;
}

static void on_ready(unsigned ready, void *arg)
{
    struct clockwatch *watch = arg;
    uint64_t expirations;
    (void)ready;
    if (read(watch->fd, &expirations, sizeof(expirations)) < 0 && errno != ECANCELED)
        return;
    arm(watch);
    struct clock_reading now = read_clocks();
    int64_t suspended_ms;
    int64_t step_ms;
    if (!clockwatch_compare(&watch->last, &now, &suspended_ms, &step_ms))
        return;
    watch->last = now;
    watch->fn(suspended_ms, step_ms, watch->arg);
}

struct clockwatch *clockwatch_new(struct loop *loop, clockwatch_fn *fn, void *arg)
{
    struct clockwatch *watch = mem_zalloc(sizeof(*watch));
    watch->fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (watch->fd < 0 || !arm(watch)) {
        log_warn(TAG, "a step of the clock or a suspend will not be noticed at once: %s",
                 strerror(errno));
        clockwatch_free(watch);
        return NULL;
    }
    watch->fn = fn;
    watch->arg = arg;
    watch->last = read_clocks();
    watch->io = loop_io_new(loop, watch->fd, on_ready, watch);
    loop_io_want(watch->io, LOOP_READ);
    return watch;
}

void clockwatch_free(struct clockwatch *watch)
{
    if (!watch)
        return;
    loop_io_free(watch->io);
    if (watch->fd >= 0)
        close(watch->fd);
    free(watch);
}
