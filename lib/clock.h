/* SPDX-License-Identifier: ISC
 *
 * The clocks. Monotonic for intervals inside a run; a stamp (boot id + boot-time clock + wall
 * clock) for what must hold across restarts. Not its job: timers (lib/loop.h).
 */
#ifndef REACHD_LIB_CLOCK_H
#define REACHD_LIB_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t clock_mono_us(void); /* CLOCK_MONOTONIC: stands still while suspended */
int64_t clock_mono_ms(void);
int64_t clock_boot_ms(void); /* CLOCK_BOOTTIME: counts suspend */
int64_t clock_wall_ms(void); /* CLOCK_REALTIME: may step; only for people and persisted stamps */

#define CLOCK_BOOT_ID_LEN 37

/* A moment that a later process can compare with: exact within one boot, wall clock across boots.
 */
struct stamp {
    char boot_id[CLOCK_BOOT_ID_LEN]; /* /proc/sys/kernel/random/boot_id, "" when unknown */
    int64_t boot_ms;
    int64_t wall_ms;
};

struct stamp clock_stamp(void);

/* Milliseconds of `length_ms` that are still to pass since `since`; 0 when over, never more than
 * length_ms. Pure. Same boot: the boot clock decides, whatever the wall clock did. Another boot:
 * the wall clock decides unless either reading is implausible (before 2024, or `now` before
 * `since`); then the time since this boot counts, so that a clock that starts at 1970 and jumps
 * later (a router without a battery) never shortens a wait. An unset `since` (wall_ms 0) means 0.
 */
int64_t stamp_left_ms(const struct stamp *since, int64_t length_ms, const struct stamp *now);

#define CLOCK_TEXT_LEN 32
/* "2026-11-24T08:15:30Z"; "-" for 0. Returns buf. */
const char *clock_format_utc(int64_t wall_ms, char buf[CLOCK_TEXT_LEN]);
/* Reads what clock_format_utc wrote; false for "-" and for anything else. */
bool clock_parse_utc(const char *text, int64_t *wall_ms);
/* The same in local time, "2026-11-24 17:15:30". */
const char *clock_format_local(int64_t wall_ms, char buf[CLOCK_TEXT_LEN]);

#endif
