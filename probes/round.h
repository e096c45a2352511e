/* SPDX-License-Identifier: ISC
 *
 * One round of one name: resolve A and AAAA side by side, probe every address of each family at
 * once, collect. Wall time is that of the slowest single address. No memory between rounds.
 */
#ifndef REACHD_PROBES_ROUND_H
#define REACHD_PROBES_ROUND_H

#include "lib/hostport.h"
#include "probes/dns_check.h"
#include "probes/expect.h"
#include "probes/probe.h"
#include "probes/resolver.h"

struct round;

/* Whether the resolver and the zone's own servers are compared (probes/dns_check.h). */
enum round_check {
    ROUND_CHECK_NEVER,
    ROUND_CHECK_ON_DNS_FAILURE, /* afterwards, when the name was not found as it should be */
    ROUND_CHECK_ON_FAILURE,     /* also when an address failed as an old one would */
    ROUND_CHECK_ALWAYS,         /* at the same time as the rest */
};

struct round_spec {
    enum probe_kind kind;
    struct hostport target;
    const char *servername; /* NULL: the host */
    const char *path;       /* these two as in struct probe_spec: must outlive the round */
    const struct http_want *http;
    const struct closed_want *closed;
    probe_progress_fn *progress;
    void *progress_arg;
    struct addr connect;         /* set: probe this address instead of what DNS says */
    bool families[FAMILY_COUNT]; /* which to look at */
    bool authoritative;          /* asks the zone's own servers; the resolver only finds them */
    enum round_check check;
    struct expect expect; /* what DNS should hold */
    bool full_size;       /* see struct probe_spec */
    int64_t cert_soon_ms; /* see struct probe_spec */
    struct egress egress;
    int64_t timeout_ms; /* for DNS and each address together */
    /* A round probes at most this many addresses of a family (0: all of DNSMSG_MAX_ADDRS). */
    size_t max_addrs;
};

struct round_family {
    bool asked;
    /* OK, also for a literal or --connect; or why there are no addresses. With DNS_STALE there may
     * be some. */
    enum outcome dns;
    char dns_detail[RESOLVER_DETAIL_LEN];
    int64_t dns_us; /* -1: not looked up */
    uint32_t ttl;   /* seconds, as received */
    char cname[HOST_MAX];
    bool addrs_cut;
    size_t count;
    struct probe_result *results; /* count of them, in the order of addr_cmp */
};

struct round_result {
    struct round_family families[FAMILY_COUNT];
    struct dns_report *dns; /* NULL: not compared */
    int64_t took_us;
};

/* Called as each address ends, before done; NULL if not wanted. */
typedef void round_each_fn(const struct probe_result *result, void *arg);
/* The result dies after the call; a callee may move `results` and `dns` out (set NULL, count 0). */
typedef void round_done_fn(struct round_result *result, void *arg);

struct round *round_start(struct loop *loop, struct resolver *resolver, struct trust *trust,
                          const struct round_spec *spec, round_each_fn *each, round_done_fn *done,
                          void *arg);
void round_cancel(struct round *round);
void round_result_clear(struct round_result *result); /* of one that was moved */

/* Judges one family of a round: the outcome that stands for it. Every address must answer; the
 * gravest (earliest layer) failure stands. OK only when count > 0 and all OK. Pure. */
enum outcome round_family_outcome(const struct round_family *family);
/* Whether the zone's own servers could tell more about what went wrong, and `when` lets them be
 * asked for it. Pure. */
bool round_wants_check(const char *host, const struct round_result *result, enum round_check when);
/* Whether the name is one of DNS at all, and was looked up or is about to be. Pure. */
bool round_may_check(const char *host, const struct round_result *result);
/* Puts the better words of result->dns in place of the resolver's. Pure. */
void round_apply_report(struct round_result *result);
/* Whether every address of both families brought a certificate, so that nothing is missing when
 * they are held against each other. Pure. */
bool round_compares_certs(const struct round_result *result);
/* What the families show together: CERT_FAMILIES_DIFFER with both sides in `detail` when their
 * chains differ, else OK. Pure. */
enum outcome round_remark(const struct round_result *result, char *detail, size_t cap);
json_t *round_result_json(const struct round_spec *spec, const struct round_result *result,
                          int64_t now_ms);

#endif
