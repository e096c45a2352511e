/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/log.h"

struct seen {
    int count;
    enum log_level level;
    char tag[32];
    char text[4096];
};

static void note(enum log_level level, const char *tag, const char *text, void *arg)
{
    struct seen *seen = arg;
    seen->count++;
    seen->level = level;
    snprintf(seen->tag, sizeof(seen->tag), "%s", tag);
    snprintf(seen->text, sizeof(seen->text), "%s", text);
}

static void levels_filter(void **arg)
{
    struct seen seen = {0};
    enum log_level level;
    (void)arg;
    log_capture(note, &seen);
    log_open(LOG_SINK_STDERR, LOG_LEVEL_WARN);
    log_info("t", "no");
    log_debug("t", "no");
    assert_int_equal(seen.count, 0);
    log_warn("t", "yes %d", 1);
    assert_int_equal(seen.level, LOG_LEVEL_WARN);
    assert_string_equal(seen.text, "yes 1");
    assert_true(log_level_from_word("debug", &level));
    assert_int_equal(level, LOG_LEVEL_DEBUG);
    assert_false(log_level_from_word("DEBUG", &level));
    assert_false(log_enabled(LOG_LEVEL_INFO));
    log_capture(NULL, NULL);
}

static void text_is_made_harmless(void **arg)
{
    struct seen seen = {0};
    char longer[5000];
    (void)arg;
    log_capture(note, &seen);
    log_open(LOG_SINK_STDERR, LOG_LEVEL_DEBUG);
    errno = ENOTTY;
    log_error("t", "a\n<3>forged\033[2J %s", "%n");
    assert_int_equal(errno, ENOTTY);
    assert_string_equal(seen.text, "a?<3>forged?[2J %n");
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    log_info("t", "%s", longer);
    assert_true(strlen(seen.text) > 1000 && strlen(seen.text) < 4000);
    log_capture(NULL, NULL);
}

static void say_warning(void)
{
    log_open(LOG_SINK_STDERR, LOG_LEVEL_INFO);
    log_warn("tag", "text");
}

static void say_result(void)
{
    log_result("tag", "text");
}

/* What one message looks like on an `fd` that is a file. */
static void file_line(int fd, void (*say)(void), bool journal, char *out, size_t cap)
{
    FILE *file = tmpfile();
    fflush(stdout);
    int saved = dup(fd);
    assert_non_null(file);
    dup2(fileno(file), fd);
    if (journal) {
        struct stat st;
        char stream[64];
        fstat(fd, &st);
        snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
        setenv("JOURNAL_STREAM", stream, 1);
    } else {
        setenv("JOURNAL_STREAM", "1:2", 1); /* inherited, but not our stream */
    }
    say();
    dup2(saved, fd);
    close(saved);
    rewind(file);
    assert_non_null(fgets(out, (int)cap, file));
    fclose(file);
    unsetenv("JOURNAL_STREAM");
}

static void line_formats(void **arg)
{
    char line[256];
    (void)arg;
    file_line(STDERR_FILENO, say_warning, true, line, sizeof(line));
    assert_string_equal(line, "<4>tag: text\n");
    file_line(STDERR_FILENO, say_warning, false, line, sizeof(line));
    assert_int_equal(strlen(line), strlen("2026-11-24T08:15:30Z warn  tag: text\n"));
    assert_string_equal(line + 20, " warn  tag: text\n");
    /* The checks of `reachd run HOST` and the log beside them go to one file in one format. */
    file_line(STDOUT_FILENO, say_result, true, line, sizeof(line));
    assert_string_equal(line, "<6>tag: text\n");
    file_line(STDOUT_FILENO, say_result, false, line, sizeof(line));
    assert_int_equal(strlen(line), strlen("2026-11-24T08:15:30Z info  tag: text\n"));
    assert_string_equal(line + 20, " info  tag: text\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_filter),
        cmocka_unit_test(text_is_made_harmless),
        cmocka_unit_test(line_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
