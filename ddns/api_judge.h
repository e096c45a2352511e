/* SPDX-License-Identifier: ISC
 *
 * What a reply of an API means when it is no success; the table is in ddns/api.h. Pure.
 */
#ifndef REACHD_DDNS_API_JUDGE_H
#define REACHD_DDNS_API_JUDGE_H

#include "ddns/api.h"

/* json: of the body, NULL when it is none. */
void api_judge_failure(const struct api_spec *spec, const struct session_reply *reply, json_t *json,
                       const struct provider_input *input, struct ddns_answer *out);
/* A status of 2xx, but nothing that we know. */
void api_judge_unknown(const struct session_reply *reply, const struct provider_input *input,
                       struct ddns_answer *out);

#endif
