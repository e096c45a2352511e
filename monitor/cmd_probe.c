/* SPDX-License-Identifier: ISC
 *
 * `reachd probe`: one look at each host, now, without configuration. Owns: what the options mean
 * for the run as a whole. Options: cmd_probe_options.h; running: probe_batch.h; what is said:
 * probe_format.h.
 */
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/table.h"
#include "monitor/cmd.h"
#include "monitor/probe/explain.h"
#include "monitor/probe/host_input.h"
#include "monitor/probe/probe_batch.h"
#include "monitor/probe/probe_job.h"
#include "monitor/probe/probe_watch.h"
#include "probes/crypto.h"

/* All hosts of the command line before the first is looked at. */
static int check_hosts(const struct probe_options *o, char **words, size_t count)
{
    char error[PROBE_JOB_ERROR_LEN];
    size_t lists = 0;
    for (size_t i = 0; i < count; i++) {
        if (host_input_is_list(words[i])) {
            if (++lists > 1)
                return probe_usage_error(o, "standard input can be read only once");
            continue;
        }
        struct probe_job *job = probe_job_new(o, words[i], error);
        if (!job)
            return probe_usage_error(o, "%s", error);
        probe_job_free(job);
    }
    if (o->watch_ms && (lists > 0 || count > PROBE_WATCH_MAX))
        return probe_usage_error(o, "--watch wants the hosts on the command line, at most %d",
                                 PROBE_WATCH_MAX);
    return 0;
}

/* Longer lines are hard to read. */
static int terminal_width(void)
{
    int width = term_width(STDOUT_FILENO);
    return width > 100 ? 100 : width;
}

static void set_view(struct probe_view *view, const struct probe_options *o)
{
    setlocale(LC_CTYPE, "");
    view->out = stdout;
    view->terminal = isatty(STDOUT_FILENO);
    view->style.verbose = o->verbose;
    view->style.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    view->style.colour = term_wants_colour(STDOUT_FILENO);
    view->style.width = terminal_width();
    for (int f = 0; f < FAMILY_COUNT; f++)
        view->style.families_wanted[f] = probe_options_want_alone(o, (enum family)f);
    view->warning = o->warning;
    view->critical = o->critical;
    if (!view->warning.has_days && !view->critical.has_days) {
        view->warning.has_days = true;
        view->warning.days = PROBE_CERT_DAYS;
    }
}

/* A progress line is for text, and worth it for more than one host; that of ports always. */
static void set_progress(struct progress *progress, const struct probe_view *view,
                         const struct probe_options *o)
{
    progress->wanted = isatty(STDERR_FILENO) && o->format != &probe_format_json;
    progress->beside = view->terminal;
    progress->hosts = o->many;
}

static int set_up(struct probe_batch *batch, const struct probe_options *o)
{
    char error[256];
    struct resolver_conf conf = {.servers = o->resolver, .egress = o->egress};
    if (o->many || o->watch_ms > 0)
        crypto_expect_many();
    batch->trust = trust_new(o->ca, error, sizeof error);
    if (!batch->trust)
        return probe_usage_error(o, "--ca: %s", error);
    if (o->crl && !trust_add_crls(batch->trust, o->crl, error, sizeof error))
        return probe_usage_error(o, "--crl: %s", error);
    trust_prepare(batch->trust); /* not while answers come in: it would count as their time */
    batch->loop = loop_new();
    batch->resolver = resolver_new(batch->loop, &conf, error, sizeof error);
    return batch->resolver ? 0 : probe_usage_error(o, "%s", error);
}

static int probe_all(const struct probe_options *o, char **words, size_t count)
{
    struct probe_view view = {0};
    struct progress progress = {0};
    struct probe_batch batch = {
        .options = o, .view = &view, .words = words, .count = count, .progress = &progress};
    int status = check_hosts(o, words, count);
    if (status == 0)
        status = set_up(&batch, o);
    if (status == 0) {
        set_view(&view, o);
        set_progress(&progress, &view, o);
        status = o->watch_ms ? probe_watch_run(&batch) : probe_batch_run(&batch);
    }
    if (batch.resolver)
        resolver_free(batch.resolver);
    trust_free(batch.trust);
    loop_free(batch.loop);
    return status;
}

static int explain(const struct probe_options *o, char **words, size_t count)
{
    bool colour = term_wants_colour(STDOUT_FILENO);
    int width = terminal_width(), status = 0;
    char similar[256];
    if (count == 0)
        explain_list(stdout, colour, width);
    for (size_t i = 0; i < count && status == 0; i++) {
        if (i > 0)
            putchar('\n');
        if (explain_word(stdout, words[i], colour, width))
            continue;
        bool any = *explain_similar(words[i], similar, sizeof similar);
        status = probe_usage_error(o, "'%s' is no outcome; %s%s", words[i],
                                   any ? "did you mean " : "--explain alone lists them", similar);
    }
    return status;
}

static int run_probe(int argc, char **argv)
{
    struct probe_options options;
    int status = probe_options_parse(&options, argc, argv);
    if (options.help)
        probe_options_help();
    if (status != 0 || options.help) {
        probe_options_clear(&options);
        return status;
    }
    char **words = argv + optind;
    size_t count = (size_t)(argc - optind);
    options.many = count > 1 || (count == 1 && host_input_is_list(words[0]));
    status = options.explain ? explain(&options, words, count) : probe_all(&options, words, count);
    probe_options_clear(&options);
    return status;
}

const struct cmd cmd_probe = {"probe", "look at hosts once, now, over both families", run_probe};
