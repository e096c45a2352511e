/* SPDX-License-Identifier: ISC
 *
 * Randomness from the kernel, for jitter and DNS ids. Pure code takes the number as an argument.
 */
#ifndef REACHD_LIB_RNG_H
#define REACHD_LIB_RNG_H

#include <stdint.h>

uint32_t rng_u32(void);

#endif
