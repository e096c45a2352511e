/* SPDX-License-Identifier: ISC
 *
 * What one request carries: the address of the job that sends it, what of the record's other family
 * its provider wants in the same request, and, where that is possible, whatever else of the zone is
 * due. Not its job: when a request leaves (ddns/job.c).
 */
#include <stdlib.h>
#include <string.h>

#include "ddns/updater_priv.h"
#include "lib/mem.h"
#include "lib/rng.h"
#include "lib/str.h"

static bool same_record(const struct job *a, const struct job *b)
{
    return strcmp(a->conf.name, b->conf.name) == 0;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool cargo_same_login(const struct job *a, const struct job *b)
{
    return a->account == b->account && same_text(a->conf.user, b->conf.user) &&
           same_text(a->conf.password, b->conf.password);
}

/* The same record's job of the other family, NULL: it is not published. */
static struct job *twin_of(const struct job *job)
{
    const struct updater *updater = job->updater;
    for (size_t i = 0; i < updater->job_count; i++) {
        struct job *other = updater->jobs[i];
        if (other && other != job && same_record(other, job))
            return other;
    }
    return NULL;
}

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

/* What a request that carries both families says of the other one: what it shall be, or what it is
 * as far as is known. Unset: nothing. */
static struct addr value_of_twin(const struct job *twin)
{
    const struct ddns_record_state *state = &twin->state;
    bool refused = state->halted || addr_equal(&state->refused, &state->wanted);
    if (addr_is_set(&state->wanted) && !refused)
        return state->wanted;
    return addr_is_set(&state->published) ? state->published : state->sent;
}

/* Of the same account, with a list of names in one request. */
static bool takes_names(const struct provider *provider)
{
    return provider->form != PROVIDER_DUE && provider->names > 1 && !provider->source_decides;
}

/* --- what goes along -------------------------------------------------------------------------- */

/* Failed before, by its own fault as it seems: a request is taken as a whole or not at all, so it
 * must not spoil that of others, and others must not hide whose fault it is. */
static bool goes_alone(const struct job *job)
{
    return job->state.retry.length_ms > 0;
}

static bool is_due(const struct job *job, const struct stamp *now)
{
    struct ddns_step step = job_plan(job, now);
    if (!addr_is_set(&job->state.wanted)) /* withdrawals go alone */
        return false;
    bool looking = (job->verify || step.action == DDNS_LOOK) && addr_is_set(&job->state.wanted) &&
                   !job->state.halted && !ddns_is_current(&job->state);
    return step.action == DDNS_SEND || step.action == DDNS_WAIT || looking;
}

static const struct job *job_of(const struct job *job, enum family family)
{
    return job->family == family ? job : twin_of(job);
}

/* What a request of this job's would say of a family of its record. */
static struct addr said_of(const struct job *job, enum family family)
{
    const struct job *one = job_of(job, family);
    if (job->conf.provider->form == PROVIDER_EACH && family != job->family)
        return (struct addr){0};
    return one == job ? job->state.wanted : one ? value_of_twin(one) : (struct addr){0};
}

/* One request can name both: it says the same of them. */
static bool same_said(const struct job *job, const struct job *other)
{
    const struct job *peer = job_of(other, job->family);
    if (!peer || (job->conf.provider->form == PROVIDER_EACH && peer != other))
        return false;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        const struct job *one = job_of(other, (enum family)f);
        struct addr mine = said_of(job, (enum family)f), theirs = said_of(peer, (enum family)f);
        if ((one && one->state.halted) || !addr_equal(&mine, &theirs))
            return false;
    }
    return !addr_equal(&peer->state.refused, &peer->state.wanted);
}

static bool same_request(const struct job *job, const struct job *other)
{
    return other->conf.provider == job->conf.provider && cargo_same_login(job, other) &&
           same_text(other->conf.url, job->conf.url) && !goes_alone(other) && !goes_alone(job) &&
           same_said(job, other);
}

static bool may_go_along(const struct job *job, const struct job *other)
{
    if (!other || other == job || other->account != job->account || other->exchange)
        return false;
    if (same_record(job, other) && job->conf.provider->form == PROVIDER_EACH)
        return false;
    if (takes_names(job->conf.provider) && !same_record(job, other))
        return same_request(job, other);
    if (job->conf.provider->form != PROVIDER_DUE)
        return same_record(job, other);
    return cargo_same_login(job, other) && same_text(other->conf.domain, job->conf.domain) &&
           !goes_alone(other) && !goes_alone(job);
}

static struct parcel *parcel_of(const struct job *job, const struct job *other)
{
    for (size_t i = 0; i < job->parcel_count; i++) {
        struct parcel *parcel = &job->parcels[i];
        if (parcel->family == other->family && strcmp(parcel->record, other->conf.name) == 0 &&
            strcmp(parcel->fingerprint, other->fingerprint) == 0)
            return parcel;
    }
    return NULL;
}

static bool has_record(const struct job *job, const struct job *other)
{
    for (size_t i = 0; i < job->parcel_count; i++)
        if (strcmp(job->parcels[i].record, other->conf.name) == 0)
            return true;
    return false;
}

/* Names that are in the request, and how long they are with commas between them. */
struct load {
    size_t names, len;
};

/* Room for the name of this job, taken. */
static bool take_room(struct load *load, const struct job *job, const struct job *other)
{
    size_t len = strlen(text_or_empty(other->conf.fqdn)) + 1;
    if (!takes_names(job->conf.provider) || same_record(job, other) || has_record(job, other))
        return true;
    if (load->names >= job->conf.provider->names || load->len + len >= PROVIDER_NAMES_LEN)
        return false;
    load->names++;
    load->len += len;
    return true;
}

static void add_parcel(struct job *job, const struct job *other)
{
    job->parcels = mem_regrow(job->parcels, job->parcel_count + 1, sizeof *job->parcels);
    struct parcel *parcel = &job->parcels[job->parcel_count++];
    *parcel = (struct parcel){
        .record = mem_strdup(other->conf.name),
        .family = other->family,
        .value = other->state.wanted,
    };
    str_copy(parcel->fingerprint, sizeof parcel->fingerprint, other->fingerprint);
}

void cargo_collect(struct job *job, const struct stamp *now)
{
    const struct updater *updater = job->updater;
    cargo_clear(job);
    if (!addr_is_set(&job->state.wanted) ||
        (job->conf.provider->form == PROVIDER_EACH && !takes_names(job->conf.provider)))
        return;
    struct load load = {1, strlen(text_or_empty(job->conf.fqdn)) + 1};
    for (size_t i = 0; i < updater->job_count && job->parcel_count < PROVIDER_MORE_MAX; i++)
        if (may_go_along(job, updater->jobs[i]) && is_due(updater->jobs[i], now) &&
            take_room(&load, job, updater->jobs[i]))
            add_parcel(job, updater->jobs[i]);
}

void cargo_clear(struct job *job)
{
    for (size_t i = 0; i < job->parcel_count; i++)
        free(job->parcels[i].record);
    free(job->parcels);
    job->parcels = NULL;
    job->parcel_count = 0;
}

/* --- the request ------------------------------------------------------------------------------ */

/* The configured one, or the usual one, so that a jump which someone else made is mended. */
static uint32_t own_ttl(const struct job *job)
{
    const struct ddns_record_state *state = &job->state;
    if (job->conf.expect_ttl > 0)
        return job->conf.expect_ttl;
    return state->usual_ttl > 0 ? state->usual_ttl : state->ttl;
}

/* A record set that is new gets the one of its sibling. */
static uint32_t ttl_of(const struct job *job)
{
    const struct job *twin = twin_of(job);
    uint32_t ttl = own_ttl(job);
    return ttl > 0 || !twin ? ttl : own_ttl(twin);
}

/* Returns which one it is. */
static size_t set_more(struct provider_input *input, const struct job *other,
                       struct provider_more more[PROVIDER_MORE_MAX])
{
    const struct ddns_record_conf *conf = &other->conf;
    size_t i = 0;
    while (i < input->more_count && strcmp(more[i].fqdn, conf->fqdn) != 0)
        i++;
    if (i == input->more_count) {
        more[i] = (struct provider_more){.host = text_or_empty(conf->host), .fqdn = conf->fqdn};
        input->more_count++;
    }
    more[i].addrs[other->family] = other->state.wanted;
    more[i].ttl[other->family] = ttl_of(other);
    more[i].ttl_given = conf->expect_ttl > 0;
    more[i].no_create = !conf->create;
    return i;
}

static void set_parcels(const struct job *job, struct provider_input *input,
                        struct provider_more more[PROVIDER_MORE_MAX])
{
    const struct updater *updater = job->updater;
    for (size_t i = 0; i < updater->job_count; i++) {
        const struct job *other = updater->jobs[i];
        struct parcel *parcel = other ? parcel_of(job, other) : NULL;
        if (!parcel)
            continue;
        if (same_record(job, other)) {
            input->addrs[other->family] = other->state.wanted;
            input->ttl[other->family] = ttl_of(other);
        } else {
            parcel->name = 1 + set_more(input, other, more);
        }
    }
    input->more = more;
}

struct provider_input cargo_input(const struct job *job,
                                  struct provider_more more[PROVIDER_MORE_MAX])
{
    const struct ddns_record_conf *conf = &job->conf;
    struct provider_input input = {
        .url = conf->url ? conf->url : conf->provider->url,
        .host = text_or_empty(conf->host),
        .domain = text_or_empty(conf->domain),
        .fqdn = text_or_empty(conf->fqdn),
        .user = text_or_empty(conf->user),
        .password = text_or_empty(conf->password),
        .apex = text_or_empty(conf->apex),
        .id = text_or_empty(conf->id),
        .command = (const char *const *)conf->command,
        .ttl_given = conf->expect_ttl > 0,
        .no_create = !conf->create,
    };
    (job->withdraws ? input.withdraw : input.addrs)[job->family] = job->sending;
    input.ttl[job->family] = job->withdraws ? job->state.ttl : ttl_of(job);
    if (job->withdraws)
        return input;
    const struct job *twin = twin_of(job);
    if (conf->provider->form == PROVIDER_DUE || takes_names(conf->provider))
        set_parcels(job, &input, more);
    if (twin && (conf->provider->form == PROVIDER_BOTH || conf->provider->form == PROVIDER_WHOLE))
        input.addrs[twin->family] = value_of_twin(twin);
    return input;
}

/* --- the answer ------------------------------------------------------------------------------- */

static void tell_other(struct job *other, const struct parcel *parcel,
                       const struct ddns_answer *answer, const struct stamp *now)
{
    other->unseen = answer->unseen;
    struct ddns_plan_conf conf = job_plan_conf(other);
    struct addr before = other->state.published;
    verify_cancel(other->verify);
    other->verify = NULL;
    ddns_events events = ddns_apply_answer(&other->state, &other->account->state, &conf, answer,
                                           &parcel->value, now, rng_u32());
    job_save(other);
    tell_events(other, events, &before, NULL);
}

/* NULL: nothing was said that concerns it. */
static const struct ddns_answer *answer_of(const struct parcel *parcel,
                                           const struct ddns_answer *answer)
{
    if (parcel->name > 0 && parcel->name <= answer->more_count)
        return &answer->more[parcel->name - 1];
    return ddns_verdict_is_success(answer->verdict) && (parcel->name == 0 || !answer->more) ? answer
                                                                                            : NULL;
}

void cargo_tell(struct job *job, const struct ddns_answer *answer, const struct stamp *now)
{
    struct updater *updater = job->updater;
    for (size_t i = 0; i < updater->job_count; i++) {
        struct job *other = updater->jobs[i];
        const struct parcel *parcel = other ? parcel_of(job, other) : NULL;
        const struct ddns_answer *own = parcel ? answer_of(parcel, answer) : NULL;
        if (own && other->account == job->account)
            tell_other(other, parcel, own, now);
    }
}

struct ddns_answer cargo_answer(const struct job *job, const struct ddns_answer *answer)
{
    struct ddns_answer result = *answer;
    if (job->conf.provider->form != PROVIDER_DUE)
        return result;
    if (!answer->replied && answer->verdict == DDNS_TEMPORARY)
        result.account = true;
    if (job->parcel_count == 0 || answer->account || !ddns_verdict_is_permanent(answer->verdict))
        return result;
    result.verdict = DDNS_TEMPORARY;
    str_append(result.text, sizeof result.text, " (sent with %zu more: next time alone)",
               job->parcel_count);
    return result;
}
