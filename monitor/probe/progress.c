/* SPDX-License-Identifier: ISC
 *
 * The progress line.
 */
#include "monitor/probe/progress.h"

#include <stdio.h>

#include "lib/clock.h"

#define BAR_WIDTH 30
#define STEP_MS   100

static void show_ports(const struct progress *progress)
{
    size_t filled = progress->total ? progress->done * BAR_WIDTH / progress->total : 0;
    char bar[BAR_WIDTH + 1];
    for (size_t i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < filled ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r  %s %zu of %zu ports\033[K", bar, progress->done, progress->total);
}

/* How many there are is not known before the list has ended. */
static void show_hosts(const struct progress *progress)
{
    fprintf(stderr, "\r  %zu hosts done, %zu under way, %u addresses not reached\033[K",
            progress->ended, progress->started - progress->ended, progress->failed);
}

static void show(struct progress *progress)
{
    if (!progress->wanted || clock_mono_ms() < progress->next_ms)
        return;
    progress->next_ms = clock_mono_ms() + STEP_MS;
    progress->shown = true;
    if (progress->total > 0)
        show_ports(progress);
    else
        show_hosts(progress);
}

void progress_add(size_t more, size_t done, void *arg)
{
    struct progress *progress = arg;
    progress->total += more;
    progress->done += done;
    show(progress);
}

void progress_host(struct progress *progress, size_t started, size_t ended, unsigned failed)
{
    progress->started += started;
    progress->ended += ended;
    progress->failed = failed;
    if (progress->hosts)
        show(progress);
}

void progress_hide(struct progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}

void progress_make_way(struct progress *progress)
{
    if (!progress->beside)
        return;
    progress_hide(progress);
    progress->next_ms = 0; /* it comes back at once */
}
