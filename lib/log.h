/* SPDX-License-Identifier: ISC
 *
 * The log: one line per message, a level, a tag per module. Changes at info, attempts at debug.
 * Owns: format and sinks (stderr, syslog). Text from outside is made printable here; secrets must
 * never reach a format string. The sink is process-wide state, the one exception to "no globals".
 */
#ifndef REACHD_LIB_LOG_H
#define REACHD_LIB_LOG_H

#include <stdbool.h>

enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARN,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG,
};

enum log_sink {
    LOG_SINK_STDERR, /* time stamp, colour on a terminal; "<N>" prefixes under systemd
                        (JOURNAL_STREAM) */
    LOG_SINK_SYSLOG,
};

void log_open(enum log_sink sink, enum log_level level);
bool log_level_from_word(const char *word, enum log_level *out); /* "error" "warn" "info" "debug" */
bool log_enabled(enum log_level level);

void log_error(const char *tag, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_warn(const char *tag, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_info(const char *tag, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_debug(const char *tag, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Says why and ends the process with status 1: broken invariants and out of memory only. */
void log_fatal(const char *tag, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* A line of results on standard output, flushed. Where that is no terminal it looks as a line of
 * the log at info does, so that the two mix in one file; on a terminal it has no tag. `text` is
 * printable; it may carry colours. */
void log_result(const char *tag, const char *text);

/* For tests: every finished line goes to `fn` instead of the sink; NULL restores. */
void log_capture(void (*fn)(enum log_level level, const char *tag, const char *text, void *arg),
                 void *arg);

#endif
