/* SPDX-License-Identifier: ISC
 *
 * The table of alerts.
 */
#include "probes/tls_alert.h"

#include <stddef.h>

static const struct {
    int number;
    enum outcome outcome;
    const char *name;
} alerts[] = {
    {10, OUTCOME_TLS_ALERT_UNEXPECTED_MESSAGE, "unexpected message"},
    {20, OUTCOME_TLS_ALERT_BAD_RECORD_MAC, "bad record mac"},
    {21, OUTCOME_TLS_ALERT_DECRYPTION_FAILED, "decryption failed"},
    {22, OUTCOME_TLS_ALERT_RECORD_OVERFLOW, "record overflow"},
    {30, OUTCOME_TLS_ALERT_DECOMPRESSION_FAILURE, "decompression failure"},
    {40, OUTCOME_TLS_ALERT_HANDSHAKE_FAILURE, "handshake failure"},
    {41, OUTCOME_TLS_ALERT_NO_CERTIFICATE, "no certificate"},
    {42, OUTCOME_TLS_ALERT_BAD_CERTIFICATE, "bad certificate"},
    {43, OUTCOME_TLS_ALERT_UNSUPPORTED_CERTIFICATE, "unsupported certificate"},
    {44, OUTCOME_TLS_ALERT_CERTIFICATE_REVOKED, "certificate revoked"},
    {45, OUTCOME_TLS_ALERT_CERTIFICATE_EXPIRED, "certificate expired"},
    {46, OUTCOME_TLS_ALERT_CERTIFICATE_UNKNOWN, "certificate unknown"},
    {47, OUTCOME_TLS_ALERT_ILLEGAL_PARAMETER, "illegal parameter"},
    {48, OUTCOME_TLS_ALERT_UNKNOWN_CA, "unknown CA"},
    {49, OUTCOME_TLS_ALERT_ACCESS_DENIED, "access denied"},
    {50, OUTCOME_TLS_ALERT_DECODE_ERROR, "decode error"},
    {51, OUTCOME_TLS_ALERT_DECRYPT_ERROR, "decrypt error"},
    {60, OUTCOME_TLS_ALERT_EXPORT_RESTRICTION, "export restriction"},
    {70, OUTCOME_TLS_ALERT_PROTOCOL_VERSION, "protocol version"},
    {71, OUTCOME_TLS_ALERT_INSUFFICIENT_SECURITY, "insufficient security"},
    {80, OUTCOME_TLS_ALERT_INTERNAL_ERROR, "internal error"},
    {86, OUTCOME_TLS_ALERT_INAPPROPRIATE_FALLBACK, "inappropriate fallback"},
    {90, OUTCOME_TLS_ALERT_USER_CANCELED, "user canceled"},
    {100, OUTCOME_TLS_ALERT_NO_RENEGOTIATION, "no renegotiation"},
    {109, OUTCOME_TLS_ALERT_MISSING_EXTENSION, "missing extension"},
    {110, OUTCOME_TLS_ALERT_UNSUPPORTED_EXTENSION, "unsupported extension"},
    {111, OUTCOME_TLS_ALERT_CERTIFICATE_UNOBTAINABLE, "certificate unobtainable"},
    {112, OUTCOME_TLS_ALERT_UNRECOGNIZED_NAME, "unrecognized name"},
    {113, OUTCOME_TLS_ALERT_BAD_CERTIFICATE_STATUS, "bad certificate status response"},
    {114, OUTCOME_TLS_ALERT_BAD_CERTIFICATE_HASH, "bad certificate hash value"},
    {115, OUTCOME_TLS_ALERT_UNKNOWN_PSK_IDENTITY, "unknown PSK identity"},
    {116, OUTCOME_TLS_ALERT_CERTIFICATE_REQUIRED, "certificate required"},
    {120, OUTCOME_TLS_ALERT_NO_APPLICATION_PROTOCOL, "no application protocol"},
    {121, OUTCOME_TLS_ALERT_ECH_REQUIRED, "ECH required"},
};

enum outcome tls_alert_outcome(int alert)
{
    for (size_t i = 0; i < sizeof alerts / sizeof *alerts; i++) {
        if (alerts[i].number == alert)
            return alerts[i].outcome;
    }
    return OUTCOME_TLS_ALERT_OTHER;
}

const char *tls_alert_name(int alert)
{
    for (size_t i = 0; i < sizeof alerts / sizeof *alerts; i++) {
        if (alerts[i].number == alert)
            return alerts[i].name;
    }
    return "unassigned";
}
