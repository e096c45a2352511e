/* SPDX-License-Identifier: ISC
 *
 * The configuration loader: what it says about tests/replay/config/cases, what it makes of good
 * text, secrets, includes, sizes, and that a bad load does not disturb the next one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "lib/str.h"
#include "monitor/config/config.h"

#define NOTHING_TO_DO ": there is no target and no record: nothing to do"

/* --- what was said --------------------------------------------------------------------------- */

struct told {
    char text[65536];
    size_t lines, errors;
};

static void on_message(const char *line, bool is_error, void *arg)
{
    struct told *told = arg;
    char clean[4096];
    assert_string_equal(str_printable(clean, sizeof(clean), line, strlen(line)), line);
    assert_true(is_error == (strstr(line, "error: ") != NULL) || str_starts(line, "and "));
    told->lines++;
    told->errors += is_error;
    if (!strstr(line, NOTHING_TO_DO))
        str_append(told->text, sizeof(told->text), "%s\n", line);
}

static struct config *load(const char *text, struct told *told)
{
    memset(told, 0, sizeof(*told));
    struct config *config = config_from_text(text, strlen(text), "c", on_message, told);
    assert_true((config != NULL) == (told->errors == 0));
    return config;
}

static struct config *load_good(const char *text)
{
    static struct told told;
    struct config *config = load(text, &told);
    if (!config || told.text[0])
        fail_msg("%s", told.text);
    return config;
}

static void expect_refusal(const char *text, const char *messages)
{
    static struct told told;
    assert_null(load(text, &told));
    assert_string_equal(told.text, messages);
}

/* --- the recorded cases ---------------------------------------------------------------------- */

struct sample {
    struct buf text, messages;
    bool good;
    unsigned line; /* in the file of cases */
};

/* A line that ends in "..." needs to begin so only. */
static bool says(const char *told, const char *expected)
{
    while (*expected) {
        size_t want = strcspn(expected, "\n"), got = strcspn(told, "\n");
        bool open = want >= 3 && memcmp(expected + want - 3, "...", 3) == 0;
        size_t len = open ? want - 3 : want;
        if (got < len || memcmp(told, expected, len) != 0 || (!open && got != want))
            return false;
        told += got + (told[got] != '\0');
        expected += want + 1;
    }
    return *told == '\0';
}

static void check_sample(struct sample *sample)
{
    static struct told told;
    struct config *config = load(buf_text(&sample->text), &told);
    if ((config != NULL) != sample->good || !says(told.text, buf_text(&sample->messages)))
        fail_msg("case in line %u: expected\n%sbut it is %s:\n%s", sample->line,
                 buf_text(&sample->messages), config ? "ok" : "refused", told.text);
    config_free(config);
}

/* Reads the next case; false at the end. Empty lines and comments between cases are skipped. */
static bool next_sample(FILE *file, unsigned *line, struct sample *sample)
{
    char text[4096];
    enum {
        BEFORE,
        TEXT,
        MESSAGES
    } part = BEFORE;
    sample->text.len = sample->messages.len = 0;
    while (fgets(text, sizeof(text), file)) {
        ++*line;
        if (part == BEFORE && str_starts(text, "===")) {
            part = TEXT;
            sample->line = *line;
        } else if (part == TEXT && str_starts(text, "--- ")) {
            sample->good = strcmp(text, "--- ok\n") == 0;
            assert_true(sample->good || strcmp(text, "--- refused\n") == 0);
            part = MESSAGES;
        } else if (part == MESSAGES && text[0] == '\n') {
            return true;
        } else if (part != BEFORE) {
            assert_true(
                buf_append(part == TEXT ? &sample->text : &sample->messages, text, strlen(text)));
        }
    }
    return part == MESSAGES;
}

static void recorded_cases(void **state)
{
    const char *srcdir = getenv("srcdir");
    char path[1024];
    struct sample sample = {.good = false};
    unsigned line = 0, count = 0;
    (void)state;
    snprintf(path, sizeof(path), "%s/tests/replay/config/cases", srcdir ? srcdir : ".");
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("cannot open %s", path);
    buf_init(&sample.text, 65536);
    buf_init(&sample.messages, 65536);
    unsetenv("REACHD_NO_SUCH");
    for (; next_sample(file, &line, &sample); count++)
        check_sample(&sample);
    fclose(file);
    buf_clear(&sample.text);
    buf_clear(&sample.messages);
    assert_in_range(count, 80, 10000);
}

static void nothing_to_do_is_a_warning(void **state)
{
    struct told told = {.lines = 0};
    (void)state;
    struct config *config =
        config_from_text("log { level = debug }", 21, "empty.conf", on_message, &told);
    assert_non_null(config);
    assert_int_equal(config->log_level, LOG_LEVEL_DEBUG);
    assert_int_equal(told.lines, 1);
    config_free(config);
}

/* --- values ---------------------------------------------------------------------------------- */

static void defaults(void **state)
{
    struct config *config = load_good("target \"www.Example.\" {}\n");
    const struct config_target *t = &config->targets[0];
    (void)state;
    assert_int_equal(config->target_count, 1);
    assert_string_equal(t->name, "www.Example.");
    assert_string_equal(t->at.host, "www.example");
    assert_int_equal(t->at.port, 443);
    assert_true(t->families[FAMILY_IPV4] && t->families[FAMILY_IPV6]);
    assert_false(t->require[FAMILY_IPV4] || t->require[FAMILY_IPV6]);
    assert_int_equal(t->every_ms, 60000);
    assert_int_equal(t->retry_every_ms, 5000);
    assert_int_equal(t->timeout_ms, 10000);
    assert_int_equal(t->rise, 2);
    assert_int_equal(t->fall, 3);
    assert_int_equal(t->cert_warn_ms, INT64_C(14) * 86400000);
    assert_null(t->servername);
    assert_int_equal(config->rtnl_settle_ms, 1000);
    assert_int_equal(config->hook_debounce_ms, 2000);
    assert_int_equal(config->log_level, LOG_LEVEL_INFO);
    assert_false(config->log_checks);
    assert_null(config->resolver_servers);
    assert_null(config->ca);
    config_free(config);
}

/* A default that does not fit what was written gives way; what was written never does. */
static void defaults_give_way(void **state)
{
    struct config *config =
        load_good("target \"a\" { host = h.example every = 2s }\n"
                  "target \"b\" { host = 192.0.2.1 }\n"
                  "target \"c\" { host = h.example connect = \"2001:db8::1\" }\n"
                  "daemon { settle = 0 }\n"
                  "address \"x\" { family = ipv4 }\n"
                  "address \"y\" { family = ipv4 settle = 3s }\n");
    (void)state;
    assert_int_equal(config->targets[0].timeout_ms, 1600);
    assert_int_equal(config->targets[0].retry_every_ms, 2000);
    assert_true(config->targets[1].families[FAMILY_IPV4]);
    assert_false(config->targets[1].families[FAMILY_IPV6]);
    assert_false(config->targets[2].families[FAMILY_IPV4]);
    assert_int_equal(config->addresses[0].settle_ms, 0);
    assert_int_equal(config->addresses[1].settle_ms, 3000);
    config_free(config);
}

#define RECORD_START                                                                               \
    "address \"lan\" { family = ipv6 prefer = temporary accept = { \"2001:db8::/32\" } }\n"        \
    "record \"r\" { provider = value-domain domain = \"Example.com\" ipv6 = lan\n"

static void records(void **state)
{
    struct config *config = load_good(RECORD_START "password-env = PATH host = \"WWW\" gap = 2m\n"
                                                   "authoritative = { 192.0.2.1, "
                                                   "\"[2001:db8::1]:5353\" } ttl = 5m }\n");
    const struct config_record *r = &config->records[0];
    (void)state;
    assert_string_equal(r->ddns.host, "www");
    assert_string_equal(r->ddns.fqdn, "www.example.com");
    assert_string_equal(r->ddns.password, getenv("PATH"));
    assert_string_equal(r->ddns.provider->id, "value-domain");
    assert_string_equal(r->ddns.authoritative, "192.0.2.1,[2001:db8::1]:5353");
    assert_int_equal(r->ddns.gap_ms, 120000);
    assert_int_equal(r->ddns.expect_ttl, 300);
    assert_int_equal(r->ddns.look_every_ms, 300000);
    assert_true(r->ddns.families[FAMILY_IPV6] && !r->ddns.families[FAMILY_IPV4]);
    assert_ptr_equal(r->source[FAMILY_IPV6], &config->addresses[0]);
    assert_int_equal(config->addresses[0].prefer, PREFER_TEMPORARY);
    assert_int_equal(config->addresses[0].accept_count, 1);
    config_free(config);
}

static void record_names(void **state)
{
    static const struct {
        const char *host, *labels, *fqdn;
    } rows[] = {
        {"\"@\"", "", "example.com"},
        {"\"\"", "", "example.com"},
        {"example.com", "", "example.com"},
        {"www.EXAMPLE.com", "www", "www.example.com"},
        {"\"*\"", "*", "*.example.com"},
        {"a.b", "a.b", "a.b.example.com"},
        {"myexample.com", "myexample.com", "myexample.com.example.com"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[1024];
        snprintf(text, sizeof(text), RECORD_START "password-env = PATH host = %s }", rows[i].host);
        struct config *config = load_good(text);
        assert_string_equal(config->records[0].ddns.host, rows[i].labels);
        assert_string_equal(config->records[0].ddns.fqdn, rows[i].fqdn);
        config_free(config);
    }
}

static void hooks(void **state)
{
    struct config *config = load_good(
        "hook \"a\" { command = { \"/bin/sh\", \"-c\", \"x; y\" } remind = 1h only = { t } }\n"
        "hook \"b\" { command = { \"/bin/sh\" } events = { target-up, stopped } }\n"
        "target \"t\" { host = h.example }\n");
    (void)state;
    assert_string_equal(config->hooks[0].command[2], "x; y");
    assert_null(config->hooks[0].command[3]);
    assert_int_equal(config->hooks[0].events, (1u << NOTICE_KIND_COUNT) - 1);
    assert_int_equal(config->hooks[0].remind_ms, 3600000);
    assert_string_equal(config->hooks[0].only[0], "t");
    assert_int_equal(config->hooks[1].events, 1u << NOTICE_TARGET_UP | 1u << NOTICE_STOPPED);
    assert_int_equal(config->hooks[1].timeout_ms, 30000);
    assert_null(config->hooks[1].only);
    config_free(config);
}

static void targets_of_one_host_are_marked(void **state)
{
    static const bool alike[] = {true, false, true, false, true, true};
    (void)state;
    struct config *config = load_good("target \"www.example\" {}\n"
                                      "target \"mail\" { host = \"www.example:993\" }\n"
                                      "target \"https://www.example/big\" {}\n"
                                      "target \"other.example\" {}\n"
                                      "target \"a\" { host = \"[2001:db8::1]:443\" }\n"
                                      "target \"b\" { host = \"2001:db8::1\" }\n");
    for (size_t i = 0; i < config->target_count; i++)
        assert_int_equal(config->targets[i].alike, alike[i]);
    config_free(config);
}

static void from_hosts(void **state)
{
    struct told told = {.lines = 0};
    char one[] = "www.example:8443", two[] = "[2001:db8::1]", bad[] = "a..b";
    char *const hosts[] = {one, two, bad};
    (void)state;
    struct config *config = config_from_hosts(hosts, 2, on_message, &told);
    assert_non_null(config);
    assert_int_equal(told.lines, 0);
    assert_int_equal(config->target_count, 2);
    assert_int_equal(config->targets[0].at.port, 8443);
    assert_string_equal(config->targets[1].at.host, "2001:db8::1");
    assert_string_equal(config->state_path, "");
    assert_null(config->path);
    config_free(config);
    assert_null(config_from_hosts(hosts, 3, on_message, &told));
    assert_string_equal(told.text, "error: host \"a..b\": the host is not a valid DNS name\n");
}

/* --- files ----------------------------------------------------------------------------------- */

struct folder {
    char path[64];
};

static void put_file(const struct folder *folder, const char *name, mode_t mode, const char *text)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder->path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0 && fclose(file) == 0 && chmod(path, mode) == 0);
}

static int make_folder(void **state)
{
    static struct folder folder;
    str_copy(folder.path, sizeof(folder.path), "/tmp/reachd-test-config.XXXXXX");
    *state = &folder;
    return mkdtemp(folder.path) ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"main.conf", "more.conf", "loop.conf", "secret", "fifo"};
    const struct folder *folder = *state;
    char path[512];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder->path, names[i]);
        unlink(path);
    }
    return rmdir(folder->path);
}

static struct config *load_file(const struct folder *folder, const char *name,
                                enum config_mode mode, struct told *told)
{
    char path[512];
    memset(told, 0, sizeof(*told));
    snprintf(path, sizeof(path), "%s/%s", folder->path, name);
    return config_load_as(path, mode, on_message, told);
}

/* Messages with the folder's name taken out. */
static void expect_told(const struct folder *folder, struct told *told, const char *expected)
{
    size_t len = strlen(folder->path);
    for (char *at = told->text; (at = strstr(at, folder->path));)
        memmove(at, at + len + 1, strlen(at + len + 1) + 1);
    assert_string_equal(told->text, expected);
}

static void includes(void **state)
{
    const struct folder *folder = *state;
    static struct told told;
    put_file(folder, "main.conf", 0600,
             "# relative to this file\ninclude(\"more.conf\")\ntarget \"b\" { host = b..b }\n");
    put_file(folder, "more.conf", 0600, "\n\ntarget \"a\" { host = h.example }\n");
    assert_null(load_file(folder, "main.conf", CONFIG_FOR_RUN, &told));
    expect_told(folder, &told,
                "main.conf:3: error: host \"b..b\": the host is not a valid DNS name\n");
    put_file(folder, "more.conf", 0600, "\n\ntarget \"a\" { host = \"a\n");
    put_file(folder, "main.conf", 0600,
             "include(\"more.conf\")\ntarget \"b\" { host = h.example hots = 1 }\n");
    assert_null(load_file(folder, "main.conf", CONFIG_FOR_RUN, &told));
    assert_non_null(strstr(told.text, "more.conf:3: error: this string has no closing \" on its "
                                      "line\n"));
    assert_non_null(strstr(told.text, "main.conf:2: error: unknown option \"hots\""));
    put_file(folder, "more.conf", 0600, "target \"a\" { host = h.example }\n");
    put_file(folder, "main.conf", 0600, "include(\"more.conf\")\ntarget \"b\" {}\n");
    struct config *config = load_file(folder, "main.conf", CONFIG_FOR_RUN, &told);
    expect_told(folder, &told, "");
    assert_int_equal(config->target_count, 2);
    assert_string_equal(config->targets[0].name, "a");
    config_free(config);
}

static void a_file_that_includes_itself(void **state)
{
    const struct folder *folder = *state;
    static struct told told;
    put_file(folder, "loop.conf", 0600, "target \"a\" {}\n\ninclude(\"loop.conf\")\n");
    assert_null(load_file(folder, "loop.conf", CONFIG_FOR_RUN, &told));
    assert_non_null(strstr(told.text, "loop.conf:3: error: includes are nested more than 8 deep"));
}

static void files_that_are_none(void **state)
{
    const struct folder *folder = *state;
    static struct told told;
    assert_null(load_file(folder, "main.conf", CONFIG_FOR_RUN, &told));
    expect_told(folder, &told, "error: can't read main.conf: No such file or directory\n");
    assert_null(config_load(folder->path, on_message, memset(&told, 0, sizeof(told))));
    assert_non_null(strstr(told.text, ": not a regular file\n"));
    assert_null(config_from_text("log { }\0", 8, "c", on_message, memset(&told, 0, sizeof(told))));
    assert_string_equal(told.text, "c: error: this is not text: it holds NUL bytes\n");
}

/* --- secrets --------------------------------------------------------------------------------- */

/* Loads a record with its password from `where`. */
static struct config *load_record(const struct folder *folder, const char *where,
                                  enum config_mode mode, struct told *told)
{
    char text[1024];
    snprintf(text, sizeof(text), RECORD_START "%s }\n", where);
    put_file(folder, "main.conf", 0600, text);
    return load_file(folder, "main.conf", mode, told);
}

static void expect_password(struct config *config, const struct told *told, const char *password)
{
    if (!config)
        fail_msg("%s", told->text);
    assert_string_equal(config->records[0].ddns.password, password);
    assert_null(strstr(told->text, password));
    config_free(config);
}

static void secret_files(void **state)
{
    const struct folder *folder = *state;
    static struct told told;
    char where[256];
    snprintf(where, sizeof(where), "password-file = \"%s/secret\"", folder->path);
    put_file(folder, "secret", 0600, "hush hush\r\nnot this\n");
    expect_password(load_record(folder, where, CONFIG_FOR_RUN, &told), &told, "hush hush");
    put_file(folder, "secret", 0640, "hush-hush");
    expect_password(load_record(folder, where, CONFIG_FOR_RUN, &told), &told, "hush-hush");
    put_file(folder, "secret", 0604, "hush");
    assert_null(load_record(folder, where, CONFIG_FOR_RUN, &told));
    expect_told(folder, &told,
                "main.conf:3: error: password-file: secret: others may access it; run chmod o= on "
                "it\n");
    put_file(folder, "secret", 0620, "hush");
    assert_null(load_record(folder, where, CONFIG_FOR_CHECK, &told));
    assert_non_null(strstr(told.text, "its group may change it"));
    put_file(folder, "secret", 0600, "\nhush\n");
    assert_null(load_record(folder, where, CONFIG_FOR_RUN, &told));
    expect_told(folder, &told,
                "main.conf:3: error: password-file: secret: the first line is empty\n");
    snprintf(where, sizeof(where), "password-file = \"%s/none\"", folder->path);
    assert_null(load_record(folder, where, CONFIG_FOR_RUN, &told));
    expect_told(folder, &told,
                "main.conf:3: error: password-file: none: No such file or directory\n");
}

static void secret_from_a_fifo_is_not_waited_for(void **state)
{
    const struct folder *folder = *state;
    static struct told told;
    char where[256], path[128];
    snprintf(path, sizeof(path), "%s/fifo", folder->path);
    snprintf(where, sizeof(where), "password-file = \"%s\"", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_null(load_record(folder, where, CONFIG_FOR_RUN, &told));
    assert_non_null(strstr(told.text, "not a regular file"));
}

static void secrets_of_the_service(void **state)
{
    const struct folder *folder = *state;
    static struct told told;
    setenv("REACHD_TEST_SECRET", "hush", 1);
    expect_password(load_record(folder, "password-env = REACHD_TEST_SECRET", CONFIG_FOR_RUN, &told),
                    &told, "hush");
    unsetenv("REACHD_TEST_SECRET");
    assert_null(load_record(folder, "password-env = REACHD_TEST_SECRET", CONFIG_FOR_RUN, &told));
    /* from a shell it can only be said that it was not looked at */
    struct config *config =
        load_record(folder, "password-env = REACHD_TEST_SECRET", CONFIG_FOR_CHECK, &told);
    expect_told(folder, &told,
                "main.conf:3: warning: password-env = \"REACHD_TEST_SECRET\" can't be looked at "
                "here: the environment variable is not set\n");
    assert_null(config->records[0].ddns.password);
    config_free(config);
    put_file(folder, "secret", 0400, "from systemd\n");
    setenv("CREDENTIALS_DIRECTORY", folder->path, 1);
    expect_password(load_record(folder, "password-credential = secret", CONFIG_FOR_RUN, &told),
                    &told, "from systemd");
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_null(load_record(folder, "password-credential = secret", CONFIG_FOR_RUN, &told));
    config = load_record(folder, "password-credential = secret", CONFIG_FOR_CHECK, &told);
    assert_non_null(config);
    config_free(config);
}

static void inline_secrets_are_warned_of(void **state)
{
    const struct folder *folder = *state;
    static struct told told;
    expect_password(load_record(folder, "password = \"hush hush\"", CONFIG_FOR_RUN, &told), &told,
                    "hush hush");
    expect_told(folder, &told,
                "main.conf:3: warning: the password stands in the configuration; password-file "
                "keeps it apart\n");
    char path[128];
    snprintf(path, sizeof(path), "%s/main.conf", folder->path);
    assert_int_equal(chmod(path, 0644), 0);
    config_free(load_file(folder, "main.conf", CONFIG_FOR_RUN, &told));
    assert_non_null(strstr(told.text, "Everyone on this machine can read this file"));
}

/* Whatever is wrong with the text around it. */
static void secrets_are_never_told(void **state)
{
    static const char *const texts[] = {
        "record \"r\" { password = hushhush password = hushhush }",
        "record \"r\" { password = \"hushhush\x01\" }",
        "record \"r\" { password = \"hushhush }",
        "record \"r\" { password = hushhush password-file = /x domain = d..d }",
        "record \"r\" { url = \"https://u:hushhush@x.example/\" }",
        "record \"r\" { url = \"http://x.example/?token=hushhush\" domain = \"\" }",
        "record \"r\" { url = \"ftp://x.example/?token=hushhush\" }",
        "record \"r\" { password = { hushhush } }",
        "record \"r\" { password { hushhush } }",
        "record \"r\" { pasword = hushhush }",
    };
    static struct told told;
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_null(load(texts[i], &told));
        if (strstr(told.text, "hush"))
            fail_msg("%s: %s", texts[i], told.text);
    }
}

/* --- sizes, and one load after the other ------------------------------------------------------ */

static char *many_targets(size_t count, const char *last)
{
    struct buf buf;
    buf_init(&buf, 4 << 20);
    for (size_t i = 0; i < count; i++)
        assert_true(buf_printf(&buf, "target \"t%zu\" { host = h%zu.example }\n", i, i));
    assert_true(buf_printf(&buf, "%s", last));
    char *text = strdup(buf_text(&buf));
    buf_clear(&buf);
    return text;
}

static void ten_thousand_targets(void **state)
{
    (void)state;
    char *text = many_targets(10000, "");
    struct config *config = load_good(text);
    assert_int_equal(config->target_count, 10000);
    assert_string_equal(config->targets[9999].at.host, "h9999.example");
    config_free(config);
    free(text);
    text = many_targets(10000, "target \"t5000\" {}\n");
    expect_refusal(text, "c:10001: error: target \"t5000\" is given twice, first in c:5001\n");
    free(text);
}

static void sizes_are_bounded(void **state)
{
    static struct told told;
    (void)state;
    char *text = many_targets(20001, "");
    assert_null(load(text, &told));
    assert_non_null(strstr(told.text, "c:20001: error: more than 20000 sections\n"));
    free(text);
    struct buf buf;
    buf_init(&buf, 1 << 20);
    for (size_t i = 0; i < 1000; i++)
        assert_true(buf_printf(&buf, "target \"t%zu\" { host = h.example rise = 0 }\n", i));
    assert_null(load(buf_text(&buf), &told));
    assert_int_equal(told.lines, 201);
    assert_non_null(strstr(told.text, "\nand 800 more messages like these\n"));
    buf_clear(&buf);
}

/* libconfuse's lexer is a global that remembers: a bad reload must not spoil the next good one. */
static void a_bad_load_does_not_spoil_the_next(void **state)
{
    static const char *const bad[] = {
        "target \"a\" { host = \"never ends",
        "target \"a\" { host = 'never ends",
        "/* never ends",
        "target \"a\" {",
        "target \"a\" { host = ",
        "include(\"a\"",
        "target \"a\" { require = { ipv4",
        "}",
        "target \"a\" { host = \"${X",
        "target \"a",
    };
    static struct told told;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_null(load(bad[i], &told));
        assert_true(told.errors > 0 && strstr(told.text, "c:1: error: ") == told.text);
        config_free(load_good("target \"a\" { host = h.example }\n"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_cases),
        cmocka_unit_test(nothing_to_do_is_a_warning),
        cmocka_unit_test(defaults),
        cmocka_unit_test(defaults_give_way),
        cmocka_unit_test(records),
        cmocka_unit_test(record_names),
        cmocka_unit_test(hooks),
        cmocka_unit_test(targets_of_one_host_are_marked),
        cmocka_unit_test(from_hosts),
        cmocka_unit_test_setup_teardown(includes, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_file_that_includes_itself, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(files_that_are_none, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(secret_files, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(secret_from_a_fifo_is_not_waited_for, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(secrets_of_the_service, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(inline_secrets_are_warned_of, make_folder, remove_folder),
        cmocka_unit_test(secrets_are_never_told),
        cmocka_unit_test(ten_thousand_targets),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(a_bad_load_does_not_spoil_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
