/* SPDX-License-Identifier: ISC
 *
 * The store: what is written comes back, also after kill -9; damaged, foreign, newer and hostile
 * databases; two daemons; a file system that can't be written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/store/store.h"
#include "monitor/store/store_state.h"

static char folder[64];
static char path[128];
static char error[512];
static char logged[4096];

static void on_log(enum log_level level, const char *tag, const char *text, void *arg)
{
    (void)level;
    (void)tag;
    (void)arg;
    str_append(logged, sizeof logged, "%s\n", text);
}

static int setup(void **state)
{
    (void)state;
    str_copy(folder, sizeof folder, "/tmp/reachd-store-XXXXXX");
    assert_non_null(mkdtemp(folder));
    path[0] = '\0';
    str_append(path, sizeof path, "%s/new/reachd.db", folder);
    logged[0] = '\0';
    log_capture(on_log, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    log_capture(NULL, NULL);
    for (size_t i = 0; i < 3; i++) {
        char pattern[128] = "";
        glob_t found;
        if (i == 0)
            str_append(pattern, sizeof pattern, "%s/new/*", folder);
        else
            str_append(pattern, sizeof pattern, i == 1 ? "%s/new" : "%s", folder);
        if (glob(pattern, 0, NULL, &found) == 0)
            for (size_t j = 0; j < found.gl_pathc; j++)
                remove(found.gl_pathv[j]);
        globfree(&found);
    }
    return 0;
}

static struct store *open_store(void)
{
    struct store *store = store_open(path, error, sizeof error);
    if (!store)
        fail_msg("%s", error);
    return store;
}

/* Through a connection of its own, as a person with the sqlite3 tool would. */
static void tamper(const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    sqlite3_close(db);
}

static void overwrite(const char *bytes, size_t len, off_t at)
{
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, len, at), (ssize_t)len);
    close(fd);
}

static size_t count_files(const char *glob_text)
{
    glob_t found;
    char pattern[128] = "";
    str_append(pattern, sizeof pattern, "%s/%s", folder, glob_text);
    size_t count = glob(pattern, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    globfree(&found);
    return count;
}

static struct ddns_account_state some_account(unsigned failures)
{
    struct ddns_account_state account = {.failures = failures, .busy = true};
    account.gap =
        (struct ddns_wait){{"0a1b2c3d-0000-4000-8000-0123456789ab", 12345, 1764000000000}, 61000};
    account.penalty = (struct ddns_wait){{"", 0, 1764000000001}, 900000};
    account.spent = (struct ddns_wait){{"", 0, 1764000000002}, 7000};
    return account;
}

static struct ddns_record_state some_record(void)
{
    struct ddns_record_state r = {.verifying = true,
                                  .verify_looks = 3,
                                  .mismatches = 1,
                                  .published_known = true,
                                  .partial = true,
                                  .look_failures = 2,
                                  .ttl = 3600,
                                  .usual_ttl = 120,
                                  .failures = 7,
                                  .halted = true,
                                  .halt_verdict = DDNS_AUTH,
                                  .last_verdict = DDNS_TEMPORARY};
    const struct stamp stamp = {"0a1b2c3d-0000-4000-8000-0123456789ab", 1, 1764000000000};
    assert_true(addr_parse("203.0.113.7", &r.sent));
    assert_true(addr_parse("2001:db8::1", &r.published));
    assert_true(addr_parse("192.0.2.3", &r.verified));
    assert_true(addr_parse("192.0.2.4", &r.refused));
    r.sent_at = r.verify_since = r.looked_at = stamp;
    r.look = (struct ddns_wait){stamp, 1000};
    r.retry = (struct ddns_wait){stamp, 2000};
    str_copy(r.last_text, sizeof r.last_text, "status=503 \"quoted\" \xe6\x9d\xb1");
    return r;
}

static void assert_same_stamp(const struct stamp *a, const struct stamp *b)
{
    assert_string_equal(a->boot_id, b->boot_id);
    assert_int_equal(a->boot_ms, b->boot_ms);
    assert_int_equal(a->wall_ms, b->wall_ms);
}

static void assert_same_account(const struct ddns_account_state *a,
                                const struct ddns_account_state *b)
{
    assert_same_stamp(&a->gap.since, &b->gap.since);
    assert_same_stamp(&a->penalty.since, &b->penalty.since);
    assert_same_stamp(&a->spent.since, &b->spent.since);
    assert_int_equal(a->spent.length_ms, b->spent.length_ms);
    assert_int_equal(a->gap.length_ms, b->gap.length_ms);
    assert_int_equal(a->penalty.length_ms, b->penalty.length_ms);
    assert_int_equal(a->failures, b->failures);
    assert_int_equal(a->busy, b->busy);
}

/* Everything that ddns/plan.h does not call "not persisted". */
static void assert_same_record(const struct ddns_record_state *a, const struct ddns_record_state *b)
{
    assert_true(addr_equal(&a->sent, &b->sent));
    assert_true(addr_equal(&a->published, &b->published));
    assert_true(addr_equal(&a->verified, &b->verified));
    assert_true(addr_equal(&a->refused, &b->refused));
    assert_same_stamp(&a->sent_at, &b->sent_at);
    assert_same_stamp(&a->verify_since, &b->verify_since);
    assert_same_stamp(&a->looked_at, &b->looked_at);
    assert_same_stamp(&a->look.since, &b->look.since);
    assert_same_stamp(&a->retry.since, &b->retry.since);
    assert_int_equal(a->look.length_ms, b->look.length_ms);
    assert_int_equal(a->retry.length_ms, b->retry.length_ms);
    assert_int_equal(a->verifying, b->verifying);
    assert_int_equal(a->verify_looks, b->verify_looks);
    assert_int_equal(a->mismatches, b->mismatches);
    assert_int_equal(a->published_known, b->published_known);
    assert_int_equal(a->partial, b->partial);
    assert_int_equal(a->look_failures, b->look_failures);
    assert_int_equal(a->ttl, b->ttl);
    assert_int_equal(a->usual_ttl, b->usual_ttl);
    assert_int_equal(a->failures, b->failures);
    assert_int_equal(a->halted, b->halted);
    assert_int_equal(a->halt_verdict, b->halt_verdict);
    assert_int_equal(a->last_verdict, b->last_verdict);
    assert_string_equal(a->last_text, b->last_text);
}

static void state_comes_back_after_reopening(void **state)
{
    (void)state;
    struct ddns_account_state account = some_account(4), account_back;
    struct ddns_record_state record = some_record(), record_back;
    char fingerprint[65];
    struct store *store = open_store();
    const struct ddns_persist *p = store_ddns(store);
    assert_true(store_is_new(store));
    assert_true(p->conservative);
    assert_false(p->load_account(p->arg, "value-domain", &account_back));
    assert_false(p->load_record(p->arg, "www", FAMILY_IPV4, &record_back, fingerprint));
    assert_true(p->save_account(p->arg, "value-domain", &account, true));
    assert_true(p->save_record(p->arg, "www", FAMILY_IPV4, &record, "abc123"));
    store_close(store);

    store = open_store();
    p = store_ddns(store);
    assert_false(store_is_new(store));
    assert_false(p->conservative);
    assert_true(p->load_account(p->arg, "value-domain", &account_back));
    assert_same_account(&account, &account_back);
    assert_true(p->load_record(p->arg, "www", FAMILY_IPV4, &record_back, fingerprint));
    assert_same_record(&record, &record_back);
    assert_string_equal(fingerprint, "abc123");
    assert_false(p->load_record(p->arg, "www", FAMILY_IPV6, &record_back, fingerprint));
    store_close(store);
    assert_string_equal(logged, "");
}

static void a_start_that_noted_no_account_stays_conservative(void **state)
{
    (void)state;
    store_close(open_store());
    struct store *store = open_store();
    assert_false(store_is_new(store));
    assert_true(store_ddns(store)->conservative);
    store_close(store);
}

static void files_are_private(void **state)
{
    (void)state;
    struct stat st;
    umask(0);
    store_close(open_store());
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(chmod(path, 0644), 0);
    store_close(open_store());
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    umask(022);
}

static void memory_keeps_nothing(void **state)
{
    (void)state;
    struct store *store = store_open("", error, sizeof error);
    assert_non_null(store);
    assert_true(store_is_new(store));
    struct ddns_account_state account = some_account(1), back;
    const struct ddns_persist *p = store_ddns(store);
    assert_true(p->save_account(p->arg, "k", &account, true));
    assert_true(p->load_account(p->arg, "k", &back));
    assert_same_account(&account, &back);
    store_close(store);
    assert_int_equal(count_files("*"), 0);
}

/* --- damage --------------------------------------------------------------------------------- */

static void assert_replaced(void)
{
    struct store *store = open_store();
    assert_true(store_is_new(store));
    assert_true(store_ddns(store)->conservative);
    store_close(store);
    assert_int_equal(count_files("new/reachd.db.corrupt-*Z"), 1);
    assert_non_null(strstr(logged, "a new one is begun"));
    assert_non_null(strstr(logged, "gap is waited once"));
}

static void text_instead_of_a_database_is_moved_aside(void **state)
{
    (void)state;
    store_close(open_store());
    char garbage[8192];
    memset(garbage, 'x', sizeof garbage);
    overwrite(garbage, sizeof garbage, 0);
    assert_replaced();
}

static void a_damaged_page_is_found_and_moved_aside(void **state)
{
    (void)state;
    struct store *store = open_store();
    const struct ddns_persist *p = store_ddns(store);
    struct ddns_account_state account = some_account(1);
    assert_true(p->save_account(p->arg, "k", &account, true));
    store_close(store);
    char garbage[4096];
    memset(garbage, 0xa5, sizeof garbage);
    overwrite(garbage, sizeof garbage, 4096);
    assert_replaced();
}

static void an_empty_file_is_a_new_database(void **state)
{
    (void)state;
    store_close(open_store());
    assert_int_equal(truncate(path, 0), 0);
    struct store *store = open_store();
    assert_true(store_is_new(store));
    store_close(store);
}

static void a_newer_format_is_refused_and_kept(void **state)
{
    (void)state;
    store_close(open_store());
    tamper("PRAGMA user_version = 99");
    assert_null(store_open(path, error, sizeof error));
    assert_non_null(strstr(error, "written by a newer reachd (format 99"));
    assert_int_equal(count_files("new/*corrupt*"), 0);
}

static void a_database_of_another_program_is_refused_and_kept(void **state)
{
    (void)state;
    store_close(open_store());
    remove(path);
    tamper("CREATE TABLE bookmarks (a); PRAGMA user_version = 3");
    assert_null(store_open(path, error, sizeof error));
    assert_non_null(strstr(error, "another program"));
    assert_int_equal(count_files("new/*corrupt*"), 0);
}

static void hostile_rows_are_not_believed(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "'{}'",
        "'[1]'",
        "'garbage'",
        "x'00ff'",
        "replace(state, '61000', '-1')",
        "replace(state, '61000', '99999999999999')",
        "replace(state, '61000', '\"61000\"')",
        "replace(state, '0a1b2c3d', '0a1b2c3d0a1b2c3d0a1b2c3d0a1b2c3d')",
        "replace(state, '0a1b2c3d', '../../xx')",
        "replace(state, '\"failures\":4', '\"failures\":-4')",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ddns_account_state account = some_account(4), back;
        struct store *store = open_store();
        const struct ddns_persist *p = store_ddns(store);
        account.busy = false;
        assert_true(p->save_account(p->arg, "k", &account, true));
        store_close(store);
        char sql[256] = "";
        str_append(sql, sizeof sql, "UPDATE account SET state = %s", bad[i]);
        tamper(sql);
        logged[0] = '\0';
        store = open_store();
        p = store_ddns(store);
        assert_true(p->load_account(p->arg, "k", &back));
        if (!back.busy || back.gap.length_ms != 0 || !strstr(logged, "gap is waited once"))
            fail_msg("believed: %s", bad[i]);
        store_close(store);
    }
}

static void a_hostile_record_starts_anew(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "replace(state, 'auth', 'autx')",
        "replace(state, '203.0.113.7', '203.0.113.700')",
        "replace(state, '3600', '36000000000')",
        "replace(state, 'status=503', hex(zeroblob(200)))",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ddns_record_state record = some_record(), back;
        char fingerprint[65];
        struct store *store = open_store();
        const struct ddns_persist *p = store_ddns(store);
        assert_true(p->save_record(p->arg, "www", FAMILY_IPV6, &record, "abc"));
        store_close(store);
        char sql[256] = "";
        str_append(sql, sizeof sql, "UPDATE record SET state = %s", bad[i]);
        tamper(sql);
        store = open_store();
        p = store_ddns(store);
        if (p->load_record(p->arg, "www", FAMILY_IPV6, &back, fingerprint))
            fail_msg("believed: %s", bad[i]);
        assert_false(back.halted);
        assert_string_equal(fingerprint, "");
        store_close(store);
    }
}

/* --- events and deliveries ------------------------------------------------------------------- */

static int64_t add_event(struct store *store, const char *subject, int64_t wall_ms)
{
    struct notice notice;
    notice_init(&notice, NOTICE_TARGET_DOWN, subject, wall_ms);
    notice.has_family = true;
    notice.family = FAMILY_IPV6;
    str_copy(notice.text, sizeof notice.text, "no route");
    return store_event_add(store, &notice);
}

struct seen {
    size_t count;
    int64_t ids[16];
    int64_t wall_ms[16];
    char subjects[16][32];
    unsigned superseded[16];
    struct store *store;
};

static void on_event(int64_t id, const struct notice *notice, void *arg)
{
    struct seen *seen = arg;
    assert_true(seen->count < 16);
    seen->ids[seen->count] = id;
    seen->wall_ms[seen->count] = notice->wall_ms;
    str_copy(seen->subjects[seen->count++], 32, notice->subject);
}

static void events_come_newest_first_and_are_pruned(void **state)
{
    (void)state;
    struct store *store = open_store();
    int64_t a = add_event(store, "a", 1000);
    int64_t b = add_event(store, "b", 2000);
    int64_t c = add_event(store, "c", 3000);
    assert_true(a > 0 && b > a && c > b);
    struct seen seen = {0};
    store_event_each(store, 2, on_event, &seen);
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.subjects[0], "c");
    assert_string_equal(seen.subjects[1], "b");
    assert_true(store_due_add(store, "mail", "target/a/ipv6", a));
    store_event_prune(store, 2500);
    seen.count = 0;
    store_event_each(store, 100, on_event, &seen);
    assert_int_equal(seen.count, 2); /* a is due still */
    assert_string_equal(seen.subjects[0], "c");
    assert_string_equal(seen.subjects[1], "a");
    store_close(store);
}

static void add_address(struct store *store, const char *value, int64_t wall_ms)
{
    struct notice notice;
    notice_init(&notice, NOTICE_ADDRESS_CHANGED, "wan", wall_ms);
    str_copy(notice.new_value, sizeof notice.new_value, value);
    assert_true(store_event_add(store, &notice) > 0);
}

/* Since when an address is what it is must be known after any time. */
static void the_last_event_of_an_address_stays(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct notice last;
    assert_false(store_event_last(store, "address/wan", &last));
    add_address(store, "203.0.113.1", 1000);
    add_address(store, "203.0.113.2", 2000);
    add_event(store, "a", 2000);
    store_event_prune(store, 5000);
    assert_true(store_event_last(store, "address/wan", &last));
    assert_string_equal(last.new_value, "203.0.113.2");
    struct seen seen = {0};
    store_event_all(store, on_event, &seen);
    assert_int_equal(seen.count, 1);
    assert_string_equal(seen.subjects[0], "wan");
    store_close(store);
}

static void the_log_can_be_read_beside_a_daemon(void **state)
{
    (void)state;
    assert_null(store_open_to_read(path, error, sizeof error)); /* and none is made */
    assert_int_equal(count_files("new/*"), 0);
    struct store *store = open_store();
    add_event(store, "a", 1000);
    add_event(store, "b", 2000);
    struct store *beside = store_open_to_read(path, error, sizeof error);
    assert_non_null(beside);
    struct seen seen = {0};
    store_event_all(beside, on_event, &seen);
    assert_int_equal(seen.count, 2); /* the oldest first */
    assert_string_equal(seen.subjects[0], "a");
    add_event(store, "c", 3000); /* the reader holds nothing up */
    assert_int_equal(add_event(beside, "d", 4000), 0);
    store_close(beside);
    store_close(store);
    tamper("PRAGMA user_version = 99");
    assert_null(store_open_to_read(path, error, sizeof error));
    assert_non_null(strstr(error, "newer reachd"));
}

/* A database of the first format: no event has a key. */
static void an_older_format_is_brought_up_to_date(void **state)
{
    (void)state;
    struct store *store = open_store();
    add_event(store, "a", 1000);
    store_close(store);
    tamper("DROP TABLE latest; DROP INDEX event_key; ALTER TABLE event DROP COLUMN key;"
           " PRAGMA user_version = 1");
    assert_null(store_open_to_read(path, error, sizeof error));
    assert_non_null(strstr(error, "older format"));
    store = open_store();
    struct seen seen = {0};
    store_event_all(store, on_event, &seen);
    assert_int_equal(seen.count, 1);
    add_address(store, "203.0.113.1", 2000);
    struct notice last;
    assert_true(store_event_last(store, "address/wan", &last));
    store_close(store);
}

static void the_log_is_bounded(void **state)
{
    (void)state;
    struct store *store = open_store();
    store_close(store);
    tamper("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100500)"
           " INSERT INTO event (wall_ms, notice) SELECT i, '{}' FROM n");
    store = open_store();
    for (int i = 0; i < 1000; i++)
        assert_true(add_event(store, "x", 5) > 0);
    store_close(store);
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_prepare_v2(db, "SELECT count(*) FROM event", -1, &statement, NULL);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(statement, 0), 100000);
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

static void on_due(const char *hook, const char *key, int64_t event_id, const struct notice *notice,
                   unsigned superseded, void *arg)
{
    struct seen *seen = arg;
    seen->ids[seen->count] = event_id;
    seen->superseded[seen->count] = superseded;
    str_copy(seen->subjects[seen->count++], 32, notice->subject);
    if (seen->store)
        store_due_done(seen->store, hook, key, event_id);
}

static void the_newest_delivery_wins_and_counts(void **state)
{
    (void)state;
    struct store *store = open_store();
    int64_t a = add_event(store, "a", 1000);
    int64_t b = add_event(store, "b", 2000);
    assert_true(store_due_add(store, "mail", "k", a));
    assert_true(store_due_add(store, "mail", "k", b));
    assert_true(store_due_add(store, "mail", "k", a)); /* late: changes nothing */
    assert_true(store_due_add(store, "log", "k", a));
    store_due_done(store, "mail", "k", a); /* of the one that was replaced */
    store_close(store);

    store = open_store();
    struct seen seen = {.store = store};
    store_due_each(store, on_due, &seen);
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.subjects[0], "a");
    assert_string_equal(seen.subjects[1], "b");
    assert_int_equal(seen.superseded[0], 0);
    assert_int_equal(seen.superseded[1], 1);
    seen.count = 0;
    store_due_each(store, on_due, &seen);
    assert_int_equal(seen.count, 0);
    store_close(store);
}

/* --- two daemons, kill -9, full and read-only disks ------------------------------------------- */

/* The child dies by a signal: at an exit valgrind would call lost what the parent still holds. */
static int in_child(int (*fn)(void))
{
    int result = -1, ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        result = fn();
        if (write(ends[1], &result, sizeof result) == sizeof result)
            raise(SIGKILL);
        _exit(1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &result, sizeof result), sizeof result);
    close(ends[0]);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    return result;
}

static int second_daemon(void)
{
    struct store *store = store_open(path, error, sizeof error);
    return !store && strstr(error, "another reachd uses this database (process ") ? 0 : 1;
}

static void a_second_daemon_is_refused(void **state)
{
    (void)state;
    struct store *store = open_store();
    assert_int_equal(in_child(second_daemon), 0);
    store_close(store);
    assert_int_equal(in_child(second_daemon), 1);
}

/* Writes as fast as it can, and says on the pipe what is stored, after it is. */
static void write_until_killed(int fd)
{
    struct store *store = store_open(path, error, sizeof error);
    if (!store)
        _exit(1);
    const struct ddns_persist *p = store_ddns(store);
    struct ddns_account_state account;
    if (!p->load_account(p->arg, "k", &account))
        memset(&account, 0, sizeof account);
    for (unsigned i = account.failures + 1;; i++) {
        account = some_account(i);
        if (!p->save_account(p->arg, "k", &account, true) || add_event(store, "x", i) == 0)
            _exit(1);
        if (write(fd, &i, sizeof i) != sizeof i)
            _exit(1);
    }
}

/* Reads what was said until the child is gone; kills it after `rounds` words. */
static unsigned kill_after(pid_t pid, int fd, unsigned rounds)
{
    unsigned last = 0, word, count = 0;
    while (read(fd, &word, sizeof word) == sizeof word) {
        last = word;
        if (++count == rounds)
            kill(pid, SIGKILL);
    }
    return last;
}

static void nothing_said_is_lost_by_kill_9(void **state)
{
    (void)state;
    unsigned said = 0;
    for (unsigned round = 0; round < 25; round++) {
        int ends[2];
        int status;
        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            close(ends[0]);
            write_until_killed(ends[1]);
        }
        close(ends[1]);
        said = kill_after(pid, ends[0], 1 + round * 7 % 23);
        close(ends[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

        struct store *store = open_store();
        const struct ddns_persist *p = store_ddns(store);
        struct ddns_account_state back;
        assert_true(p->load_account(p->arg, "k", &back));
        /* What was said, or one more that was stored and not yet said. */
        assert_true(back.failures == said || back.failures == said + 1);
        assert_int_equal(back.gap.length_ms, 61000);
        struct seen seen = {0};
        store_event_each(store, 1, on_event, &seen);
        assert_true(seen.wall_ms[0] >= said); /* the counter is its time here */
        store_close(store);
    }
    assert_true(said > 100);
    assert_int_equal(count_files("new/*corrupt*"), 0);
}

/* Killed in between: neither the change nor the event nor its delivery is there, so that all of it
 * comes again, and nothing of it is lost. */
static void what_belongs_together_is_kept_together(void **state)
{
    (void)state;
    struct ddns_record_state record = some_record(), back;
    char fingerprint[65];
    struct notice notice, seen;
    notice_init(&notice, NOTICE_UPDATE_VERIFIED, "www", 5);
    for (int whole = 0; whole <= 1; whole++) {
        int status;
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            struct store *store = open_store();
            const struct ddns_persist *p = store_ddns(store);
            p->begin(p->arg, whole);
            p->save_record(p->arg, "www", FAMILY_IPV4, &record, "f");
            store_begin(store, false);
            int64_t id = store_event_add(store, &notice);
            store_due_add(store, "h", "record/www", id);
            store_end(store);
            if (whole)
                p->end(p->arg);
            kill(getpid(), SIGKILL);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        struct store *store = open_store();
        const struct ddns_persist *p = store_ddns(store);
        struct seen events = {0}, dues = {0};
        store_event_each(store, 9, on_event, &events);
        store_due_each(store, on_due, &dues);
        assert_int_equal(p->load_record(p->arg, "www", FAMILY_IPV4, &back, fingerprint), whole);
        assert_int_equal(events.count, whole);
        assert_int_equal(dues.count, whole);
        assert_int_equal(store_latest(store, "record/www", &seen), whole);
        store_close(store);
    }
}

static void count_latest(const char *key, int64_t event_id, const struct notice *notice, void *arg)
{
    unsigned *sum = arg;
    assert_string_equal(key, "target/www/ipv4");
    assert_int_equal(notice->kind, NOTICE_TARGET_UP);
    *sum += (unsigned)event_id;
}

static void the_latest_of_each_subject_is_known(void **state)
{
    (void)state;
    struct notice notice, back;
    unsigned sum = 0;
    struct store *store = open_store();
    notice_init(&notice, NOTICE_TARGET_DOWN, "www", 1700000000000);
    notice.has_family = true;
    assert_false(store_latest(store, "target/www/ipv4", &back));
    store_event_add(store, &notice);
    assert_true(store_latest(store, "target/www/ipv4", &back));
    assert_int_equal(back.kind, NOTICE_TARGET_DOWN);
    notice.kind = NOTICE_TARGET_UP;
    int64_t id = store_event_add(store, &notice);
    store_event_prune(store, INT64_MAX); /* the log forgets, this does not */
    store_close(store);
    store = open_store();
    store_latest_each(store, count_latest, &sum);
    assert_int_equal(sum, id);
    store_latest_drop(store, "target/www/ipv4");
    assert_false(store_latest(store, "target/www/ipv4", &back));
    store_event_note(store, &notice);
    assert_false(store_latest(store, "target/www/ipv4", &back));
    store_close(store);
}

/* A limit on the size of files stands for a full disk. */
static int full_disk(void)
{
    struct store *store = store_open(path, error, sizeof error);
    const struct ddns_persist *p = store_ddns(store);
    struct ddns_account_state account = some_account(1);
    struct rlimit limit;
    if (!p->save_account(p->arg, "k", &account, true))
        return 1;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 4096;
    setrlimit(RLIMIT_FSIZE, &limit);
    logged[0] = '\0';
    if (p->save_account(p->arg, "k", &account, true) || add_event(store, "x", 1) != 0)
        return 2;
    const char *once = strstr(logged, "can't be kept");
    if (!once || strstr(once + 1, "can't be kept"))
        return 3;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
    if (!p->save_account(p->arg, "k", &account, true) || add_event(store, "x", 1) == 0)
        return 4;
    return strstr(logged, "can be written again") ? 0 : 5;
}

static void a_full_disk_is_said_once_and_survived(void **state)
{
    (void)state;
    assert_int_equal(in_child(full_disk), 0);
}

static void a_place_that_is_no_place_is_refused(void **state)
{
    (void)state;
    assert_null(store_open("/proc/reachd/reachd.db", error, sizeof error));
    assert_non_null(strstr(error, "/proc/reachd"));
    assert_null(store_open(folder, error, sizeof error));
    assert_non_null(strstr(error, folder));
}

static int open_read_only(void)
{
    if (geteuid() == 0 && seteuid(65534) != 0)
        return 77;
    struct store *store = store_open(path, error, sizeof error);
    return !store && strstr(error, path) ? 0 : 1;
}

static void a_file_that_may_not_be_written_is_refused(void **state)
{
    (void)state;
    store_close(open_store());
    chmod(folder, 0755);
    char inner[128] = "";
    str_append(inner, sizeof inner, "%s/new", folder);
    assert_int_equal(chmod(inner, 0555), 0);
    assert_int_equal(chmod(path, 0444), 0);
    int rc = in_child(open_read_only);
    chmod(inner, 0755);
    if (rc == 77)
        skip();
    assert_int_equal(rc, 0);
}

static void state_text_is_stable(void **state)
{
    (void)state;
    struct ddns_account_state account = some_account(4);
    char *text = store_account_text(&account);
    assert_string_equal(text, "{\"spent\":{\"boot\":\"\",\"boot_ms\":0,\"wall_ms\":1764000000002,"
                              "\"length_ms\":7000},"
                              "\"gap\":{\"boot\":\"0a1b2c3d-0000-4000-8000-0123456789ab\","
                              "\"boot_ms\":12345,\"wall_ms\":1764000000000,\"length_ms\":61000},"
                              "\"penalty\":{\"boot\":\"\",\"boot_ms\":0,\"wall_ms\":1764000000001,"
                              "\"length_ms\":900000},\"failures\":4,\"busy\":true}");
    free(text);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(state_comes_back_after_reopening),
        TEST(a_start_that_noted_no_account_stays_conservative),
        TEST(files_are_private),
        TEST(memory_keeps_nothing),
        TEST(text_instead_of_a_database_is_moved_aside),
        TEST(a_damaged_page_is_found_and_moved_aside),
        TEST(an_empty_file_is_a_new_database),
        TEST(a_newer_format_is_refused_and_kept),
        TEST(a_database_of_another_program_is_refused_and_kept),
        TEST(hostile_rows_are_not_believed),
        TEST(a_hostile_record_starts_anew),
        TEST(events_come_newest_first_and_are_pruned),
        TEST(the_last_event_of_an_address_stays),
        TEST(the_log_can_be_read_beside_a_daemon),
        TEST(an_older_format_is_brought_up_to_date),
        TEST(the_log_is_bounded),
        TEST(the_newest_delivery_wins_and_counts),
        TEST(a_second_daemon_is_refused),
        TEST(nothing_said_is_lost_by_kill_9),
        TEST(what_belongs_together_is_kept_together),
        TEST(the_latest_of_each_subject_is_known),
        TEST(a_full_disk_is_said_once_and_survived),
        TEST(a_place_that_is_no_place_is_refused),
        TEST(a_file_that_may_not_be_written_is_refused),
        TEST(state_text_is_stable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
