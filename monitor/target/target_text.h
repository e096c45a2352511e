/* SPDX-License-Identifier: ISC
 *
 * A target as people write it: HOST[:PORT], or KIND://HOST[:PORT], with /PATH for http and https,
 * and with a prefix for HOST for closed: 192.0.2.0/28, [2001:db8::/64]:22. The same on the command
 * line and in the configuration. Pure.
 */
#ifndef REACHD_MONITOR_TARGET_TARGET_TEXT_H
#define REACHD_MONITOR_TARGET_TARGET_TEXT_H

#include "lib/hostport.h"
#include "probes/kind.h"
#include "probes/url.h"

struct target_text {
    enum probe_kind kind;
    struct hostport at;        /* the port is the kind's when none is written */
    char path[URL_TARGET_MAX]; /* of http and https: at least "/"; of others: "" */
    struct prefix prefix;      /* set: all of it is meant, its text is at.host; kind closed */
};

/* kind: what was asked for elsewhere, or NULL; what is written must agree. NULL on success, else
 * what is wrong (static). */
const char *target_text_parse(const char *text, const enum probe_kind *kind,
                              struct target_text *out);

#endif
