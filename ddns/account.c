/* SPDX-License-Identifier: ISC
 *
 * The queues of the updater: one per provider account. Owns: their keys, their persisted state, the
 * order in which due records send. Not its job: when a request may leave (ddns/plan.h).
 */
#include <stdlib.h>
#include <string.h>

#include "ddns/updater_priv.h"
#include "lib/log.h"
#include "lib/mem.h"

static char *key_of(const struct ddns_record_conf *conf)
{
    const struct provider *provider = conf->provider;
    const char *url = conf->url ? conf->url : provider->url;
    if (provider->account_is_url || !conf->user)
        return mem_printf("%s %s", provider->id, url);
    return mem_printf("%s %s %s", provider->id, url, conf->user);
}

/* After a power cut any gap of another boot, an outdated one too, makes the plan wait from the boot
 * on. So once the disk has one, the latest need not be forced onto it. */
static bool is_dated(const struct ddns_account_state *state)
{
    return state->gap.since.wall_ms != 0 && state->gap.since.boot_id[0] != '\0';
}

static void load(struct updater *updater, struct account *account)
{
    const struct ddns_persist *persist = &updater->persist;
    struct stamp now = clock_stamp();
    if (!persist->load_account(persist->arg, account->key, &account->state))
        account->state = (struct ddns_account_state){0};
    account->gap_outlives_us = is_dated(&account->state);
    bool waits = persist->conservative || account->state.busy;
    if (account->state.busy)
        log_info("ddns", "%s: a request was under way when reachd ended; its gap counts from now",
                 account->key);
    ddns_account_loaded(&account->state, persist->conservative, &now);
    if (waits)
        account_save(updater, account, true);
}

struct account *account_of(struct updater *updater, const struct ddns_record_conf *conf)
{
    char *key = key_of(conf);
    for (struct account *account = updater->accounts; account; account = account->next)
        if (strcmp(account->key, key) == 0) {
            free(key);
            return account;
        }
    struct account *account = mem_zalloc(sizeof(*account));
    account->key = key;
    account->next = updater->accounts;
    updater->accounts = account;
    load(updater, account);
    return account;
}

void account_free_all(struct updater *updater)
{
    while (updater->accounts) {
        struct account *account = updater->accounts;
        updater->accounts = account->next;
        api_cache_clear(&account->cache);
        free(account->key);
        free(account);
    }
}

bool account_save(struct updater *updater, const struct account *account, bool durable)
{
    const struct ddns_persist *persist = &updater->persist;
    if (persist->save_account(persist->arg, account->key, &account->state, durable))
        return true;
    log_error("ddns", "%s: the state can't be stored", account->key);
    return false;
}

bool account_reserve(struct updater *updater, struct account *account)
{
    /* Of a budget each one counts; of a gap only that there is one. */
    bool force =
        !account->gap_outlives_us || !is_dated(&account->state) || account->budget.count > 0;
    if (!account_save(updater, account, force))
        return false;
    account->gap_outlives_us = account->gap_outlives_us || is_dated(&account->state);
    return true;
}

struct job *account_next(struct account *account, struct updater *updater, const struct stamp *now)
{
    struct job *oldest = NULL;
    for (size_t i = 0; i < updater->job_count; i++) {
        struct job *job = updater->jobs[i];
        if (job->account != account)
            continue;
        struct ddns_step step = job_plan(job, now);
        job_note_due(job, &step);
        if (step.action == DDNS_SEND && (!oldest || job->due_ms < oldest->due_ms))
            oldest = job;
    }
    return oldest;
}

void account_wake(const struct account *account, struct updater *updater)
{
    for (size_t i = 0; i < updater->job_count; i++)
        if (updater->jobs[i]->account == account)
            job_wake(updater->jobs[i]);
}
