/* SPDX-License-Identifier: ISC
 *
 * What the addresses of one round, or of many, amount to. Pure.
 */
#ifndef REACHD_MONITOR_PROBE_PROBE_VERDICT_H
#define REACHD_MONITOR_PROBE_PROBE_VERDICT_H

#include "probes/round.h"

struct probe_tally {
    unsigned reached; /* addresses */
    unsigned down;    /* addresses, and families without any that should have some */
    unsigned unknown; /* of which nothing can be said from here */
};

/* Not published is not a failure, unless the family was asked for by name (wanted). */
bool probe_is_absent(const struct round_family *family, bool wanted);
/* What DNS said is a failure of its own, beside those of addresses. */
bool probe_dns_failed(const struct round_family *family, bool wanted);
void probe_tally_add(struct probe_tally *tally, const struct round_result *result,
                     const bool wanted[FAMILY_COUNT]);
/* 0 all reached, 1 some, 3 none. */
int probe_tally_status(const struct probe_tally *tally);
/* "up", "partly", "down", "unknown". */
const char *probe_tally_word(const struct probe_tally *tally);
/* Addresses of the family that were not reached. */
size_t probe_failed_count(const struct round_family *family);

/* "example.com:443", "[2001:db8::1]:443"; for kinds other than tls "quic://example.com:443",
 * "https://example.com:443/path"; a port of 0 is left out. Returns buf. */
#define PROBE_TARGET_LEN 2400
const char *probe_target_text(const struct round_spec *spec, char buf[PROBE_TARGET_LEN]);

/* "IPv4 refused (1 of 2), IPv6 ok": the word of each family. Returns buf. */
#define PROBE_WORDS_LEN 160
const char *probe_words(const struct round_result *result, const bool wanted[FAMILY_COUNT],
                        char buf[PROBE_WORDS_LEN]);

#endif
