/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/loop.h"
#include "lib/mem.h"
#include "monitor/address/addr_answer.h"
#include "monitor/address/addr_fetch.h"

#define LIMIT_MS 20000

static void test_answers(void **state)
{
    static const struct {
        const char *text;
        size_t len; /* 0: strlen */
        enum family family;
        const char *want; /* NULL: refused */
        const char *why;
    } rows[] = {
        {"8.8.4.4", 0, FAMILY_IPV4, "8.8.4.4", ""},
        {"8.8.4.4\n", 0, FAMILY_IPV4, "8.8.4.4", ""},
        {" \r\n\t8.8.4.4 \r\n\r\n", 0, FAMILY_IPV4, "8.8.4.4", ""},
        {"2400:4050::0001\n", 0, FAMILY_IPV6, "2400:4050::1", ""},
        {"", 0, FAMILY_IPV4, NULL, "empty"},
        {" \n", 0, FAMILY_IPV4, NULL, "empty"},
        {"8.8.4.4", 0, FAMILY_IPV6, NULL, "where IPv6 is asked for"},
        {"2400::1", 0, FAMILY_IPV4, NULL, "where IPv4 is asked for"},
        {"8.8.4.4 8.8.8.8", 0, FAMILY_IPV4, NULL, "no address"},
        {"8.8.4.4\0x", 9, FAMILY_IPV4, NULL, "no address"},
        {"8.8.4.4\0", 8, FAMILY_IPV4, NULL, "no address"},
        {"<!doctype html><html><head><title>Your address", 0, FAMILY_IPV4, NULL, "<!doctype html>"},
        {"\033[2J\033[H", 0, FAMILY_IPV4, NULL, "\"?[2J?[H\""},
        {"{\"ip\":\"8.8.4.4\"}", 0, FAMILY_IPV4, NULL, "no address"},
        {"8.8.4.4:443", 0, FAMILY_IPV4, NULL, "no address"},
        {"[2400::1]", 0, FAMILY_IPV6, NULL, "no address"},
        {"fe80::1%eth0", 0, FAMILY_IPV6, NULL, "no address"},
        {"8.8.4", 0, FAMILY_IPV4, NULL, "no address"},
        {"010.8.8.8", 0, FAMILY_IPV4, NULL, "no address"},
        {"100.64.3.4", 0, FAMILY_IPV4, NULL, "carrier-grade NAT"},
        {"192.168.1.5", 0, FAMILY_IPV4, NULL, "private"},
        {"203.0.113.5", 0, FAMILY_IPV4, "203.0.113.5", ""}, /* accepted below */
    };
    struct prefix accept;
    (void)state;
    assert_true(prefix_parse("203.0.113.0/24", &accept));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct config_address section = {
            .family = rows[i].family, .accept = &accept, .accept_count = 1};
        size_t len = rows[i].len ? rows[i].len : strlen(rows[i].text);
        char *copy = mem_zalloc(len + 1); /* exact, for the sanitizer */
        char text[ADDR_STRLEN] = "refused";
        char why[160] = "";
        struct addr addr;
        memcpy(copy, rows[i].text, len);
        if (addr_answer_read(copy, len, &section, &addr, why, sizeof(why)))
            addr_format(&addr, text);
        if (strcmp(text, rows[i].want ? rows[i].want : "refused") != 0 || !strstr(why, rows[i].why))
            fail_msg("%s: %s, %s", rows[i].text, text, why);
        free(copy);
    }
}

/* --- commands ----------------------------------------------------------------------------- */

struct ctx {
    struct loop *loop;
    struct spawner *spawner;
    struct loop_timer *limit;
    int calls;
    bool found;
    struct addr addr;
    char text[256];
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
    return 0;
}

static int teardown(void **state)
{
    struct ctx *c = *state;
    loop_timer_free(c->limit);
    spawner_free(c->spawner);
    loop_free(c->loop);
    free(c);
    return 0;
}

static void on_done(const struct addr *found, const char *text, void *arg)
{
    struct ctx *c = arg;
    c->calls++;
    c->found = found != NULL;
    if (found)
        c->addr = *found;
    strncpy(c->text, text, sizeof(c->text) - 1);
    loop_stop(c->loop);
}

static void run(struct ctx *c, char **command)
{
    struct config_address section = {.name = (char[]){"x"},
                                     .family = FAMILY_IPV4,
                                     .source = SOURCE_COMMAND,
                                     .command = command,
                                     .timeout_ms = 15000};
    struct addr_fetch_env env = {.loop = c->loop, .spawner = c->spawner};
    c->calls = 0;
    addr_fetch_start(&env, &section, on_done, c);
    assert_int_equal(c->calls, 0);
    loop_timer_set(c->limit, LIMIT_MS);
    loop_run(c->loop);
    assert_int_equal(c->calls, 1);
}

#define ARGV(...) ((char *[]){__VA_ARGS__, NULL})
#define S(text)   ((char[]){text})

static void test_command(void **state)
{
    struct ctx *c = *state;
    char text[ADDR_STRLEN];
    run(c, ARGV(S("/bin/echo"), S("8.8.4.4")));
    assert_true(c->found);
    assert_string_equal(addr_format(&c->addr, text), "8.8.4.4");
    run(c, ARGV(S("/bin/sh"), S("-c"), S("echo 8.8.8.8; echo and more")));
    assert_true(c->found);
    assert_string_equal(addr_format(&c->addr, text), "8.8.8.8");
    run(c, ARGV(S("/bin/sh"), S("-c"), S("[ $REACHD_FAMILY = ipv4 ] && echo 8.8.8.1")));
    assert_true(c->found);
}

static void test_command_fails(void **state)
{
    struct ctx *c = *state;
    run(c, ARGV(S("/bin/sh"), S("-c"), S("echo 8.8.4.4; exit 3")));
    assert_false(c->found);
    assert_string_equal(c->text, "/bin/sh: exit status 3");
    run(c, ARGV(S("/bin/sh"), S("-c"), S("kill -9 $$")));
    assert_non_null(strstr(c->text, "signal 9"));
    run(c, ARGV(S("/nowhere/at-all")));
    assert_non_null(strstr(c->text, "could not be run: No such file"));
    run(c, ARGV(S("/bin/echo"), S("10.0.0.1")));
    assert_non_null(strstr(c->text, "private network"));
    assert_false(c->found);
}

static void test_nothing_to_ask(void **state)
{
    struct ctx *c = *state;
    run(c, NULL);
    assert_false(c->found);
    assert_string_equal(c->text, "there is nothing to ask");
}

static void test_cancel(void **state)
{
    struct ctx *c = *state;
    struct config_address section = {.family = FAMILY_IPV4,
                                     .source = SOURCE_COMMAND,
                                     .command = ARGV(S("/bin/echo"), S("8.8.4.4")),
                                     .timeout_ms = 15000};
    struct addr_fetch_env env = {.loop = c->loop, .spawner = c->spawner};
    addr_fetch_cancel(addr_fetch_start(&env, &section, on_done, c));
    addr_fetch_cancel(NULL);
    loop_timer_set(c->limit, 50);
    loop_run(c->loop);
    assert_int_equal(c->calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test_setup_teardown(test_command, setup, teardown),
        cmocka_unit_test_setup_teardown(test_command_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_to_ask, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cancel, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
