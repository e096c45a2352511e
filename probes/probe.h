/* SPDX-License-Identifier: ISC
 *
 * One probe: one address, one attempt, one result. The result is a value that outlives the probe.
 */
#ifndef REACHD_PROBES_PROBE_H
#define REACHD_PROBES_PROBE_H

#include <jansson.h>

#include "lib/loop.h"
#include "probes/cert.h"
#include "probes/egress.h"
#include "probes/mtu_report.h"
#include "probes/outcome.h"
#include "probes/tcp_facts.h"
#include "probes/trust.h"
#include "probes/vantage.h"

struct probe;

/* What is looked at (probes/kind.h). */
enum probe_kind {
#define KIND(name, id) PROBE_##name,
#include "probes/kind_table.h"
#undef KIND
    PROBE_KIND_COUNT,
};

struct http_want;
struct closed_want;

/* Of a probe of many steps: so many more are to do, so many more are done. */
typedef void probe_progress_fn(size_t more, size_t done, void *arg);

/* What it points at must live as long as the probe. */
struct probe_spec {
    enum probe_kind kind;
    const char *host;       /* as written: name or address */
    const char *servername; /* SNI and the name to verify */
    uint16_t port;
    const char *path;                 /* kinds http and https; NULL: "/" */
    const struct http_want *http;     /* the same; NULL: nothing out of the ordinary */
    const struct closed_want *closed; /* kind closed */
    unsigned at_once;   /* of kind closed: addresses of a prefix at the same time; 0: no prefix */
    size_t addrs;       /* of it in all */
    int64_t timeout_ms; /* kind closed: for each port */
    probe_progress_fn *progress; /* NULL: nobody looks */
    void *progress_arg;
    struct trust *trust;
    bool full_size;       /* the first packet that we send fills the MTU, see struct tls_conf */
    int64_t cert_soon_ms; /* a certificate that ends sooner gets a remark; 0: none does */
    struct egress egress;
    int64_t deadline_ms; /* clock_mono_ms() */
};

struct probe_result {
    enum probe_kind kind;
    struct addr addr;
    uint16_t port;
    enum outcome outcome;
    char detail[160];
    int64_t tcp_us; /* -1: phase not completed */
    int64_t tls_us;
    int64_t took_us; /* of probes/round.c: all of this address, whatever came of it */
    struct tcp_facts path;
    struct addr source;    /* what a packet there leaves with; of probes/round.c, too */
    enum vantage vantage;  /* of probes/round.c */
    struct mtu_report mtu; /* of probes/ladder.c: with MTU_BLACK_HOLE */
    char protocol[16];
    char cipher[48];
    struct cert_facts *cert; /* owned; NULL when none arrived */
    void *facts;             /* owned; what the kind found, or NULL */
};

/* A number that a kind found, for metrics: a name in Prometheus' manner behind "reachd_probe_", and
 * what it is. */
typedef void kind_number_fn(const char *name, const char *help, double value, void *arg);

/* `result` is the callee's to move (it takes a copy and clears it to zeros) and dies after the
 * call.
 */
typedef void probe_fn(struct probe_result *result, void *arg);

struct probe *probe_start(struct loop *loop, const struct probe_spec *spec, const struct addr *addr,
                          probe_fn *done, void *arg);
void probe_cancel(struct probe *probe);
/* For kinds: a result of which nothing is known yet. */
void probe_result_init(struct probe_result *result, const struct probe_spec *spec,
                       const struct addr *addr);
/* Of its connection as it is now; not known while there is none. */
void probe_path(const struct probe *probe, struct tcp_facts *out);
void probe_result_clear(struct probe_result *result); /* frees what it owns */
/* What the kind found, in a few words: adds "  status 200 …" to a line, or nothing. */
void probe_result_brief(const struct probe_result *result, char *text, size_t cap);
void probe_result_numbers(const struct probe_result *result, kind_number_fn *tell, void *arg);
json_t *probe_result_json(const struct probe_result *result, int64_t now_ms);

#endif
