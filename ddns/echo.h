/* SPDX-License-Identifier: ISC
 *
 * Does a reply repeat what is secret in our request? Servers that dislike a request like to quote
 * it. Pure. Not its job: what the reply means (ddns/provider.h).
 */
#ifndef REACHD_DDNS_ECHO_H
#define REACHD_DDNS_ECHO_H

#include "ddns/provider.h"

/* The password, alone or with the user as HTTP Basic has it, or the query of the base URL: plain,
 * percent-encoded, or escaped for HTML or JSON. */
bool echo_is_in(const struct provider_input *input, const char *text, size_t len);

#endif
