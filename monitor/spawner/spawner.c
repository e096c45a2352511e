/* SPDX-License-Identifier: ISC
 *
 * The daemon's side of the spawner: keeps jobs in order, hands at most SPAWNER_MAX_RUNNING to the
 * process at a time, calls back. Not its job: running anything (monitor/spawner/spawner_child.h).
 */
#include "monitor/spawner/spawner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "monitor/spawner/spawner_child.h"
#include "monitor/spawner/spawner_wire.h"

#define TAG       "spawner"
#define READ_SIZE 16384
#define END_MS    1000 /* how long the process may take to end when we close */

enum spawn_state {
    SPAWN_WAITS,    /* for a free place */
    SPAWN_SENT,     /* the process has it, an answer is owed */
    SPAWN_FORGOTTEN /* the same, but cancelled: only the place counts */
};

struct spawn {
    struct spawner *spawner;
    struct spawn *next, *prev; /* in the order of their start */
    uint32_t id;
    enum spawn_state state;
    int refused; /* errno when it can't be sent; reported instead */
    struct buf frame;
    spawn_fn *done;
    void *arg;
};

struct spawner {
    pid_t pid;
    int fd; /* -1: the process is gone */
    struct loop *loop;
    struct loop_io *io;
    struct loop_timer *work; /* goes on after a callback, and reports what never was sent */
    struct buf in, out;
    struct spawn *first, *last;
    struct spawn *next_unsent; /* the first in the list that waits */
    size_t sent;
    uint32_t last_id;
    loop_fn *lost; /* NULL: nobody to tell, or told */
    void *lost_arg;
};

static void on_work(void *arg);
static void on_socket(unsigned ready, void *arg);

/* --- start and end of the process ------------------------------------------------------------ */

struct spawner *spawner_fork(void)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return NULL;
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        spawner_child_main(pair[1]);
    }
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return NULL;
    }
    fcntl(pair[0], F_SETFL, O_NONBLOCK);
    struct spawner *spawner = mem_zalloc(sizeof(*spawner));
    spawner->pid = pid;
    spawner->fd = pair[0];
    buf_init(&spawner->in, 4 * READ_SIZE);
    buf_init(&spawner->out, SPAWNER_MAX_RUNNING * (size_t)SPAWNER_MAX_FRAME + READ_SIZE);
    return spawner;
}

void spawner_attach(struct spawner *spawner, struct loop *loop)
{
    spawner->loop = loop;
    spawner->work = loop_timer_new(loop, on_work, spawner);
    spawner->io = loop_io_new(loop, spawner->fd, on_socket, spawner);
    loop_io_want(spawner->io, LOOP_READ);
}

void spawner_on_lost(struct spawner *spawner, loop_fn *lost, void *arg)
{
    spawner->lost = lost;
    spawner->lost_arg = arg;
}

/* The process ends as soon as it reads the end of the socket; a stopped one is not waited for. */
static void process_end(struct spawner *spawner)
{
    shutdown(spawner->fd, SHUT_WR);
    int64_t until = clock_mono_ms() + END_MS;
    for (int64_t left; (left = until - clock_mono_ms()) > 0;) {
        struct pollfd fds = {.fd = spawner->fd, .events = POLLIN};
        if (poll(&fds, 1, (int)left) <= 0)
            continue;
        char sink[512];
        ssize_t n = recv(spawner->fd, sink, sizeof(sink), 0);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            break;
    }
    close(spawner->fd);
    kill(spawner->pid, SIGKILL); /* it has ended already, or never will */
    while (waitpid(spawner->pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

static void process_lost(struct spawner *spawner)
{
    if (spawner->fd < 0)
        return;
    log_error(TAG, "the spawner process is gone: no hook or command can run any more");
    loop_io_free(spawner->io);
    spawner->io = NULL;
    close(spawner->fd);
    spawner->fd = -1;
    kill(spawner->pid, SIGKILL);
    while (waitpid(spawner->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    buf_clear(&spawner->out);
    loop_timer_set(spawner->work, 0);
}

/* --- the list -------------------------------------------------------------------------------- */

static void list_add(struct spawner *spawner, struct spawn *spawn)
{
    spawn->prev = spawner->last;
    if (spawner->last)
        spawner->last->next = spawn;
    else
        spawner->first = spawn;
    spawner->last = spawn;
    if (!spawner->next_unsent)
        spawner->next_unsent = spawn;
}

static void release(struct spawn *spawn)
{
    struct spawner *spawner = spawn->spawner;
    if (spawner->next_unsent == spawn)
        spawner->next_unsent = spawn->next;
    if (spawn->state != SPAWN_WAITS)
        spawner->sent--;
    if (spawn->prev)
        spawn->prev->next = spawn->next;
    else
        spawner->first = spawn->next;
    if (spawn->next)
        spawn->next->prev = spawn->prev;
    else
        spawner->last = spawn->prev;
    buf_clear(&spawn->frame);
    free(spawn);
}

/* The last act of whoever calls it: `done` may free everything. */
static void finish(struct spawn *spawn, const struct spawn_result *result)
{
    spawn_fn *done = spawn->done;
    void *arg = spawn->arg;
    release(spawn);
    if (done)
        done(result, arg);
}

static struct spawn *find_sent(struct spawner *spawner, uint32_t id)
{
    for (struct spawn *s = spawner->first; s && s != spawner->next_unsent; s = s->next)
        if (s->id == id)
            return s;
    return NULL;
}

/* --- to the process -------------------------------------------------------------------------- */

static void flush(struct spawner *spawner)
{
    while (spawner->out.len) {
        ssize_t n = send(spawner->fd, spawner->out.data, spawner->out.len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN) {
            process_lost(spawner);
            return;
        }
        if (n < 0)
            break;
        buf_drop(&spawner->out, (size_t)n);
    }
    loop_io_want(spawner->io, spawner->out.len ? LOOP_READ | LOOP_WRITE : LOOP_READ);
}

/* Hands over what there is room for; a refused one stops the line until `work` has reported it. */
static void pump(struct spawner *spawner)
{
    while (spawner->fd >= 0 && spawner->next_unsent && !spawner->next_unsent->refused &&
           spawner->sent < SPAWNER_MAX_RUNNING) {
        struct spawn *spawn = spawner->next_unsent;
        if (!buf_append(&spawner->out, spawn->frame.data, spawn->frame.len))
            break; /* can't be: there is room for as many as may be open */
        buf_clear(&spawn->frame);
        spawn->state = SPAWN_SENT;
        spawner->sent++;
        spawner->next_unsent = spawn->next;
    }
    if (spawner->next_unsent && spawner->next_unsent->refused)
        loop_timer_set(spawner->work, 0);
    if (spawner->fd >= 0)
        flush(spawner);
}

/* --- from the process ------------------------------------------------------------------------ */

/* One frame per call, because its callback may free us; the timer comes back for the next. False
 * when there is no whole frame. */
static bool handle_frame(struct spawner *spawner)
{
    struct wire_frame frame;
    enum wire_status status = spawner_wire_parse(spawner->in.data, spawner->in.len, &frame);
    if (status == WIRE_MORE)
        return false;
    struct spawn *spawn = status == WIRE_OK ? find_sent(spawner, frame.id) : NULL;
    if (!spawn || frame.type != WIRE_RESULT) {
        log_error(TAG, "a broken message from the spawner process");
        buf_clear(&spawner->in);
        process_lost(spawner);
        return true;
    }
    char output[SPAWN_MAX_OUTPUT + 1];
    if (frame.result.output_len)
        memcpy(output, frame.result.output, frame.result.output_len);
    output[frame.result.output_len] = '\0';
    frame.result.output = output;
    buf_drop(&spawner->in, frame.len);
    loop_timer_set(spawner->work, 0);
    finish(spawn, &frame.result);
    return true;
}

/* The last act of whoever calls it. */
static void tell_lost(struct spawner *spawner)
{
    loop_fn *lost = spawner->lost;
    spawner->lost = NULL;
    if (lost)
        lost(spawner->lost_arg);
}

static void report_unsent(struct spawner *spawner)
{
    struct spawn *spawn = spawner->fd < 0 ? spawner->first : spawner->next_unsent;
    if (!spawn) {
        tell_lost(spawner);
        return;
    }
    struct spawn_result result = {.end = SPAWN_LOST, .output = ""};
    if (spawn->refused) {
        result.end = SPAWN_NOT_RUN;
        result.code = spawn->refused;
    }
    if (spawn->next || spawner->lost)
        loop_timer_set(spawner->work, 0);
    finish(spawn, &result);
}

/* What has arrived counts first, also when the process is gone since. */
static void on_work(void *arg)
{
    struct spawner *spawner = arg;
    if (spawner->fd >= 0)
        pump(spawner);
    if (handle_frame(spawner))
        return;
    if (spawner->fd < 0 || (spawner->next_unsent && spawner->next_unsent->refused))
        report_unsent(spawner);
}

static void on_socket(unsigned ready, void *arg)
{
    struct spawner *spawner = arg;
    if (ready & LOOP_WRITE)
        flush(spawner);
    if (!(ready & LOOP_READ) || spawner->fd < 0)
        return;
    uint8_t *room = buf_room(&spawner->in, READ_SIZE);
    if (!room) { /* results are waiting for their callbacks: read on after those */
        loop_timer_set(spawner->work, 0);
        return;
    }
    ssize_t n = recv(spawner->fd, room, READ_SIZE, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        process_lost(spawner);
        return;
    }
    if (n > 0) {
        spawner->in.len += (size_t)n;
        handle_frame(spawner);
    }
}

/* --- interface ------------------------------------------------------------------------------- */

struct spawn *spawn_start(struct spawner *spawner, const struct spawn_job *job, spawn_fn *done,
                          void *arg)
{
    struct spawn *spawn = mem_zalloc(sizeof(*spawn));
    spawn->spawner = spawner;
    spawn->id = ++spawner->last_id;
    spawn->done = done;
    spawn->arg = arg;
    buf_init(&spawn->frame, SPAWNER_MAX_FRAME);
    if (!spawner_wire_job(&spawn->frame, spawn->id, job))
        spawn->refused = E2BIG;
    list_add(spawner, spawn);
    if (spawner->fd < 0)
        loop_timer_set(spawner->work, 0);
    else
        pump(spawner);
    return spawn;
}

void spawn_cancel(struct spawn *spawn)
{
    if (!spawn)
        return;
    struct spawner *spawner = spawn->spawner;
    if (spawn->state == SPAWN_WAITS || spawner->fd < 0) {
        release(spawn);
        return;
    }
    spawn->state = SPAWN_FORGOTTEN;
    spawn->done = NULL;
    if (spawner_wire_cancel(&spawner->out, spawn->id))
        flush(spawner);
}

void spawner_free(struct spawner *spawner)
{
    if (!spawner)
        return;
    while (spawner->first)
        release(spawner->first);
    loop_io_free(spawner->io);
    loop_timer_free(spawner->work);
    if (spawner->fd >= 0)
        process_end(spawner);
    buf_clear(&spawner->in);
    buf_clear(&spawner->out);
    free(spawner);
}
