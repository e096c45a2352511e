/* SPDX-License-Identifier: ISC
 *
 * What one hook still has to be told about one subject: newest wins, one run at a time, retries,
 * reminders. Pure: time is an argument, whoever calls runs the program and keeps the store.
 */
#ifndef REACHD_MONITOR_HOOKS_HOOK_SLOT_H
#define REACHD_MONITOR_HOOKS_HOOK_SLOT_H

#include "monitor/notice.h"

#define HOOK_TRIES 3

/* Zeroed: nothing to tell. The notices are owned. */
struct hook_slot {
    struct notice *pending; /* to be told from due_ms on; NULL: nothing */
    int64_t pending_id;
    unsigned superseded; /* how many notices the pending one stands for besides itself */
    unsigned tries;      /* how often telling the pending one has failed */
    int64_t due_ms;

    bool running;
    struct notice *current; /* being told; after that, what reminders repeat */
    int64_t current_id;
    unsigned current_superseded;
    unsigned current_tries;
    bool current_reminder;

    bool calm;            /* the bad state is over, as far as known: no reminders */
    int64_t remind_at_ms; /* 0: no reminder planned */
};

void hook_slot_clear(struct hook_slot *slot);
/* superseded: what the store counted before a restart, else 0. due_ms of a first notice is now +
 * debounce_ms; later ones do not move it, so a storm ends in a run and not in silence. */
void hook_slot_post(struct hook_slot *slot, const struct notice *notice, int64_t event_id,
                    unsigned superseded, int64_t now_ms, int64_t debounce_ms);
/* Of an empty slot: such a notice stands since an earlier run; a reminder is due at at_ms. False:
 * it is none that reminders are for. */
bool hook_slot_resume(struct hook_slot *slot, const struct notice *notice, int64_t event_id,
                      int64_t at_ms);
/* Until the next reminder of what was told at told_ms (wall clock): they keep their pace over
 * restarts. A clock that was set back begins anew. */
int64_t hook_remind_left(int64_t told_ms, int64_t now_wall_ms, int64_t remind_ms);
/* The good news that this hook may not even want to hear: ends reminders. */
void hook_slot_calm(struct hook_slot *slot);
/* When hook_slot_take is worth a call; INT64_MAX: not before something changes. */
int64_t hook_slot_due(const struct hook_slot *slot);
/* Tells what is pending at once; a retry keeps its time. */
void hook_slot_hurry(struct hook_slot *slot, int64_t now_ms);
/* The notice whose reminder is due now; NULL when none is. It can be put off. */
const struct notice *hook_slot_reminder(const struct hook_slot *slot, int64_t now_ms);
void hook_slot_put_off(struct hook_slot *slot, int64_t until_ms);
/* True: `current` is to be told now, and running is set. */
bool hook_slot_take(struct hook_slot *slot, int64_t now_ms);

enum hook_end {
    HOOK_TOLD,
    HOOK_RETRIES,  /* failed, and will be told again */
    HOOK_REPLACED, /* failed, and a newer notice stands for it */
    HOOK_GIVEN_UP,
    HOOK_REMINDED, /* a reminder has ended, well or not */
};

/* After the run; remind_ms 0: no reminders. */
enum hook_end hook_slot_ended(struct hook_slot *slot, bool well, int64_t now_ms, int64_t remind_ms);
bool hook_slot_is_empty(const struct hook_slot *slot); /* nothing pending, running or planned */

#endif
