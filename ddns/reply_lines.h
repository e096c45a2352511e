/* SPDX-License-Identifier: ISC
 *
 * The reply to a request for several names: a line for each, in the order of the request, but for
 * what concerns the whole account, which is said once (as Dyn and No-IP document it). Pure.
 * Not its job: what a line means (ddns/reply.h).
 */
#ifndef REACHD_DDNS_REPLY_LINES_H
#define REACHD_DDNS_REPLY_LINES_H

#include "ddns/provider.h"

/* Fills answers: the first name's own, then those of input->more. Returns how many there are: 1
 * when the reply is of the request as a whole, which is no success. Of a reply with another number
 * of lines nobody can tell whose they are: all are told that it is no success. What every line says
 * of the account is of the request; what only some say of it, of their names.
 */
size_t reply_lines_judge(const struct provider *provider, const struct session_reply *reply,
                         const struct provider_input *input,
                         struct ddns_answer answers[1 + PROVIDER_MORE_MAX]);

#endif
