/* SPDX-License-Identifier: ISC
 *
 * Options of a sub-command as a table, read in one way for all: --help, what is unknown, what has
 * no value. Not its job: arguments, and what options mean together.
 */
#ifndef REACHD_MONITOR_CMD_OPTIONS_H
#define REACHD_MONITOR_CMD_OPTIONS_H

#include <stddef.h>
#include <unistd.h> /* optind */

/* NULL, or what the option takes: "an age such as 24h or 7d". */
typedef const char *cmd_take_fn(void *options, const char *value);

struct cmd_option {
    const char *name; /* NULL: it has none */
    char letter;      /* 0: it has none */
    /* One of three; the first takes no value. */
    size_t flag, text; /* CMD_FLAG: a bool to set. CMD_TEXT: a const char * to fill */
    cmd_take_fn *take;
};

#define CMD_FLAG(type, member) .flag = offsetof(struct type, member) + 1
#define CMD_TEXT(type, member) .text = offsetof(struct type, member) + 1

struct cmd_syntax {
    const char *cmd;
    const char *help; /* what -h and --help print */
    const struct cmd_option *options;
    size_t count;
};

#define CMD_OPTIONS_MAX 16
/* -1 when all is read, optind being the first argument; else the exit status of what is done and
 * said already: 0 help, 2 wrong usage. */
int cmd_options_read(const struct cmd_syntax *syntax, void *options, int argc, char **argv);

#endif
