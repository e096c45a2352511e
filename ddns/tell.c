/* SPDX-License-Identifier: ISC
 *
 * What the updater tells: an event's sentence and advice. Not its job: which event (ddns/
 * transition.h), where it goes (the caller's on_event).
 */
#include "ddns/updater_priv.h"
#include "lib/duration.h"
#include "lib/log.h"
#include "lib/str.h"

#define TEXT_MAX 256

/* The provider's reply is quoted as it is in the state; the length of one fits in the other. */
static void text_of_failure(const struct job *job, char text[TEXT_MAX])
{
    const struct ddns_record_state *state = &job->state;
    struct stamp now = clock_stamp();
    char wait[DURATION_LEN], addr[ADDR_STRLEN];
    int64_t left = ddns_wait_left(&state->retry, &now);
    int64_t penalty = ddns_wait_left(&job->account->state.penalty, &now);
    duration_format(left > penalty ? left : penalty, wait);
    str_append(text, TEXT_MAX, "%s %s failed: %s; failures in a row: %u, next try in %s",
               job->withdraws ? "withdrawal of" : "update to", addr_format(&job->sending, addr),
               state->last_text, state->failures, wait);
}

static void text_of_halt(const struct job *job, char text[TEXT_MAX])
{
    const char *what = job->state.halted             ? "no further update of this record"
                       : job->state.withdraw_refused ? "the record is not withdrawn"
                                                     : "this address is not sent again";
    str_append(text, TEXT_MAX, "%s: %s; %s", job->conf.provider->id, job->state.last_text, what);
}

static void text_of_sent(const struct job *job, char text[TEXT_MAX])
{
    const struct ddns_record_state *state = &job->state;
    bool withdrawn = addr_is_set(&state->withdrawn);
    char addr[ADDR_STRLEN];
    str_append(text, TEXT_MAX, "%s accepted %s%s: %s", job->conf.provider->id,
               withdrawn ? "the withdrawal of " : "",
               addr_format(withdrawn ? &state->withdrawn : &state->sent, addr), state->last_text);
}

/* A withdrawal that DNS does not follow. */
static void text_of_stay(const struct job *job, char text[TEXT_MAX])
{
    char addr[ADDR_STRLEN];
    str_append(text, TEXT_MAX, "%s accepted the withdrawal of %s, and DNS shows it still: %s",
               job->conf.provider->id, addr_format(&job->state.sent, addr), job->state.last_text);
}

/* A provider that says ok while DNS does not follow is quoted. */
static void text_of_mismatch(const struct job *job, char text[TEXT_MAX])
{
    const struct ddns_record_state *state = &job->state;
    struct stamp now = clock_stamp();
    char ago[DURATION_LEN], wanted[ADDR_STRLEN];
    if (!addr_is_set(&state->wanted)) {
        text_of_stay(job, text);
        return;
    }
    if (job->evidence == EVIDENCE_SILENT || job->evidence == EVIDENCE_DIFFERS ||
        job->evidence == EVIDENCE_ALIAS)
        str_append(text, TEXT_MAX, "%s is not seen: ", addr_format(&state->wanted, wanted));
    str_append(text, TEXT_MAX, "%s", job->evidence_text);
    if (state->sent_at.wall_ms == 0 || !ddns_verdict_is_success(state->last_verdict))
        return;
    int64_t since_ms = now.wall_ms - state->sent_at.wall_ms;
    str_append(text, TEXT_MAX, "; %s accepted it %s ago: %s", job->conf.provider->id,
               duration_format(since_ms > 0 ? since_ms / 1000 * 1000 : 0, ago), state->last_text);
}

static void fill(const struct job *job, const struct verify_look *look, struct ddns_event *event,
                 char text[TEXT_MAX])
{
    const struct ddns_record_state *state = &job->state;
    char addr[ADDR_STRLEN];
    event->advice = "";
    switch (event->kind) {
    case DDNS_EVENT_SENT:
        event->now = state->sent;
        text_of_sent(job, text);
        break;
    case DDNS_EVENT_FAILED:
        text_of_failure(job, text);
        event->advice = ddns_failure_advice(state);
        break;
    case DDNS_EVENT_HALTED:
        text_of_halt(job, text);
        event->advice = ddns_halt_advice(state);
        break;
    case DDNS_EVENT_VERIFIED:
        str_append(text, TEXT_MAX, "the authoritative servers show %s (%zu asked, %zu silent)",
                   addr_format(&state->wanted, addr), look ? look->count : 0,
                   look ? look->silent : 0);
        break;
    case DDNS_EVENT_MISMATCH:
        event->old = state->wanted;
        event->now = state->published;
        text_of_mismatch(job, text);
        event->advice = evidence_advice(job->evidence);
        break;
    case DDNS_EVENT_TTL:
        str_append(text, TEXT_MAX, "the TTL is %u s, usual is %u s", state->ttl, state->usual_ttl);
        event->advice = "Resolvers keep an old address that much longer: set the zone's TTL back "
                        "(Value Domain's API turns a TTL below 120 into 3600).";
        break;
    case DDNS_EVENT_WITHDRAWN:
        event->old = state->withdrawn;
        str_append(text, TEXT_MAX,
                   "the authoritative servers show no %s address of %s any more (was %s; %zu "
                   "asked, %zu silent)",
                   family_text(job->family), job->conf.fqdn, addr_format(&state->withdrawn, addr),
                   look ? look->count : 0, look ? look->silent : 0);
        break;
    case DDNS_EVENT_COUNT:
        break;
    }
}

void tell_events(const struct job *job, ddns_events events, const struct addr *old,
                 const struct verify_look *look)
{
    for (int kind = DDNS_EVENT_SENT; kind < DDNS_EVENT_COUNT; kind++) {
        char text[TEXT_MAX] = "";
        struct ddns_event event = {
            .kind = (enum ddns_event_kind)kind,
            .record = &job->conf,
            .family = job->family,
            .old = *old,
            .now = job->state.wanted,
            .verdict = job->state.last_verdict,
            .text = text,
        };
        if (!(events & 1u << kind))
            continue;
        fill(job, look, &event, text);
        job->updater->env.on_event(&event, job->updater->env.arg);
    }
}

void tell_wait(struct job *job, const struct ddns_step *step)
{
    char wait[DURATION_LEN], addr[ADDR_STRLEN];
    if (job->told_reason == step->reason && addr_equal(&job->told_wanted, &job->state.wanted))
        return;
    job->told_reason = step->reason;
    job->told_wanted = job->state.wanted;
    duration_format(step->send_ms, wait);
    log_info("ddns", "%s %s: %s is due in %s: %s", job->conf.name, family_word(job->family),
             addr_format(&job->state.wanted, addr), wait, step->reason);
}
