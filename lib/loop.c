/* SPDX-License-Identifier: ISC
 *
 * The event loop. Owns: libevent's base and every event of ours. Not its job: what is waited for.
 *
 * Freeing inside the own callback is safe because each callback below calls the user's function as
 * its last act and touches nothing after it; libevent 2.1 does the same with its event.
 */
#include "lib/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"

/* Far beyond any use, and far from overflowing the clock it is added to. */
#define DELAY_MAX_US (INT64_C(100) * 366 * 86400 * 1000000)

struct loop {
    struct event_base *base;
    int64_t minute;     /* of the monotonic clock */
    int64_t late_us[2]; /* at worst: in this minute, in the one before */
};

struct loop_timer {
    struct event *event;
    struct loop *loop;
    loop_fn *fn;
    void *arg;
    int64_t due_us;
};

struct loop_io {
    struct event *event;
    struct loop *loop;
    loop_io_fn *fn;
    void *arg;
    int fd;
    unsigned want;
};

struct loop_signal {
    struct event *event;
    struct event *call; /* made active by each, called once */
    loop_fn *fn;
    void *arg;
};

static void on_library_log(int severity, const char *text)
{
    if (severity == EVENT_LOG_ERR)
        log_error("loop", "libevent: %s", text);
    else if (severity == EVENT_LOG_WARN)
        log_warn("loop", "libevent: %s", text);
    else
        log_debug("loop", "libevent: %s", text);
}

struct loop *loop_new(void)
{
    struct loop *loop = mem_zalloc(sizeof(*loop));
    event_set_log_callback(on_library_log);
    loop->base = event_base_new();
    if (!loop->base)
        log_fatal("loop", "cannot make an event loop: %s", strerror(errno));
    return loop;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    event_base_free(loop->base);
    free(loop);
}

void loop_run(struct loop *loop)
{
    if (event_base_loop(loop->base, 0) < 0)
        log_fatal("loop", "the event loop failed: %s", strerror(errno));
}

void loop_stop(struct loop *loop)
{
    event_base_loopbreak(loop->base);
}

void loop_after_fork(struct loop *loop)
{
    if (event_reinit(loop->base) != 0)
        log_fatal("loop", "cannot take over the event loop after fork: %s", strerror(errno));
}

const char *loop_version(void)
{
    return event_get_version();
}

static struct event *checked(struct event *event)
{
    if (!event)
        log_fatal("loop", "cannot make an event");
    return event;
}

static void free_event(struct event *event)
{
    event_del(event);
    event_free(event);
}

/* --- timers --- */

static void arm(struct loop_timer *timer, int64_t delay_us)
{
    struct timeval tv = {.tv_sec = (time_t)(delay_us / 1000000),
                         .tv_usec = (suseconds_t)(delay_us % 1000000)};
    /* libevent counts from the time it noted before the callbacks of this pass. */
    event_base_update_cache_time(timer->loop->base);
    if (event_add(timer->event, &tv) != 0)
        log_fatal("loop", "cannot arm a timer: %s", strerror(errno));
}

/* Forgets what is older than the minute before this one. */
static void turn_minute(struct loop *loop)
{
    int64_t minute = clock_mono_us() / 60000000;
    if (minute == loop->minute)
        return;
    loop->late_us[1] = minute == loop->minute + 1 ? loop->late_us[0] : 0;
    loop->late_us[0] = 0;
    loop->minute = minute;
}

static void note_late(struct loop *loop, int64_t late_us)
{
    turn_minute(loop);
    if (late_us > loop->late_us[0])
        loop->late_us[0] = late_us;
}

int64_t loop_late_us(struct loop *loop)
{
    turn_minute(loop);
    return loop->late_us[0] > loop->late_us[1] ? loop->late_us[0] : loop->late_us[1];
}

/* libevent's coarse clock lags by some milliseconds, so it may wake us early; who compares with
 * clock_mono_ms would find that the time has not come. */
static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct loop_timer *timer = arg;
    int64_t left = timer->due_us - clock_mono_us();
    (void)fd;
    (void)what;
    if (left > 0) {
        arm(timer, left);
        return;
    }
    note_late(timer->loop, -left);
    timer->fn(timer->arg);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_fn *fn, void *arg)
{
    struct loop_timer *timer = mem_zalloc(sizeof(*timer));
    timer->loop = loop;
    timer->fn = fn;
    timer->arg = arg;
    timer->event = checked(evtimer_new(loop->base, on_timer, timer));
    return timer;
}

void loop_timer_set_us(struct loop_timer *timer, int64_t delay_us)
{
    if (delay_us < 0)
        delay_us = 0;
    if (delay_us > DELAY_MAX_US)
        delay_us = DELAY_MAX_US;
    loop_timer_clear(timer); /* also takes back an expiry that waits for its callback */
    timer->due_us = clock_mono_us() + delay_us;
    arm(timer, delay_us);
}

void loop_timer_set(struct loop_timer *timer, int64_t delay_ms)
{
    bool huge = delay_ms > DELAY_MAX_US / 1000;
    loop_timer_set_us(timer, huge ? DELAY_MAX_US : delay_ms < 0 ? 0 : delay_ms * 1000);
}

void loop_timer_clear(struct loop_timer *timer)
{
    event_del(timer->event);
}

bool loop_timer_pending(const struct loop_timer *timer)
{
    return event_pending(timer->event, EV_TIMEOUT, NULL) != 0;
}

void loop_timer_free(struct loop_timer *timer)
{
    if (!timer)
        return;
    free_event(timer->event);
    free(timer);
}

/* --- descriptors --- */

static void on_io(evutil_socket_t fd, short what, void *arg)
{
    struct loop_io *io = arg;
    unsigned ready = (what & EV_READ ? LOOP_READ : 0u) | (what & EV_WRITE ? LOOP_WRITE : 0u);
    (void)fd;
    io->fn(ready, io->arg);
}

struct loop_io *loop_io_new(struct loop *loop, int fd, loop_io_fn *fn, void *arg)
{
    struct loop_io *io = mem_zalloc(sizeof(*io));
    io->loop = loop;
    io->fd = fd;
    io->fn = fn;
    io->arg = arg;
    io->event = checked(event_new(loop->base, fd, EV_PERSIST, on_io, io));
    return io;
}

void loop_io_want(struct loop_io *io, unsigned what)
{
    what &= LOOP_READ | LOOP_WRITE;
    if (what == io->want)
        return;
    io->want = what;
    event_del(io->event);
    if (what == 0)
        return;
    int events = EV_PERSIST | (what & LOOP_READ ? EV_READ : 0) | (what & LOOP_WRITE ? EV_WRITE : 0);
    if (event_assign(io->event, io->loop->base, io->fd, (short)events, on_io, io) != 0 ||
        event_add(io->event, NULL) != 0)
        log_fatal("loop", "cannot watch descriptor %d: %s", io->fd, strerror(errno));
}

void loop_io_free(struct loop_io *io)
{
    if (!io)
        return;
    free_event(io->event);
    free(io);
}

/* --- signals --- */

/* libevent would call fn as often as the signal came, in a row: a hundred requests to reload would
 * be a hundred reloads, with nothing between them, the end that was asked for neither. */
static void on_signal(evutil_socket_t fd, short what, void *arg)
{
    struct loop_signal *sig = arg;
    (void)fd;
    (void)what;
    event_active(sig->call, EV_TIMEOUT, 0);
}

static void on_call(evutil_socket_t fd, short what, void *arg)
{
    struct loop_signal *sig = arg;
    (void)fd;
    (void)what;
    sig->fn(sig->arg);
}

struct loop_signal *loop_signal_new(struct loop *loop, int signo, loop_fn *fn, void *arg)
{
    struct loop_signal *sig = mem_zalloc(sizeof(*sig));
    sig->fn = fn;
    sig->arg = arg;
    sig->event = checked(evsignal_new(loop->base, signo, on_signal, sig));
    sig->call = checked(evtimer_new(loop->base, on_call, sig));
    if (event_add(sig->event, NULL) != 0)
        log_fatal("loop", "cannot watch signal %d: %s", signo, strerror(errno));
    return sig;
}

void loop_signal_free(struct loop_signal *sig)
{
    if (!sig)
        return;
    free_event(sig->event);
    free_event(sig->call);
    free(sig);
}
