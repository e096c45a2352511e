/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/spawner/spawner.h"

#define LIMIT_MS 20000

struct ctx {
    struct spawner *spawner;
    struct loop *loop;
    struct loop_timer *limit;
    struct spawn *spawn; /* to cancel or free inside a callback */
    int wanted, calls, lost;
    struct spawn_result last;
    char output[SPAWN_MAX_OUTPUT + 1];
    int ends[5];
};

static void on_limit(void *arg)
{
    struct ctx *c = arg;
    loop_stop(c->loop);
}

static int setup(void **state)
{
    struct ctx *c = mem_zalloc(sizeof(*c));
    c->spawner = spawner_fork();
    c->loop = loop_new();
    c->limit = loop_timer_new(c->loop, on_limit, c);
    spawner_attach(c->spawner, c->loop);
    *state = c;
    return c->spawner ? 0 : -1;
}

static int teardown(void **state)
{
    struct ctx *c = *state;
    spawner_free(c->spawner);
    loop_timer_free(c->limit);
    loop_free(c->loop);
    free(c);
    return 0;
}

static void on_done(const struct spawn_result *result, void *arg)
{
    struct ctx *c = arg;
    c->last = *result;
    memcpy(c->output, result->output, result->output_len + 1);
    c->last.output = c->output;
    c->ends[result->end]++;
    if (++c->calls == c->wanted)
        loop_stop(c->loop);
}

/* Runs the loop until that many results have come. */
static void await_calls(struct ctx *c, int wanted)
{
    c->wanted = wanted;
    loop_timer_set(c->limit, LIMIT_MS);
    if (c->calls < wanted)
        loop_run(c->loop);
    loop_timer_clear(c->limit);
    assert_int_equal(c->calls, wanted);
}

static struct spawn *start_input(struct ctx *c, const char *script, int64_t timeout_ms,
                                 const char *input, size_t len)
{
    const char *argv[] = {"/bin/sh", "-c", script, "sh", "an argument", NULL};
    const char *envp[] = {"PATH=/usr/bin:/bin", "REACHD_EVENT=test", NULL};
    struct spawn_job job = {
        .argv = argv, .envp = envp, .input = input, .input_len = len, .timeout_ms = timeout_ms};
    return spawn_start(c->spawner, &job, on_done, c);
}

static struct spawn *start(struct ctx *c, const char *script)
{
    return start_input(c, script, LIMIT_MS, NULL, 0);
}

static void run(struct ctx *c, const char *script)
{
    start(c, script);
    assert_int_equal(c->calls, 0);
    await_calls(c, 1);
}

/* Gone means: no such process. Polls, because nobody tells us about a grandchild. */
static void await_gone(pid_t pid)
{
    int64_t until = clock_mono_ms() + LIMIT_MS;
    while (kill(pid, 0) == 0 && clock_mono_ms() < until) {
        waitpid(pid, NULL, WNOHANG); /* in case it became ours */
        poll(NULL, 0, 2);
    }
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
}

static void exit_code_output_and_environment(void **state)
{
    struct ctx *c = *state;
    run(c, "echo \"$1|$REACHD_EVENT|$(env | grep -c '^[A-Z]*=')\"; echo err >&2; exit 7");
    assert_int_equal(c->last.end, SPAWN_EXITED);
    assert_int_equal(c->last.code, 7);
    assert_string_equal(c->last.output, "an argument|test|2\nerr\n");
    assert_int_equal(c->last.output_len, strlen(c->last.output));
    assert_false(c->last.output_cut);
    assert_in_range(c->last.took_ms, 0, LIMIT_MS);
}

static void a_signal_is_told(void **state)
{
    struct ctx *c = *state;
    run(c, "kill -USR1 $$");
    assert_int_equal(c->last.end, SPAWN_SIGNALLED);
    assert_int_equal(c->last.code, SIGUSR1);
}

/* Signals 32 and 33 are the C library's own: it lets nobody set them. */
static void a_clean_world(void **state)
{
    struct ctx *c = *state;
    run(c, "ls /proc/self/fd | wc -l; umask; pwd; grep -E 'Sig(Blk|Ign)' /proc/self/status");
    unsigned descriptors, mask;
    unsigned long long blocked, ignored;
    assert_int_equal(sscanf(c->last.output, "%u %o / SigBlk: %llx SigIgn: %llx", &descriptors,
                            &mask, &blocked, &ignored),
                     4);
    assert_int_equal(descriptors, 4); /* 0, 1, 2 and the one that ls reads the folder with */
    assert_int_equal(mask, 022);
    assert_int_equal(blocked & ~0x180000000ULL, 0);
    assert_int_equal(ignored & ~0x180000000ULL, 0);
}

static void a_session_of_its_own(void **state)
{
    struct ctx *c = *state;
    run(c, "read -r pid comm state ppid pgid sid rest </proc/self/stat; "
           "test $pgid = $$ && test $sid = $$ || cat /proc/self/stat");
    assert_string_equal(c->last.output, "");
}

static void exec_failures_have_their_errno(void **state)
{
    struct ctx *c = *state;
    const char *argv[] = {"/nonexistent/program", NULL};
    const char *envp[] = {NULL};
    struct spawn_job job = {.argv = argv, .envp = envp, .timeout_ms = 1000};
    spawn_start(c->spawner, &job, on_done, c);
    await_calls(c, 1);
    assert_int_equal(c->last.end, SPAWN_NOT_RUN);
    assert_int_equal(c->last.code, ENOENT);
    argv[0] = "/etc/passwd";
    spawn_start(c->spawner, &job, on_done, c);
    await_calls(c, 2);
    assert_int_equal(c->last.end, SPAWN_NOT_RUN);
    assert_int_equal(c->last.code, EACCES);
}

static void what_passes_the_bounds_is_refused_later(void **state)
{
    struct ctx *c = *state;
    static char big[SPAWN_MAX_INPUT + 1];
    start_input(c, "exit 0", 1000, big, sizeof(big));
    assert_int_equal(c->calls, 0);
    start(c, "exit 3"); /* the one behind it still runs */
    await_calls(c, 2);
    assert_int_equal(c->ends[SPAWN_NOT_RUN], 1);
    assert_int_equal(c->ends[SPAWN_EXITED], 1);
    assert_int_equal(c->last.code, 3);
    const char *argv[] = {"relative", NULL}, *envp[] = {NULL};
    struct spawn_job job = {.argv = argv, .envp = envp, .timeout_ms = 1000};
    spawn_start(c->spawner, &job, on_done, c);
    await_calls(c, 3);
    assert_int_equal(c->last.end, SPAWN_NOT_RUN);
}

/* A script that speaks once it is ready and then never ends; again with more time when a busy
 * machine did not let it come that far. */
static void run_past_the_limit(struct ctx *c, const char *script)
{
    for (int64_t limit_ms = 50; limit_ms < LIMIT_MS / 2; limit_ms *= 3) {
        start_input(c, script, limit_ms, NULL, 0);
        await_calls(c, c->calls + 1);
        if (c->last.output_len > 0)
            return;
    }
}

static void the_limit_takes_grandchildren_along(void **state)
{
    struct ctx *c = *state;
    run_past_the_limit(c, "sleep 1000 & echo $!; wait");
    assert_int_equal(c->last.end, SPAWN_TIMED_OUT);
    int pid = atoi(c->last.output);
    assert_true(pid > 1);
    await_gone(pid);
}

static void who_ignores_sigterm_is_killed(void **state)
{
    struct ctx *c = *state;
    run_past_the_limit(c, "trap '' TERM; echo ready; while :; do sleep 1000; done");
    assert_int_equal(c->last.end, SPAWN_TIMED_OUT);
    assert_in_range(c->last.took_ms, 2000, LIMIT_MS);
}

static void leftovers_of_the_group_are_killed(void **state)
{
    struct ctx *c = *state;
    run(c, "sleep 1000 & echo $!; exit 0");
    assert_int_equal(c->last.end, SPAWN_EXITED);
    assert_in_range(c->last.took_ms, 0, LIMIT_MS / 2);
    int pid = atoi(c->last.output);
    assert_true(pid > 1);
    await_gone(pid);
}

static void output_is_bounded_and_drained(void **state)
{
    struct ctx *c = *state;
    run(c, "yes 0123456 | head -c 3000000; exit 5");
    assert_int_equal(c->last.end, SPAWN_EXITED);
    assert_int_equal(c->last.code, 5);
    assert_int_equal(c->last.output_len, SPAWN_MAX_OUTPUT);
    assert_true(c->last.output_cut);
    assert_memory_equal(c->last.output, "0123456\n0123456\n", 16);
}

static void input_for_who_never_reads_and_for_who_does(void **state)
{
    struct ctx *c = *state;
    static char input[SPAWN_MAX_INPUT];
    memset(input, 'x', sizeof(input));
    start_input(c, "exit 4", LIMIT_MS, input, sizeof(input));
    await_calls(c, 1);
    assert_int_equal(c->last.end, SPAWN_EXITED);
    assert_int_equal(c->last.code, 4);
    start_input(c, "wc -c", LIMIT_MS, input, sizeof(input));
    await_calls(c, 2);
    assert_int_equal(atoi(c->last.output), SPAWN_MAX_INPUT);
    start_input(c, "cat", LIMIT_MS, "two\nlines", 9);
    await_calls(c, 3);
    assert_string_equal(c->last.output, "two\nlines");
}

static void who_closes_its_output_is_waited_for(void **state)
{
    struct ctx *c = *state;
    run(c, "echo last; exec >&- 2>&-; cat; exit 9");
    assert_int_equal(c->last.code, 9);
    assert_string_equal(c->last.output, "last\n");
}

static void a_hundred_jobs_sixteen_at_a_time(void **state)
{
    struct ctx *c = *state;
    char dir[] = "/tmp/reachd-spawn-XXXXXX", script[256] = "";
    assert_non_null(mkdtemp(dir));
    str_append(script, sizeof(script),
               "d=%s; : >$d/$$; n=$(ls $d | wc -l); rm $d/$$; test $n -le 16", dir);
    for (int i = 0; i < 100; i++)
        start(c, script);
    await_calls(c, 100);
    assert_int_equal(c->ends[SPAWN_EXITED], 100);
    assert_int_equal(c->last.code, 0);
    assert_int_equal(rmdir(dir), 0);
}

static void never(const struct spawn_result *result, void *arg)
{
    (void)result;
    (void)arg;
    fail_msg("called after a cancel");
}

static struct spawn *start_never(struct ctx *c, const char *script)
{
    const char *argv[] = {"/bin/sh", "-c", script, NULL}, *envp[] = {NULL};
    struct spawn_job job = {.argv = argv, .envp = envp, .timeout_ms = LIMIT_MS};
    return spawn_start(c->spawner, &job, never, c);
}

/* Seventeen: the last one was never sent. All places are free again afterwards. */
static void cancelled_ones_are_killed_and_silent(void **state)
{
    struct ctx *c = *state;
    struct spawn *list[17];
    for (int i = 0; i < 17; i++)
        list[i] = start_never(c, "sleep 1000");
    for (int i = 0; i < 17; i++)
        spawn_cancel(list[i]);
    for (int i = 0; i < 17; i++)
        start(c, "exit 0");
    await_calls(c, 17);
    assert_int_equal(c->ends[SPAWN_EXITED], 17);
}

static void on_done_cancel(const struct spawn_result *result, void *arg)
{
    struct ctx *c = arg;
    spawn_cancel(c->spawn);
    on_done(result, arg);
}

static void cancel_of_another_inside_a_callback(void **state)
{
    struct ctx *c = *state;
    const char *argv[] = {"/bin/sh", "-c", "exit 0", NULL}, *envp[] = {NULL};
    struct spawn_job job = {.argv = argv, .envp = envp, .timeout_ms = LIMIT_MS};
    spawn_start(c->spawner, &job, on_done_cancel, c);
    c->spawn = start_never(c, "sleep 1000");
    await_calls(c, 1);
    start(c, "exit 0");
    await_calls(c, 2);
}

static void on_done_free(const struct spawn_result *result, void *arg)
{
    struct ctx *c = arg;
    spawner_free(c->spawner);
    c->spawner = NULL;
    on_done(result, arg);
}

static void freeing_inside_a_callback(void **state)
{
    struct ctx *c = *state;
    const char *argv[] = {"/bin/sh", "-c", "exit 0", NULL}, *envp[] = {NULL};
    struct spawn_job job = {.argv = argv, .envp = envp, .timeout_ms = LIMIT_MS};
    for (int i = 0; i < 20; i++) /* whichever comes first is the only one */
        spawn_start(c->spawner, &job, on_done_free, c);
    start_never(c, "sleep 1000");
    await_calls(c, 1);
}

static void ignore_log(enum log_level level, const char *tag, const char *text, void *arg)
{
    (void)level;
    (void)tag;
    (void)text;
    (void)arg;
}

static void on_lost(void *arg)
{
    struct ctx *c = arg;
    assert_int_equal(c->ends[SPAWN_LOST], c->calls); /* whatever was owed has been told before */
    c->lost++;
    spawner_free(c->spawner);
    c->spawner = NULL;
    loop_stop(c->loop);
}

static void kill_it_and_await_lost(struct ctx *c, pid_t spawner)
{
    c->wanted = 0; /* no number of results ends the loop */
    spawner_on_lost(c->spawner, on_lost, c);
    log_capture(ignore_log, NULL);
    kill(spawner, SIGKILL);
    loop_timer_set(c->limit, LIMIT_MS);
    loop_run(c->loop);
    log_capture(NULL, NULL);
    assert_int_equal(c->lost, 1);
}

/* exec: only the program itself hears of the spawner's death, not what it started. */
static void a_killed_spawner_is_told(void **state)
{
    struct ctx *c = *state;
    run(c, "echo $PPID");
    int spawner = atoi(c->last.output);
    c->calls = c->ends[SPAWN_EXITED] = 0;
    for (int i = 0; i < 20; i++)
        start(c, "exec sleep 1000");
    spawn_cancel(start_never(c, "exec sleep 1000"));
    kill_it_and_await_lost(c, spawner);
    assert_int_equal(c->calls, 20);
}

static void a_killed_idle_spawner_is_told(void **state)
{
    struct ctx *c = *state;
    run(c, "echo $PPID");
    int spawner = atoi(c->last.output);
    c->calls = c->ends[SPAWN_EXITED] = 0;
    kill_it_and_await_lost(c, spawner);
    assert_int_equal(c->calls, 0);
}

static void a_killed_spawner_loses_them_all(void **state)
{
    struct ctx *c = *state;
    run(c, "echo $PPID");
    int spawner = atoi(c->last.output);
    c->calls = 0;
    for (int i = 0; i < 20; i++)
        start(c, "exec sleep 1000");
    log_capture(ignore_log, NULL);
    kill(spawner, SIGKILL);
    await_calls(c, 20);
    assert_int_equal(c->ends[SPAWN_LOST], 20);
    start(c, "exit 0");
    await_calls(c, 21);
    log_capture(NULL, NULL);
    assert_int_equal(c->last.end, SPAWN_LOST);
}

/* The program tells its number through a file, because no descriptor of ours reaches it. */
static pid_t number_from_file(const char *path)
{
    int64_t until = clock_mono_ms() + LIMIT_MS;
    int pid = 0;
    while (pid == 0 && clock_mono_ms() < until) {
        FILE *file = fopen(path, "r");
        if (file && fscanf(file, "%d.", &pid) != 1)
            pid = 0;
        if (file)
            fclose(file);
        poll(NULL, 0, 2);
    }
    assert_true(pid > 1);
    return pid;
}

static void kill_while_running(int who) /* 0: the daemon, 1: the spawner */
{
    char dir[] = "/tmp/reachd-spawn-XXXXXX", script[256] = "", path[64] = "";
    assert_non_null(mkdtemp(dir));
    str_append(path, sizeof(path), "%s/pid", dir);
    str_append(script, sizeof(script), "echo $$. $PPID. >%s.new; mv %s.new %s; exec sleep 1000",
               path, path, path);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t daemon = fork();
    if (daemon == 0) {
        void *state;
        setup(&state);
        start(state, script);
        loop_run(((struct ctx *)state)->loop);
        _exit(0);
    }
    pid_t program = number_from_file(path);
    int spawner = 0;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*d. %d.", &spawner), 1);
    fclose(file);
    kill(who ? spawner : daemon, SIGKILL);
    await_gone(program);
    await_gone(spawner);
    kill(daemon, SIGKILL);
    await_gone(daemon);
    unlink(path);
    rmdir(dir);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}

static void the_death_of_the_daemon_ends_all(void **state)
{
    (void)state;
    kill_while_running(0);
}

static void the_death_of_the_spawner_ends_the_program(void **state)
{
    (void)state;
    kill_while_running(1);
}

static void signals_of_the_terminal_do_not_reach_it(void **state)
{
    struct ctx *c = *state;
    run(c, "for s in HUP INT QUIT TERM USR1 PIPE; do kill -$s $PPID; done; echo alive");
    assert_string_equal(c->last.output, "alive\n");
    start(c, "exit 0");
    await_calls(c, 2);
    assert_int_equal(c->last.end, SPAWN_EXITED);
}

static void no_zombies_and_no_descriptors_stay(void **state)
{
    struct ctx *c = *state;
    const char *count = "ls /proc/$PPID/fd | wc -l; grep -l \"^PPid:.$PPID$\" /proc/[0-9]*/status "
                        "2>/dev/null | wc -l";
    char before[64];
    run(c, count);
    str_copy(before, sizeof(before), c->last.output);
    for (int i = 0; i < 40; i++)
        start(c, i % 2 ? "exit 0" : "(setsid sleep 0 &) ; exit 0");
    await_calls(c, 41);
    /* an orphan may end a moment after its program */
    int64_t until = clock_mono_ms() + LIMIT_MS;
    do {
        start(c, count);
        await_calls(c, c->calls + 1);
    } while (strcmp(c->last.output, before) != 0 && clock_mono_ms() < until);
    assert_string_equal(c->last.output, before);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(exit_code_output_and_environment),
        TEST(a_signal_is_told),
        TEST(a_clean_world),
        TEST(a_session_of_its_own),
        TEST(exec_failures_have_their_errno),
        TEST(what_passes_the_bounds_is_refused_later),
        TEST(the_limit_takes_grandchildren_along),
        TEST(who_ignores_sigterm_is_killed),
        TEST(leftovers_of_the_group_are_killed),
        TEST(output_is_bounded_and_drained),
        TEST(input_for_who_never_reads_and_for_who_does),
        TEST(who_closes_its_output_is_waited_for),
        TEST(a_hundred_jobs_sixteen_at_a_time),
        TEST(cancelled_ones_are_killed_and_silent),
        TEST(cancel_of_another_inside_a_callback),
        TEST(freeing_inside_a_callback),
        TEST(a_killed_spawner_is_told),
        TEST(a_killed_idle_spawner_is_told),
        TEST(a_killed_spawner_loses_them_all),
        cmocka_unit_test(the_death_of_the_daemon_ends_all),
        cmocka_unit_test(the_death_of_the_spawner_ends_the_program),
        TEST(signals_of_the_terminal_do_not_reach_it),
        TEST(no_zombies_and_no_descriptors_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
