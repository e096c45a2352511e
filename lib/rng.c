/* SPDX-License-Identifier: ISC
 *
 * Randomness from the kernel. Owns: the getrandom call. Not its job: distributions or jitter rules.
 */
#include "lib/rng.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>

#include "lib/log.h"

uint32_t rng_u32(void)
{
    uint32_t value;
    ssize_t got;
    do {
        got = getrandom(&value, sizeof(value), 0);
    } while (got < 0 && errno == EINTR);
    /* Requests of up to 256 bytes are never cut short once the pool is ready. */
    if (got != (ssize_t)sizeof(value))
        log_fatal("rng", "getrandom: %s", got < 0 ? strerror(errno) : "short read");
    return value;
}
