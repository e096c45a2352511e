/* SPDX-License-Identifier: ISC
 *
 * What a peer's first bytes say about the protocol behind a port. Pure. Not its job: reading them.
 */
#ifndef REACHD_PROBES_FIRST_BYTES_H
#define REACHD_PROBES_FIRST_BYTES_H

#include <stdbool.h>
#include <stddef.h>

#define FIRST_BYTES_LEN 64 /* as many as are worth keeping */

/* They may be the start of a TLS record; len is at least 1. */
bool first_bytes_are_tls(const char *data, size_t len);
/* "it speaks HTTP: \"HTTP/1.1 400 Bad Request\"": the first line, printable. */
void first_bytes_describe(const char *data, size_t len, char *out, size_t cap);

#endif
