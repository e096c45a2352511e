/* SPDX-License-Identifier: ISC
 *
 * What is remembered of a check, and how status shows it. Not its job: running checks
 * (monitor/target/target.c), layout for people (monitor/control/status.c).
 */
#include <stdlib.h>
#include <string.h>

#include "lib/doc.h"
#include "lib/mem.h"
#include "monitor/target/target_notice.h"
#include "monitor/target/target_watch.h"
#include "probes/kind.h"

static int32_t clip_us(int64_t us)
{
    return us < 0 ? -1 : us > INT32_MAX ? INT32_MAX : (int32_t)us;
}

/* The certificate that ends first: of several addresses one may serve an old one. */
static int64_t first_end_ms(const struct round_family *seen)
{
    int64_t first = 0;
    for (size_t i = 0; i < seen->count; i++) {
        const struct cert_facts *cert = seen->results[i].cert;
        if (cert && cert->chain_count > 0 && (!first || cert_facts_ends_ms(cert) < first))
            first = cert_facts_ends_ms(cert);
    }
    return first;
}

static void note_detail(struct watch_side *side, const char *detail)
{
    if (side->detail && strcmp(side->detail, detail) == 0)
        return;
    free(side->detail);
    side->detail = *detail ? mem_strdup(detail) : NULL;
}

void watch_side_note(struct watch_side *side, const struct round_family *seen)
{
    const struct probe_result *result = target_telling(seen);
    bool failed = round_family_outcome(seen) != OUTCOME_OK;
    side->count = (uint8_t)(seen->count < UINT8_MAX ? seen->count : UINT8_MAX);
    side->dns_us = clip_us(seen->dns_us);
    side->tcp_us = result ? clip_us(result->tcp_us) : -1;
    side->tls_us = result ? clip_us(result->tls_us) : -1;
    side->addr = result ? result->addr : (struct addr){0};
    side->vantage = (uint8_t)(result ? result->vantage : VANTAGE_UNKNOWN);
    side->cert_ends_ms = first_end_ms(seen);
    note_detail(side, !failed ? "" : result ? result->detail : seen->dns_detail);
}

static json_t *side_json(const struct watch_side *side)
{
    const struct health *health = &side->health;
    bool checked = health->row > 0;
    bool bad = checked && health->cause != OUTCOME_OK;
    json_t *out = doc_object();
    doc_text(out, "state", health_word(health->state));
    doc_time(out, "since", health->since_ms);
    doc_int(out, "since_ms", health->since_ms);
    doc_bool(out, "flapping", health->flapping);
    doc_bool(out, "unsettled", health_is_unsettled(health));
    doc_text(out, "outcome", checked ? outcome_word(health->cause) : NULL);
    doc_text(out, "cause", bad ? outcome_word(health->cause) : NULL);
    doc_text(out, "text", bad ? outcome_info(health->cause)->text : NULL);
    doc_text(out, "detail", side->detail);
    doc_text(out, "advice", bad ? outcome_info(health->cause)->advice : NULL);
    doc_addr(out, "address", &side->addr);
    doc_int(out, "addresses", side->count);
    doc_text(out, "vantage", side->vantage ? vantage_word((enum vantage)side->vantage) : NULL);
    doc_count(out, "dns_us", checked ? side->dns_us : -1);
    doc_count(out, "tcp_us", checked ? side->tcp_us : -1);
    doc_count(out, "tls_us", checked ? side->tls_us : -1);
    doc_time(out, "cert_ends", side->cert_ends_ms);
    doc_int(out, "cert_ends_ms", side->cert_ends_ms);
    return out;
}

json_t *watch_json(const struct watch *watch)
{
    char host[TARGET_HOST_LEN], label[TARGET_LABEL_LEN];
    json_t *out = doc_object();
    doc_text(out, "name", watch->conf->name);
    doc_text(out, "kind", kind_of(watch->conf->kind)->word);
    doc_text(out, "host", target_host(watch->conf, host));
    doc_text(out, "label", target_label(watch->conf, label));
    doc_time(out, "checked", watch->checked_wall_ms);
    doc_int(out, "checked_ms", watch->checked_wall_ms);
    doc_int(out, "every_ms", watch->conf->every_ms);
    doc_value(out, "remarks", watch_remarks_json(watch->remarks));
    for (int f = 0; f < FAMILY_COUNT; f++)
        doc_value(out, family_word((enum family)f),
                  watch->conf->families[f] ? side_json(&watch->sides[f]) : json_null());
    return out;
}

json_t *targets_json(const struct targets *targets)
{
    json_t *array = doc_array();
    for (size_t i = 0; i < targets->count; i++)
        doc_push(array, watch_json(targets->watches[i]));
    return array;
}
