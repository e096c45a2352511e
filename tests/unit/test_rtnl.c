/* SPDX-License-Identifier: ISC
 *
 * monitor/address/rtnl.h against this machine's rtnetlink, with faults put between us and the
 * kernel: a socket that errors, one that can't be had again, an overrun, a dump that was
 * interrupted. After each of them everything is read anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "monitor/address/rtnl.h"

#define LIMIT_MS 10000

/* --- between us and the kernel -----------------------------------------------------------------
 */

static struct {
    int receive_error;    /* of the next receive outside a dump; 0: none */
    unsigned no_socket;   /* so many opens fail */
    unsigned interrupted; /* so many datagrams of dumps say that they were */
} fault;

/* The listener does not block, the socket of a dump does. */
static bool is_listener(int fd, const struct msghdr *msg)
{
    struct timeval limit = {0};
    socklen_t len = sizeof(limit);
    (void)msg;
    return getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, &len) == 0 && limit.tv_sec == 0;
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
    if (fault.receive_error && is_listener(fd, msg)) {
        errno = fault.receive_error;
        fault.receive_error = 0;
        return -1;
    }
    ssize_t got = syscall(SYS_recvmsg, fd, msg, flags);
    if (got < (ssize_t)sizeof(struct nlmsghdr) || fault.interrupted == 0 || is_listener(fd, msg))
        return got;
    struct nlmsghdr *nlh = msg->msg_iov[0].iov_base;
    nlh->nlmsg_flags |= NLM_F_DUMP_INTR;
    fault.interrupted--;
    return got;
}

int socket(int domain, int type, int protocol)
{
    if (domain == AF_NETLINK && fault.no_socket > 0) {
        fault.no_socket--;
        errno = EMFILE;
        return -1;
    }
    return (int)syscall(SYS_socket, domain, type, protocol);
}

/* --- the rig ------------------------------------------------------------------------------------
 */

struct rig {
    struct loop *loop;
    struct loop_timer *limit;
    struct rtnl *rtnl;
    unsigned begun, synced, lost, links, enough;
    char why[128];
};

static void on_begin(void *arg)
{
    struct rig *rig = arg;
    rig->begun++;
    rig->links = 0;
}

static void on_event(const struct rtnl_event *event, void *arg)
{
    struct rig *rig = arg;
    rig->links += event->kind == RTNL_LINK;
}

static void on_synced(void *arg)
{
    struct rig *rig = arg;
    if (++rig->synced == rig->enough)
        loop_stop(rig->loop);
}

static void on_lost(const char *why, void *arg)
{
    struct rig *rig = arg;
    rig->lost++;
    snprintf(rig->why, sizeof(rig->why), "%s", why);
}

static void on_limit(void *arg)
{
    (void)arg;
    fail_msg("not in time");
}

static const struct rtnl_ops ops = {
    .sync_begin = on_begin, .event = on_event, .synced = on_synced, .lost = on_lost};

static void await_synced(struct rig *rig, unsigned count)
{
    rig->enough = count;
    loop_timer_set(rig->limit, LIMIT_MS);
    loop_run(rig->loop);
    loop_timer_clear(rig->limit);
    assert_int_equal(rig->synced, count);
    assert_true(rig->links >= 1); /* the loopback at least */
}

static int setup(void **state)
{
    static struct rig rig;
    char error[128] = "";
    memset(&fault, 0, sizeof(fault));
    rig = (struct rig){.loop = loop_new()};
    rig.limit = loop_timer_new(rig.loop, on_limit, &rig);
    rig.rtnl = rtnl_new(rig.loop, &ops, &rig, error, sizeof(error));
    *state = &rig;
    return rig.rtnl ? 0 : -1;
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    rtnl_free(rig->rtnl);
    loop_timer_free(rig->limit);
    loop_free(rig->loop);
    return 0;
}

/* The address of the listening socket: the one that has joined groups. */
static bool listener_addr(struct sockaddr_nl *out)
{
    for (int fd = 0; fd < 256; fd++) {
        socklen_t len = sizeof(*out);
        if (getsockname(fd, (struct sockaddr *)out, &len) == 0 && out->nl_family == AF_NETLINK &&
            out->nl_groups != 0)
            return true;
    }
    return false;
}

/* Something to read: a message of ours, which is otherwise ignored. Needs privilege. */
static void wake_listener(void)
{
    struct sockaddr_nl to;
    struct nlmsghdr nothing = {.nlmsg_len = sizeof(nothing), .nlmsg_type = NLMSG_NOOP};
    assert_true(listener_addr(&to));
    to.nl_groups = 0;
    int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    assert_true(fd >= 0);
    ssize_t sent = sendto(fd, &nothing, sizeof(nothing), 0, (struct sockaddr *)&to, sizeof(to));
    int error = errno;
    close(fd);
    if (sent < 0 && error == EPERM) {
        print_message("skipped: a netlink message to a process needs CAP_NET_ADMIN\n");
        skip();
    }
    assert_true(sent == sizeof(nothing));
}

/* --- tests ---------------------------------------------------------------------------------------
 */

static void a_stranger_s_message_changes_nothing(void **state)
{
    struct rig *rig = *state;
    await_synced(rig, 1);
    wake_listener();
    rtnl_resync(rig->rtnl);
    await_synced(rig, 2);
    assert_int_equal(rig->begun, 2);
    assert_int_equal(rig->lost, 0);
}

static void an_overrun_is_read_anew(void **state)
{
    struct rig *rig = *state;
    await_synced(rig, 1);
    fault.receive_error = ENOBUFS;
    wake_listener();
    await_synced(rig, 2);
    assert_int_equal(rig->lost, 0);
}

static void a_broken_socket_is_opened_anew(void **state)
{
    struct rig *rig = *state;
    struct sockaddr_nl before, after;
    await_synced(rig, 1);
    assert_true(listener_addr(&before));
    fault.receive_error = ENOTCONN;
    wake_listener();
    await_synced(rig, 2);
    assert_int_equal(rig->lost, 1);
    assert_string_equal(rig->why, strerror(ENOTCONN));
    assert_true(listener_addr(&after));
    /* And it listens: another overrun is noticed on it. */
    fault.receive_error = ENOBUFS;
    wake_listener();
    await_synced(rig, 3);
    assert_int_equal(rig->lost, 1);
}

static void what_can_not_be_opened_is_tried_again_and_told_once(void **state)
{
    struct rig *rig = *state;
    await_synced(rig, 1);
    fault.receive_error = ENOTCONN;
    wake_listener();
    fault.no_socket = 3;
    await_synced(rig, 2);
    assert_int_equal(fault.no_socket, 0);
    assert_int_equal(rig->lost, 1);
}

static void an_interrupted_dump_is_not_believed(void **state)
{
    struct rig *rig = *state;
    fault.interrupted = 1;
    await_synced(rig, 1);
    assert_int_equal(fault.interrupted, 0);
    assert_int_equal(rig->begun, 2);
}

static void a_dump_that_is_always_interrupted_is_put_off(void **state)
{
    struct rig *rig = *state;
    fault.interrupted = 20; /* a dump is a few datagrams: more than one turn's tries */
    await_synced(rig, 1);
    assert_int_equal(fault.interrupted, 0);
    assert_true(rig->begun > 8);
    assert_int_equal(rig->lost, 0);
}

static void a_single_dump_gives_up_aloud(void **state)
{
    struct rig *rig = *state;
    char error[128] = "";
    fault.interrupted = 1000;
    assert_false(rtnl_dump(&ops, rig, error, sizeof(error)));
    assert_non_null(strstr(error, "keep changing"));
    assert_int_equal(rig->synced, 0);
    fault.interrupted = 0;
    assert_true(rtnl_dump(&ops, rig, error, sizeof(error)));
    assert_int_equal(rig->synced, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stranger_s_message_changes_nothing),
        TEST(an_overrun_is_read_anew),
        TEST(a_broken_socket_is_opened_anew),
        TEST(what_can_not_be_opened_is_tried_again_and_told_once),
        TEST(an_interrupted_dump_is_not_believed),
        TEST(a_dump_that_is_always_interrupted_is_put_off),
        TEST(a_single_dump_gives_up_aloud),
    };
    log_open(LOG_SINK_STDERR, LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
