/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lib/doc.h"
#include "lib/str.h"
#include "monitor/hooks/hook_env.h"

static const char *get(const struct hook_env *env, const char *name)
{
    size_t len = strlen(name);
    for (char **var = env->envp; *var; var++)
        if (strncmp(*var, name, len) == 0 && (*var)[len] == '=')
            return *var + len + 1;
    return NULL;
}

static void every_documented_variable(void **state)
{
    (void)state;
    struct notice n;
    struct hook_env env;
    notice_init(&n, NOTICE_TARGET_DOWN, "www", 1764000000123);
    n.has_family = true;
    n.family = FAMILY_IPV6;
    str_copy(n.host, sizeof(n.host), "example.com:443");
    str_copy(n.old_value, sizeof(n.old_value), "up");
    str_copy(n.new_value, sizeof(n.new_value), "down");
    str_copy(n.cause, sizeof(n.cause), "tls-timeout");
    str_copy(n.text, sizeof(n.text), "It hangs.");
    str_copy(n.advice, sizeof(n.advice), "Look at the MTU.");
    hook_env_build(&env, &n, "mail", 42, 3, true);
    static const struct {
        const char *name, *value;
    } rows[] = {
        {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
        {"REACHD_EVENT", "target-down"},
        {"REACHD_TARGET", "www"},
        {"REACHD_SUBJECT", "www"},
        {"REACHD_FAMILY", "ipv6"},
        {"REACHD_HOST", "example.com:443"},
        {"REACHD_OLD", "up"},
        {"REACHD_NEW", "down"},
        {"REACHD_CAUSE", "tls-timeout"},
        {"REACHD_TEXT", "It hangs."},
        {"REACHD_ADVICE", "Look at the MTU."},
        {"REACHD_TIME", "2025-11-24T16:00:00Z"},
        {"REACHD_EVENT_ID", "42"},
        {"REACHD_SUPERSEDED", "3"},
        {"REACHD_REMINDER", "1"},
        {"REACHD_HOOK", "mail"},
        {"REACHD_VERSION", PACKAGE_VERSION},
    };
    size_t count = 0;
    while (env.envp[count])
        count++;
    assert_int_equal(count, sizeof(rows) / sizeof(rows[0])); /* and no other */
    for (size_t i = 0; i < count; i++) {
        assert_non_null(get(&env, rows[i].name));
        assert_string_equal(get(&env, rows[i].name), rows[i].value);
    }
    hook_env_clear(&env);
    hook_env_clear(&env);
}

static void the_name_by_kind(void **state)
{
    (void)state;
    static const char *const names[] = {"REACHD_TARGET", "REACHD_ADDRESS", "REACHD_RECORD"};
    for (int kind = 0; kind < NOTICE_KIND_COUNT; kind++) {
        struct notice n;
        struct hook_env env;
        notice_init(&n, (enum notice_kind)kind, "thing", 1);
        hook_env_build(&env, &n, "h", 1, 0, false);
        const char *about = notice_about((enum notice_kind)kind);
        const char *expected = strcmp(about, "target") == 0    ? names[0]
                               : strcmp(about, "address") == 0 ? names[1]
                               : strcmp(about, "record") == 0  ? names[2]
                                                               : NULL;
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(get(&env, names[i]) != NULL, names[i] == expected);
        assert_string_equal(get(&env, "REACHD_SUBJECT"), "thing");
        assert_string_equal(get(&env, "REACHD_FAMILY"), "");
        assert_string_equal(get(&env, "REACHD_REMINDER"), "0");
        hook_env_clear(&env);
    }
}

/* Every variable's value is a member of the object: the name in lower case. */
static void the_same_as_one_line_of_json(void **state)
{
    (void)state;
    struct notice n;
    struct hook_env env;
    notice_init(&n, NOTICE_UPDATE_HALTED, "home", 1764000000000);
    str_copy(n.text, sizeof(n.text), "quote \" and \xe2\x82\xac");
    hook_env_build(&env, &n, "log", 7, 2, false);
    assert_ptr_equal(strchr(env.json, '\n'), env.json + strlen(env.json) - 1);
    json_t *object = json_loads(env.json, 0, NULL);
    assert_non_null(object);
    assert_string_equal(doc_get_text(object, "event"), "update-halted");
    assert_string_equal(doc_get_text(object, "subject"), "home");
    assert_string_equal(doc_get_text(object, "text"), "quote \" and \xe2\x82\xac");
    assert_string_equal(doc_get_text(object, "hook"), "log");
    assert_string_equal(doc_get_text(object, "version"), PACKAGE_VERSION);
    assert_int_equal(json_integer_value(json_object_get(object, "event_id")), 7);
    assert_int_equal(json_integer_value(json_object_get(object, "superseded")), 2);
    assert_true(json_is_false(json_object_get(object, "reminder")));
    json_decref(object);
    hook_env_clear(&env);
}

static void what_came_from_the_network_is_made_harmless(void **state)
{
    (void)state;
    struct notice n;
    struct hook_env env;
    notice_init(&n, NOTICE_TARGET_DOWN, "www", 1);
    str_copy(n.text, sizeof(n.text), "a\nBcc: x\r\033[31m\xff");
    hook_env_build(&env, &n, "h", 1, 0, false);
    assert_string_equal(get(&env, "REACHD_TEXT"), "a?Bcc: x??[31m?");
    json_t *object = json_loads(env.json, 0, NULL);
    assert_string_equal(doc_get_text(object, "text"), "a?Bcc: x??[31m?");
    json_decref(object);
    hook_env_clear(&env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_documented_variable),
        cmocka_unit_test(the_name_by_kind),
        cmocka_unit_test(the_same_as_one_line_of_json),
        cmocka_unit_test(what_came_from_the_network_is_made_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
