/* SPDX-License-Identifier: ISC
 *
 * Where the hosts of one run come from: the command line, and standard input where "-" stands
 * there. Reads ahead a few kB at most, and never blocks.
 */
#ifndef REACHD_MONITOR_PROBE_HOST_INPUT_H
#define REACHD_MONITOR_PROBE_HOST_INPUT_H

#include "lib/loop.h"
#include "monitor/probe/host_list.h"

struct host_input;

/* `ready` is called when host_input_next may go on after HOST_LIST_MORE. Words and fd stay the
 * caller's. */
struct host_input *host_input_new(struct loop *loop, char **words, size_t count, int fd,
                                  loop_fn *ready, void *arg);
void host_input_free(struct host_input *input); /* NULL is fine */
/* As host_list_next; the words of the command line are never WRONG. */
enum host_list_step host_input_next(struct host_input *input, const char **text);
size_t host_input_line(const struct host_input *input); /* of the list */
/* The list could not be read to its end: why, else NULL. */
const char *host_input_error(const struct host_input *input);
bool host_input_is_list(const char *word); /* "-" */

#endif
