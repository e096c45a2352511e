/* SPDX-License-Identifier: ISC
 *
 * What the authoritative servers of a zone serve for one name and family: finds the NS set, asks
 * every address of each with recursion off, looks at the AA bit, values and TTL, and tells whether
 * they agree. One look; the schedule is the updater's.
 */
#ifndef REACHD_PROBES_VERIFY_H
#define REACHD_PROBES_VERIFY_H

#include "probes/resolver.h"

#define VERIFY_MAX_SERVERS 16
#define VERIFY_MAX_VALUES  DNSMSG_MAX_ADDRS
#define VERIFY_TIMEOUT_MS  5000

struct verify_server {
    char name[HOST_MAX]; /* of the name server, or its address when configured by address */
    struct addr addr;
    uint16_t port;
    enum outcome outcome; /* OK: answered with data; others: see verify_has_answered */
    bool authoritative;   /* the AA bit */
    size_t count;
    struct addr values[VERIFY_MAX_VALUES]; /* the first of them, sorted */
    uint32_t ttl;
    char cname[HOST_MAX]; /* where the name leads as an alias; "" when it is none */
    bool has_serial;
    uint32_t serial; /* of the zone there, when it was asked for */
    char detail[96]; /* of a failure */
};

struct verify_look {
    bool answered;      /* at least one server answered with authority */
    bool agree;         /* all that answered hold the same set */
    size_t silent;      /* servers that did not answer, or not with authority */
    struct addr value;  /* when they agree on exactly one address; else unset */
    size_t value_count; /* addresses in the set of the first that answered */
    uint32_t ttl;
    size_t count;
    struct verify_server servers[VERIFY_MAX_SERVERS];
    enum outcome outcome; /* why there was no answer at all */
    char detail[RESOLVER_DETAIL_LEN];
    /* Of a deep look: */
    struct verify_server resolver; /* what the resolver says, and from which address; without name.
                                      authoritative: it serves the zone itself */
    bool authenticated;            /* the resolver has verified that by DNSSEC (AD) */
    struct verify_server beside;   /* what one server says of a name that nobody can have made */
    bool wildcard;                 /* the same as of the name: a wildcard record answers */
};

struct verify_conf {
    /* Ask these instead of the zone's NS ("192.0.2.1,ns2.example.com=[2001:db8::1]:5353", the name
     * for sentences); NULL: find the NS. */
    const char *servers;
    int64_t timeout_ms;          /* of the whole look; 0: VERIFY_TIMEOUT_MS */
    const struct egress *egress; /* the way to them; NULL: the usual one */
    bool serials;                /* ask for the SOA too */
    bool deep;                   /* look at the resolver and for a wildcard too */
};

/* With authority: with addresses, or that there are none. */
bool verify_has_answered(const struct verify_server *server);
/* It answers, but does not serve the zone: no AA bit, REFUSED or SERVFAIL. */
bool verify_is_lame(const struct verify_server *server);
/* Why it has not answered with authority, for a sentence: "REFUSED from 192.0.2.53". */
const char *verify_state_text(const struct verify_server *server);
bool verify_same_set(const struct verify_server *a, const struct verify_server *b);
/* Fills answered, agree, silent, value, value_count and ttl from the servers. Pure. */
void verify_judge(struct verify_look *look);
/* The servers of a look as a list for struct verify_conf, so that the next look needs no search for
 * them; only those that answered with authority. False when there are none or they do not fit. */
bool verify_servers_text(const struct verify_look *look, char *out, size_t cap);

/* One address list of one server, sorted, cut to what struct verify_server holds. Pure. */
void verify_note_values(struct verify_server *server, const struct dnsmsg *msg);

struct verify;
typedef void verify_fn(const struct verify_look *look, void *arg);

/* `done` once, never before the return, never after a cancel; inside it anything may be called.
 * When one server has answered, the others get a second more, so that a dead one does not hold up
 * the rest. A zone without NS records of its own is searched upwards. */
struct verify *verify_start(struct loop *loop, struct resolver *resolver,
                            const struct verify_conf *conf, const char *zone, const char *fqdn,
                            enum family family, verify_fn *done, void *arg);
void verify_cancel(struct verify *verify); /* NULL is fine */

#endif
