/* SPDX-License-Identifier: ISC
 *
 * A list of hosts as text, one a line: bytes in as they come, hosts out. Blank lines and comments
 * ("#" at the start or behind white space) are skipped. Whatever comes in, it holds one line at
 * most. Pure.
 */
#ifndef REACHD_MONITOR_PROBE_HOST_LIST_H
#define REACHD_MONITOR_PROBE_HOST_LIST_H

#include <stdbool.h>
#include <stddef.h>

#define HOST_LIST_LINE_MAX 2400 /* a scheme, a name, a port and the longest path */
#define HOST_LIST_CHUNK    4096

struct host_list { /* all zero: nothing read yet */
    size_t line;   /* number of the last one that was told */
    size_t from, len;
    bool skipping; /* the rest of a line that is too long */
    bool ended;
    char data[HOST_LIST_LINE_MAX + HOST_LIST_CHUNK + 2];
};

enum host_list_step {
    HOST_LIST_HOST,
    HOST_LIST_WRONG, /* a line that can't be one */
    HOST_LIST_MORE,  /* add bytes, or end */
    HOST_LIST_END,
};

/* After HOST_LIST_MORE (or at first), at most HOST_LIST_CHUNK bytes. */
void host_list_add(struct host_list *list, const char *data, size_t len);
void host_list_end(struct host_list *list);
/* *text: the host, or what is wrong (a sentence); lives until the next call. */
enum host_list_step host_list_next(struct host_list *list, const char **text);

#endif
