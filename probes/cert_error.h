/* SPDX-License-Identifier: ISC
 *
 * What each error of OpenSSL's chain verification means. Pure. Not its job: what can be said
 * beyond the code (probes/cert_judge.h).
 */
#ifndef REACHD_PROBES_CERT_ERROR_H
#define REACHD_PROBES_CERT_ERROR_H

#include "probes/outcome.h"

/* Of one X509_V_ERR_*; X509_V_OK is OK. CERT_INVALID only for those that say nothing themselves. */
enum outcome cert_error_outcome(int x509_error);

#endif
