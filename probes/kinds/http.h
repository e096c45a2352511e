/* SPDX-License-Identifier: ISC
 *
 * What a probe of kind http or https finds: probe_result.facts of these kinds.
 */
#ifndef REACHD_PROBES_KINDS_HTTP_H
#define REACHD_PROBES_KINDS_HTTP_H

#include <stdint.h>

#include "probes/http.h"

struct http_facts {
    int status;          /* 0: none arrived */
    uint64_t body_bytes; /* that arrived */
    int64_t ttfb_us;     /* from the request to the first byte of the reply; -1: none */
    int64_t total_us;    /* from the start of the connect to the end of the reply */
    char location[HTTP_LOCATION_LEN];
};

#endif
