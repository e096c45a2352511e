/* SPDX-License-Identifier: ISC
 *
 * What `reachd probe` is asked on the command line: the options, checked one by one, and the help.
 * Not its job: hosts, and what options mean together with them (probe_job.h).
 */
#ifndef REACHD_MONITOR_CMD_PROBE_OPTIONS_H
#define REACHD_MONITOR_CMD_PROBE_OPTIONS_H

#include "monitor/probe/probe_format.h"
#include "monitor/probe/probe_limit.h"
#include "probes/closed_want.h"
#include "probes/egress.h"
#include "probes/expect.h"
#include "probes/http_want.h"
#include "probes/kind.h"

#define PROBE_PARALLEL_DEFAULT 64 /* hosts at the same time */
#define PROBE_PARALLEL_MAX     1000
#define PROBE_CERT_DAYS        14 /* the end of a certificate is near; nagios warns then, too */
#define PROBE_CERT_DAYS_MAX    3650

struct probe_options {
    bool only[FAMILY_COUNT];           /* -4, -6 */
    const struct probe_format *format; /* NULL: text */
    bool many;   /* hosts, which may be of several kinds; not an option: see probe_job.h */
    bool plugin; /* --format nagios is among the options */
    struct probe_limit warning; /* -w, -c */
    struct probe_limit critical;
    bool quiet;
    bool verbose;
    bool help;
    bool explain;
    unsigned parallel; /* 0: not given */
    int64_t timeout_ms;
    int64_t watch_ms; /* 0: once */
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
    struct expect expect;
    bool full_size;
    bool has_cert_days;
    int64_t cert_days;
    struct closed_want closed;
};

void probe_options_help(void);
/* 0, or the exit status of a usage error that has been told; the hosts begin at optind. Strings are
 * argv's. */
int probe_options_parse(struct probe_options *o, int argc, char **argv);
/* Tells it the way the format wants it; the exit status. */
int probe_usage_error(const struct probe_options *o, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* -4 and -6 together are the same as neither. */
bool probe_options_want_alone(const struct probe_options *o, enum family f);
void probe_options_clear(struct probe_options *o);

#endif
