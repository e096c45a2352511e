/* SPDX-License-Identifier: ISC
 *
 * The hooks at work: owns the slots (one per hook and key that has something to tell), the timer,
 * the running programs, and keeps the store's list of due deliveries true. Not its job: what is
 * told when (monitor/hooks/hook_slot.h), what a program sees (monitor/hooks/hook_env.h).
 */
#include "monitor/hooks/hook.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/hooks/hook_env.h"
#include "monitor/hooks/hook_log.h"
#include "monitor/hooks/hook_table.h"

#define TAG     HOOK_TAG
#define HELD_MS 60000 /* until a reminder that waits is thought of again */

static void due_done(struct delivery *delivery, int64_t event_id)
{
    if (event_id > 0)
        store_due_done(delivery->hooks->store, delivery->hook->conf->name, delivery->key, event_id);
}

/* --- runs ------------------------------------------------------------------------------------ */

static void count_end(struct hook *hook, const struct notice *notice,
                      const struct spawn_result *result, enum hook_end end)
{
    spawn_text(result, hook->last_end);
    str_copy(hook->last_event, sizeof(hook->last_event), notice_word(notice->kind));
    hook->last_wall_ms = clock_wall_ms();
    if (result->end == SPAWN_EXITED && result->code == 0)
        hook->told++;
    else
        hook->failed++;
    hook->given_up += end == HOOK_GIVEN_UP;
}

static void log_end(const struct delivery *delivery, const struct notice *notice,
                    const struct spawn_result *result, enum hook_end end, bool well)
{
    const char *name = delivery->hook->conf->name, *word = notice_word(notice->kind);
    char how[SPAWN_TEXT_LEN];
    hook_log_output(name, result);
    spawn_text(result, how);
    if (well)
        log_info(TAG, "%s: %s of %s is told (%lld ms)", name, word, delivery->key,
                 (long long)result->took_ms);
    else if (end == HOOK_RETRIES)
        log_warn(TAG, "%s: %s for %s of %s, will try again", name, how, word, delivery->key);
    else if (end == HOOK_GIVEN_UP)
        log_error(TAG, "%s: %s for %s of %s, given up after %d tries", name, how, word,
                  delivery->key, HOOK_TRIES);
    else
        log_warn(TAG, "%s: %s for %s of %s%s", name, how, word, delivery->key,
                 end == HOOK_REPLACED ? ", a newer notice stands for it" : "");
}

/* Without a spawner nothing runs any more, but what is due stays due for the next start. */
static void on_end(const struct spawn_result *result, void *arg)
{
    struct delivery *delivery = arg;
    struct hooks *hooks = delivery->hooks;
    struct notice notice = *delivery->slot.current;
    int64_t event_id = delivery->slot.current_id;
    bool well = result->end == SPAWN_EXITED && result->code == 0;
    delivery->spawn = NULL;
    hooks->running--;
    if (result->end == SPAWN_LOST) {
        log_error(TAG, "%s: %s of %s waits for the next start", delivery->hook->conf->name,
                  notice_word(notice.kind), delivery->key);
        delivery_free(delivery);
        return;
    }
    enum hook_end end =
        hook_slot_ended(&delivery->slot, well, clock_mono_ms(), delivery->hook->conf->remind_ms);
    log_end(delivery, &notice, result, end, well);
    count_end(delivery->hook, &notice, result, end);
    if (end == HOOK_TOLD || end == HOOK_GIVEN_UP)
        due_done(delivery, event_id);
    if (hook_slot_is_empty(&delivery->slot))
        delivery_free(delivery);
    hooks_pump(hooks);
}

static void delivery_run(struct delivery *delivery)
{
    const struct config_hook *conf = delivery->hook->conf;
    const struct hook_slot *slot = &delivery->slot;
    struct hook_env env;
    hook_env_build(&env, slot->current, conf->name, slot->current_id, slot->current_superseded,
                   slot->current_reminder);
    struct spawn_job job = {.argv = (const char *const *)conf->command,
                            .envp = (const char *const *)env.envp,
                            .input = env.json,
                            .input_len = strlen(env.json),
                            .timeout_ms = conf->timeout_ms};
    log_debug(TAG, "%s: runs for %s of %s", conf->name, notice_word(slot->current->kind),
              delivery->key);
    delivery->hooks->running++;
    delivery->spawn = spawn_start(delivery->hooks->spawner, &job, on_end, delivery);
    hook_env_clear(&env);
}

struct pass {
    int64_t now_ms;
    int64_t next_ms; /* the earliest that is due later */
};

void hooks_hold(struct hooks *hooks, bool (*held)(const struct notice *notice, void *arg),
                void *arg)
{
    hooks->held = held;
    hooks->held_arg = arg;
}

static void run_if_due(struct delivery *delivery, void *arg)
{
    struct pass *pass = arg;
    struct hooks *hooks = delivery->hooks;
    const struct notice *reminder = hook_slot_reminder(&delivery->slot, pass->now_ms);
    if (reminder && hooks->held && hooks->held(reminder, hooks->held_arg))
        hook_slot_put_off(&delivery->slot, pass->now_ms + HELD_MS);
    if (hooks->running < HOOKS_MAX_RUNNING && hook_slot_take(&delivery->slot, pass->now_ms)) {
        delivery_run(delivery);
        return;
    }
    int64_t due = hook_slot_due(&delivery->slot);
    if (due < pass->next_ms)
        pass->next_ms = due;
}

static void arm(struct hooks *hooks, int64_t at_ms)
{
    hooks->timer_at_ms = at_ms;
    if (at_ms == INT64_MAX)
        loop_timer_clear(hooks->timer);
    else
        loop_timer_set(hooks->timer, at_ms - clock_mono_ms());
}

/* Starts what is due; when all places are taken, the end of a run comes back here. */
void hooks_pump(struct hooks *hooks)
{
    struct pass pass = {.now_ms = clock_mono_ms(), .next_ms = INT64_MAX};
    if (hooks->running < HOOKS_MAX_RUNNING)
        delivery_each(hooks, run_if_due, &pass);
    arm(hooks, hooks->running < HOOKS_MAX_RUNNING ? pass.next_ms : INT64_MAX);
}

static void on_timer(void *arg)
{
    hooks_pump(arg);
}

/* --- notices --------------------------------------------------------------------------------- */

bool hook_wants(const struct config_hook *conf, const struct notice *notice)
{
    if (!(conf->events & (UINT32_C(1) << notice->kind)))
        return false;
    if (!conf->only)
        return true;
    for (char **subject = conf->only; *subject; subject++)
        if (strcmp(*subject, notice->subject) == 0)
            return true;
    return false;
}

/* Good news ends the reminders also of a hook that does not ask for good news. */
static void calm(struct hooks *hooks, const struct hook *hook, const char *key)
{
    struct delivery *delivery = delivery_find(hooks, hook, key);
    if (!delivery)
        return;
    hook_slot_calm(&delivery->slot);
    if (hook_slot_is_empty(&delivery->slot))
        delivery_free(delivery);
}

void hooks_forget(struct hooks *hooks, const char *key)
{
    for (size_t i = 0; i < hooks->count; i++)
        calm(hooks, hooks->list[i], key);
}

void hooks_post(struct hooks *hooks, const struct notice *notice, int64_t event_id)
{
    char key[NOTICE_KEY_LEN];
    int64_t now_ms = clock_mono_ms();
    notice_key(notice, key);
    for (size_t i = 0; i < hooks->count; i++) {
        struct hook *hook = hooks->list[i];
        if (!hook_wants(hook->conf, notice)) {
            if (!notice_is_bad(notice->kind))
                calm(hooks, hook, key);
            continue;
        }
        if (event_id > 0)
            store_due_add(hooks->store, hook->conf->name, key, event_id);
        struct delivery *delivery = delivery_get(hooks, hook, key);
        hook_slot_post(&delivery->slot, notice, event_id, 0, now_ms, hooks->debounce_ms);
        int64_t due = hook_slot_due(&delivery->slot);
        if (due < hooks->timer_at_ms && hooks->running < HOOKS_MAX_RUNNING)
            arm(hooks, due);
    }
}

/* --- start and end ---------------------------------------------------------------------------- */

struct hooks *hooks_new(struct loop *loop, struct spawner *spawner, struct store *store)
{
    struct hooks *hooks = mem_zalloc(sizeof(*hooks));
    hooks->loop = loop;
    hooks->spawner = spawner;
    hooks->store = store;
    hooks->timer = loop_timer_new(loop, on_timer, hooks);
    hooks->timer_at_ms = INT64_MAX;
    return hooks;
}

void hooks_free(struct hooks *hooks)
{
    if (!hooks)
        return;
    hooks_clear(hooks);
    loop_timer_free(hooks->timer);
    free(hooks);
}

static void hurry(struct delivery *delivery, void *arg)
{
    hook_slot_hurry(&delivery->slot, *(int64_t *)arg);
}

static void note_open(struct delivery *delivery, void *arg)
{
    const struct hook_slot *slot = &delivery->slot;
    if (slot->running || (slot->pending && slot->tries == 0))
        *(bool *)arg = true;
}

bool hooks_flush(struct hooks *hooks)
{
    int64_t now_ms = clock_mono_ms();
    bool open = false;
    delivery_each(hooks, hurry, &now_ms);
    hooks_pump(hooks);
    delivery_each(hooks, note_open, &open);
    return !open;
}
