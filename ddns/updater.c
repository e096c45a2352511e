/* SPDX-License-Identifier: ISC
 *
 * The updater's public calls. Owns: the list of jobs, and which of them survive a new
 * configuration. Not its job: what a job does (ddns/job.c).
 */
#include "ddns/updater.h"

#include <stdlib.h>
#include <string.h>

#include "ddns/updater_priv.h"
#include "lib/log.h"
#include "lib/mem.h"

#define FINGERPRINT_MAX 65536

struct updater *updater_new(const struct updater_env *env)
{
    struct updater *updater = mem_zalloc(sizeof(*updater));
    updater->env = *env;
    updater->persist = *env->persist;
    updater->env.persist = &updater->persist;
    return updater;
}

static void free_jobs(struct job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (jobs[i])
            job_free(jobs[i]);
    free(jobs);
}

void updater_free(struct updater *updater)
{
    if (!updater)
        return;
    free_jobs(updater->jobs, updater->job_count);
    account_free_all(updater);
    free(updater);
}

/* --- configuration --- */

/* Each text with its length in front, so that no two lists of texts look the same. */
static void add_text(struct buf *buf, const char *text)
{
    if (!text)
        text = "";
    buf_printf(buf, "%zu:", strlen(text));
    buf_append(buf, text, strlen(text));
}

static void fingerprint_of(const struct ddns_record_conf *conf, char out[DIGEST_HEX_LEN])
{
    char source[ADDR_STRLEN];
    struct buf buf;
    buf_init(&buf, FINGERPRINT_MAX);
    add_text(&buf, conf->provider->id);
    add_text(&buf, conf->url ? conf->url : conf->provider->url);
    add_text(&buf, conf->host);
    add_text(&buf, conf->domain);
    add_text(&buf, conf->fqdn);
    add_text(&buf, conf->apex);
    add_text(&buf, conf->user);
    add_text(&buf, conf->password);
    if (conf->id)
        add_text(&buf, conf->id);
    for (char **arg = conf->command; arg && *arg; arg++)
        add_text(&buf, *arg);
    if (conf->provider->fingerprint)
        add_text(&buf, conf->provider->fingerprint);
    add_text(&buf, conf->egress.interface);
    add_text(&buf, addr_format(&conf->egress.source, source));
    buf_printf(&buf, "%u %d", conf->egress.mark, (int)conf->via);
    if (!conf->create)
        add_text(&buf, "create = no");
    digest_sha256_hex(buf.data, buf.len, out);
    explicit_bzero(buf.data, buf.cap);
    buf_clear(&buf);
}

static struct job **find(struct updater *updater, const char *name, enum family family)
{
    for (size_t i = 0; i < updater->job_count; i++)
        if (updater->jobs[i] && updater->jobs[i]->family == family &&
            strcmp(updater->jobs[i]->conf.name, name) == 0)
            return &updater->jobs[i];
    return NULL;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Who says now that an address is gone has not said so yet: what another one said is no reason to
 * withdraw anything. */
static void heed_watch(struct job *job, const struct ddns_record_conf *conf)
{
    const struct ddns_record_conf *old = &job->conf;
    if (old->loss_known[job->family] == conf->loss_known[job->family] &&
        same_text(old->home[job->family], conf->home[job->family]))
        return;
    job->state.gone = (struct stamp){0};
    job->gone_ms = 0;
}

/* Takes over the job of the former configuration, or makes a new one. */
static struct job *adopt(struct updater *updater, const struct ddns_record_conf *conf,
                         enum family family)
{
    struct job **slot = find(updater, conf->name, family);
    struct job *old = slot ? *slot : NULL;
    struct addr wanted = old ? old->state.wanted : (struct addr){0};
    char fingerprint[DIGEST_HEX_LEN];
    fingerprint_of(conf, fingerprint);
    if (old && strcmp(old->fingerprint, fingerprint) == 0) {
        *slot = NULL;
        exchange_adopt(old->exchange, conf->provider);
        heed_watch(old, conf);
        old->conf = *conf;
        old->servers[0] = '\0';
        return old;
    }
    if (old) { /* frees its account for the new one */
        job_free(old);
        *slot = NULL;
    }
    struct job *job = job_new(updater, conf, family, fingerprint);
    job->state.wanted = wanted;
    job_save(job);
    return job;
}

static void set_limits(struct updater *updater)
{
    for (struct account *account = updater->accounts; account; account = account->next) {
        account->gap_ms = 0;
        account->budget = (struct ddns_budget){0};
    }
    for (size_t i = 0; i < updater->job_count; i++) {
        const struct job *job = updater->jobs[i];
        int64_t gap = job->conf.gap_ms > 0 ? job->conf.gap_ms : job->conf.provider->gap_ms;
        if (job->account->gap_ms < gap)
            job->account->gap_ms = gap;
        const struct ddns_budget *budget =
            job->conf.budget.count > 0 ? &job->conf.budget : &job->conf.provider->budget;
        if (ddns_budget_cost_ms(&job->account->budget) < ddns_budget_cost_ms(budget))
            job->account->budget = *budget;
    }
}

void updater_configure(struct updater *updater, const struct ddns_record_conf *records,
                       size_t count)
{
    struct job **jobs = mem_array(count * FAMILY_COUNT, sizeof(*jobs));
    size_t job_count = 0;
    for (size_t i = 0; i < count; i++)
        for (int f = 0; f < FAMILY_COUNT; f++)
            if (records[i].families[f])
                jobs[job_count++] = adopt(updater, &records[i], (enum family)f);
    free_jobs(updater->jobs, updater->job_count);
    updater->jobs = jobs;
    updater->job_count = job_count;
    set_limits(updater);
    for (size_t i = 0; i < job_count; i++)
        job_wake(jobs[i]);
}

/* --- what is wanted, and how it stands --- */

void updater_want(struct updater *updater, const char *record, enum family family,
                  const struct addr *addr)
{
    struct job **slot = find(updater, record, family);
    if (!slot)
        return;
    struct job *job = *slot;
    bool changed = ddns_apply_wanted(&job->state, addr);
    if (changed)
        job_drop_look(job);
    if (job_note_wanted(job, changed) || changed) {
        job_wake(job);
        job_wake_others(job);
    }
}

size_t updater_check(struct updater *updater, const char *record)
{
    size_t count = 0;
    for (size_t i = 0; i < updater->job_count; i++) {
        struct job *job = updater->jobs[i];
        if (record && strcmp(record, job->conf.name) != 0)
            continue;
        ddns_apply_check(&job->state);
        job->servers[0] = '\0';
        job_wake(job);
        count++;
    }
    return count;
}

size_t updater_force(struct updater *updater, const char *record)
{
    for (size_t i = 0; i < updater->job_count; i++) {
        struct job *job = updater->jobs[i];
        if ((!record || strcmp(record, job->conf.name) == 0) && ddns_apply_force(&job->state))
            log_info("ddns", "%s %s: an update was asked for, whatever DNS shows", job->conf.name,
                     family_word(job->family));
    }
    return updater_check(updater, record);
}

void updater_clock_set(struct updater *updater)
{
    for (size_t i = 0; i < updater->job_count; i++) {
        struct job *job = updater->jobs[i];
        ddns_apply_clock_set(&job->state, &job->account->state);
        job_wake(job);
    }
}

void updater_each(struct updater *updater,
                  void (*fn)(const struct updater_status *status, void *arg), void *arg)
{
    struct stamp now = clock_stamp();
    for (size_t i = 0; i < updater->job_count; i++) {
        const struct job *job = updater->jobs[i];
        struct ddns_plan_conf conf = job_plan_conf(job);
        struct updater_status status = {
            .record = &job->conf,
            .family = job->family,
            .state = &job->state,
            .account = &job->account->state,
            .conf = &conf,
            .step = job_plan(job, &now),
            .evidence = job->evidence_text,
            .authenticated = job->authenticated,
            .limits = ddns_limits(&job->state, &job->account->state, &conf, &now),
        };
        fn(&status, arg);
    }
}
