/* SPDX-License-Identifier: ISC
 *
 * Dates in HTTP headers (RFC 9110 section 5.6.7), pure.
 */
#ifndef REACHD_PROBES_HTTP_DATE_H
#define REACHD_PROBES_HTTP_DATE_H

#include <stdbool.h>
#include <stdint.h>

/* IMF-fixdate and the two obsolete forms to wall ms; false when malformed, leaves *out_ms alone.
 * The year of RFC 850's form has two digits: 70..99 are the last century. */
bool http_date_parse(const char *text, int64_t *out_ms);

#endif
