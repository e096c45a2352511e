/* SPDX-License-Identifier: ISC
 *
 * A program's output as lines of our log.
 */
#include "monitor/hooks/hook_log.h"

#include <string.h>

#include "lib/log.h"
#include "lib/str.h"

#define TAG       "hook"
#define LINES_MAX 40
#define LINE_LEN  240

void hook_log_output(const char *name, const struct spawn_result *result)
{
    const char *at = result->output;
    const char *end = at + result->output_len;
    unsigned lines = 0;
    while (at < end && lines < LINES_MAX) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline ? newline : end) - at);
        char clean[LINE_LEN];
        if (len) {
            log_info(TAG, "%s: %s", name, str_printable(clean, sizeof(clean), at, len));
            lines++;
        }
        at += len + 1;
    }
    if (at < end || result->output_cut)
        log_info(TAG, "%s: (more output is left out)", name);
}
