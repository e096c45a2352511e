/* SPDX-License-Identifier: ISC
 *
 * The sub-commands: one file cmd_*.c and one row in main.c each.
 */
#ifndef REACHD_MONITOR_CMD_H
#define REACHD_MONITOR_CMD_H

struct cmd {
    const char *name;
    const char *summary; /* one line for `reachd --help` */
    /* argv[0] is the sub-command; returns the exit status. Handles its own --help. */
    int (*run)(int argc, char **argv);
};

extern const struct cmd cmd_run;
extern const struct cmd cmd_status;
extern const struct cmd cmd_update;
extern const struct cmd cmd_history;
extern const struct cmd cmd_probe;
extern const struct cmd cmd_check;
extern const struct cmd cmd_addr;
extern const struct cmd cmd_providers;
extern const struct cmd cmd_import;

/* Where the configuration and the socket are when nothing says otherwise. */
#define DEFAULT_CONFIG_PATH  SYSCONFDIR "/reachd/reachd.conf"
#define DEFAULT_STATE_PATH   STATEDIR "/reachd.db"
#define DEFAULT_CONTROL_PATH RUNSTATEDIR "/reachd.sock"

/* Exit status 2 with a hint at --help. */
int cmd_usage_error(const char *cmd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
