/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "probes/egress.h"

static void marks_are_read(void **arg)
{
    static const struct {
        const char *text;
        uint32_t mark;
    } good[] = {{"300", 300},
                {"0x12c", 300},
                {"0X12C", 300},
                {"4294967295", UINT32_MAX},
                {"0xffffffff", UINT32_MAX},
                {"1", 1}};
    static const char *const bad[] = {"",     "0",          "0x",          "0x0",
                                      "-1",   "+1",         " 1",          "12c",
                                      "0x1g", "4294967296", "0x100000000", "99999999999999999999"};
    uint32_t mark = 77;
    (void)arg;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(egress_parse_mark(bad[i], &mark));
    assert_int_equal(mark, 77);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_null(egress_parse_mark(good[i].text, &mark));
        assert_int_equal(mark, good[i].mark);
    }
}

static void interfaces_are_read(void **arg)
{
    static const char *const bad[] = {"", "sixteen-letters0", "a/b", "a b", "eth0:1", ".", ".."};
    char name[IF_NAMESIZE] = "";
    (void)arg;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(egress_parse_interface(bad[i], name));
    assert_string_equal(name, "");
    assert_null(egress_parse_interface("pppoe-wanppp", name));
    assert_string_equal(name, "pppoe-wanppp");
}

static void a_refusal_is_a_sentence(void **arg)
{
    struct egress egress = {.interface = "rd-none0"};
    char detail[160] = "";
    (void)arg;
    assert_true(egress_is_set(&egress));
    assert_int_equal(egress_try(&egress, AF_INET, detail, sizeof detail), OUTCOME_LOCAL_SOURCE);
    assert_string_equal(detail, "there is no interface rd-none0");
    egress = (struct egress){0};
    assert_false(egress_is_set(&egress));
    assert_int_equal(egress_try(&egress, AF_INET, detail, sizeof detail), OUTCOME_OK);
    assert_true(addr_parse("198.51.100.77", &egress.source));
    assert_int_equal(egress_try(&egress, AF_INET, detail, sizeof detail), OUTCOME_LOCAL_SOURCE);
    assert_string_equal(detail, "198.51.100.77 is no address of this machine");
    /* Of the other family: nothing to bind to. */
    enum outcome other = egress_try(&egress, AF_INET6, detail, sizeof detail);
    assert_int_equal(other, OUTCOME_OK);
}

static void a_source_and_a_mark_are_set(void **arg)
{
    struct egress egress = {.source = addr_loopback(FAMILY_IPV4), .mark = 300};
    char detail[160];
    uint32_t mark = 0;
    socklen_t len = sizeof mark;
    struct sockaddr_storage ss;
    struct addr bound;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    (void)arg;
    enum outcome outcome = egress_apply(&egress, fd, AF_INET, detail, sizeof detail);
    if (outcome == OUTCOME_LOCAL_PERMISSION) {
        assert_non_null(strstr(detail, "mark 0x12c needs CAP_NET_ADMIN"));
        print_message("no right to set a mark here\n");
        egress.mark = 0;
        outcome = egress_apply(&egress, fd, AF_INET, detail, sizeof detail);
    } else {
        assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_MARK, &mark, &len), 0);
        assert_int_equal(mark, 300);
    }
    assert_int_equal(outcome, OUTCOME_OK);
    len = sizeof ss;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
    assert_true(addr_from_sockaddr((struct sockaddr *)&ss, &bound, NULL));
    assert_true(addr_equal(&bound, &egress.source));
    close(fd);
}

static void want_of_descriptors_is_told(void **arg)
{
    struct rlimit before, none;
    struct egress egress = {0};
    char detail[160];
    (void)arg;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    enum outcome outcome = egress_try(&egress, AF_INET, detail, sizeof detail);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(outcome, OUTCOME_LOCAL_RESOURCES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_are_read),
        cmocka_unit_test(interfaces_are_read),
        cmocka_unit_test(a_refusal_is_a_sentence),
        cmocka_unit_test(a_source_and_a_mark_are_set),
        cmocka_unit_test(want_of_descriptors_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
