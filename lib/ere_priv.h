/* SPDX-License-Identifier: ISC
 *
 * An expression as a program for a machine that is in many places at once (Thompson, 1968).
 * Internal to ere*.c.
 */
#ifndef REACHD_LIB_ERE_PRIV_H
#define REACHD_LIB_ERE_PRIV_H

#include <stdint.h>

#include "lib/ere.h"

/* A character of the expression makes at most three steps: "(a|" and the like, and a repetition. */
#define ERE_MAX_STEPS  (3 * ERE_MAX + 2)
#define ERE_MAX_SETS   (ERE_MAX / 2)
#define ERE_MAX_RANGES (4 * ERE_MAX)
#define ERE_NO_CHAR    UINT32_MAX         /* before the first, behind the last */
#define ERE_BAD_BYTE   UINT32_C(0x110000) /* and the byte: no character */

enum ere_op {
    ERE_CHAR,
    ERE_ANY,
    ERE_SET,
    ERE_SPLIT, /* go on at both */
    ERE_BEGIN, /* these take no character */
    ERE_END,
    ERE_EDGE,
    ERE_NO_EDGE,
    ERE_MATCH,
};

struct ere_step {
    uint8_t op;
    uint32_t value; /* ERE_CHAR: it; ERE_SET: which */
    int16_t to[2];  /* ERE_SPLIT: counted from this step */
};

struct ere_set {
    bool negated;
    uint16_t first, count; /* in ranges */
};

struct ere_range {
    uint32_t low, high;
};

struct ere {
    size_t step_count, set_count, range_count;
    struct ere_step steps[ERE_MAX_STEPS];
    struct ere_set sets[ERE_MAX_SETS];
    struct ere_range ranges[ERE_MAX_RANGES];
};

/* The character at text, of which left bytes (at least one) are there; its length in *len. */
uint32_t ere_char_at(const char *text, size_t left, size_t *len);
bool ere_is_word(uint32_t c);

#endif
