/* SPDX-License-Identifier: ISC
 *
 * One c-ares channel on our loop: options, sockets, its timer. c-ares calls back from inside its
 * own functions, also from inside ares_glue_query; so an ares_glue_fn may only note what it was
 * told. All functions here may be called at any time outside such a callback.
 */
#ifndef REACHD_PROBES_ARES_GLUE_H
#define REACHD_PROBES_ARES_GLUE_H

#include <stddef.h>

#include "lib/loop.h"
#include "probes/dns_socket.h"
#include "probes/dnsmsg.h"
#include "probes/egress.h"
#include "probes/outcome.h"

struct ares_glue;

enum ares_glue_mode {
    /* The first two ask for the AD bit (RFC 6840 section 5.7). */
    ARES_GLUE_RECURSIVE,     /* passes over servers that answer SERVFAIL, NOTIMP or REFUSED */
    ARES_GLUE_DIAGNOSIS,     /* the first reply counts, whatever it says */
    ARES_GLUE_AUTHORITATIVE, /* the same, and no recursion is desired */
};

/* What became of a question when there is no reply to look at. */
enum ares_glue_end {
    ARES_GLUE_REPLY,    /* there is one */
    ARES_GLUE_DROPPED,  /* the channel was freed or emptied */
    ARES_GLUE_NO_REPLY, /* outcome says why */
    /* Every server failed: not reachable, or (older c-ares does not say) it answered SERVFAIL,
     * NOTIMP or REFUSED. */
    ARES_GLUE_ALL_FAILED,
};

/* Exactly once for each ares_glue_query. */
typedef void ares_glue_fn(enum ares_glue_end end, enum outcome outcome, const void *reply,
                          size_t len, void *arg);

struct ares_glue_conf {
    const char *servers; /* "192.0.2.53:53,[2001:db8::53]:53", well formed; NULL: the system's */
    enum ares_glue_mode mode;
    struct egress egress;
};

/* NULL with c-ares' own words in *error (static) on failure. */
struct ares_glue *ares_glue_new(struct loop *loop, const struct ares_glue_conf *conf,
                                const char **error);
void ares_glue_free(struct ares_glue *glue); /* questions end DROPPED; NULL is fine */
void ares_glue_query(struct ares_glue *glue, const char *name, enum rrtype type, ares_glue_fn *fn,
                     void *arg);
void ares_glue_drop_all(struct ares_glue *glue); /* questions end DROPPED */
/* How many servers it asks; the first of them, at most max, go to out. */
size_t ares_glue_servers(struct ares_glue *glue, struct addr *out, size_t max);
/* What its sockets heard besides answers; as long as the channel lives. */
const struct dns_heard *ares_glue_heard(const struct ares_glue *glue);
const char *ares_glue_version(void);

#endif
