/* SPDX-License-Identifier: ISC
 *
 * What a server's answer to a dynamic update means. Pure; the provider itself is in
 * ddns/provider.h.
 */
#ifndef REACHD_DDNS_PROVIDERS_RFC2136_H
#define REACHD_DDNS_PROVIDERS_RFC2136_H

#include "ddns/tsig.h"
#include "ddns/verdict.h"

struct rfc2136_reply {
    const void *data; /* hostile; the header fits what was sent (dns_answers) */
    size_t len;
    const struct tsig_key *key; /* what it was signed with; NULL: not at all */
    const struct tsig_mac *mac; /* of what was sent */
    int64_t now_s;
};

/* True when the answer can be believed: its signature is right, or there was none to expect. What
 * is not signed though we signed is never a success; where it says no, that is the only way in
 * which a server that does not know the key can say so. */
bool rfc2136_judge(const struct rfc2136_reply *reply, struct ddns_answer *out);

#endif
