/* SPDX-License-Identifier: ISC
 *
 * One record and family at work: asks its plan, and does what it says: a look at DNS, a request, or
 * a timer. Owns: the exchange, the look and the timer. Not its job: decisions (ddns/plan.h), what
 * an event does to the state (ddns/transition.h).
 */
#include <stdlib.h>
#include <string.h>

#include "ddns/updater_priv.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/rng.h"
#include "lib/str.h"

#define TIMEOUT_MS       30000
#define SERVERS_VALID_MS INT64_C(600000)
#define UNSTORED_WAIT_MS 10000 /* until a store that failed is tried again */

static void on_timer(void *arg);

/* --- life --- */

struct job *job_new(struct updater *updater, const struct ddns_record_conf *conf,
                    enum family family, const char *fingerprint)
{
    const struct ddns_persist *persist = &updater->persist;
    struct job *job = mem_zalloc(sizeof(*job));
    char stored[DIGEST_HEX_LEN] = "";
    job->updater = updater;
    job->conf = *conf;
    job->family = family;
    str_copy(job->fingerprint, sizeof(job->fingerprint), fingerprint);
    job->account = account_of(updater, conf);
    job->timer = loop_timer_new(updater->env.loop, on_timer, job);
    if (!persist->load_record(persist->arg, conf->name, family, &job->state, stored) ||
        strcmp(stored, fingerprint) != 0)
        job->state = (struct ddns_record_state){0};
    ddns_record_loaded(&job->state);
    return job;
}

void job_free(struct job *job)
{
    if (job->exchange) {
        struct stamp now = clock_stamp();
        exchange_cancel(job->exchange);
        ddns_apply_abandoned(&job->state, &job->account->state, &now);
        account_save(job->updater, job->account, false);
    }
    verify_cancel(job->verify);
    loop_timer_free(job->timer);
    cargo_clear(job);
    free(job);
}

void job_wake(struct job *job)
{
    loop_timer_set(job->timer, 0);
}

void job_wake_others(const struct job *job)
{
    const struct updater *updater = job->updater;
    for (size_t i = 0; i < updater->job_count; i++) {
        struct job *other = updater->jobs[i];
        if (other && other != job && other->conf.withdraw_ms > 0 &&
            strcmp(other->conf.fqdn, job->conf.fqdn) == 0)
            job_wake(other);
    }
}

bool job_note_wanted(struct job *job, bool changed)
{
    struct stamp now = clock_stamp();
    bool gone = !addr_is_set(&job->state.wanted), told = gone && job->gone_ms == 0;
    if (job->conf.withdraw_ms > 0) {
        bool begins = gone && ddns_apply_gone(&job->state, &now);
        if (begins || changed)
            job_save(job);
    }
    if (!gone || told)
        job->gone_ms = gone ? clock_mono_ms() : 0;
    return told;
}

bool job_save(const struct job *job)
{
    const struct ddns_persist *persist = &job->updater->persist;
    if (persist->save_record(persist->arg, job->conf.name, job->family, &job->state,
                             job->fingerprint))
        return true;
    log_error("ddns", "%s %s: the state can't be stored", job->conf.name, family_word(job->family));
    return false;
}

/* Clients find the name by its other family: that one is in DNS as it should be. */
static bool other_serves(const struct job *job)
{
    const struct updater *updater = job->updater;
    for (size_t i = 0; job->conf.withdraw_ms > 0 && i < updater->job_count; i++) {
        const struct job *other = updater->jobs[i];
        if (other && other->family != job->family &&
            strcmp(other->conf.fqdn, job->conf.fqdn) == 0 && addr_is_set(&other->state.wanted) &&
            ddns_is_current(&other->state))
            return true;
    }
    return false;
}

struct ddns_plan_conf job_plan_conf(const struct job *job)
{
    const struct ddns_record_conf *conf = &job->conf;
    int64_t watched_ms = job->gone_ms > 0 ? clock_mono_ms() - job->gone_ms + 1 : 0;
    return (struct ddns_plan_conf){
        .gap_ms = job->account->gap_ms,
        .budget = job->account->budget,
        .error_gap_ms = conf->gap_ms > 0 ? conf->gap_ms : conf->provider->error_gap_ms,
        .look_every_ms = conf->look_every_ms,
        .verify_for_ms = conf->verify_for_ms,
        .unseen = conf->provider->unseen || job->unseen,
        .refresh_ms = conf->provider->refresh_ms,
        .expect_ttl = conf->expect_ttl,
        .backoff = conf->backoff,
        .withdraw_ms = conf->loss_known[job->family] ? conf->withdraw_ms : 0,
        .watched_ms = watched_ms,
        .other_serves = other_serves(job),
    };
}

struct ddns_step job_plan(const struct job *job, const struct stamp *now)
{
    struct ddns_plan_conf conf = job_plan_conf(job);
    return ddns_plan(&job->state, &job->account->state, &conf, now);
}

void job_note_due(struct job *job, const struct ddns_step *step)
{
    bool due = step->action == DDNS_SEND || step->action == DDNS_WAIT || step->action == DDNS_BUSY;
    if (!due)
        job->due_ms = 0;
    else if (job->due_ms == 0)
        job->due_ms = clock_mono_ms();
}

/* A change and what is told of it are kept together, or a crash in between would leave a change
 * that nobody ever hears of. */
static void keep_begin(const struct job *job, bool durable)
{
    const struct ddns_persist *persist = &job->updater->persist;
    persist->begin(persist->arg, durable);
}

static void keep_end(const struct job *job)
{
    const struct ddns_persist *persist = &job->updater->persist;
    persist->end(persist->arg);
}

/* --- looks --- */

static void note_servers(struct job *job, const struct verify_look *look)
{
    bool searched = !job->conf.authoritative && !job->servers[0];
    if (!look->answered || look->silent > 0)
        job->servers[0] = '\0';
    else if (searched && verify_servers_text(look, job->servers, sizeof(job->servers)))
        job->servers_until_ms = clock_mono_ms() + SERVERS_VALID_MS;
    else if (searched)
        job->servers[0] = '\0';
}

/* Nothing is odd about what nobody wants. */
static void note_evidence(struct job *job, const struct verify_look *look)
{
    job->evidence = EVIDENCE_FINE;
    job->evidence_text[0] = '\0';
    if (addr_is_set(&job->state.wanted))
        job->evidence = evidence_judge(look, &job->state.wanted, job->family, job->evidence_text);
    job->authenticated = look->authenticated;
}

static void on_look(const struct verify_look *look, void *arg)
{
    struct job *job = arg;
    struct ddns_plan_conf conf = job_plan_conf(job);
    struct stamp now = clock_stamp();
    struct addr before = job->state.published;
    char text[ADDR_STRLEN];
    job->verify = NULL;
    note_servers(job, look);
    log_debug("ddns", "%s %s: %s", job->conf.name, family_word(job->family),
              look->answered ? addr_format(&look->value, text) : look->detail);
    note_evidence(job, look);
    ddns_events events = ddns_apply_look(&job->state, &conf, look, &now, rng_u32());
    job_wake(job);
    job_wake_others(job);
    keep_begin(job, false);
    job_save(job);
    tell_events(job, events, &before, look);
    keep_end(job);
}

static void start_look(struct job *job)
{
    if (clock_mono_ms() >= job->servers_until_ms)
        job->servers[0] = '\0';
    struct verify_conf conf = {.servers = job->conf.authoritative, .serials = true, .deep = true};
    if (!conf.servers && job->servers[0])
        conf.servers = job->servers;
    job->state.busy = true;
    job->verify = verify_start(job->updater->env.loop, job->updater->env.resolver, &conf,
                               job->conf.domain, job->conf.fqdn, job->family, on_look, job);
}

void job_drop_look(struct job *job)
{
    struct stamp now = clock_stamp();
    bool clear = job->state.published_known && job->state.look_failures == 0;
    if (!job->verify || !clear)
        return;
    verify_cancel(job->verify);
    job->verify = NULL;
    ddns_apply_look_dropped(&job->state, &now);
}

/* --- requests --- */

/* A permanent answer for the account stops its other records too. */
static void halt_others(struct job *job, const struct ddns_answer *answer)
{
    struct updater *updater = job->updater;
    for (size_t i = 0; i < updater->job_count; i++) {
        struct job *other = updater->jobs[i];
        if (other == job || !cargo_same_login(other, job) ||
            !ddns_apply_account_halt(&other->state, answer))
            continue;
        job_save(other);
        tell_events(other, 1u << DDNS_EVENT_HALTED, &other->state.published, NULL);
    }
}

static void take_answer(struct job *job, const struct ddns_answer *whole)
{
    const struct ddns_answer own = cargo_answer(job, whole);
    const struct ddns_answer *answer = &own;
    if (ddns_verdict_is_success(answer->verdict))
        job->unseen = answer->unseen;
    struct ddns_plan_conf conf = job_plan_conf(job);
    struct stamp now = clock_stamp();
    struct addr before = job->state.published;
    ddns_events events = ddns_apply_answer(&job->state, &job->account->state, &conf, answer,
                                           &job->sending, &now, rng_u32());
    account_wake(job->account, job->updater);
    /* A wait that the provider asked for, and a halt, outlive a power cut. */
    keep_begin(job, !ddns_verdict_is_success(answer->verdict));
    account_save(job->updater, job->account, false);
    job_save(job);
    tell_events(job, events, &before, NULL);
    cargo_tell(job, answer, &now);
    cargo_clear(job);
    if (ddns_verdict_is_permanent(answer->verdict) && answer->account)
        halt_others(job, answer);
    keep_end(job);
}

static void on_answer(const struct ddns_answer *answer, void *arg)
{
    struct job *job = arg;
    job->exchange = NULL;
    take_answer(job, answer);
}

static enum session_family via_of(const struct job *job)
{
    if (job->conf.provider->source_decides)
        return job->family == FAMILY_IPV4 ? SESSION_IPV4 : SESSION_IPV6;
    return job->conf.via;
}

/* What the source of a request decides leaves where the address is. */
static struct egress egress_of(const struct job *job)
{
    struct egress egress = job->conf.egress;
    const char *home = job->conf.home[job->family];
    if (job->conf.provider->source_decides && home && !egress.interface[0] &&
        !addr_is_set(&egress.source))
        str_copy(egress.interface, sizeof(egress.interface), home);
    return egress;
}

static void start_exchange(struct job *job)
{
    const struct ddns_record_conf *conf = &job->conf;
    const struct updater_env *env = &job->updater->env;
    struct provider_more more[PROVIDER_MORE_MAX];
    struct provider_input input = cargo_input(job, more);
    struct exchange_env exchange = {
        .loop = env->loop,
        .resolver = env->resolver,
        .trust = env->trust,
        .runner = &env->runner,
        .cache = &job->account->cache,
        .egress = egress_of(job),
        .via = via_of(job),
        .timeout_ms = conf->timeout_ms > 0 ? conf->timeout_ms : TIMEOUT_MS,
    };
    job->exchange = exchange_start(&exchange, conf->provider, &input, on_answer, job);
}

/* The gap is stored before the first byte leaves: a crash can't shorten it. */
static bool reserve(struct job *job)
{
    struct ddns_plan_conf conf = job_plan_conf(job);
    struct stamp now = clock_stamp();
    ddns_apply_leaving(&job->state, &job->account->state, &conf, &now);
    if (account_reserve(job->updater, job->account))
        return true;
    ddns_apply_abandoned(&job->state, &job->account->state, &now);
    job->state.retry = (struct ddns_wait){.since = now, .length_ms = UNSTORED_WAIT_MS};
    account_wake(job->account, job->updater);
    return false;
}

static void send_update(struct job *job)
{
    struct stamp now = clock_stamp();
    char text[ADDR_STRLEN];
    cargo_collect(job, &now);
    if (!reserve(job))
        return;
    job->withdraws = addr_is_set(&job->state.withdrawing);
    job->sending = job->withdraws ? job->state.withdrawing : job->state.wanted;
    job->due_ms = 0;
    log_info("ddns", "%s %s: %s %s %s %s", job->conf.name, family_word(job->family),
             job->withdraws ? "withdrawing" : "sending", addr_format(&job->sending, text),
             job->withdraws ? "at" : "to", job->conf.provider->id);
    start_exchange(job);
}

/* --- the plan --- */

static void on_timer(void *arg)
{
    struct job *job = arg;
    struct stamp now = clock_stamp();
    struct ddns_step step = job_plan(job, &now);
    job_note_due(job, &step);
    if (step.wait_ms > 0 && step.wait_ms != INT64_MAX)
        loop_timer_set(job->timer, step.wait_ms);
    switch (step.action) {
    case DDNS_LOOK:
    case DDNS_VERIFY:
        start_look(job);
        break;
    case DDNS_SEND:
        send_update(account_next(job->account, job->updater, &now));
        break;
    case DDNS_WAIT:
        tell_wait(job, &step);
        break;
    case DDNS_NOTHING:
    case DDNS_HALTED:
    case DDNS_BUSY:
        break;
    }
}
