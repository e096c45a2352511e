/* SPDX-License-Identifier: ISC
 *
 * The pure core of hooks. A notice that replaces another keeps the first one's old value and counts
 * it, so that a down and an up in one moment still read as what they were.
 */
#include "monitor/hooks/hook_slot.h"

#include <stdlib.h>

#include "lib/mem.h"
#include "lib/str.h"

static const int64_t retry_after_ms[HOOK_TRIES - 1] = {5000, 30000};

static struct notice *notice_copy(const struct notice *notice)
{
    struct notice *copy = mem_zalloc(sizeof(*copy));
    *copy = *notice;
    return copy;
}

void hook_slot_clear(struct hook_slot *slot)
{
    free(slot->pending);
    free(slot->current);
    *slot = (struct hook_slot){0};
}

static void keep_old_value(struct notice *newer, const struct notice *older)
{
    if (older->old_value[0])
        str_copy(newer->old_value, sizeof(newer->old_value), older->old_value);
}

void hook_slot_post(struct hook_slot *slot, const struct notice *notice, int64_t event_id,
                    unsigned superseded, int64_t now_ms, int64_t debounce_ms)
{
    struct notice *newer = notice_copy(notice);
    bool in_storm = slot->pending && slot->tries == 0;
    if (!in_storm)
        slot->due_ms = now_ms + debounce_ms;
    if (slot->pending) {
        superseded += slot->superseded + 1;
        keep_old_value(newer, slot->pending);
        free(slot->pending);
    }
    slot->pending = newer;
    slot->pending_id = event_id;
    slot->superseded = superseded;
    slot->tries = 0;
    slot->calm = false;
    if (!notice_is_bad(notice->kind))
        hook_slot_calm(slot);
}

void hook_slot_calm(struct hook_slot *slot)
{
    slot->calm = true;
    slot->remind_at_ms = 0;
}

int64_t hook_slot_due(const struct hook_slot *slot)
{
    if (slot->running)
        return INT64_MAX;
    if (slot->pending)
        return slot->due_ms;
    return slot->remind_at_ms ? slot->remind_at_ms : INT64_MAX;
}

void hook_slot_hurry(struct hook_slot *slot, int64_t now_ms)
{
    if (slot->pending && slot->tries == 0)
        slot->due_ms = now_ms;
}

const struct notice *hook_slot_reminder(const struct hook_slot *slot, int64_t now_ms)
{
    bool due = !slot->running && !slot->pending && slot->remind_at_ms != 0;
    return due && slot->remind_at_ms <= now_ms ? slot->current : NULL;
}

void hook_slot_put_off(struct hook_slot *slot, int64_t until_ms)
{
    slot->remind_at_ms = until_ms;
}

bool hook_slot_take(struct hook_slot *slot, int64_t now_ms)
{
    if (hook_slot_due(slot) > now_ms)
        return false;
    slot->running = true;
    slot->remind_at_ms = 0;
    slot->current_reminder = !slot->pending;
    if (slot->current_reminder)
        return true;
    free(slot->current);
    slot->current = slot->pending;
    slot->current_id = slot->pending_id;
    slot->current_superseded = slot->superseded;
    slot->current_tries = slot->tries;
    slot->pending = NULL;
    slot->superseded = 0;
    slot->tries = 0;
    return true;
}

/* Reminders need an end: only states that a good notice of the same key closes can have them. A
 * certificate's and a TTL's matter has none, and repeats by itself. */
static bool state_lasts(const struct notice *notice)
{
    return notice_is_bad(notice->kind) && notice->kind != NOTICE_CERT_EXPIRING &&
           notice->kind != NOTICE_UPDATE_TTL;
}

/* What could not be told: the newer one stands for it, or it waits for its next try. */
static enum hook_end failed(struct hook_slot *slot, int64_t now_ms)
{
    if (slot->pending) {
        slot->superseded += slot->current_superseded + 1;
        keep_old_value(slot->pending, slot->current);
        return HOOK_REPLACED;
    }
    if (slot->current_tries + 1 >= HOOK_TRIES)
        return HOOK_GIVEN_UP;
    slot->due_ms = now_ms + retry_after_ms[slot->current_tries];
    slot->tries = slot->current_tries + 1;
    slot->pending = slot->current;
    slot->pending_id = slot->current_id;
    slot->superseded = slot->current_superseded;
    slot->current = NULL;
    return HOOK_RETRIES;
}

enum hook_end hook_slot_ended(struct hook_slot *slot, bool well, int64_t now_ms, int64_t remind_ms)
{
    enum hook_end end = slot->current_reminder ? HOOK_REMINDED : HOOK_TOLD;
    slot->running = false;
    if (!well && !slot->current_reminder)
        end = failed(slot, now_ms);
    if (end == HOOK_RETRIES)
        return end;
    if (remind_ms > 0 && !slot->calm && state_lasts(slot->current)) {
        slot->remind_at_ms = now_ms + remind_ms;
    } else {
        free(slot->current);
        slot->current = NULL;
    }
    return end;
}

bool hook_slot_is_empty(const struct hook_slot *slot)
{
    return !slot->running && !slot->pending && slot->remind_at_ms == 0;
}

bool hook_slot_resume(struct hook_slot *slot, const struct notice *notice, int64_t event_id,
                      int64_t at_ms)
{
    if (!state_lasts(notice))
        return false;
    slot->current = notice_copy(notice);
    slot->current_id = event_id;
    slot->remind_at_ms = at_ms > 0 ? at_ms : 1;
    return true;
}

int64_t hook_remind_left(int64_t told_ms, int64_t now_wall_ms, int64_t remind_ms)
{
    int64_t elapsed = now_wall_ms - told_ms;
    return elapsed < 0 ? remind_ms : remind_ms - elapsed % remind_ms;
}
