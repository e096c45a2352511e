/* SPDX-License-Identifier: ISC
 *
 * Is a silent connection one whose large packets are lost? Decides from attempts with different
 * segment sizes which to make next, and when a black hole is proven. Pure: no socket, no time.
 */
#ifndef REACHD_PROBES_MTU_H
#define REACHD_PROBES_MTU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"

#define MTU_WIDTH        5 /* attempts of one round, side by side */
#define MTU_MAX_ATTEMPTS 40

enum mtu_end {
    MTU_PASSED, /* the peer answered in full */
    MTU_HUNG,   /* TCP connected, then silence */
    MTU_OTHER,  /* anything else: says nothing about sizes */
};

struct mtu_attempt {
    uint16_t mss;
    enum mtu_end end;
};

/* attempts[0] is the one that raised the suspicion: the full size, hung. */
struct mtu_trial {
    enum family family;
    uint16_t full; /* the segment size without any limit of ours */
    size_t count;
    struct mtu_attempt attempts[MTU_MAX_ATTEMPTS];
};

enum mtu_verdict {
    MTU_GO_ON,      /* try the sizes in mss; if `proven`, only to learn the exact one */
    MTU_BLACK_HOLE, /* proven, nothing more to learn */
    MTU_NOT_SIZE,   /* small ones hang too: the peer is silent */
    MTU_UNSTEADY,   /* the full size passes now, or the like: loss, or a peer slow at times */
};

struct mtu_step {
    enum mtu_verdict verdict;
    bool proven;     /* small passes, and full hung twice: whatever is not tried any more */
    uint16_t passed; /* the largest; with proven */
    uint16_t hung;   /* the smallest */
    size_t count;
    uint16_t mss[MTU_WIDTH]; /* to try, all at once */
};

struct mtu_step mtu_next(const struct mtu_trial *trial);
/* Notes one more; what does not fit any more is dropped, and mtu_next ends the search. */
void mtu_note(struct mtu_trial *trial, uint16_t mss, enum mtu_end end);

/* The packet that a segment of the announced size makes: 40 bytes of headers more, or 60. */
uint32_t mtu_of_mss(enum family family, uint16_t mss);
/* What kind of line has this MTU, "PPPoE on NTT Flets"; NULL when it says nothing. */
const char *mtu_line(uint32_t mtu);

#endif
