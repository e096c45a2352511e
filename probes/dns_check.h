/* SPDX-License-Identifier: ISC
 *
 * The resolver and the zone's own servers, side by side: who says what of a name, and what is odd
 * about that. Asks both anew, so that all answers are of one moment.
 */
#ifndef REACHD_PROBES_DNS_CHECK_H
#define REACHD_PROBES_DNS_CHECK_H

#include "probes/authority.h"
#include "probes/cert_finding.h"

struct dns_check;

/* What a family's questions brought. */
struct dns_view {
    bool asked;
    struct resolver_reply resolver;
    struct resolver_reply zone; /* of all the zone's servers together */
    struct verify_look look;    /* each of them, by name and address */
};

struct dns_report {
    struct dns_view views[FAMILY_COUNT];
    struct cert_findings findings; /* remarks: DNS_SERVER_*, DNS_SERVERS_DIFFER,
                                      DNS_RESOLVER_DIFFERS */
};

/* The report is the callee's, for dns_report_free. */
typedef void dns_check_fn(struct dns_report *report, void *arg);

/* What the zone's servers say of a family, before the whole is complete. May not cancel. */
typedef void dns_check_zone_fn(enum family family, const struct resolver_reply *reply, void *arg);

/* The contract of resolver_query_start. zone: NULL, or called once for each family. */
struct dns_check *dns_check_start(struct loop *loop, struct resolver *resolver,
                                  const struct egress *egress, const char *name,
                                  const bool families[FAMILY_COUNT], int64_t deadline_ms,
                                  dns_check_zone_fn *zone, dns_check_fn *done, void *arg);
void dns_check_cancel(struct dns_check *check);  /* NULL is fine */
void dns_report_free(struct dns_report *report); /* NULL is fine */

/* --- pure --- */

/* Fills findings from the views. */
void dns_report_judge(struct dns_report *report);
/* A better word for a family's failure when the zone's servers explain it: of SERVFAIL why. Returns
 * `dns` where they do not, else the detail goes to `detail`. */
enum outcome dns_report_cause(const struct dns_view *view, enum outcome dns,
                              char detail[RESOLVER_DETAIL_LEN]);
/* {"resolver": …, "servers": [ … ]}: see doc/reachd.8 for the members. */
json_t *dns_view_json(const struct dns_view *view);

#endif
