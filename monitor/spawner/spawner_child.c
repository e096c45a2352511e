/* SPDX-License-Identifier: ISC
 *
 * The spawner process: a loop of its own over one socket, SIGCHLD and a fixed number of slots.
 * Owns: time limits, the kill of process groups, bounded capture of output, reaping. It ignores the
 * signals of a terminal and of a service manager: its life is the socket's.
 */
#include "monitor/spawner/spawner_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "monitor/spawner/spawner_exec.h"

#define TAG           "spawner"
#define GRACE_MS      2000      /* between SIGTERM and SIGKILL */
#define DRAIN_MAX     (1 << 20) /* after the end of a program: what still lies in the pipe */
#define READ_SIZE     16384
#define MAX_TO_DAEMON (SPAWNER_MAX_RUNNING * 2 * (SPAWN_MAX_OUTPUT + 64))

struct slot {
    struct child *child;
    uint32_t id;
    pid_t pid; /* 0: the slot is free */
    struct spawned io;
    struct loop_io *watch;
    struct loop_timer *timer;
    bool ending; /* SIGTERM was sent */
    bool timed_out;
    int64_t started_us;
    char output[SPAWN_MAX_OUTPUT];
    size_t output_len;
    bool output_cut;
};

struct child {
    struct loop *loop;
    int fd;
    struct loop_io *io;
    struct buf in, out;
    struct slot slots[SPAWNER_MAX_RUNNING];
};

/* --- to the daemon --------------------------------------------------------------------------- */

static void kill_group(pid_t pid, int signo)
{
    if (kill(-pid, signo) < 0)
        kill(pid, signo); /* it has not made its own group yet */
}

/* The daemon is gone, or talks nonsense: take everything along. */
static void end_all(struct child *child)
{
    for (size_t i = 0; i < SPAWNER_MAX_RUNNING; i++)
        if (child->slots[i].pid)
            kill_group(child->slots[i].pid, SIGKILL);
    _exit(0);
}

static void flush(struct child *child)
{
    while (child->out.len) {
        ssize_t n = send(child->fd, child->out.data, child->out.len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN)
            end_all(child);
        if (n < 0)
            break;
        buf_drop(&child->out, (size_t)n);
    }
    loop_io_want(child->io, child->out.len ? LOOP_READ | LOOP_WRITE : LOOP_READ);
}

static void answer(struct child *child, uint32_t id, const struct spawn_result *result)
{
    if (!spawner_wire_result(&child->out, id, result))
        end_all(child); /* can't be: the daemon has at most SPAWNER_MAX_RUNNING jobs open */
    flush(child);
}

static void answer_not_run(struct child *child, uint32_t id, int code)
{
    answer(child, id, &(struct spawn_result){.end = SPAWN_NOT_RUN, .code = code});
}

/* --- one program ----------------------------------------------------------------------------- */

/* Keeps what fits, drops the rest; returns what was read, 0 at the end, -1 when there is no more
 * now. */
static ssize_t slot_read(struct slot *slot)
{
    char chunk[4096];
    ssize_t n = read(slot->io.output, chunk, sizeof(chunk));
    if (n <= 0)
        return n;
    size_t keep = sizeof(slot->output) - slot->output_len;
    if (keep > (size_t)n)
        keep = (size_t)n;
    memcpy(slot->output + slot->output_len, chunk, keep);
    slot->output_len += keep;
    slot->output_cut |= keep < (size_t)n;
    return n;
}

static void on_output(unsigned ready, void *arg)
{
    (void)ready;
    struct slot *slot = arg;
    if (slot_read(slot) == 0)
        loop_io_want(slot->watch, 0); /* closed its output but runs on */
}

static void slot_end(struct slot *slot)
{
    if (slot->ending) {
        kill_group(slot->pid, SIGKILL);
        return;
    }
    slot->ending = true;
    kill_group(slot->pid, SIGTERM);
    loop_timer_set(slot->timer, GRACE_MS);
}

static void on_limit(void *arg)
{
    struct slot *slot = arg;
    if (!slot->ending)
        slot->timed_out = true;
    slot_end(slot);
}

static struct slot *slot_find(struct child *child, uint32_t id)
{
    for (size_t i = 0; i < SPAWNER_MAX_RUNNING; i++)
        if (child->slots[i].pid && child->slots[i].id == id)
            return &child->slots[i];
    return NULL;
}

static void job_start(struct child *child, uint32_t id, const struct wire_job *job)
{
    size_t i = 0;
    while (i < SPAWNER_MAX_RUNNING && child->slots[i].pid)
        i++;
    if (i == SPAWNER_MAX_RUNNING) {
        answer_not_run(child, id, EAGAIN);
        return;
    }
    struct slot *slot = &child->slots[i];
    memset(slot, 0, sizeof(*slot));
    slot->child = child;
    slot->id = id;
    slot->started_us = clock_mono_us();
    int code = spawner_exec(job, &slot->io);
    if (code) {
        answer_not_run(child, id, code);
        return;
    }
    slot->pid = slot->io.pid;
    slot->watch = loop_io_new(child->loop, slot->io.output, on_output, slot);
    loop_io_want(slot->watch, LOOP_READ);
    slot->timer = loop_timer_new(child->loop, on_limit, slot);
    loop_timer_set(slot->timer, job->timeout_ms);
}

static void result_fill(const struct slot *slot, int status, struct spawn_result *result)
{
    int exec_errno = 0;
    bool not_run = read(slot->io.failed, &exec_errno, sizeof(exec_errno)) == sizeof(exec_errno);
    if (not_run) {
        result->end = SPAWN_NOT_RUN;
        result->code = exec_errno;
    } else if (slot->timed_out) {
        result->end = SPAWN_TIMED_OUT;
    } else if (WIFSIGNALED(status)) {
        result->end = SPAWN_SIGNALLED;
        result->code = WTERMSIG(status);
    } else {
        result->end = SPAWN_EXITED;
        result->code = WEXITSTATUS(status);
    }
}

/* The program itself has ended and waits to be reaped: what it left behind in its group goes too,
 * and goes first, while the zombie still holds the number of the group. */
static void slot_finish(struct slot *slot)
{
    kill(-slot->pid, SIGKILL);
    int status = 0;
    waitpid(slot->pid, &status, 0);
    ssize_t n;
    for (size_t drained = 0; drained < DRAIN_MAX && (n = slot_read(slot)) > 0;)
        drained += (size_t)n;
    struct spawn_result result = {
        .output = slot->output,
        .output_len = slot->output_len,
        .output_cut = slot->output_cut,
        .took_ms = (clock_mono_us() - slot->started_us) / 1000,
    };
    result_fill(slot, status, &result);
    loop_io_free(slot->watch);
    loop_timer_free(slot->timer);
    close(slot->io.output);
    close(slot->io.failed);
    slot->pid = 0;
    answer(slot->child, slot->id, &result);
}

/* As subreaper we also inherit what a program left behind: reaped here, so no zombies stay. */
static void on_sigchld(void *arg)
{
    struct child *child = arg;
    for (;;) {
        siginfo_t info = {.si_pid = 0};
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
            return;
        size_t i = 0;
        while (i < SPAWNER_MAX_RUNNING && child->slots[i].pid != info.si_pid)
            i++;
        if (i < SPAWNER_MAX_RUNNING)
            slot_finish(&child->slots[i]);
        else
            waitpid(info.si_pid, NULL, 0);
    }
}

/* --- from the daemon ------------------------------------------------------------------------- */

static void handle(struct child *child, const struct wire_frame *frame)
{
    struct slot *slot = slot_find(child, frame->id);
    switch (frame->type) {
    case WIRE_JOB:
        if (slot)
            end_all(child);
        job_start(child, frame->id, &frame->job);
        break;
    case WIRE_CANCEL:
        if (slot && !slot->ending)
            slot_end(slot);
        break;
    case WIRE_RESULT:
        end_all(child);
        break;
    }
}

static void handle_frames(struct child *child)
{
    struct wire_frame frame;
    enum wire_status status;
    while ((status = spawner_wire_parse(child->in.data, child->in.len, &frame)) == WIRE_OK) {
        handle(child, &frame);
        buf_drop(&child->in, frame.len);
    }
    if (status == WIRE_BROKEN) {
        log_error(TAG, "a broken message from the daemon");
        end_all(child);
    }
}

static void on_socket(unsigned ready, void *arg)
{
    struct child *child = arg;
    if (ready & LOOP_WRITE)
        flush(child);
    if (!(ready & LOOP_READ))
        return;
    uint8_t *room = buf_room(&child->in, READ_SIZE);
    ssize_t n = recv(child->fd, room, READ_SIZE, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        end_all(child);
    if (n < 0)
        return;
    child->in.len += (size_t)n;
    handle_frames(child);
}

/* Only the socket and stderr (for a last word) stay open. */
static int settle_descriptors(int fd)
{
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
        _exit(1);
    if (fcntl(2, F_GETFD) < 0)
        dup2(null, 2);
    if (fd != 3 && dup2(fd, 3) < 0)
        _exit(1);
    spawner_close_from(4);
    fcntl(3, F_SETFD, FD_CLOEXEC);
    fcntl(3, F_SETFL, O_NONBLOCK);
    return 3;
}

static void ignore_signals(void)
{
    static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        signal(ignored[i], SIG_IGN);
}

void spawner_child_main(int fd)
{
    ignore_signals();
    prctl(PR_SET_NAME, "reachd-spawner");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    struct child *child = mem_zalloc(sizeof(*child));
    child->fd = settle_descriptors(fd);
    buf_init(&child->in, SPAWNER_MAX_FRAME + READ_SIZE);
    buf_init(&child->out, MAX_TO_DAEMON);
    child->loop = loop_new();
    loop_signal_new(child->loop, SIGCHLD, on_sigchld, child);
    child->io = loop_io_new(child->loop, child->fd, on_socket, child);
    loop_io_want(child->io, LOOP_READ);
    loop_run(child->loop);
    _exit(0);
}
