/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/hooks/hook.h"

#define LIMIT_MS 20000
#define DUE_MAX  64

/* The store as the hooks see it: only the list of due deliveries. */
struct store {
    struct due {
        char hook[32], key[NOTICE_KEY_LEN];
        int64_t id;
        unsigned superseded;
        struct notice notice;
    } due[DUE_MAX];
    size_t count;
    struct notice by_id[DUE_MAX]; /* what store_event_add would have kept */
    int64_t latest_id;            /* of one subject: what was told last of it */
};

static struct due *due_find(struct store *store, const char *hook, const char *key)
{
    for (size_t i = 0; i < store->count; i++)
        if (strcmp(store->due[i].hook, hook) == 0 && strcmp(store->due[i].key, key) == 0)
            return &store->due[i];
    return NULL;
}

bool store_due_add(struct store *store, const char *hook, const char *key, int64_t event_id)
{
    struct due *due = due_find(store, hook, key);
    if (due) {
        due->superseded++;
    } else {
        assert_true(store->count < DUE_MAX);
        due = &store->due[store->count++];
        *due = (struct due){0};
    }
    str_copy(due->hook, sizeof(due->hook), hook);
    str_copy(due->key, sizeof(due->key), key);
    due->id = event_id;
    due->notice = store->by_id[event_id];
    return true;
}

void store_due_done(struct store *store, const char *hook, const char *key, int64_t event_id)
{
    struct due *due = due_find(store, hook, key);
    if (due && due->id == event_id)
        *due = store->due[--store->count];
}

void store_due_each(struct store *store,
                    void (*fn)(const char *hook, const char *key, int64_t event_id,
                               const struct notice *notice, unsigned superseded, void *arg),
                    void *arg)
{
    for (size_t i = 0; i < store->count; i++) {
        struct due copy = store->due[i];
        fn(copy.hook, copy.key, copy.id, &copy.notice, copy.superseded, arg);
    }
}

void store_latest_each(struct store *store,
                       void (*fn)(const char *key, int64_t event_id, const struct notice *notice,
                                  void *arg),
                       void *arg)
{
    char key[NOTICE_KEY_LEN];
    const struct notice *notice = &store->by_id[store->latest_id];
    if (store->latest_id)
        fn(notice_key(notice, key), store->latest_id, notice, arg);
}

/* --- fixture --------------------------------------------------------------------------------- */

struct ctx {
    struct spawner *spawner;
    struct loop *loop;
    struct loop_timer *limit, *poll;
    struct store store;
    struct hooks *hooks;
    struct config config;
    struct config_hook conf[3];
    char *argv[3][5];
    int64_t last_id;
    char dir[40], script[3][512];
    size_t await_lines;
    char log[65536];
};

static void on_log(enum log_level level, const char *tag, const char *text, void *arg)
{
    struct ctx *c = arg;
    (void)tag;
    str_append(c->log, sizeof(c->log), "%d %s\n", (int)level, text);
}

static void stop(void *arg)
{
    struct ctx *c = arg;
    loop_stop(c->loop);
}

static void add_hook(struct ctx *c, const char *name, uint32_t events, const char *script)
{
    size_t i = c->config.hook_count++;
    struct config_hook *conf = &c->conf[i];
    static char sh[] = "/bin/sh", flag[] = "-c", self[] = "hook";
    *conf = (struct config_hook){.events = events, .timeout_ms = LIMIT_MS};
    conf->name = mem_strdup(name);
    c->script[i][0] = '\0';
    str_append(c->script[i], sizeof(c->script[i]), "dir=%s; %s", c->dir, script);
    char *argv[] = {sh, flag, c->script[i], self, NULL};
    memcpy(c->argv[i], argv, sizeof(argv));
    conf->command = c->argv[i];
}

/* A hook that writes a line for each run, and a moment long if asked for. */
#define TELL                                                                                       \
    "echo \"$REACHD_HOOK $REACHD_EVENT $REACHD_SUBJECT $REACHD_OLD>$REACHD_NEW "                   \
    "$REACHD_SUPERSEDED $REACHD_REMINDER\" >>$dir/told"
#define ALL UINT32_MAX

static void start(struct ctx *c)
{
    c->hooks = hooks_new(c->loop, c->spawner, &c->store);
    hooks_configure(c->hooks, &c->config);
}

static int setup(void **state)
{
    struct ctx *c = mem_zalloc(sizeof(*c));
    c->spawner = spawner_fork();
    c->loop = loop_new();
    c->limit = loop_timer_new(c->loop, stop, c);
    spawner_attach(c->spawner, c->loop);
    c->config.hooks = c->conf;
    c->config.hook_debounce_ms = 5;
    str_copy(c->dir, sizeof(c->dir), "/tmp/reachd-hook-XXXXXX");
    log_capture(on_log, c);
    *state = c;
    return mkdtemp(c->dir) ? 0 : -1;
}

static int teardown(void **state)
{
    struct ctx *c = *state;
    char path[64] = "";
    log_capture(NULL, NULL);
    hooks_free(c->hooks);
    spawner_free(c->spawner);
    loop_timer_free(c->limit);
    loop_timer_free(c->poll);
    loop_free(c->loop);
    for (size_t i = 0; i < c->config.hook_count; i++)
        free(c->conf[i].name);
    str_append(path, sizeof(path), "%s/told", c->dir);
    unlink(path);
    int failed = rmdir(c->dir);
    free(c);
    return failed;
}

static void post(struct ctx *c, enum notice_kind kind, const char *subject, const char *old_value,
                 const char *new_value)
{
    struct notice n;
    notice_init(&n, kind, subject, 1764000000000);
    str_copy(n.old_value, sizeof(n.old_value), old_value);
    str_copy(n.new_value, sizeof(n.new_value), new_value);
    c->store.by_id[++c->last_id] = n;
    hooks_post(c->hooks, &n, c->last_id);
}

static const char *told(struct ctx *c)
{
    static char text[4096];
    char path[64] = "";
    str_append(path, sizeof(path), "%s/told", c->dir);
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
    assert_true(n >= 0);
    text[n] = '\0';
    if (fd >= 0)
        close(fd);
    return text;
}

static int64_t number(struct ctx *c, size_t hook, const char *key)
{
    json_t *array = hooks_json(c->hooks);
    const json_t *value = json_object_get(json_array_get(array, hook), key);
    assert_true(json_is_integer(value));
    int64_t n = json_integer_value(value);
    json_decref(array);
    return n;
}

struct goal {
    struct ctx *c;
    size_t hook;
    const char *key;
    int64_t at_least;
};

static void look(void *arg)
{
    struct goal *goal = arg;
    if (number(goal->c, goal->hook, goal->key) >= goal->at_least)
        loop_stop(goal->c->loop);
    else
        loop_timer_set(goal->c->poll, 1);
}

/* Runs the loop until that figure of the hook's status is reached. */
static void await(struct ctx *c, size_t hook, const char *key, int64_t at_least)
{
    struct goal goal = {c, hook, key, at_least};
    c->poll = loop_timer_new(c->loop, look, &goal);
    loop_timer_set(c->poll, 0);
    loop_timer_set(c->limit, LIMIT_MS);
    loop_run(c->loop);
    loop_timer_clear(c->limit);
    loop_timer_free(c->poll);
    c->poll = NULL;
    if (number(c, hook, key) < at_least)
        fail_msg("%s did not reach %d; log:\n%s", key, (int)at_least, c->log);
}

/* --- tests ----------------------------------------------------------------------------------- */

static void a_notice_is_told_once(void **state)
{
    struct ctx *c = *state;
    add_hook(c, "one", ALL, TELL "; read -r line; echo \"stdin $line\"; printf 'a\\033b\\n' >&2");
    start(c);
    post(c, NOTICE_TARGET_DOWN, "www", "up", "down");
    assert_int_equal(c->store.count, 1); /* before anything runs */
    await(c, 0, "told", 1);
    assert_string_equal(told(c), "one target-down www up>down 0 0\n");
    assert_int_equal(c->store.count, 0);
    assert_non_null(strstr(c->log, "2 one: stdin {\"event\":\"target-down\""));
    assert_non_null(strstr(c->log, "2 one: a?b\n"));
    assert_true(hooks_flush(c->hooks));
}

static void filters_by_event_and_subject(void **state)
{
    struct ctx *c = *state;
    char www[] = "www", *only[] = {www, NULL};
    add_hook(c, "downs", 1u << NOTICE_TARGET_DOWN, TELL);
    add_hook(c, "www", ALL, TELL);
    c->conf[1].only = only;
    start(c);
    post(c, NOTICE_TARGET_UP, "mail", "", "up");
    assert_int_equal(c->store.count, 0);
    post(c, NOTICE_TARGET_DOWN, "mail", "", "down");
    await(c, 0, "told", 1);
    post(c, NOTICE_TARGET_UP, "www", "", "up");
    await(c, 1, "told", 1);
    assert_string_equal(told(c), "downs target-down mail >down 0 0\n"
                                 "www target-up www >up 0 0\n");
}

static void one_at_a_time_and_the_newest_wins(void **state)
{
    struct ctx *c = *state;
    add_hook(c, "h", ALL, "mkdir $dir/lock || exit 1; " TELL "; read -r x; rmdir $dir/lock");
    start(c);
    post(c, NOTICE_ADDRESS_CHANGED, "wan", "a", "b");
    await(c, 0, "running", 1);
    post(c, NOTICE_ADDRESS_CHANGED, "wan", "b", "c");
    post(c, NOTICE_ADDRESS_CHANGED, "wan", "c", "d");
    await(c, 0, "told", 2);
    assert_string_equal(told(c), "h address-changed wan a>b 0 0\nh address-changed wan b>d 1 0\n");
    assert_int_equal(c->store.count, 0);
}

static void different_subjects_run_side_by_side(void **state)
{
    struct ctx *c = *state;
    /* each waits for the other one's file */
    add_hook(c, "h", ALL,
             ": >$dir/$REACHD_SUBJECT; while ! [ -e $dir/a ] || ! [ -e $dir/b ]; do :; done; "
             ": >$dir/$REACHD_SUBJECT.ok; while ! [ -e $dir/a.ok ] || ! [ -e $dir/b.ok ]; do :; "
             "done; exit 0");
    start(c);
    post(c, NOTICE_TARGET_DOWN, "a", "", "");
    post(c, NOTICE_TARGET_DOWN, "b", "", "");
    await(c, 0, "told", 2);
    const char *const names[] = {"a", "b", "a.ok", "b.ok"};
    for (size_t i = 0; i < 4; i++) {
        char path[64] = "";
        str_append(path, sizeof(path), "%s/%s", c->dir, names[i]);
        assert_int_equal(unlink(path), 0);
    }
}

static void many_subjects_wait_for_a_place(void **state)
{
    struct ctx *c = *state;
    add_hook(c, "h", ALL, "exit 0");
    start(c);
    for (int i = 0; i < 60; i++) {
        char subject[16] = "";
        str_append(subject, sizeof(subject), "t%d", i);
        post(c, NOTICE_TARGET_DOWN, subject, "", "");
    }
    assert_false(hooks_flush(c->hooks));
    assert_int_equal(number(c, 0, "running"), HOOKS_MAX_RUNNING);
    await(c, 0, "told", 60);
    assert_int_equal(c->store.count, 0);
    assert_int_equal(number(c, 0, "running"), 0);
}

static void a_failure_is_logged_and_stays_due(void **state)
{
    struct ctx *c = *state;
    add_hook(c, "h", ALL, "echo why; exit 3");
    start(c);
    post(c, NOTICE_TARGET_DOWN, "www", "up", "down");
    await(c, 0, "failed", 1);
    assert_non_null(strstr(c->log, "2 h: why\n"));
    assert_non_null(strstr(c->log, "1 h: exit status 3 for target-down of "));
    assert_int_equal(c->store.count, 1);
    assert_int_equal(number(c, 0, "waiting"), 1);
    assert_true(hooks_flush(c->hooks)); /* it is not waited for at the end */
}

static void a_hook_that_hangs_is_killed(void **state)
{
    struct ctx *c = *state;
    add_hook(c, "h", ALL, "sleep 1000");
    c->conf[0].timeout_ms = 20;
    start(c);
    post(c, NOTICE_TARGET_DOWN, "www", "up", "down");
    await(c, 0, "failed", 1);
    assert_non_null(strstr(c->log, "killed at its time limit"));
}

static void a_program_that_is_not_there(void **state)
{
    struct ctx *c = *state;
    char program[] = "/nonexistent/hook";
    add_hook(c, "h", ALL, "");
    c->argv[0][0] = program;
    start(c);
    post(c, NOTICE_TARGET_DOWN, "www", "up", "down");
    await(c, 0, "failed", 1);
    assert_non_null(strstr(c->log, "could not be run: No such file or directory"));
}

static void what_was_due_is_told_after_a_crash(void **state)
{
    struct ctx *c = *state;
    add_hook(c, "h", ALL, "sleep 1000");
    start(c);
    post(c, NOTICE_TARGET_DOWN, "www", "up", "down");
    await(c, 0, "running", 1);
    post(c, NOTICE_TARGET_UP, "www", "down", "up");
    post(c, NOTICE_TARGET_DOWN, "mail", "up", "down");
    hooks_free(c->hooks); /* all that a crash leaves is the store */
    assert_int_equal(c->store.count, 2);
    str_copy(c->script[0], sizeof(c->script[0]), "dir=");
    str_append(c->script[0], sizeof(c->script[0]), "%s; %s", c->dir, TELL);
    start(c);
    await(c, 0, "told", 2);
    assert_non_null(strstr(told(c), "h target-up www down>up 1 0\n"));
    assert_non_null(strstr(told(c), "h target-down mail up>down 0 0\n"));
    assert_int_equal(c->store.count, 0);
}

static void due_for_a_hook_that_is_no_more(void **state)
{
    struct ctx *c = *state;
    add_hook(c, "h", ALL, "exit 0");
    struct notice n;
    notice_init(&n, NOTICE_TARGET_DOWN, "www", 1);
    c->store.by_id[1] = n;
    store_due_add(&c->store, "old", "target/www", 1);
    start(c);
    assert_int_equal(c->store.count, 0);
    assert_non_null(strstr(c->log, "1 old: is no more"));
}

static void reminders_until_the_good_news_that_nobody_asked_for(void **state)
{
    struct ctx *c = *state;
    add_hook(c, "h", 1u << NOTICE_TARGET_DOWN, TELL);
    c->conf[0].remind_ms = 1;
    start(c);
    post(c, NOTICE_TARGET_DOWN, "www", "up", "down");
    await(c, 0, "told", 3);
    assert_true(str_starts(told(c), "h target-down www up>down 0 0\nh target-down www up>down 0 1\n"
                                    "h target-down www up>down 0 1\n"));
    post(c, NOTICE_TARGET_UP, "www", "down", "up");
    while (!hooks_flush(c->hooks)) /* one may have been under way */
        await(c, 0, "told", number(c, 0, "told") + 1);
    assert_int_equal(number(c, 0, "reminding"), 0);
    assert_int_equal(number(c, 0, "waiting"), 0);
    assert_null(strstr(told(c), "target-up"));
}

/* What was told by an earlier run, lasts, and is not due any more. */
static void stand(struct ctx *c, enum notice_kind kind)
{
    struct notice *notice = &c->store.by_id[++c->last_id];
    notice_init(notice, kind, "www", 1);
    str_copy(notice->old_value, sizeof(notice->old_value), "up");
    str_copy(notice->new_value, sizeof(notice->new_value), "down");
    c->store.latest_id = c->last_id;
}

static void reminders_outlive_a_restart(void **state)
{
    struct ctx *c = *state;
    add_hook(c, "h", 1u << NOTICE_TARGET_DOWN, TELL);
    add_hook(c, "never", 1u << NOTICE_TARGET_DOWN, "exit 0");
    add_hook(c, "other", 1u << NOTICE_UPDATE_HALTED, "exit 0");
    c->conf[0].remind_ms = 300; /* not over before it was looked at, on a slow machine too */
    c->conf[2].remind_ms = 1;
    stand(c, NOTICE_TARGET_DOWN);
    start(c);
    assert_int_equal(number(c, 0, "reminding"), 1);
    assert_int_equal(number(c, 1, "reminding"), 0);
    assert_int_equal(number(c, 2, "reminding"), 0);
    await(c, 0, "told", 2);
    assert_true(
        str_starts(told(c), "h target-down www up>down 0 1\nh target-down www up>down 0 1\n"));
    hooks_forget(c->hooks, "target/www");
    while (!hooks_flush(c->hooks))
        await(c, 0, "told", number(c, 0, "told") + 1);
    assert_int_equal(number(c, 0, "reminding"), 0);
}

static void a_reload_may_end_reminders(void **state)
{
    struct ctx *c = *state;
    add_hook(c, "h", ALL, TELL);
    c->conf[0].remind_ms = LIMIT_MS * 100;
    stand(c, NOTICE_TARGET_DOWN);
    start(c);
    assert_int_equal(number(c, 0, "reminding"), 1);
    c->conf[0].events = 1u << NOTICE_TARGET_UP;
    hooks_configure(c->hooks, &c->config);
    assert_int_equal(number(c, 0, "reminding"), 0);
    c->conf[0].events = ALL;
    hooks_configure(c->hooks, &c->config);
    assert_int_equal(number(c, 0, "reminding"), 1);
    c->conf[0].remind_ms = 0;
    hooks_configure(c->hooks, &c->config);
    assert_int_equal(number(c, 0, "reminding"), 0);
}

static void a_reload_keeps_what_is_the_same(void **state)
{
    struct ctx *c = *state;
    add_hook(c, "gone", ALL, "sleep 1000");
    add_hook(c, "stays", ALL, TELL);
    c->config.hook_debounce_ms = LIMIT_MS * 10; /* nothing runs by itself */
    start(c);
    post(c, NOTICE_TARGET_DOWN, "www", "up", "down");
    assert_int_equal(c->store.count, 2);
    struct config_hook conf = c->conf[1];
    struct config after = {.hooks = &conf, .hook_count = 1, .hook_debounce_ms = 1};
    hooks_configure(c->hooks, &after);
    assert_int_equal(c->store.count, 1);
    assert_int_equal(number(c, 0, "waiting"), 1);
    assert_false(hooks_flush(c->hooks));
    await(c, 0, "told", 1);
    assert_string_equal(told(c), "stays target-down www up>down 0 0\n");
    struct config none = {0};
    hooks_configure(c->hooks, &none);
    post(c, NOTICE_TARGET_UP, "www", "down", "up");
    assert_true(hooks_flush(c->hooks));
}

static void a_lost_spawner_leaves_it_due(void **state)
{
    struct ctx *c = *state;
    /* exec: only the program itself hears of the spawner's death, not what it started. */
    add_hook(c, "h", ALL, "kill -9 $PPID; exec sleep 1000");
    start(c);
    post(c, NOTICE_TARGET_DOWN, "www", "up", "down");
    /* That it runs may be over before anybody looks; the test's own limit ends this. */
    while (!strstr(c->log, "waits for the next start")) {
        loop_timer_set(c->limit, 1);
        loop_run(c->loop);
    }
    assert_true(hooks_flush(c->hooks));
    assert_int_equal(c->store.count, 1);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_notice_is_told_once),
        TEST(filters_by_event_and_subject),
        TEST(one_at_a_time_and_the_newest_wins),
        TEST(different_subjects_run_side_by_side),
        TEST(many_subjects_wait_for_a_place),
        TEST(a_failure_is_logged_and_stays_due),
        TEST(a_hook_that_hangs_is_killed),
        TEST(a_program_that_is_not_there),
        TEST(what_was_due_is_told_after_a_crash),
        TEST(due_for_a_hook_that_is_no_more),
        TEST(reminders_until_the_good_news_that_nobody_asked_for),
        TEST(reminders_outlive_a_restart),
        TEST(a_reload_may_end_reminders),
        TEST(a_reload_keeps_what_is_the_same),
        TEST(a_lost_spawner_leaves_it_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
