/* SPDX-License-Identifier: ISC
 *
 * See the header.
 */
#include "monitor/control/plan_json.h"

#include "ddns/plan_outlook.h"
#include "lib/doc.h"

/* Waits run on the boot clock; people read the wall clock, as it stands now. */
static void add_wait(json_t *out, int64_t left_ms, const struct stamp *now)
{
    bool timed = left_ms != INT64_MAX;
    doc_count(out, "left_ms", timed ? left_ms : -1);
    doc_time(out, "until", timed && left_ms > 0 ? now->wall_ms + left_ms : 0);
    doc_count(out, "until_ms", timed && left_ms > 0 ? now->wall_ms + left_ms : -1);
}

static json_t *holds_json(const struct ddns_outlook *outlook, const struct stamp *now)
{
    json_t *array = doc_array();
    for (size_t i = 0; i < outlook->hold_count; i++) {
        const struct ddns_hold *hold = &outlook->holds[i];
        json_t *object = doc_object();
        doc_text(object, "by", hold->word);
        doc_text(object, "reason", hold->reason);
        add_wait(object, hold->left_ms, now);
        doc_push(array, object);
    }
    return array;
}

json_t *plan_json(const struct updater_status *status, const struct stamp *now, bool forced)
{
    const struct addr nothing = {0};
    struct ddns_outlook outlook =
        ddns_outlook(status->state, status->account, status->conf, now, forced);
    json_t *out = doc_object();
    doc_bool(out, "due", outlook.due);
    doc_text(out, "why", outlook.why);
    doc_addr(out, "value", outlook.due ? &status->state->wanted : &nothing);
    doc_addr(out, "withdraw", outlook.withdraws ? &status->state->published : &nothing);
    add_wait(out, outlook.left_ms, now);
    doc_value(out, "holds", holds_json(&outlook, now));
    return out;
}
