/* SPDX-License-Identifier: ISC
 *
 * TSIG (RFC 8945): DNS messages signed with a shared key. Pure; the time is an argument. Not its
 * job: what a message says.
 */
#ifndef REACHD_DDNS_TSIG_H
#define REACHD_DDNS_TSIG_H

#include "ddns/tsig_key.h"
#include "lib/buf.h"
#include "lib/digest.h"

enum tsig_error {
    TSIG_NOERROR = 0,
    TSIG_BADSIG = 16,
    TSIG_BADKEY = 17,
    TSIG_BADTIME = 18,
    TSIG_BADTRUNC = 22,
};

/* The MAC of what was sent: a reply's MAC covers it. */
struct tsig_mac {
    uint8_t bytes[DIGEST_MAC_MAX];
    size_t len;
};

/* Appends the TSIG record to a message without one. False: it does not fit, or the machine does not
 * allow the algorithm. */
bool tsig_sign(struct buf *message, const struct tsig_key *key, int64_t now_s,
               struct tsig_mac *mac);

enum tsig_result {
    TSIG_GOOD,     /* signed with our key, in time */
    TSIG_REFUSED,  /* the server did not like ours: error says why */
    TSIG_UNSIGNED, /* no signature */
    TSIG_FORGED,   /* another key, another MAC, a time far off, or not well-formed */
};

struct tsig_check {
    enum tsig_result result;
    bool proven;          /* the MAC is right; BADKEY and BADSIG come without one */
    unsigned error;       /* enum tsig_error, or what else the server says */
    int64_t server_off_s; /* with BADTIME: how far its clock is ahead of ours */
};

struct tsig_check tsig_verify(const void *reply, size_t len, const struct tsig_key *key,
                              const struct tsig_mac *sent, int64_t now_s);

#endif
