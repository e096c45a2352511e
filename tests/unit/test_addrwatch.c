/* SPDX-License-Identifier: ISC
 *
 * The address watch on what every machine has: the loopback interface and programs. Changes of
 * real interfaces are in tests/net/test_addr.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/address/addrwatch.h"

#define LIMIT_MS 20000

struct ctx {
    struct loop *loop;
    struct spawner *spawner;
    struct loop_timer *limit;
    struct addrwatch *watch;
    bool free_inside;
    int calls;
    int wanted;
    char story[1024];
    char file[64]; /* what the command prints */
};

static void on_limit(void *arg)
{
    struct ctx *c = arg;
    loop_stop(c->loop);
}

static void on_changed(const struct config_address *section, const struct addr *now,
                       const struct addr *before, const char *reason, void *arg)
{
    struct ctx *c = arg;
    char a[ADDR_STRLEN];
    char b[ADDR_STRLEN];
    assert_true(reason[0] != '\0');
    str_append(c->story, sizeof(c->story), "%s %s>%s;", section->name, addr_format(before, b),
               addr_format(now, a));
    if (++c->calls == c->wanted)
        loop_stop(c->loop);
    if (c->free_inside) {
        addrwatch_free(c->watch);
        c->watch = NULL;
    }
}

static void on_missing(const struct config_address *section, const char *reason, void *arg)
{
    struct ctx *c = arg;
    assert_true(reason[0] != '\0');
    str_append(c->story, sizeof(c->story), "%s missing;", section->name);
    if (++c->calls == c->wanted)
        loop_stop(c->loop);
    if (c->free_inside) {
        addrwatch_free(c->watch);
        c->watch = NULL;
    }
}

static void print_address(struct ctx *c, const char *text)
{
    FILE *file = fopen(c->file, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int setup(void **state)
{
    struct ctx *c = mem_zalloc(sizeof(*c));
    char error[160];
    c->spawner = spawner_fork();
    c->loop = loop_new();
    c->limit = loop_timer_new(c->loop, on_limit, c);
    spawner_attach(c->spawner, c->loop);
    struct addrwatch_env env = {
        .loop = c->loop,
        .spawner = c->spawner,
        .changed = on_changed,
        .missing = on_missing,
        .arg = c,
    };
    c->watch = addrwatch_new(&env, error, sizeof(error));
    strcpy(c->file, "/tmp/reachd-test-addrwatch-XXXXXX");
    close(mkstemp(c->file));
    *state = c;
    return c->watch ? 0 : -1;
}

static int teardown(void **state)
{
    struct ctx *c = *state;
    unlink(c->file);
    addrwatch_free(c->watch);
    loop_timer_free(c->limit);
    spawner_free(c->spawner);
    loop_free(c->loop);
    free(c);
    return 0;
}

/* Runs until so many changes were told in all. */
static void await(struct ctx *c, int wanted)
{
    c->wanted = wanted;
    if (c->calls >= wanted)
        return;
    loop_timer_set(c->limit, LIMIT_MS);
    loop_run(c->loop);
    assert_int_equal(c->calls, wanted);
}

static void expect_quiet_for(struct ctx *c, int64_t ms)
{
    int calls = c->calls;
    c->wanted = -1;
    loop_timer_set(c->limit, ms);
    loop_run(c->loop);
    assert_int_equal(c->calls, calls);
}

static void expect_quiet(struct ctx *c)
{
    expect_quiet_for(c, 150);
}

static struct config_address on_interface(const char *name, const char *interface)
{
    return (struct config_address){.name = mem_strdup(name),
                                   .family = FAMILY_IPV4,
                                   .source = SOURCE_INTERFACE,
                                   .interface = mem_strdup(interface),
                                   .settle_ms = 1000};
}

static struct config_address by_command(const struct ctx *c, const char *name)
{
    struct config_address section = {.name = mem_strdup(name),
                                     .family = FAMILY_IPV4,
                                     .source = SOURCE_COMMAND,
                                     .every_ms = 3600000,
                                     .timeout_ms = 15000};
    section.command = mem_array(3, sizeof(char *));
    section.command[0] = mem_strdup("/bin/cat");
    section.command[1] = mem_strdup(c->file);
    return section;
}

static struct config_address fixed(const char *name, const char *value)
{
    struct config_address section = {
        .name = mem_strdup(name), .family = FAMILY_IPV4, .source = SOURCE_STATIC};
    assert_true(addr_parse(value, &section.value));
    return section;
}

static struct config_address first_of(const char *name, const char *a, const char *b)
{
    struct config_address section = {
        .name = mem_strdup(name), .family = FAMILY_IPV4, .source = SOURCE_FIRST};
    section.of = mem_array(3, sizeof(char *));
    section.of[0] = mem_strdup(a);
    section.of[1] = mem_strdup(b);
    return section;
}

static void clear(struct config_address *section)
{
    for (char **name = section->of; name && *name; name++)
        free(*name);
    free(section->of);
    for (char **word = section->command; word && *word; word++)
        free(*word);
    free(section->command);
    free(section->interface);
    free(section->name);
    memset(section, 0xee, sizeof(*section)); /* whoever still reads it will be noticed */
}

static void test_none_is_told_once(void **state)
{
    struct ctx *c = *state;
    struct config_address section = on_interface("wan", "no-such-link");
    struct addr addr;
    addrwatch_configure(c->watch, &section, 1);
    assert_false(addrwatch_current(c->watch, &section, &addr));
    assert_int_equal(c->calls, 0);
    await(c, 1);
    assert_string_equal(c->story, "wan ->-;");
    assert_true(addrwatch_current(c->watch, &section, &addr));
    assert_false(addr_is_set(&addr));
    addrwatch_check(c->watch);
    expect_quiet(c);
    addrwatch_configure(c->watch, NULL, 0);
    clear(&section);
}

/* The first section's address and why. */
static bool reason_says(struct ctx *c, const char *chosen, const char *word)
{
    json_t *json = addrwatch_json(c->watch);
    json_t *row = json_array_get(json, 0);
    const char *reason = json_string_value(json_object_get(row, "reason"));
    assert_string_equal(json_string_value(json_object_get(row, "chosen")), chosen);
    bool says = reason && strstr(reason, word);
    json_decref(json);
    return says;
}

static void test_command_changes_and_fails(void **state)
{
    struct ctx *c = *state;
    struct config_address section = by_command(c, "cmd");
    print_address(c, "8.8.4.4\n");
    addrwatch_configure(c->watch, &section, 1);
    await(c, 1);
    print_address(c, "8.8.8.8\n");
    addrwatch_check(c->watch);
    await(c, 2);
    print_address(c, "garbage\n"); /* keeps what it has */
    addrwatch_check(c->watch);
    for (int turns = 0; turns < LIMIT_MS / 150 && !reason_says(c, "8.8.8.8", "garbage"); turns++)
        expect_quiet(c);
    assert_true(reason_says(c, "8.8.8.8", "garbage"));
    assert_string_equal(c->story, "cmd ->8.8.4.4;cmd 8.8.4.4>8.8.8.8;");
    addrwatch_configure(c->watch, NULL, 0);
    clear(&section);
}

static void test_one_that_never_comes(void **state)
{
    struct ctx *c = *state;
    struct config_address section = by_command(c, "cmd");
    section.missing_after_ms = 60;
    print_address(c, "garbage\n");
    addrwatch_configure(c->watch, &section, 1);
    await(c, 1);
    assert_string_equal(c->story, "cmd missing;");
    addrwatch_check(c->watch);
    expect_quiet(c); /* once */
    print_address(c, "8.8.4.4\n");
    addrwatch_check(c->watch);
    await(c, 2);
    assert_string_equal(c->story, "cmd missing;cmd ->8.8.4.4;");
    addrwatch_configure(c->watch, NULL, 0);
    clear(&section);
}

static void test_one_that_is_there_is_not_missing(void **state)
{
    struct ctx *c = *state;
    struct config_address sections[] = {by_command(c, "cmd"), on_interface("wan", "no-such-link")};
    sections[0].missing_after_ms = 1500; /* longer than a program takes on a busy machine */
    print_address(c, "8.8.4.4\n");
    addrwatch_configure(c->watch, sections, 2); /* wan: 0, so nobody is told */
    await(c, 2);
    expect_quiet_for(c, 1600);
    struct config_address again[] = {by_command(c, "cmd"), on_interface("wan", "no-such-link")};
    again[1].missing_after_ms = 20; /* a reload asks for it */
    addrwatch_configure(c->watch, again, 2);
    await(c, 3);
    assert_non_null(strstr(c->story, ";wan missing;"));
    expect_quiet(c);
    addrwatch_configure(c->watch, NULL, 0);
    for (int i = 0; i < 2; i++) {
        clear(&sections[i]);
        clear(&again[i]);
    }
}

static void test_free_when_told_of_a_missing_one(void **state)
{
    struct ctx *c = *state;
    struct config_address section = by_command(c, "cmd");
    section.missing_after_ms = 1;
    print_address(c, "garbage\n");
    c->free_inside = true;
    addrwatch_configure(c->watch, &section, 1);
    await(c, 1);
    assert_string_equal(c->story, "cmd missing;");
    assert_null(c->watch);
    clear(&section);
}

static void test_reload(void **state)
{
    struct ctx *c = *state;
    struct config_address first[2] = {by_command(c, "cmd"), on_interface("wan", "no-such-link")};
    struct config_address second[2] = {on_interface("wan", "no-such-link"), by_command(c, "cmd")};
    struct addr addr;
    char text[ADDR_STRLEN];
    print_address(c, "8.8.4.4\n");
    addrwatch_configure(c->watch, first, 2);
    await(c, 2);
    /* The same sections in another order: nothing is told, nothing forgotten. */
    addrwatch_configure(c->watch, second, 2);
    clear(&first[0]);
    clear(&first[1]);
    expect_quiet(c);
    assert_true(addrwatch_current(c->watch, &second[1], &addr));
    assert_string_equal(addr_format(&addr, text), "8.8.4.4");
    /* A changed section is asked again and keeps its address meanwhile. */
    struct config_address third = by_command(c, "cmd");
    third.timeout_ms++;
    print_address(c, "8.8.8.8\n");
    addrwatch_configure(c->watch, &third, 1);
    clear(&second[0]);
    clear(&second[1]);
    assert_true(addrwatch_current(c->watch, &third, &addr));
    await(c, 3);
    assert_non_null(strstr(c->story, "cmd 8.8.4.4>8.8.8.8;"));
    /* A reload while a program runs. */
    struct config_address fourth = by_command(c, "cmd");
    fourth.timeout_ms++;
    addrwatch_check(c->watch);
    print_address(c, "8.8.8.9\n");
    addrwatch_configure(c->watch, &fourth, 1);
    clear(&third);
    await(c, 4);
    addrwatch_configure(c->watch, NULL, 0);
    clear(&fourth);
}

/* Who stands before it is waited for, while it may still answer. */
static void test_first_waits(void **state)
{
    struct ctx *c = *state;
    struct config_address sections[] = {first_of("best", "cmd", "fix"), fixed("fix", "8.8.8.1"),
                                        by_command(c, "cmd")};
    print_address(c, "8.8.4.4\n");
    addrwatch_configure(c->watch, sections, 3);
    await(c, 3);
    assert_non_null(strstr(c->story, "best ->8.8.4.4;"));
    expect_quiet(c);
    addrwatch_configure(c->watch, NULL, 0);
    for (int i = 0; i < 3; i++)
        clear(&sections[i]);
}

static void test_first_in_its_order(void **state)
{
    struct ctx *c = *state;
    struct config_address one[] = {fixed("fix", "8.8.8.1"), by_command(c, "cmd"),
                                   first_of("best", "cmd", "fix"), first_of("top", "best", "fix")};
    print_address(c, "garbage\n");
    addrwatch_configure(c->watch, one, 4);
    await(c, 3); /* fix, best, top */
    assert_non_null(strstr(c->story, "best ->8.8.8.1;top ->8.8.8.1;"));
    print_address(c, "8.8.4.4\n");
    addrwatch_check(c->watch);
    await(c, 6);
    assert_non_null(strstr(c->story, "cmd ->8.8.4.4;best 8.8.8.1>8.8.4.4;top 8.8.8.1>8.8.4.4;"));
    /* Another order, and a member that is no more. */
    struct config_address two[] = {first_of("best", "fix", "cmd"), fixed("fix", "8.8.8.1"),
                                   by_command(c, "cmd"), first_of("top", "gone", "cmd")};
    addrwatch_configure(c->watch, two, 4);
    for (int i = 0; i < 4; i++)
        clear(&one[i]);
    await(c, 7);
    assert_non_null(strstr(c->story, ";best 8.8.4.4>8.8.8.1;"));
    expect_quiet(c);
    /* None of them is there: lost. */
    struct config_address three = first_of("best", "gone", "no-more");
    addrwatch_configure(c->watch, &three, 1);
    for (int i = 0; i < 4; i++)
        clear(&two[i]);
    await(c, 8);
    assert_non_null(strstr(c->story, "best 8.8.8.1>-;"));
    addrwatch_configure(c->watch, NULL, 0);
    clear(&three);
}

static void test_free_inside_the_callback(void **state)
{
    struct ctx *c = *state;
    struct config_address sections[2] = {on_interface("a", "no-such-link"),
                                         on_interface("b", "no-such-link")};
    c->free_inside = true;
    addrwatch_configure(c->watch, sections, 2);
    await(c, 1);
    expect_quiet(c);
    clear(&sections[0]);
    clear(&sections[1]);
}

int main(void)
{
    log_open(LOG_SINK_STDERR, LOG_LEVEL_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_none_is_told_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_command_changes_and_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_that_never_comes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_that_is_there_is_not_missing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_free_when_told_of_a_missing_one, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reload, setup, teardown),
        cmocka_unit_test_setup_teardown(test_first_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_first_in_its_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_free_inside_the_callback, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
