/* SPDX-License-Identifier: ISC
 *
 * The event loop: timers, descriptors, signals. The only owner of libevent's headers.
 * Contract: callbacks run from loop_run only, never from inside the call that registers them; every
 * object may be freed at any time, also inside its own callback. A timer of 0 ms is the deferred
 * call.
 */
#ifndef REACHD_LIB_LOOP_H
#define REACHD_LIB_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_timer;
struct loop_io;
struct loop_signal;

typedef void loop_fn(void *arg);
typedef void loop_io_fn(unsigned ready, void *arg);

enum {
    LOOP_READ = 1,
    LOOP_WRITE = 2,
};

struct loop *loop_new(void);
void loop_free(struct loop *loop);
void loop_run(struct loop *loop); /* returns after loop_stop, or when nothing is registered */
void loop_stop(struct loop *loop);
/* By how much a timer ran late at worst in this minute and the one before: how long a callback held
 * up the others. */
int64_t loop_late_us(struct loop *loop);
/* After fork in a child that goes on using the loop. */
void loop_after_fork(struct loop *loop);
const char *loop_version(void); /* of libevent, at run time */

/* One-shot; not armed until set. */
struct loop_timer *loop_timer_new(struct loop *loop, loop_fn *fn, void *arg);
void loop_timer_set(struct loop_timer *timer, int64_t delay_ms); /* re-arms; negative counts as 0 */
void loop_timer_set_us(struct loop_timer *timer, int64_t delay_us);
void loop_timer_clear(struct loop_timer *timer);
bool loop_timer_pending(const struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer); /* NULL is fine */

/* Watches fd, which stays the caller's: free the watch before closing it. Persistent. */
struct loop_io *loop_io_new(struct loop *loop, int fd, loop_io_fn *fn, void *arg);
void loop_io_want(struct loop_io *io, unsigned what); /* LOOP_READ | LOOP_WRITE; 0 pauses */
void loop_io_free(struct loop_io *io);                /* NULL is fine */

/* What came several times before its turn is called once. */
struct loop_signal *loop_signal_new(struct loop *loop, int signo, loop_fn *fn, void *arg);
void loop_signal_free(struct loop_signal *sig); /* NULL is fine */

#endif
