/* SPDX-License-Identifier: ISC
 *
 * What Route 53 says when it says no. Pure; the provider itself is in ddns/provider.h.
 */
#ifndef REACHD_DDNS_PROVIDERS_ROUTE53_H
#define REACHD_DDNS_PROVIDERS_ROUTE53_H

#include "ddns/provider.h"

/* Capital letters and digits, as those of hosted zones are. */
bool route53_id_is_valid(const char *id);
/* Refines what the status alone says (4xx, 5xx) by the error's code; body is hostile. */
void route53_judge(int status, const char *body, size_t len, const struct provider_input *input,
                   struct ddns_answer *out);

#endif
