/* SPDX-License-Identifier: ISC
 *
 * The list of findings (see cert_finding.h).
 */
#include "probes/cert_finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/doc.h"
#include "lib/mem.h"
#include "lib/str.h"

#define DETAIL_MAX 512

static int rank(enum outcome outcome)
{
    switch (outcome_info(outcome)->verdict) {
    case VERDICT_DOWN:
        return (int)outcome;
    case VERDICT_UNKNOWN:
        return OUTCOME_COUNT + (int)outcome;
    case VERDICT_UP:
        break;
    }
    return 2 * OUTCOME_COUNT + (int)outcome;
}

static void add_detail(struct cert_finding *finding, const char *more)
{
    char text[DETAIL_MAX];
    if (!*more || strstr(finding->detail, more))
        return;
    str_copy(text, sizeof text, finding->detail);
    str_append(text, sizeof text, "%s%s", *text ? "; " : "", more);
    free(finding->detail);
    finding->detail = mem_strdup(text);
}

void cert_findings_add(struct cert_findings *findings, enum outcome outcome, const char *fmt, ...)
{
    char raw[DETAIL_MAX], detail[DETAIL_MAX];
    size_t at = 0;
    va_list args;
    va_start(args, fmt);
    vsnprintf(raw, sizeof raw, fmt, args);
    va_end(args);
    str_printable(detail, sizeof detail, raw, strlen(raw)); /* may have been cut in a character */
    while (at < findings->count && rank(findings->list[at].outcome) < rank(outcome))
        at++;
    if (at < findings->count && findings->list[at].outcome == outcome) {
        add_detail(&findings->list[at], detail);
        return;
    }
    if (at == CERT_MAX_FINDINGS)
        return;
    if (findings->count == CERT_MAX_FINDINGS)
        free(findings->list[--findings->count].detail);
    memmove(&findings->list[at + 1], &findings->list[at],
            (findings->count - at) * sizeof(findings->list[0]));
    findings->list[at] = (struct cert_finding){outcome, mem_strdup(detail)};
    findings->count++;
}

void cert_findings_copy(struct cert_findings *to, const struct cert_findings *from)
{
    *to = *from;
    for (size_t i = 0; i < from->count; i++)
        to->list[i].detail = mem_strdup(from->list[i].detail);
}

void cert_findings_clear(struct cert_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        free(findings->list[i].detail);
    findings->count = 0;
}

bool cert_finding_is_remark(const struct cert_finding *finding)
{
    return outcome_info(finding->outcome)->verdict == VERDICT_UP;
}

enum outcome cert_findings_outcome(const struct cert_findings *findings)
{
    bool bad = findings->count > 0 && !cert_finding_is_remark(&findings->list[0]);
    return bad ? findings->list[0].outcome : OUTCOME_OK;
}

json_t *cert_finding_json(enum outcome outcome, const char *detail)
{
    const struct outcome_info *info = outcome_info(outcome);
    json_t *out = doc_object();
    doc_text(out, "outcome", info->word);
    doc_text(out, "text", info->text);
    doc_text(out, "detail", *detail ? detail : NULL);
    doc_text(out, "advice", info->advice);
    return out;
}

json_t *cert_findings_json(const struct cert_findings *findings, bool remarks)
{
    json_t *out = doc_array();
    for (size_t i = 0; i < findings->count; i++) {
        const struct cert_finding *finding = &findings->list[i];
        if (cert_finding_is_remark(finding) == remarks)
            doc_push(out, cert_finding_json(finding->outcome, finding->detail));
    }
    return out;
}
