/* SPDX-License-Identifier: ISC
 *
 * The fatal alerts of TLS 1.0 to 1.3 (RFC 8446 section 6, RFC 5246 section 7.2, RFC 6066) and what
 * each means to us. Pure.
 */
#ifndef REACHD_PROBES_TLS_ALERT_H
#define REACHD_PROBES_TLS_ALERT_H

#include "probes/outcome.h"

enum outcome tls_alert_outcome(int alert); /* TLS_ALERT_OTHER: of no number that is assigned */
const char *tls_alert_name(int alert);     /* "handshake failure"; "unassigned" */

#endif
