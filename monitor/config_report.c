/* SPDX-License-Identifier: ISC
 *
 * Messages of the configuration loader. Owns: their form "FILE:LINE: error: …" and their bound. Not
 * its job: what is wrong.
 */
#include "monitor/config_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/str.h"

#define MAX_TOLD 200

static void tell(struct config_report *report, bool is_error, const char *line)
{
    char clean[1200];
    if (report->fn)
        report->fn(str_printable(clean, sizeof clean, line, strlen(line)), is_error, report->arg);
}

static void say(struct config_report *report, const struct config_at *at, bool is_error,
                const char *fmt, va_list args)
{
    char line[1200] = "";
    size_t told = report->errors + report->warnings;
    if (is_error)
        report->errors++;
    else
        report->warnings++;
    if (told > MAX_TOLD)
        return;
    if (told == MAX_TOLD) {
        tell(report, is_error, "too many messages: the rest is not shown");
        return;
    }
    if (at && at->file)
        str_append(line, sizeof line, "%s:", at->file);
    if (at && at->file && at->line)
        str_append(line, sizeof line, "%u:", at->line);
    str_append(line, sizeof line, "%s%s: ", line[0] ? " " : "", is_error ? "error" : "warning");
    size_t used = strlen(line);
    vsnprintf(line + used, sizeof line - used, fmt, args);
    tell(report, is_error, line);
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
