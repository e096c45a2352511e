/* SPDX-License-Identifier: ISC
 *
 * The log. Owns: the format of a line and the sink. Not its job: what is worth a line.
 * Nothing here allocates, so that "out of memory" can still be said.
 */
#include "lib/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/str.h"
#include "lib/table.h"

#define LOG_TEXT_MAX 2048

enum style {
    STYLE_UNKNOWN, /* log_open has not run yet */
    STYLE_PLAIN,
    STYLE_TERMINAL,
    STYLE_COLOUR,
    STYLE_JOURNAL,
    STYLE_SYSLOG,
};

static struct {
    enum style style;
    enum log_level level;
    void (*capture)(enum log_level level, const char *tag, const char *text, void *arg);
    void *capture_arg;
} state = {.level = LOG_LEVEL_INFO};

static const struct {
    const char *word;
    int priority; /* of syslog and of the "<N>" prefix */
    enum term_colour colour;
} levels[] = {
    [LOG_LEVEL_ERROR] = {"error", LOG_ERR, TERM_RED},
    [LOG_LEVEL_WARN] = {"warn", LOG_WARNING, TERM_YELLOW},
    [LOG_LEVEL_INFO] = {"info", LOG_INFO, TERM_GREEN},
    [LOG_LEVEL_DEBUG] = {"debug", LOG_DEBUG, TERM_DIM},
};

/* JOURNAL_STREAM is inherited by everything a service starts; only when it names the very stream
 * that is behind `fd` does the journal read what we write (systemd.exec(5)). */
static bool is_journal(int fd)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat st;
    char ours[64];
    if (!stream || fstat(fd, &st) != 0)
        return false;
    snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    return strcmp(stream, ours) == 0;
}

static enum style style_of(int fd)
{
    if (is_journal(fd))
        return STYLE_JOURNAL;
    if (!isatty(fd))
        return STYLE_PLAIN;
    return term_wants_colour(fd) ? STYLE_COLOUR : STYLE_TERMINAL;
}

void log_open(enum log_sink sink, enum log_level level)
{
    if (state.style == STYLE_SYSLOG)
        closelog();
    state.level = level;
    state.style = sink == LOG_SINK_SYSLOG ? STYLE_SYSLOG : style_of(STDERR_FILENO);
    if (state.style == STYLE_SYSLOG)
        openlog("reachd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

bool log_level_from_word(const char *word, enum log_level *out)
{
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        if (strcmp(word, levels[i].word) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    }
    return false;
}

bool log_enabled(enum log_level level)
{
    return level <= state.level;
}

void log_capture(void (*fn)(enum log_level level, const char *tag, const char *text, void *arg),
                 void *arg)
{
    state.capture = fn;
    state.capture_arg = arg;
}

/* The date is known to who looks at a terminal. */
static void append_time_of_day(char *line, size_t cap)
{
    char when[CLOCK_TEXT_LEN];
    const char *space = strchr(clock_format_local(clock_wall_ms(), when), ' ');
    str_append(line, cap, "%s  ", space ? space + 1 : when);
}

/* What stands before the text. */
static void format_head(enum style style, enum log_level level, const char *tag, char *line,
                        size_t cap)
{
    char when[CLOCK_TEXT_LEN];
    bool colour = style == STYLE_COLOUR;
    line[0] = '\0';
    if (style == STYLE_JOURNAL) {
        str_append(line, cap, "<%d>%s: ", levels[level].priority, tag);
    } else if (style == STYLE_PLAIN) {
        clock_format_utc(clock_wall_ms(), when);
        str_append(line, cap, "%s %-5s %s: ", when, levels[level].word, tag);
    } else {
        append_time_of_day(line, cap);
        str_append(line, cap, "%s%-9s%s  ", term_start(levels[level].colour, colour), tag,
                   term_end(colour));
        if (!colour && level <= LOG_LEVEL_WARN)
            str_append(line, cap, "%s: ", levels[level].word);
    }
}

/* One write per line, so that lines of several processes do not mix. There is nobody to tell when
 * it fails. */
static void write_line(const char *line, size_t len)
{
    while (len > 0) {
        ssize_t done = write(STDERR_FILENO, line, len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return;
        line += done;
        len -= (size_t)done;
    }
}

static void emit(enum log_level level, const char *tag, const char *text)
{
    char line[LOG_TEXT_MAX + 128];
    if (state.capture) {
        state.capture(level, tag, text, state.capture_arg);
        return;
    }
    if (state.style == STYLE_UNKNOWN)
        state.style = style_of(STDERR_FILENO);
    if (state.style == STYLE_SYSLOG) {
        syslog(levels[level].priority, "%s: %s", tag, text);
        return;
    }
    format_head(state.style, level, tag, line,
                sizeof(line) - 1); /* keeps room for the line's end */
    str_append(line, sizeof(line) - 1, "%s", text);
    str_append(line, sizeof(line), "\n");
    write_line(line, strlen(line));
}

static void __attribute__((format(printf, 3, 0)))
log_line(enum log_level level, const char *tag, const char *fmt, va_list args)
{
    char raw[LOG_TEXT_MAX], text[LOG_TEXT_MAX];
    int saved = errno; /* callers log first and look at errno afterwards */
    int len = vsnprintf(raw, sizeof(raw), fmt, args);
    if (len < 0)
        len = 0;
    size_t used = (size_t)len < sizeof(raw) ? (size_t)len : sizeof(raw) - 1;
    emit(level, tag, str_printable(text, sizeof(text), raw, used));
    errno = saved;
}

void log_result(const char *tag, const char *text)
{
    enum style style = style_of(STDOUT_FILENO);
    char head[128] = "";
    if (style == STYLE_PLAIN || style == STYLE_JOURNAL)
        format_head(style, LOG_LEVEL_INFO, tag, head, sizeof(head));
    else
        append_time_of_day(head, sizeof(head));
    printf("%s%s\n", head, text);
    fflush(stdout);
}

void log_error(const char *tag, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    log_line(LOG_LEVEL_ERROR, tag, fmt, args);
    va_end(args);
}

void log_warn(const char *tag, const char *fmt, ...)
{
    va_list args;
    if (!log_enabled(LOG_LEVEL_WARN))
        return;
    va_start(args, fmt);
    log_line(LOG_LEVEL_WARN, tag, fmt, args);
    va_end(args);
}

void log_info(const char *tag, const char *fmt, ...)
{
    va_list args;
    if (!log_enabled(LOG_LEVEL_INFO))
        return;
    va_start(args, fmt);
    log_line(LOG_LEVEL_INFO, tag, fmt, args);
    va_end(args);
}

void log_debug(const char *tag, const char *fmt, ...)
{
    va_list args;
    if (!log_enabled(LOG_LEVEL_DEBUG))
        return;
    va_start(args, fmt);
    log_line(LOG_LEVEL_DEBUG, tag, fmt, args);
    va_end(args);
}

void log_fatal(const char *tag, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    log_line(LOG_LEVEL_ERROR, tag, fmt, args);
    va_end(args);
    exit(EXIT_FAILURE);
}
