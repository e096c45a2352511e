/* SPDX-License-Identifier: ISC
 *
 * A record's state as JSON.
 */
#include "monitor/control/record_json.h"

#include "lib/doc.h"

static int64_t bounded(int64_t wait_ms)
{
    return wait_ms == INT64_MAX ? -1 : wait_ms;
}

static void add_values(json_t *out, const struct ddns_record_state *state)
{
    doc_addr(out, "wanted", &state->wanted);
    doc_addr(out, "sent", &state->sent);
    doc_time(out, "sent_at", state->sent_at.wall_ms);
    doc_count(out, "sent_at_ms", state->sent_at.wall_ms ? state->sent_at.wall_ms : -1);
    doc_addr(out, "published", &state->published);
    doc_bool(out, "published_known", state->published_known);
    doc_bool(out, "absent", state->absent);
    doc_time(out, "looked_at", state->looked_at.wall_ms);
    doc_count(out, "looked_at_ms", state->looked_at.wall_ms ? state->looked_at.wall_ms : -1);
    doc_int(out, "looks_failed", state->look_failures);
    doc_addr(out, "verified", &state->verified);
    doc_bool(out, "verifying", state->verifying);
    doc_addr(out, "withdrawn", &state->withdrawn);
    doc_time(out, "gone_since", state->gone.wall_ms);
    doc_count(out, "gone_since_ms", state->gone.wall_ms ? state->gone.wall_ms : -1);
    doc_count(out, "ttl", state->ttl ? (int64_t)state->ttl : -1);
}

/* next_ms: until the update that is due may leave; allowed_ms: until one would be let through, due
 * or not. */
static void add_plan(json_t *out, const struct updater_status *status, const struct stamp *now)
{
    const struct ddns_step *step = &status->step;
    bool due = step->action == DDNS_WAIT || step->action == DDNS_SEND;
    doc_text(out, "action", ddns_action_word(step->action));
    doc_text(out, "reason", step->reason);
    doc_count(out, "wait_ms", bounded(step->wait_ms));
    doc_count(out, "next_ms", due ? step->send_ms : -1);
    doc_count(out, "allowed_ms", step->action == DDNS_HALTED ? -1 : status->limits.send_ms);
    doc_text(out, "held_by", status->limits.send_ms > 0 ? status->limits.reason : NULL);
    doc_int(out, "backoff_ms", ddns_wait_left(&status->state->retry, now));
}

json_t *record_json(const struct updater_status *status, const struct stamp *now)
{
    const struct ddns_record_state *state = status->state;
    json_t *out = doc_object();
    doc_text(out, "name", status->record->name);
    doc_text(out, "family", family_word(status->family));
    doc_text(out, "fqdn", status->record->fqdn);
    doc_text(out, "provider", status->record->provider->id);
    add_values(out, state);
    doc_text(out, "evidence", *status->evidence ? status->evidence : NULL);
    doc_bool(out, "authenticated", status->authenticated);
    doc_bool(out, "current", ddns_is_current(state) && addr_is_set(&state->wanted));
    add_plan(out, status, now);
    doc_int(out, "failures", state->failures);
    doc_bool(out, "forced", state->forced);
    doc_bool(out, "halted", state->halted);
    doc_text(out, "halt", state->halted ? ddns_verdict_word(state->halt_verdict) : NULL);
    const char *advice = ddns_halt_advice(state);
    if (!*advice && state->failures > 0 && state->cause == OUTCOME_LOCAL_CLOCK)
        advice = ddns_failure_advice(state);
    doc_text(out, "advice", *advice ? advice : NULL);
    doc_text(out, "last_verdict",
             *state->last_text ? ddns_verdict_word(state->last_verdict) : NULL);
    doc_text(out, "last_text", *state->last_text ? state->last_text : NULL);
    return out;
}
