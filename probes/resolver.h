/* SPDX-License-Identifier: ISC
 *
 * DNS questions over c-ares, the only owner of its headers. Owns: channels, sockets on the loop,
 * deadlines, the translation of resolver codes to outcomes. No cache: a watcher must see the wire.
 * /etc/hosts is not read, because the world does not see it either; "localhost" is loopback (RFC
 * 6761).
 */
#ifndef REACHD_PROBES_RESOLVER_H
#define REACHD_PROBES_RESOLVER_H

#include "lib/loop.h"
#include "probes/dnsmsg.h"
#include "probes/egress.h"
#include "probes/outcome.h"

struct resolver;
struct resolver_query;

struct resolver_conf {
    const char *servers; /* "192.0.2.53,[2001:db8::53]:5353"; NULL or "": the system's */
    struct egress
        egress;         /* the way to servers that are given; not used if one is of this machine */
    bool authoritative; /* ask the servers themselves: no recursion desired, AA is looked at */
};

#define RESOLVER_DETAIL_LEN 320 /* room for two common names and a sentence */

struct resolver_reply {
    enum outcome outcome; /* OK, or a DNS_* word; NODATA when the set is empty */
    struct dnsmsg msg;    /* what the last reply held, also on failure; zeroed when none arrived */
    struct addr server;   /* who answered; unset when nobody did */
    int64_t took_us;
    char detail[RESOLVER_DETAIL_LEN]; /* printable evidence, e.g. "SERVFAIL from 192.0.2.53"; may be
                                         "" */
};

/* Called exactly once, never before resolver_query_start returns; the reply is valid during the
 * call. Inside it anything may be started, cancelled or freed, the resolver too. */
typedef void resolver_fn(const struct resolver_reply *reply, void *arg);

/* NULL with a sentence in error (cap bytes) when the server list is malformed. */
struct resolver *resolver_new(struct loop *loop, const struct resolver_conf *conf, char *error,
                              size_t cap);
/* Pending queries end without a call. */
void resolver_free(struct resolver *resolver);
/* Reads the system's configuration again (after resolv.conf or the network changed). */
void resolver_reload(struct resolver *resolver);
const char *resolver_version(void); /* of c-ares, at run time */
/* NULL when the list is acceptable, else what is wrong with it (static): for configuration checks.
 */
const char *resolver_check_servers(const char *servers);

/* The sentences of DNS_CNAME_DANGLING and DNS_CNAME_LOOP, for those who follow aliases themselves.
 */
void resolver_say_dangling(const char *name, const char *target, char detail[RESOLVER_DETAIL_LEN]);
void resolver_say_loop(const char *target, char detail[RESOLVER_DETAIL_LEN]);

/* deadline_ms is on clock_mono_ms(). One deadline for everything, retries and servers included. */
struct resolver_query *resolver_query_start(struct resolver *resolver, const char *name,
                                            enum rrtype type, int64_t deadline_ms,
                                            resolver_fn *done, void *arg);
void resolver_query_cancel(struct resolver_query *query); /* no call after this */

#endif
