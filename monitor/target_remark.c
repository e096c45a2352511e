/* SPDX-License-Identifier: ISC
 *
 * What is odd about the zone of a target: kept for status, told once when it comes and when it
 * goes. Not its job: finding it (probes/dns_report.c), for how long it must last
 * (monitor/remark.h).
 */
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/target_notice.h"
#include "monitor/target_watch.h"

struct watch_remarks {
    struct cert_findings now; /* of the last check */
    struct remark course[REMARK_COUNT];
};

void watch_remarks_free(struct watch_remarks *remarks)
{
    if (!remarks)
        return;
    cert_findings_clear(&remarks->now);
    free(remarks);
}

static const char *detail_of(const struct cert_findings *findings, enum outcome outcome)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->list[i].outcome == outcome)
            return findings->list[i].detail;
    return NULL;
}

static void init_notice(const struct watch *watch, enum notice_kind kind, enum outcome outcome,
                        int64_t wall_ms, struct notice *out)
{
    notice_init(out, kind, watch->conf->name, wall_ms);
    target_host(watch->conf, out->host);
    str_copy(out->cause, sizeof out->cause, outcome_word(outcome));
}

/* Of a server that does not do its part the detail is the name alone; else a sentence. */
static bool is_name(enum outcome outcome)
{
    return outcome == OUTCOME_DNS_SERVER_LAME || outcome == OUTCOME_DNS_SERVER_SILENT;
}

static void tell(const struct watch *watch, enum remark_move move, enum outcome outcome,
                 const char *detail, int64_t wall_ms)
{
    const struct outcome_info *info = outcome_info(outcome);
    char who[TARGET_LABEL_LEN];
    struct notice notice;
    bool came = move == REMARK_CAME;
    init_notice(watch, came ? NOTICE_DNS_REMARK : NOTICE_DNS_SETTLED, outcome, wall_ms, &notice);
    str_append(notice.text, sizeof notice.text, "DNS of %s: ", target_label(watch->conf, who));
    if (!came)
        str_append(notice.text, sizeof notice.text, "it is over that %s", info->text);
    else if (is_name(outcome))
        str_append(notice.text, sizeof notice.text, "%s: %s", info->text, detail);
    else
        str_append(notice.text, sizeof notice.text, "%s", detail);
    str_copy(notice.advice, sizeof notice.advice, came ? info->advice : "");
    watch->owner->env.notice(&notice, watch->owner->env.arg);
}

/* A zone none of whose servers was heard says nothing of the others either. */
static bool was_heard(const struct dns_report *report)
{
    for (int f = 0; report && f < FAMILY_COUNT; f++)
        if (report->views[f].asked && report->views[f].look.answered)
            return true;
    return false;
}

void watch_remarks_note(struct watch *watch, const struct dns_report *report, int64_t wall_ms)
{
    struct watch_remarks *remarks = watch->remarks;
    if (!was_heard(report) || (!remarks && report->findings.count == 0))
        return;
    if (!remarks)
        remarks = watch->remarks = mem_zalloc(sizeof *remarks);
    cert_findings_clear(&remarks->now);
    cert_findings_copy(&remarks->now, &report->findings);
    for (int i = 0; i < REMARK_COUNT; i++) {
        enum outcome outcome = (enum outcome)(REMARK_FIRST + i);
        const char *detail = detail_of(&remarks->now, outcome);
        enum remark_move move =
            remark_feed(&remarks->course[i], detail != NULL, watch->conf->fall, watch->conf->rise);
        if (move != REMARK_SAME)
            tell(watch, move, outcome, detail, wall_ms);
    }
}

void watch_remarks_recall(struct watch *watch, target_latest_fn *latest, void *arg)
{
    struct notice notice;
    char key[NOTICE_KEY_LEN];
    for (int i = 0; i < REMARK_COUNT; i++) {
        init_notice(watch, NOTICE_DNS_REMARK, (enum outcome)(REMARK_FIRST + i), 0, &notice);
        if (!latest(arg, notice_key(&notice, key), &notice) || notice.kind != NOTICE_DNS_REMARK)
            continue;
        if (!watch->remarks)
            watch->remarks = mem_zalloc(sizeof *watch->remarks);
        watch->remarks->course[i].told = true;
    }
}

json_t *watch_remarks_json(const struct watch_remarks *remarks)
{
    static const struct cert_findings none;
    return cert_findings_json(remarks ? &remarks->now : &none, true);
}
