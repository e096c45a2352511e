/* SPDX-License-Identifier: ISC
 *
 * The clocks. Owns: reading them, stamps that hold across restarts, time as text. Not its job:
 * timers.
 */
#include "lib/clock.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/str.h"

/* 2024-01-01T00:00:00Z: a clock that reads less was never set. */
#define PLAUSIBLE_WALL_MS INT64_C(1704067200000)

static int64_t read_us(clockid_t id)
{
    struct timespec ts;
    /* Cannot fail for the clocks asked for: Linux has them all since 2.6.39. */
    if (clock_gettime(id, &ts) != 0)
        return 0;
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_mono_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t clock_mono_ms(void)
{
    return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_boot_ms(void)
{
    return read_us(CLOCK_BOOTTIME) / 1000;
}

int64_t clock_wall_ms(void)
{
    return read_us(CLOCK_REALTIME) / 1000;
}

static void read_boot_id(char out[CLOCK_BOOT_ID_LEN])
{
    out[0] = '\0';
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t len = read(fd, out, CLOCK_BOOT_ID_LEN - 1);
    close(fd);
    out[len < 0 ? 0 : len] = '\0';
    out[strspn(out, "0123456789abcdef-")] = '\0';
}

struct stamp clock_stamp(void)
{
    /* Constant while we run, so a cache is no state. */
    static struct stamp stamp;
    static bool known;
    if (!known) {
        read_boot_id(stamp.boot_id);
        known = true;
    }
    struct stamp now = stamp;
    now.boot_ms = clock_boot_ms();
    now.wall_ms = clock_wall_ms();
    return now;
}

static bool same_boot(const struct stamp *a, const struct stamp *b)
{
    return a->boot_id[0] && strncmp(a->boot_id, b->boot_id, CLOCK_BOOT_ID_LEN) == 0;
}

/* An unknown boot id (no /proc) also counts as another boot: then the wall clock is all there is.
 */
static int64_t elapsed_ms(const struct stamp *since, const struct stamp *now)
{
    if (same_boot(since, now)) /* a corrupt stamp must not overflow the difference */
        return since->boot_ms < 0 ? 0 : now->boot_ms - since->boot_ms;
    bool plausible = since->wall_ms >= PLAUSIBLE_WALL_MS && now->wall_ms >= PLAUSIBLE_WALL_MS &&
                     now->wall_ms >= since->wall_ms;
    return plausible ? now->wall_ms - since->wall_ms : now->boot_ms;
}

int64_t stamp_left_ms(const struct stamp *since, int64_t length_ms, const struct stamp *now)
{
    if (since->wall_ms == 0 || length_ms <= 0)
        return 0;
    int64_t elapsed = elapsed_ms(since, now);
    if (elapsed <= 0)
        return length_ms;
    return elapsed >= length_ms ? 0 : length_ms - elapsed;
}

/* False when the moment has no year of four digits: a corrupt stamp must not break a layout. */
static bool break_down(int64_t wall_ms, bool utc, struct tm *tm)
{
    int64_t seconds = wall_ms / 1000 - (wall_ms % 1000 < 0);
    time_t t = (time_t)seconds;
    if (wall_ms == 0 || (int64_t)t != seconds)
        return false;
    if (!(utc ? gmtime_r(&t, tm) : localtime_r(&t, tm)))
        return false;
    return tm->tm_year >= -900 && tm->tm_year < 8100;
}

const char *clock_format_utc(int64_t wall_ms, char buf[CLOCK_TEXT_LEN])
{
    struct tm tm;
    if (!break_down(wall_ms, true, &tm) ||
        strftime(buf, CLOCK_TEXT_LEN, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        str_copy(buf, CLOCK_TEXT_LEN, "-");
    return buf;
}

bool clock_parse_utc(const char *text, int64_t *wall_ms)
{
    struct tm tm = {0};
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    if (!end || *end)
        return false;
    *wall_ms = (int64_t)timegm(&tm) * 1000;
    return true;
}

const char *clock_format_local(int64_t wall_ms, char buf[CLOCK_TEXT_LEN])
{
    struct tm tm;
    if (!break_down(wall_ms, false, &tm) ||
        strftime(buf, CLOCK_TEXT_LEN, "%Y-%m-%d %H:%M:%S", &tm) == 0)
        str_copy(buf, CLOCK_TEXT_LEN, "-");
    return buf;
}
