/* SPDX-License-Identifier: ISC
 *
 * When a certificate that is about to expire is worth a notice: once for each certificate and
 * stage. Pure.
 */
#ifndef REACHD_MONITOR_TARGET_TARGET_CERT_H
#define REACHD_MONITOR_TARGET_TARGET_CERT_H

#include <stdbool.h>
#include <stdint.h>

/* What was told last. Zeroed: nothing. */
struct cert_told {
    int64_t ends_ms; /* of which certificate: its end tells it from its successor */
    uint8_t stage;
};

/* 0: far enough away; 1: less than warn_ms is left; 2, 3, 4: less than 7, 3, 1 days. */
unsigned cert_stage(int64_t left_ms, int64_t warn_ms);
/* True when this is news; notes it as told then. A certificate that is fine does not wipe out what
 * was told of another: several addresses may take turns. */
bool cert_told_is_news(struct cert_told *told, int64_t ends_ms, unsigned stage);

#endif
