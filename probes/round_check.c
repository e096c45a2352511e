/* SPDX-License-Identifier: ISC
 *
 * When a round asks the zone's own servers, and what it makes of their answers. Pure. Not its job:
 * asking (probes/dns_check.h).
 */
#include <string.h>

#include "lib/str.h"
#include "probes/round.h"

/* A name of one label, or of loopback, is of no zone that others see. */
static bool is_public_name(const char *host)
{
    const char *last = strrchr(host, '.');
    return last && !str_equal_nocase(last + 1, "localhost");
}

bool round_may_check(const char *host, const struct round_result *result)
{
    for (int f = 0; f < FAMILY_COUNT; f++)
        if (result->families[f].asked && result->families[f].count > 0 &&
            result->families[f].dns_us < 0)
            return false; /* the address was given */
    return is_public_name(host);
}

/* Where the address may be an old one. */
static bool smells_of_dns(enum outcome outcome)
{
    return outcome == OUTCOME_TIMEOUT || outcome == OUTCOME_UNREACHABLE ||
           outcome == OUTCOME_REFUSED || outcome == OUTCOME_CERT_NAME_MISMATCH;
}

/* After a timeout the zone's servers tell whether the resolver is at fault or the zone; one that
 * can't be reached at all finds them neither. */
static bool failed_in_dns(enum outcome dns)
{
    return dns == OUTCOME_DNS_TIMEOUT || dns == OUTCOME_DNS_NXDOMAIN ||
           dns == OUTCOME_DNS_SERVFAIL || dns == OUTCOME_DNS_STALE ||
           dns == OUTCOME_DNS_CNAME_LOOP || dns == OUTCOME_DNS_CNAME_DANGLING;
}

bool round_wants_check(const char *host, const struct round_result *result, enum round_check when)
{
    bool failed = false, any = when != ROUND_CHECK_ON_FAILURE;
    if (when != ROUND_CHECK_ON_DNS_FAILURE && when != ROUND_CHECK_ON_FAILURE)
        return false;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        const struct round_family *family = &result->families[f];
        if (!family->asked || family->dns_us < 0)
            continue;
        any |= family->count > 0 || family->dns != OUTCOME_DNS_NODATA;
        failed |= failed_in_dns(family->dns);
        for (size_t i = 0; when == ROUND_CHECK_ON_FAILURE && i < family->count; i++)
            failed |= smells_of_dns(family->results[i].outcome);
    }
    /* A family alone may well be left out; a name without any address is a fault. */
    return (failed || !any) && round_may_check(host, result);
}

void round_apply_report(struct round_result *result)
{
    for (int f = 0; f < FAMILY_COUNT && result->dns; f++) {
        struct round_family *family = &result->families[f];
        family->dns = dns_report_cause(&result->dns->views[f], family->dns, family->dns_detail);
    }
}
