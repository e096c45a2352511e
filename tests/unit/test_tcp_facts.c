/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/addr.h"
#include "probes/tcp_facts.h"

#define TCP_MAXSEG 2 /* netinet/tcp.h does not go together with what the owner includes */

/* A connected pair over loopback: fds[0] connected, fds[1] accepted. */
static bool connect_pair(enum family family, int maxseg, int fds[2])
{
    struct addr addr = addr_loopback(family);
    struct sockaddr_storage ss;
    socklen_t len = addr_to_sockaddr(&addr, 0, &ss);
    int listener = socket(addr.af, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&ss, len) != 0) {
        print_message("no %s here\n", family_text(family));
        close(listener);
        return false;
    }
    assert_int_equal(listen(listener, 1), 0);
    len = sizeof ss;
    assert_int_equal(getsockname(listener, (struct sockaddr *)&ss, &len), 0);
    fds[0] = socket(addr.af, SOCK_STREAM, 0);
    if (maxseg)
        assert_int_equal(setsockopt(fds[0], IPPROTO_TCP, TCP_MAXSEG, &maxseg, sizeof maxseg), 0);
    assert_int_equal(connect(fds[0], (struct sockaddr *)&ss, len), 0);
    fds[1] = accept(listener, NULL, NULL);
    assert_true(fds[1] >= 0);
    close(listener);
    return true;
}

static void sizes_are_as_announced(void **arg)
{
    (void)arg;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        struct tcp_facts facts;
        int fds[2];
        if (!connect_pair((enum family)f, 1000, fds))
            continue;
        tcp_facts_read(fds[0], &facts);
        assert_true(facts.known);
        assert_true(facts.rtt_us > 0);
        assert_int_equal(facts.mss_in, 1000); /* the timestamp option is not taken off */
        assert_int_equal(facts.mss_out, 1000);
        assert_true(facts.mtu >= 1280);
        assert_int_equal(facts.retransmits, 0);
        tcp_facts_read(fds[1], &facts);
        assert_int_equal(facts.mss_out, 1000); /* the other side does as it was told */
        close(fds[0]);
        close(fds[1]);
    }
}

static void bytes_are_counted(void **arg)
{
    struct tcp_facts facts;
    int fds[2];
    char data[8];
    (void)arg;
    assert_true(connect_pair(FAMILY_IPV4, 0, fds));
    assert_int_equal(write(fds[1], "hello", 5), 5);
    assert_int_equal(read(fds[0], data, sizeof data), 5);
    tcp_facts_read(fds[0], &facts);
    assert_int_equal(facts.bytes_in, 5);
    json_t *json = tcp_facts_json(&facts);
    assert_int_equal(json_integer_value(json_object_get(json, "bytes_in")), 5);
    json_decref(json);
    close(fds[0]);
    close(fds[1]);
}

static void what_is_not_connected_has_no_facts(void **arg)
{
    struct tcp_facts facts;
    (void)arg;
    memset(&facts, 0xff, sizeof facts);
    tcp_facts_read(-1, &facts);
    assert_false(facts.known);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    tcp_facts_read(fd, &facts);
    assert_false(facts.known);
    close(fd);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    tcp_facts_read(fd, &facts);
    assert_false(facts.known);
    close(fd);
    assert_true(json_is_null(tcp_facts_json(&facts)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_as_announced),
        cmocka_unit_test(bytes_are_counted),
        cmocka_unit_test(what_is_not_connected_has_no_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
