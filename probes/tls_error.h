/* SPDX-License-Identifier: ISC
 *
 * What an error of OpenSSL's queue means for a handshake. Pure. Not its job: system errors, which
 * side closed, the verification of certificates.
 */
#ifndef REACHD_PROBES_TLS_ERROR_H
#define REACHD_PROBES_TLS_ERROR_H

#include "probes/outcome.h"

/* `error` as from ERR_peek_error(). TLS_ERROR when it is of no known kind. */
enum outcome tls_error_outcome(unsigned long error);
int tls_error_alert(unsigned long error); /* the peer's alert; -1: it is none */

#endif
