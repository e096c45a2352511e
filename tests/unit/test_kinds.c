/* SPDX-License-Identifier: ISC
 *
 * The contract of probe_start, for every kind there is, on a port of loopback that nobody has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "probes/closed_want.h"
#include "probes/kind.h"

struct ctx {
    struct loop *loop;
    struct trust *trust;
    struct closed_want closed;
    uint16_t port;
    int fd; /* bound, not listening: so the port stays unused */
    unsigned calls;
    bool starting;
    struct probe *other; /* cancelled inside the callback */
    struct probe_result result;
    size_t more, done;
};

static void on_done(struct probe_result *result, void *arg)
{
    struct ctx *c = arg;
    assert_false(c->starting);
    c->calls++;
    c->result = *result;
    *result = (struct probe_result){0};
    probe_cancel(c->other);
    c->other = NULL;
    loop_stop(c->loop);
}

/* It was the quicker one. */
static void on_other(struct probe_result *result, void *arg)
{
    struct ctx *c = arg;
    (void)result;
    c->other = NULL;
}

static void on_progress(size_t more, size_t done, void *arg)
{
    struct ctx *c = arg;
    c->more += more;
    c->done += done;
}

static struct probe *start(struct ctx *c, enum probe_kind kind, probe_fn *done)
{
    struct addr addr = addr_loopback(FAMILY_IPV4);
    struct probe_spec spec = {.kind = kind,
                              .host = "localhost",
                              .servername = "localhost",
                              .port = c->port,
                              .closed = &c->closed,
                              .timeout_ms = 5000,
                              .progress = on_progress,
                              .progress_arg = c,
                              .trust = c->trust,
                              .deadline_ms = clock_mono_ms() + 5000};
    c->starting = true;
    struct probe *probe = probe_start(c->loop, &spec, &addr, done, c);
    c->starting = false;
    return probe;
}

static enum outcome expected(enum probe_kind kind)
{
    return kind == PROBE_QUIC     ? OUTCOME_QUIC_REFUSED
           : kind == PROBE_CLOSED ? OUTCOME_OK
                                  : OUTCOME_REFUSED;
}

static void each_kind_ends_once(void **state)
{
    struct ctx *c = *state;
    for (unsigned kind = 0; kind < PROBE_KIND_COUNT; kind++) {
        c->calls = 0;
        start(c, (enum probe_kind)kind, on_done);
        loop_run(c->loop);
        assert_int_equal(c->calls, 1);
        assert_string_equal(outcome_word(c->result.outcome),
                            outcome_word(expected((enum probe_kind)kind)));
        assert_true(c->result.kind == kind && c->result.port == c->port);
        json_decref(probe_result_json(&c->result, 0));
        probe_result_clear(&c->result);
    }
    assert_true(c->more > 0 && c->more == c->done);
}

static void on_limit(void *arg)
{
    loop_stop(arg);
}

/* Another probe runs to its end in the same loop, which gives the cancelled one time to misbehave.
 */
static void a_cancelled_one_is_silent(void **state)
{
    struct ctx *c = *state;
    struct loop_timer *later = loop_timer_new(c->loop, on_limit, c->loop);
    for (unsigned kind = 0; kind < PROBE_KIND_COUNT; kind++) {
        c->calls = 0;
        probe_cancel(start(c, (enum probe_kind)kind, on_done));
        loop_timer_set(later, 20);
        loop_run(c->loop);
        assert_int_equal(c->calls, 0);
    }
    loop_timer_free(later);
}

static void another_is_cancelled_inside_the_call(void **state)
{
    struct ctx *c = *state;
    for (unsigned kind = 0; kind < PROBE_KIND_COUNT; kind++) {
        struct closed_want all = c->closed;
        c->calls = 0;
        c->closed.parallel = 32; /* the other one of kind closed has more to do */
        start(c, PROBE_TCP, on_done);
        c->other = start(c, (enum probe_kind)kind, on_other);
        loop_run(c->loop);
        assert_int_equal(c->calls, 1);
        assert_null(c->other);
        probe_result_clear(&c->result);
        c->closed = all;
    }
}

static int setup(void **state)
{
    struct ctx *c = calloc(1, sizeof *c);
    struct addr addr = addr_loopback(FAMILY_IPV4);
    struct sockaddr_storage ss;
    socklen_t len = addr_to_sockaddr(&addr, 0, &ss);
    char error[200];
    c->loop = loop_new();
    c->trust = trust_new(NULL, error, sizeof error);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (!c->trust || bind(c->fd, (struct sockaddr *)&ss, len) != 0 ||
        getsockname(c->fd, (struct sockaddr *)&ss, &len) != 0 ||
        !addr_from_sockaddr((struct sockaddr *)&ss, &addr, &c->port))
        return -1;
    c->closed.parallel = 2;
    char port[8];
    snprintf(port, sizeof port, "%u", c->port);
    *state = c;
    return port_set_add(&c->closed.ports, port) == NULL &&
                   port_set_add(&c->closed.ports, "1 2 3") == NULL
               ? 0
               : -1;
}

static int teardown(void **state)
{
    struct ctx *c = *state;
    close(c->fd);
    trust_free(c->trust);
    loop_free(c->loop);
    free(c);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_ends_once),
        cmocka_unit_test(a_cancelled_one_is_silent),
        cmocka_unit_test(another_is_cancelled_inside_the_call),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
