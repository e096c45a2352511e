/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/control/control.h"

#define LIMIT_MS 20000

struct ctx {
    struct loop *loop;
    struct loop_timer *limit;
    struct control *control;
    char dir[40], path[64];
    int requests;
    /* the asking thread */
    const json_t *request;
    json_t *reply;
    char error[256];
    int end[2]; /* a byte when it is through */
};

static json_t *handle(const json_t *request, void *arg)
{
    struct ctx *c = arg;
    c->requests++;
    const char *what = doc_get_text(request, "ask");
    if (strcmp(what, "unknown") == 0)
        return NULL;
    json_t *reply = doc_object();
    doc_text(reply, "echo", what);
    if (strcmp(what, "big") == 0) { /* about 10 MB, like the status of 10 000 targets */
        char *text = mem_zalloc(1001);
        memset(text, 'x', 1000);
        json_t *array = doc_array();
        for (int i = 0; i < 10000; i++)
            doc_push(array, json_string(text));
        doc_value(reply, "list", array);
        free(text);
    }
    return reply;
}

static void stop(void *arg)
{
    loop_stop(arg);
}

static struct control *open_control(struct ctx *c)
{
    return control_new(c->loop, c->path, NULL, handle, c, c->error, sizeof(c->error));
}

static int setup(void **state)
{
    struct ctx *c = mem_zalloc(sizeof(*c));
    str_copy(c->dir, sizeof(c->dir), "/tmp/reachd-control-XXXXXX");
    if (!mkdtemp(c->dir) || pipe(c->end) < 0)
        return -1;
    str_append(c->path, sizeof(c->path), "%s/reachd.sock", c->dir);
    c->loop = loop_new();
    c->limit = loop_timer_new(c->loop, stop, c->loop);
    *state = c;
    return 0;
}

static int teardown(void **state)
{
    struct ctx *c = *state;
    control_free(c->control);
    loop_timer_free(c->limit);
    loop_free(c->loop);
    json_decref(c->reply);
    close(c->end[0]);
    close(c->end[1]);
    unlink(c->path);
    int failed = rmdir(c->dir);
    free(c);
    return failed;
}

static void *asker(void *arg)
{
    struct ctx *c = arg;
    c->reply = control_ask(c->path, c->request, LIMIT_MS, c->error, sizeof(c->error));
    if (write(c->end[1], "", 1) != 1)
        abort();
    return NULL;
}

static void on_asked(unsigned ready, void *arg)
{
    (void)ready;
    loop_stop(arg);
}

/* control_ask in a thread, the server in this one. */
static void ask(struct ctx *c, const char *what)
{
    pthread_t thread;
    char byte;
    json_t *request = doc_object();
    doc_text(request, "ask", what);
    json_decref(c->reply);
    c->request = request;
    c->reply = NULL;
    c->error[0] = '\0';
    struct loop_io *io = loop_io_new(c->loop, c->end[0], on_asked, c->loop);
    loop_io_want(io, LOOP_READ);
    assert_int_equal(pthread_create(&thread, NULL, asker, c), 0);
    loop_run(c->loop);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(read(c->end[0], &byte, 1), 1);
    loop_io_free(io);
    json_decref(request);
}

static int raw_connect(struct ctx *c)
{
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(control_address(c->path, &address));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

struct raw {
    struct ctx *c;
    int fd;
    char text[512];
    size_t len;
    bool ended;
};

static void on_raw(unsigned ready, void *arg)
{
    struct raw *raw = arg;
    (void)ready;
    ssize_t n = recv(raw->fd, raw->text + raw->len, sizeof(raw->text) - 1 - raw->len, MSG_DONTWAIT);
    if (n > 0) {
        raw->len += (size_t)n;
        return;
    }
    raw->ended = true;
    loop_stop(raw->c->loop);
}

/* Sends bytes as they are and returns what came back until the end. */
static const char *raw_talk(struct ctx *c, int fd, const char *bytes, size_t len)
{
    static struct raw raw;
    raw = (struct raw){.c = c, .fd = fd};
    for (size_t sent = 0; sent < len;) {
        ssize_t n = send(fd, bytes + sent, len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            sent += (size_t)n;
            continue;
        }
        if (errno != EAGAIN)
            break; /* refused before the end was seen */
        loop_timer_set(c->limit, 1);
        loop_run(c->loop);
    }
    struct loop_io *io = loop_io_new(c->loop, fd, on_raw, &raw);
    loop_io_want(io, LOOP_READ);
    loop_timer_set(c->limit, LIMIT_MS);
    loop_run(c->loop);
    loop_timer_clear(c->limit);
    loop_io_free(io);
    close(fd);
    assert_true(raw.ended);
    return raw.text;
}

static void asks_and_answers(void **state)
{
    struct ctx *c = *state;
    struct stat st;
    c->control = open_control(c);
    assert_non_null(c->control);
    assert_int_equal(stat(c->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0660);
    for (int i = 0; i < 40; i++) {
        ask(c, "hello");
        assert_non_null(c->reply);
        assert_string_equal(doc_get_text(c->reply, "echo"), "hello");
    }
    assert_int_equal(c->requests, 40);
    ask(c, "unknown");
    assert_string_equal(doc_get_text(c->reply, "error"), "no such request");
    control_free(c->control);
    c->control = NULL;
    assert_int_equal(stat(c->path, &st), -1);
}

static void a_big_reply_arrives_whole(void **state)
{
    struct ctx *c = *state;
    c->control = open_control(c);
    ask(c, "big");
    assert_string_equal(c->error, "");
    assert_int_equal(json_array_size(json_object_get(c->reply, "list")), 10000);
}

static void garbage_gets_a_sentence(void **state)
{
    struct ctx *c = *state;
    static const char *const bad[] = {"\n",  "rubbish\n", "[1]\n", "{\"a\":1,\"a\":2}\n",
                                      "{\n", "{}x\n"};
    c->control = open_control(c);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_non_null(
            strstr(raw_talk(c, raw_connect(c), bad[i], strlen(bad[i])), "not one JSON object"));
    assert_non_null(strstr(raw_talk(c, raw_connect(c), "{\0}\n", 4), "not one JSON object"));
    assert_int_equal(c->requests, 0);
    size_t len = CONTROL_MAX_REQUEST + 1000;
    char *text = mem_zalloc(len);
    memset(text, ' ', len);
    assert_non_null(strstr(raw_talk(c, raw_connect(c), text, len), "too long"));
    free(text);
}

static void a_request_in_pieces_and_half_a_request(void **state)
{
    struct ctx *c = *state;
    c->control = open_control(c);
    int half = raw_connect(c);
    assert_int_equal(send(half, "{\"ask\"", 6, 0), 6);
    int fd = raw_connect(c);
    const char *text = "{\"ask\":\"x\"}\n";
    for (size_t i = 0; i + 1 < strlen(text); i++) {
        assert_int_equal(send(fd, text + i, 1, 0), 1);
        loop_timer_set(c->limit, 1);
        loop_run(c->loop);
    }
    assert_int_equal(c->requests, 0);
    assert_non_null(strstr(raw_talk(c, fd, "\n", 1), "\"echo\":\"x\""));
    /* the half one ends without an answer when its writer goes */
    shutdown(half, SHUT_WR);
    assert_string_equal(raw_talk(c, half, "", 0), "");
    assert_int_equal(c->requests, 1);
}

/* Sixteen that say nothing: the next waits, and is served once they have used up their time. */
static void silent_clients_lose_their_place(void **state)
{
    struct ctx *c = *state;
    int silent[16];
    c->control = open_control(c);
    int64_t start = clock_mono_ms();
    for (int i = 0; i < 16; i++) {
        silent[i] = raw_connect(c);
        loop_timer_set(c->limit, 1);
        loop_run(c->loop);
    }
    ask(c, "hello");
    assert_non_null(c->reply);
    assert_in_range(clock_mono_ms() - start, 4000, LIMIT_MS);
    for (int i = 0; i < 16; i++) {
        assert_string_equal(raw_talk(c, silent[i], "", 0), "");
    }
}

/* It asks for much and never reads: others are served meanwhile. */
static void a_slow_reader_blocks_nobody(void **state)
{
    struct ctx *c = *state;
    c->control = open_control(c);
    int slow = raw_connect(c);
    const char *text = "{\"ask\":\"big\"}\n";
    assert_int_equal(send(slow, text, strlen(text), 0), (int)strlen(text));
    for (int i = 0; i < 5; i++) {
        ask(c, "hello");
        assert_non_null(c->reply);
    }
    assert_int_equal(c->requests, 6);
    close(slow);
    ask(c, "hello");
    assert_non_null(c->reply);
}

static int warnings;

static void count_warnings(enum log_level level, const char *tag, const char *text, void *arg)
{
    (void)tag;
    (void)text;
    (void)arg;
    warnings += level == LOG_LEVEL_WARN;
}

/* No descriptor is left for a client: it waits, we neither spin nor flood the log, and it is
 * served when there is one again. */
static void without_descriptors_it_waits(void **state)
{
    struct ctx *c = *state;
    struct rlimit before, none;
    if (getenv("UNDER_VALGRIND")) {
        print_message("skipped: valgrind keeps the limit itself: it accepts, and closes again\n");
        skip();
    }
    c->control = open_control(c);
    int fd = raw_connect(c);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 3;
    warnings = 0;
    log_capture(count_warnings, NULL);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    loop_timer_set(c->limit, 100);
    loop_run(c->loop);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    log_capture(NULL, NULL);
    assert_int_equal(warnings, 1);
    assert_non_null(strstr(raw_talk(c, fd, "{\"ask\":\"x\"}\n", 12), "\"echo\":\"x\""));
}

static void who_leaves_early_harms_nobody(void **state)
{
    struct ctx *c = *state;
    c->control = open_control(c);
    for (int i = 0; i < 16; i++) {
        int fd = raw_connect(c);
        const char *text = "{\"ask\":\"big\"}\n";
        assert_int_equal(send(fd, text, strlen(text) - (size_t)(i % 2), 0),
                         (int)strlen(text) - i % 2);
        close(fd);
        if (i % 8 == 7)
            ask(c, "hello"); /* the queue is only so long: this one is behind them */
    }
    ask(c, "hello");
    assert_non_null(c->reply);
}

static void stale_live_and_foreign_files(void **state)
{
    struct ctx *c = *state;
    struct sockaddr_un address;
    assert_true(control_address(c->path, &address));
    /* what a crash leaves */
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    close(fd);
    c->control = open_control(c);
    assert_non_null(c->control);
    /* another daemon */
    assert_null(open_control(c));
    assert_non_null(strstr(c->error, "another reachd answers"));
    ask(c, "hello");
    assert_non_null(c->reply); /* unharmed */
    control_free(c->control);
    c->control = NULL;
    /* something else of that name is left alone */
    FILE *file = fopen(c->path, "w");
    assert_non_null(file);
    fclose(file);
    assert_null(open_control(c));
    assert_non_null(strstr(c->error, "is not a socket"));
    assert_int_equal(access(c->path, F_OK), 0);
}

static void only_our_own_file_is_removed(void **state)
{
    struct ctx *c = *state;
    c->control = open_control(c);
    assert_int_equal(unlink(c->path), 0);
    FILE *file = fopen(c->path, "w");
    assert_non_null(file);
    fclose(file);
    control_free(c->control);
    c->control = NULL;
    assert_int_equal(access(c->path, F_OK), 0);
}

static void what_cannot_be_opened_is_said(void **state)
{
    struct ctx *c = *state;
    char path[200] = "/tmp/";
    memset(path + 5, 'x', 150);
    assert_null(control_new(c->loop, path, NULL, handle, c, c->error, sizeof(c->error)));
    assert_non_null(strstr(c->error, "too long"));
    assert_null(
        control_new(c->loop, c->path, "no-such-group", handle, c, c->error, sizeof(c->error)));
    assert_non_null(strstr(c->error, "no group no-such-group"));
    assert_int_equal(access(c->path, F_OK), -1);
    assert_null(
        control_new(c->loop, "/proc/x/reachd.sock", NULL, handle, c, c->error, sizeof(c->error)));
    assert_true(c->error[0] != '\0');
}

static void asking_when_nobody_is_there(void **state)
{
    struct ctx *c = *state;
    struct sockaddr_un address;
    json_t *request = doc_object();
    assert_null(control_ask(c->path, request, 1000, c->error, sizeof(c->error)));
    assert_non_null(strstr(c->error, "reachd does not seem to run ("));
    assert_non_null(strstr(c->error, "--socket"));
    assert_true(control_address(c->path, &address));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_null(control_ask(c->path, request, 1000, c->error, sizeof(c->error)));
    assert_non_null(strstr(c->error, "does not seem to run"));
    /* one that listens and never answers */
    assert_int_equal(listen(fd, 1), 0);
    assert_null(control_ask(c->path, request, 30, c->error, sizeof(c->error)));
    assert_non_null(strstr(c->error, "did not answer in time"));
    /* and whose queue is full: the time limit still holds */
    int waiting = raw_connect(c);
    int64_t before = clock_mono_ms();
    assert_null(control_ask(c->path, request, 30, c->error, sizeof(c->error)));
    assert_in_range(clock_mono_ms() - before, 0, 5000);
    assert_true(c->error[0] != '\0');
    close(waiting);
    close(fd);
    json_decref(request);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(asks_and_answers),
        TEST(a_big_reply_arrives_whole),
        TEST(garbage_gets_a_sentence),
        TEST(a_request_in_pieces_and_half_a_request),
        TEST(silent_clients_lose_their_place),
        TEST(a_slow_reader_blocks_nobody),
        TEST(without_descriptors_it_waits),
        TEST(who_leaves_early_harms_nobody),
        TEST(stale_live_and_foreign_files),
        TEST(only_our_own_file_is_removed),
        TEST(what_cannot_be_opened_is_said),
        TEST(asking_when_nobody_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
