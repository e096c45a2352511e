/* SPDX-License-Identifier: ISC
 *
 * Running rounds side by side (see probe_batch.h).
 */
#include "monitor/probe/probe_batch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/probe/host_input.h"
#include "monitor/probe/probe_job.h"
#include "monitor/probe/probe_verdict.h"

#define MAX_CLOSED_AT_ONCE 4  /* hosts of kind closed: each takes many descriptors */
#define FILES_PER_HOST     8  /* most have fewer addresses */
#define WRONG_TOLD         20 /* lines; a list that is none at all would fill the terminal */

struct flight { /* one host under way */
    struct run *run;
    struct probe_job *job;
    struct round *round;
    struct flight *next, **link; /* in run.flights */
};

struct run {
    const struct probe_batch *batch;
    const struct probe_format *format;
    void *report;
    struct host_input *input;
    struct loop_timer *start;
    size_t at_once;
    size_t running;
    struct flight *flights;
    size_t wrong; /* lines */
    bool ended;   /* there are no more hosts */
    struct probe_tally tally;
};

static void start_more(void *arg);

/* --- hosts under way --- */

static struct flight *flight_new(struct run *run, struct probe_job *job)
{
    struct flight *flight = mem_zalloc(sizeof *flight);
    flight->run = run;
    flight->job = job;
    flight->next = run->flights;
    flight->link = &run->flights;
    if (flight->next)
        flight->next->link = &flight->next;
    run->flights = flight;
    run->running++;
    return flight;
}

static void flight_free(struct flight *flight)
{
    flight->run->running--;
    *flight->link = flight->next;
    if (flight->next)
        flight->next->link = flight->link;
    round_cancel(flight->round);
    probe_job_free(flight->job);
    free(flight);
}

static void on_round(struct round_result *result, void *arg)
{
    struct flight *flight = arg;
    struct run *run = flight->run;
    const struct probe_batch *batch = run->batch;
    flight->round = NULL;
    progress_make_way(batch->progress);
    run->format->host(run->report, &flight->job->spec, result, clock_wall_ms());
    probe_tally_add(&run->tally, result, batch->view->style.families_wanted);
    flight_free(flight);
    progress_host(batch->progress, 0, 1, run->tally.down + run->tally.unknown);
    if (fflush(batch->view->out) != 0) { /* whoever reads has gone */
        run->ended = true;
        loop_stop(batch->loop);
        return;
    }
    start_more(run);
}

/* Said once for each line, with its number; what is outside's is printable. */
static void tell_wrong(struct run *run, const char *problem)
{
    char clean[PROBE_JOB_ERROR_LEN];
    size_t line = host_input_line(run->input);
    str_printable(clean, sizeof clean, problem, strlen(problem));
    progress_hide(run->batch->progress);
    if (run->wrong++ < WRONG_TOLD)
        fprintf(stderr, "reachd: line %zu: %s\n", line, clean);
    else if (run->wrong == WRONG_TOLD + 1)
        fputs("reachd: further lines that are no hosts are only counted\n", stderr);
    run->tally.unknown++;
    if (run->format->wrong)
        run->format->wrong(run->report, line, clean);
}

static void start_host(struct run *run, const char *text)
{
    const struct probe_batch *batch = run->batch;
    char error[PROBE_JOB_ERROR_LEN];
    struct probe_job *job = probe_job_new(batch->options, text, error);
    if (!job) {
        tell_wrong(run, error);
        return;
    }
    if (job->spec.closed) {
        run->at_once = run->at_once < MAX_CLOSED_AT_ONCE ? run->at_once : MAX_CLOSED_AT_ONCE;
        job->spec.progress = progress_add;
        job->spec.progress_arg = batch->progress;
    }
    struct flight *flight = flight_new(run, job);
    progress_host(batch->progress, 1, 0, run->tally.down + run->tally.unknown);
    flight->round =
        round_start(batch->loop, batch->resolver, batch->trust, &job->spec, NULL, on_round, flight);
}

static void start_more(void *arg)
{
    struct run *run = arg;
    const char *text;
    while (!run->ended && run->running < run->at_once) {
        enum host_list_step step = host_input_next(run->input, &text);
        if (step == HOST_LIST_MORE)
            return;
        if (step == HOST_LIST_HOST)
            start_host(run, text);
        else if (step == HOST_LIST_WRONG)
            tell_wrong(run, text);
        run->ended = step == HOST_LIST_END;
    }
    if (run->ended && run->running == 0)
        loop_stop(run->batch->loop);
}

/* Descriptors for so many hosts, as far as the system lets us. */
static size_t bound_at_once(size_t wanted)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return wanted;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    getrlimit(RLIMIT_NOFILE, &files);
    size_t most = files.rlim_cur / FILES_PER_HOST;
    return wanted < most ? wanted : most > 0 ? most : 1;
}

/* An empty list is no success. */
static int status_of(const struct run *run)
{
    const char *error = host_input_error(run->input);
    int status = probe_tally_status(&run->tally);
    if (run->wrong > WRONG_TOLD)
        fprintf(stderr, "reachd: %zu lines are no hosts\n", run->wrong);
    if (error)
        fprintf(stderr, "reachd: standard input: %s\n", error);
    return error && status == 0 ? 1 : status;
}

int probe_batch_run(const struct probe_batch *batch)
{
    const struct probe_options *o = batch->options;
    size_t wanted = o->parallel ? o->parallel : PROBE_PARALLEL_DEFAULT;
    struct run run = {.batch = batch, .at_once = bound_at_once(wanted)};
    run.format = o->quiet ? &probe_format_quiet : o->format ? o->format : &probe_format_text;
    run.report = run.format->begin(batch->view);
    run.input =
        host_input_new(batch->loop, batch->words, batch->count, STDIN_FILENO, start_more, &run);
    run.start = loop_timer_new(batch->loop, start_more, &run);
    loop_timer_set(run.start, 0);
    loop_run(batch->loop);
    while (run.flights) /* when nobody reads any more */
        flight_free(run.flights);
    progress_hide(batch->progress);
    int status = run.format->end(run.report, status_of(&run));
    bool lost = fflush(batch->view->out) != 0;
    loop_timer_free(run.start);
    host_input_free(run.input);
    return lost && status == 0 ? 1 : status;
}
