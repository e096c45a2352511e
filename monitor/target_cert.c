/* SPDX-License-Identifier: ISC
 *
 * Stages of a certificate's last days.
 */
#include "monitor/target_cert.h"

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

uint64_t cert_print(const char *fingerprint_hex)
{
    uint64_t print = 0;
    for (int i = 0; i < 16 && fingerprint_hex[i]; i++) {
        char c = fingerprint_hex[i];
        print = print << 4 | (uint64_t)(c >= 'a'   ? c - 'a' + 10
                                        : c >= 'A' ? c - 'A' + 10
                                                   : c - '0');
    }
    return print;
}

bool cert_told_is_news(struct cert_told *told, uint64_t print, unsigned stage)
{
    if (stage == 0 || (told->print == print && told->stage >= stage))
        return false;
    told->print = print;
    told->stage = (uint8_t)stage;
    return true;
}
