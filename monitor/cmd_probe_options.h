/* SPDX-License-Identifier: ISC
 *
 * What `reachd probe` is asked on the command line: the options, checked one by one, and the help.
 * Not its job: hosts, and what options mean together (cmd_probe.c).
 */
#ifndef REACHD_MONITOR_CMD_PROBE_OPTIONS_H
#define REACHD_MONITOR_CMD_PROBE_OPTIONS_H

#include "probes/closed_want.h"
#include "probes/egress.h"
#include "probes/http_want.h"
#include "probes/kind.h"

struct probe_options {
    bool only[FAMILY_COUNT]; /* -4, -6 */
    bool json;
    bool verbose;
    bool help;
    bool explain;
    int64_t timeout_ms;
    const char *ca;
    const char *crl;
    const char *servername;
    const char *resolver;
    struct addr connect;
    bool has_kind;
    enum probe_kind kind;
    struct http_want *http; /* NULL: nothing out of the ordinary */
    struct egress egress;
    bool authoritative;
    bool full_size;
    struct closed_want closed;
};

void probe_options_help(void);
/* 0, or the exit status of a usage error that has been told; the hosts begin at optind. Strings are
 * argv's. */
int probe_options_parse(struct probe_options *o, int argc, char **argv);
void probe_options_clear(struct probe_options *o);

#endif
