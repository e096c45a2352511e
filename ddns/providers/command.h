/* SPDX-License-Identifier: ISC
 *
 * What the end of a program means for an update. Pure; the provider itself is in ddns/provider.h.
 */
#ifndef REACHD_DDNS_PROVIDERS_COMMAND_H
#define REACHD_DDNS_PROVIDERS_COMMAND_H

#include "ddns/runner.h"
#include "ddns/verdict.h"

/* The first line of the output decides when its first word is a verdict ("ok", "nochange", "auth",
 * "config", "abuse", "temporary") or a return code of dyndns2; "wait=SECONDS" may follow. Without
 * output the exit status does: 0 is ok, 75, 77 and 78 are temporary, auth and config as in
 * sysexits.h. No success with any other status than 0, and none that the words do not say. */
void command_judge(const struct run_result *result, struct ddns_answer *out);

#endif
