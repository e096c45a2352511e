/* SPDX-License-Identifier: ISC
 *
 * Counting addresses, and the name by which a target is shown. Pure.
 */
#include "monitor/probe/probe_verdict.h"

#include <stdio.h>
#include <string.h>

#include "lib/str.h"
#include "probes/kind.h"

bool probe_is_absent(const struct round_family *family, bool wanted)
{
    return family->dns == OUTCOME_DNS_NODATA && !wanted;
}

bool probe_dns_failed(const struct round_family *family, bool wanted)
{
    return family->count == 0 ? !probe_is_absent(family, wanted) : family->dns != OUTCOME_OK;
}

static void count(struct probe_tally *tally, enum outcome outcome)
{
    switch (outcome_info(outcome)->verdict) {
    case VERDICT_UP:
        tally->reached++;
        break;
    case VERDICT_DOWN:
        tally->down++;
        break;
    case VERDICT_UNKNOWN:
        tally->unknown++;
        break;
    }
}

void probe_tally_add(struct probe_tally *tally, const struct round_result *result,
                     const bool wanted[FAMILY_COUNT])
{
    for (int f = 0; f < FAMILY_COUNT; f++) {
        const struct round_family *family = &result->families[f];
        if (!family->asked)
            continue;
        if (probe_dns_failed(family, wanted[f]))
            count(tally, round_family_outcome(family));
        for (size_t i = 0; i < family->count; i++)
            count(tally, family->results[i].outcome);
    }
}

int probe_tally_status(const struct probe_tally *tally)
{
    return tally->reached == 0 ? 3 : tally->down + tally->unknown > 0 ? 1 : 0;
}

const char *probe_tally_word(const struct probe_tally *tally)
{
    if (tally->reached > 0)
        return tally->down + tally->unknown > 0 ? "partly" : "up";
    return tally->down > 0 || tally->unknown == 0 ? "down" : "unknown";
}

size_t probe_failed_count(const struct round_family *family)
{
    size_t failed = 0;
    for (size_t i = 0; i < family->count; i++)
        failed += outcome_info(family->results[i].outcome)->verdict != VERDICT_UP;
    return failed;
}

const char *probe_target_text(const struct round_spec *spec, char buf[PROBE_TARGET_LEN])
{
    const struct kind *kind = kind_of(spec->kind);
    const char *host = spec->target.host;
    bool url = spec->kind != PROBE_TLS; /* the default needs no scheme */
    bool brackets = strchr(host, ':') && (url || spec->target.port != 0);
    *buf = '\0';
    if (url)
        str_append(buf, PROBE_TARGET_LEN, "%s://", kind->word);
    str_append(buf, PROBE_TARGET_LEN, "%s%s%s", brackets ? "[" : "", host, brackets ? "]" : "");
    if (spec->target.port != 0)
        str_append(buf, PROBE_TARGET_LEN, ":%u", spec->target.port);
    if ((kind->takes & KIND_TAKES_HTTP) && spec->path)
        str_append(buf, PROBE_TARGET_LEN, "%s", spec->path);
    return buf;
}

const char *probe_words(const struct round_result *result, const bool wanted[FAMILY_COUNT],
                        char buf[PROBE_WORDS_LEN])
{
    *buf = '\0';
    for (int f = 0; f < FAMILY_COUNT; f++) {
        const struct round_family *family = &result->families[f];
        size_t failed = probe_failed_count(family);
        if (!family->asked)
            continue;
        bool absent = probe_is_absent(family, wanted[f]);
        str_append(buf, PROBE_WORDS_LEN, "%s%s %s", *buf ? ", " : "", family_text((enum family)f),
                   absent ? "not published" : outcome_word(round_family_outcome(family)));
        if (failed > 0 && failed < family->count)
            str_append(buf, PROBE_WORDS_LEN, " (%zu of %zu)", failed, family->count);
    }
    return buf;
}
