/* SPDX-License-Identifier: ISC
 *
 * What is odd about the zone of a target, or about its certificates: kept for status, told once
 * when it comes and when it goes. Not its job: finding it (probes/dns_report.c,
 * probes/round_remark.c), for how long it must last (monitor/target/remark.h).
 */
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/target/target_notice.h"
#include "monitor/target/target_watch.h"
#include "probes/kind.h"

#define DETAIL_LEN 320 /* both sides of a comparison */

/* DNS_SERVER_* and the like, then what is odd about the certificates. */
static const enum outcome words[] = {
    OUTCOME_DNS_SERVER_LAME,    OUTCOME_DNS_SERVER_SILENT,    OUTCOME_DNS_SERVER_LACKS,
    OUTCOME_DNS_SERVERS_DIFFER, OUTCOME_DNS_RESOLVER_DIFFERS, OUTCOME_CERT_FAMILIES_DIFFER,
};
#define WORDS (sizeof words / sizeof *words)

struct watch_remarks {
    struct cert_findings zone, certs; /* of the last check that could tell */
    struct remark course[WORDS];      /* in the order of `words` */
};

void watch_remarks_free(struct watch_remarks *remarks)
{
    if (!remarks)
        return;
    cert_findings_clear(&remarks->zone);
    cert_findings_clear(&remarks->certs);
    free(remarks);
}

static bool is_of_zone(enum outcome outcome)
{
    return outcome_info(outcome)->layer == LAYER_DNS;
}

static enum notice_kind kind_for(enum outcome outcome, bool came)
{
    if (is_of_zone(outcome))
        return came ? NOTICE_DNS_REMARK : NOTICE_DNS_SETTLED;
    return came ? NOTICE_CERT_REMARK : NOTICE_CERT_SETTLED;
}

static const char *detail_of(const struct cert_findings *findings, enum outcome outcome)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->list[i].outcome == outcome)
            return findings->list[i].detail;
    return NULL;
}

static void init_notice(const struct watch *watch, enum outcome outcome, bool came, int64_t wall_ms,
                        struct notice *out)
{
    notice_init(out, kind_for(outcome, came), watch->conf->name, wall_ms);
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
    init_notice(watch, outcome, came, wall_ms, &notice);
    str_append(notice.text, sizeof notice.text,
               "%s of %s: ", is_of_zone(outcome) ? "DNS" : "the certificates",
               target_label(watch->conf, who));
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

/* One group of words, after a check that looked for all of them. */
static void note(struct watch *watch, struct cert_findings *kept, const struct cert_findings *found,
                 bool zone, int64_t wall_ms)
{
    cert_findings_clear(kept);
    cert_findings_copy(kept, found);
    for (size_t i = 0; i < WORDS; i++) {
        if (is_of_zone(words[i]) != zone)
            continue;
        const char *detail = detail_of(kept, words[i]);
        enum remark_move move = remark_feed(&watch->remarks->course[i], detail != NULL,
                                            watch->conf->fall, watch->conf->rise);
        if (move != REMARK_SAME)
            tell(watch, move, words[i], detail, wall_ms);
    }
}

static struct watch_remarks *remarks_of(struct watch *watch)
{
    if (!watch->remarks)
        watch->remarks = mem_zalloc(sizeof *watch->remarks);
    return watch->remarks;
}

static void note_zone(struct watch *watch, const struct dns_report *report, int64_t wall_ms)
{
    if (was_heard(report) && (watch->remarks || report->findings.count > 0))
        note(watch, &remarks_of(watch)->zone, &report->findings, true, wall_ms);
}

static void note_certs(struct watch *watch, const struct round_result *result, int64_t wall_ms)
{
    struct cert_findings found = {0};
    char detail[DETAIL_LEN];
    if (!round_compares_certs(result))
        return;
    enum outcome outcome = round_remark(result, detail, sizeof detail);
    if (outcome != OUTCOME_OK)
        cert_findings_add(&found, outcome, "%s", detail);
    if (watch->remarks || found.count > 0)
        note(watch, &remarks_of(watch)->certs, &found, false, wall_ms);
    cert_findings_clear(&found);
}

void watch_remarks_note(struct watch *watch, const struct round_result *result, int64_t wall_ms)
{
    /* Where the zone is asked now and then only, the end of a remark would not be seen. */
    if (watch->conf->authoritative)
        note_zone(watch, result->dns, wall_ms);
    note_certs(watch, result, wall_ms);
}

/* Whether each of its checks looks for the word. */
static bool may_tell(const struct config_target *conf, enum outcome outcome)
{
    if (is_of_zone(outcome))
        return conf->authoritative;
    return (kind_of(conf->kind)->takes & KIND_TAKES_SERVERNAME) && conf->families[FAMILY_IPV4] &&
           conf->families[FAMILY_IPV6];
}

bool target_may_remark(const struct config_target *target, const char *word)
{
    enum outcome outcome;
    return outcome_from_word(word, &outcome) && may_tell(target, outcome);
}

void watch_remarks_recall(struct watch *watch, target_latest_fn *latest, void *arg)
{
    struct notice notice;
    char key[NOTICE_KEY_LEN];
    for (size_t i = 0; i < WORDS; i++) {
        enum notice_kind came = kind_for(words[i], true);
        init_notice(watch, words[i], true, 0, &notice);
        if (may_tell(watch->conf, words[i]) && latest(arg, notice_key(&notice, key), &notice) &&
            notice.kind == came)
            remarks_of(watch)->course[i].told = true;
    }
}

json_t *watch_remarks_json(const struct watch_remarks *remarks)
{
    static const struct cert_findings none;
    json_t *out = cert_findings_json(remarks ? &remarks->zone : &none, true);
    json_t *certs = cert_findings_json(remarks ? &remarks->certs : &none, true);
    json_array_extend(out, certs);
    json_decref(certs);
    return out;
}
