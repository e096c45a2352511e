/* SPDX-License-Identifier: ISC
 *
 * Remembers which chains of certificates were verified not long ago, so that a daemon that sees the
 * same chain every minute need not check the same signatures every minute. Only good verdicts are
 * kept. Bounded; pure (now is an argument). Not its job: what makes a chain the same
 * (probes/chain.h).
 */
#ifndef REACHD_PROBES_VERIFIED_H
#define REACHD_PROBES_VERIFIED_H

#include <stdbool.h>
#include <stdint.h>

/* A verdict is no older than this, by a clock that nobody sets. */
#define VERIFIED_MAX_AGE_MS INT64_C(3600000)
/* So many chains fit; beyond that the one that ends first makes room. */
#define VERIFIED_SETS 4096
#define VERIFIED_WAYS 4

struct verified;

/* SHA-256 of all that the verdict depends on. */
struct verified_key {
    unsigned char digest[32];
};

/* Until when it holds by the dates in the certificates, wall clock, both included. */
struct verified_dates {
    int64_t from_ms;
    int64_t until_ms;
};

struct verified_now {
    int64_t boot_ms; /* clock_boot_ms() */
    int64_t wall_ms;
};

struct verified *verified_new(void);
void verified_free(struct verified *verified); /* NULL is fine */
bool verified_holds(const struct verified *verified, const struct verified_key *key,
                    const struct verified_now *now);
void verified_note(struct verified *verified, const struct verified_key *key,
                   const struct verified_dates *dates, const struct verified_now *now);

#endif
