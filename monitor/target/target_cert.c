/* SPDX-License-Identifier: ISC
 *
 * Stages of a certificate's last days.
 */
#include "monitor/target/target_cert.h"

#define DAY_MS INT64_C(86400000)

unsigned cert_stage(int64_t left_ms, int64_t warn_ms)
{
    static const int days[] = {7, 3, 1};
    if (left_ms >= warn_ms)
        return 0;
    unsigned stage = 1;
    for (unsigned i = 0; i < sizeof days / sizeof *days; i++)
        if (left_ms < days[i] * DAY_MS)
            stage = i + 2;
    return stage;
}

bool cert_told_is_news(struct cert_told *told, int64_t ends_ms, unsigned stage)
{
    if (stage == 0 || (told->ends_ms == ends_ms && told->stage >= stage))
        return false;
    told->ends_ms = ends_ms;
    told->stage = (uint8_t)stage;
    return true;
}
