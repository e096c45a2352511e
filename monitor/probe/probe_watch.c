/* SPDX-License-Identifier: ISC
 *
 * Watching hosts on a terminal or into a file (see probe_watch.h).
 */
#include "monitor/probe/probe_watch.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/table.h"
#include "monitor/probe/probe_job.h"
#include "monitor/probe/watch_frame.h"

struct look { /* one host */
    struct session *session;
    size_t index;
    struct probe_job *job;
    struct round *round; /* NULL between two */
    struct loop_timer *timer;
    int64_t due_ms;
};

struct session {
    const struct probe_batch *batch;
    struct probe_text_style style;
    const struct probe_format *format; /* with a report of its own: JSON; NULL: text */
    void *report;
    bool drawing; /* on a terminal, in place */
    size_t drawn; /* lines that stand there now */
    bool lost;    /* nobody reads any more */
    int columns;  /* of the terminal when it was drawn */
    struct look looks[PROBE_WATCH_MAX];
    struct watch_state watch;
};

/* --- the terminal --- */

/* Over the picture that stands there, each line cleared behind its end only, in one write: nothing
 * is blank in between. Without automatic wrapping a line too long can't shift the rest. */
static void put_frame(struct session *session, const char *text)
{
    FILE *out = session->batch->view->out;
    size_t rows = (size_t)term_height(STDOUT_FILENO), lines = 0;
    fputs("\033[?7l", out);
    if (session->drawn > 0)
        fprintf(out, "\r\033[%zuA", session->drawn);
    for (; *text && lines + 1 < rows; lines++) {
        size_t len = strcspn(text, "\n");
        fprintf(out, "\r%.*s\033[0K\n", (int)len, text);
        text += len + (text[len] == '\n');
    }
    fputs("\033[0J\033[?7h", out);
    session->drawn = lines;
}

static void draw(struct session *session)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        log_fatal("probe", "out of memory");
    int width = term_width(STDOUT_FILENO);
    if (session->columns != width && session->drawn > 0) { /* what stands there is broken up */
        fputs("\033[H\033[2J", session->batch->view->out);
        session->drawn = 0;
    }
    session->columns = width;
    session->style.width = width > 100 ? 100 : width;
    watch_draw(out, &session->watch, &session->style, clock_mono_ms(), clock_wall_ms());
    if (fclose(out) != 0)
        log_fatal("probe", "out of memory");
    put_frame(session, text);
    free(text);
}

/* --- rounds --- */

static void tell_line(struct session *session, const struct look *look,
                      const struct round_result *result, int64_t wall_ms)
{
    FILE *out = session->batch->view->out;
    char time[CLOCK_TEXT_LEN];
    fprintf(out, "%s  ", clock_format_utc(wall_ms, time));
    probe_text_line(out, &session->style, &look->job->spec, result);
    watch_tell_changes(out, &session->watch, look->index, &session->style, wall_ms);
    fputc('\n', out);
}

static void on_round(struct round_result *result, void *arg)
{
    struct look *look = arg;
    struct session *session = look->session;
    int64_t now_ms = clock_mono_ms(), wall_ms = clock_wall_ms();
    look->round = NULL;
    watch_add(&session->watch, look->index, result, now_ms, wall_ms);
    if (session->format)
        session->format->host(session->report, &look->job->spec, result, wall_ms);
    else if (session->drawing)
        draw(session);
    else
        tell_line(session, look, result, wall_ms);
    if (fflush(session->batch->view->out) != 0) {
        session->lost = true;
        loop_stop(session->batch->loop);
        return;
    }
    /* A round that took longer than the interval does not make the next ones crowd. */
    look->due_ms += session->watch.every_ms;
    if (look->due_ms < now_ms)
        look->due_ms = now_ms;
    loop_timer_set(look->timer, look->due_ms - now_ms);
}

static void start_round(void *arg)
{
    struct look *look = arg;
    const struct probe_batch *batch = look->session->batch;
    look->round = round_start(batch->loop, batch->resolver, batch->trust, &look->job->spec, NULL,
                              on_round, look);
}

/* --- a session --- */

static void start(struct session *session)
{
    const struct probe_batch *batch = session->batch;
    char error[PROBE_JOB_ERROR_LEN];
    for (size_t i = 0; i < batch->count; i++) {
        struct look *look = &session->looks[i];
        look->session = session;
        look->index = i;
        look->job = probe_job_new(batch->options, batch->words[i], error);
        if (!look->job)
            log_fatal("probe", "%s", error); /* it was none a moment ago */
        probe_target_text(&look->job->spec, session->watch.hosts[i].target);
        look->timer = loop_timer_new(batch->loop, start_round, look);
        look->due_ms = clock_mono_ms();
        loop_timer_set(look->timer, 0);
    }
}

static void stop(struct session *session)
{
    for (size_t i = 0; i < session->batch->count; i++) {
        struct look *look = &session->looks[i];
        round_cancel(look->round);
        loop_timer_free(look->timer);
        probe_job_free(look->job);
    }
}

static void on_signal(void *arg)
{
    loop_stop(arg);
}

int probe_watch_run(const struct probe_batch *batch)
{
    const struct probe_options *o = batch->options;
    FILE *out = batch->view->out;
    struct session session = {.batch = batch, .style = batch->view->style};
    session.watch.count = batch->count;
    session.watch.hosts = mem_array(batch->count, sizeof *session.watch.hosts);
    session.watch.every_ms = o->watch_ms;
    session.format = o->format == &probe_format_text ? NULL : o->format;
    session.drawing = batch->view->terminal && !o->quiet && !session.format && term_can_draw();
    session.report = session.format ? session.format->begin(batch->view) : NULL;
    if (session.drawing) /* a picture in one write, not line by line */
        setvbuf(out, NULL, _IOFBF, 1 << 16);
    struct loop_signal *ints = loop_signal_new(batch->loop, SIGINT, on_signal, batch->loop);
    struct loop_signal *terms = loop_signal_new(batch->loop, SIGTERM, on_signal, batch->loop);
    start(&session);
    loop_run(batch->loop);
    stop(&session);
    int status = watch_status(&session.watch, &session.style);
    if (session.report)
        status = session.format->end(session.report, status);
    else if (!session.lost)
        watch_summary(out, &session.watch, &session.style, session.drawing, clock_mono_ms());
    bool lost = fflush(out) != 0;
    loop_signal_free(ints);
    loop_signal_free(terms);
    free(session.watch.hosts);
    return (lost || session.lost) && status == 0 ? 1 : status;
}
