/* SPDX-License-Identifier: ISC
 *
 * The daemon: puts the modules together in the order of the flow, signals, reload, shutdown.
 */
#ifndef REACHD_MONITOR_DAEMON_H
#define REACHD_MONITOR_DAEMON_H

#include "monitor/config.h"
#include "monitor/spawner.h"

struct daemon_options {
    const char *config_path; /* NULL: `config` was built from the command line, no reload */
    bool watch_terminal;     /* readable line for every check */
};

/* Takes config and spawner. Returns the exit status. */
int daemon_run(struct config *config, struct spawner *spawner,
               const struct daemon_options *options);

#endif
