/* SPDX-License-Identifier: ISC
 *
 * Taking lines out of a list of hosts. Not its job: reading (host_input.h), what a host is
 * (target_text.h).
 */
#include "monitor/probe/host_list.h"

#include <string.h>

#include "lib/str.h"

static const char blank[] = " \t\r\f\v";
static const char too_long[] = "the line is longer than any host can be";

void host_list_add(struct host_list *list, const char *data, size_t len)
{
    size_t room = sizeof list->data - 1 - list->len;
    memmove(list->data, list->data + list->from, list->len);
    list->from = 0;
    len = len < room ? len : room;
    memcpy(list->data + list->len, data, len);
    list->len += len;
}

void host_list_end(struct host_list *list)
{
    list->ended = true;
}

static void drop(struct host_list *list, size_t len)
{
    list->from += len;
    list->len -= len;
}

/* What is left of a terminated line without comment and white space around. */
static char *strip(char *line)
{
    line += strspn(line, blank);
    for (char *c = line; *c; c++) {
        if (*c == '#' && (c == line || strchr(blank, c[-1])))
            *c = '\0';
    }
    size_t len = strlen(line);
    while (len > 0 && strchr(blank, line[len - 1]))
        line[--len] = '\0';
    return line;
}

/* One whole line of len bytes, its end cut off. NULL: nothing stands there. */
static const char *take_line(struct host_list *list, char *line, size_t len,
                             enum host_list_step *step)
{
    *step = HOST_LIST_WRONG;
    list->line++;
    if (memchr(line, '\0', len))
        return "there is a zero byte in it";
    if (len > HOST_LIST_LINE_MAX)
        return too_long;
    line[len] = '\0';
    if (list->line == 1 && str_starts(line, "\xef\xbb\xbf")) /* a byte order mark */
        line += 3;
    line = strip(line);
    *step = HOST_LIST_HOST;
    return *line ? line : NULL;
}

/* Further bytes of a line of which too many came. */
static void skip(struct host_list *list)
{
    const char *end = memchr(list->data + list->from, '\n', list->len);
    size_t len = end ? (size_t)(end - list->data) - list->from + 1 : list->len;
    drop(list, len);
    list->skipping = !end;
}

enum host_list_step host_list_next(struct host_list *list, const char **text)
{
    enum host_list_step step;
    for (;;) {
        if (list->skipping)
            skip(list);
        char *line = list->data + list->from;
        char *end = memchr(line, '\n', list->len);
        bool last = !end && list->ended;
        if (!end && list->len <= HOST_LIST_LINE_MAX && (!last || list->len == 0))
            return list->ended ? HOST_LIST_END : HOST_LIST_MORE;
        size_t len = end ? (size_t)(end - line) : list->len;
        drop(list, end ? len + 1 : len);
        list->skipping = !end && !last;
        *text = take_line(list, line, len, &step);
        if (*text)
            return step;
    }
}
