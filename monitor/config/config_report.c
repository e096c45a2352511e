/* SPDX-License-Identifier: ISC
 *
 * Messages of the configuration loader. Owns: their form "FILE:LINE: error: …" and their bound. Not
 * its job: what is wrong.
 */
#include "monitor/config/config_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/str.h"

#define MAX_LINE 1200

/* The names of files are shared, so pointers tell. */
static size_t rank_of(const struct config_report *report, const char *file)
{
    for (size_t i = 0; i < report->count; i++)
        if (report->messages[i].at.file == file)
            return report->messages[i].rank;
    return report->count;
}

static __attribute__((format(printf, 4, 0))) void say(struct config_report *report,
                                                      const struct config_at *at, bool is_error,
                                                      const char *fmt, va_list args)
{
    static const struct config_at nowhere = {NULL, 0};
    char line[MAX_LINE] = "";
    if (is_error)
        report->errors++;
    else
        report->warnings++;
    if (report->count == CONFIG_MAX_TOLD)
        return;
    if (at && at->file)
        str_append(line, sizeof line, "%s:", at->file);
    if (at && at->file && at->line)
        str_append(line, sizeof line, "%u:", at->line);
    str_append(line, sizeof line, "%s%s: ", line[0] ? " " : "", is_error ? "error" : "warning");
    size_t used = strlen(line);
    vsnprintf(line + used, sizeof line - used, fmt, args);
    struct config_message *message = &report->messages[report->count];
    message->line = mem_array(MAX_LINE, 1);
    str_printable(message->line, MAX_LINE, line, strlen(line));
    message->is_error = is_error;
    message->at = at ? *at : nowhere;
    message->rank = rank_of(report, message->at.file);
    message->order = report->count++;
}

void config_error(struct config_report *report, const struct config_at *at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    say(report, at, true, fmt, args);
    va_end(args);
}

void config_warn(struct config_report *report, const struct config_at *at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    say(report, at, false, fmt, args);
    va_end(args);
}

static int compare(const void *a, const void *b)
{
    const struct config_message *x = a;
    const struct config_message *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->at.line != y->at.line)
        return x->at.line < y->at.line ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

void config_report_flush(struct config_report *report, config_report_fn *fn, void *arg)
{
    size_t all = report->errors + report->warnings;
    char more[64] = "";
    qsort(report->messages, report->count, sizeof *report->messages, compare);
    for (size_t i = 0; i < report->count; i++) {
        if (fn)
            fn(report->messages[i].line, report->messages[i].is_error, arg);
        free(report->messages[i].line);
    }
    str_append(more, sizeof more, "and %zu more messages like these", all - report->count);
    if (fn && all > report->count)
        fn(more, report->errors > 0, arg);
    report->count = 0;
}
