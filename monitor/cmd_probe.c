/* SPDX-License-Identifier: ISC
 *
 * `reachd probe`: one look at each host, now, without configuration. Owns: running the
 * rounds side by side, the order of the output, the exit status. Options: cmd_probe_options.h;
 * layout: probe_text.h.
 */
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/table.h"
#include "monitor/cmd.h"
#include "monitor/cmd_probe_options.h"
#include "monitor/explain.h"
#include "monitor/probe_text.h"
#include "monitor/progress.h"
#include "monitor/target_text.h"
#include "probes/round.h"

#define MAX_CLOSED_AT_ONCE 4 /* hosts of kind closed */
#define PORTS_AT_ONCE      32
#define MAX_AT_ONCE        64 /* hosts; bounds the descriptors in use */

struct job { /* one host */
    struct run *run;
    struct round_spec spec;
    char *path;
    struct closed_want closed;
    char *text; /* rendered, waits for its turn */
};

struct run {
    struct loop *loop;
    struct resolver *resolver;
    struct trust *trust;
    const struct probe_options *options;
    struct probe_text_style style;
    struct job *jobs;
    struct progress progress;
    size_t count;
    size_t at_once;
    size_t started;
    size_t ended;
    size_t printed;
    unsigned reached; /* addresses */
    unsigned failed;  /* addresses, and families without any that should have some */
};

/* -4 and -6 together are the same as neither. */
static bool is_wanted_alone(const struct probe_options *o, int f)
{
    return o->only[f] && !(o->only[FAMILY_IPV4] && o->only[FAMILY_IPV6]);
}

static void count_result(struct run *run, const struct round_result *result)
{
    for (int f = 0; f < FAMILY_COUNT; f++) {
        const struct round_family *family = &result->families[f];
        if (!family->asked)
            continue;
        bool absent = family->dns == OUTCOME_DNS_NODATA && !is_wanted_alone(run->options, f);
        if (family->count == 0 && !absent)
            run->failed++;
        for (size_t i = 0; i < family->count; i++) {
            if (family->results[i].outcome == OUTCOME_OK)
                run->reached++;
            else
                run->failed++;
        }
    }
}

static char *render(struct run *run, const struct job *job, const struct round_result *result)
{
    int64_t now_ms = clock_wall_ms();
    if (run->options->json) {
        json_t *value = round_result_json(&job->spec, result, now_ms);
        char *json = doc_to_json(value, isatty(STDOUT_FILENO));
        char *line = mem_printf("%s\n", json);
        free(json);
        json_decref(value);
        return line;
    }
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        log_fatal("probe", "out of memory");
    probe_text_print(out, &run->style, &job->spec, result, now_ms);
    if (fclose(out) != 0)
        log_fatal("probe", "out of memory");
    return text;
}

/* In the order of the command line, each as soon as all before it are out. */
static void print_ready(struct run *run)
{
    while (run->printed < run->count && run->jobs[run->printed].text) {
        if (run->printed > 0 && !run->options->json)
            putchar('\n');
        fputs(run->jobs[run->printed].text, stdout);
        run->printed++;
    }
    fflush(stdout);
}

static void on_round(struct round_result *result, void *arg);

static void start_more(struct run *run)
{
    while (run->started < run->count && run->started - run->ended < run->at_once) {
        struct job *job = &run->jobs[run->started++];
        round_start(run->loop, run->resolver, run->trust, &job->spec, NULL, on_round, job);
    }
}

static void on_round(struct round_result *result, void *arg)
{
    struct job *job = arg;
    struct run *run = job->run;
    progress_hide(&run->progress);
    job->text = render(run, job, result);
    count_result(run, result);
    run->ended++;
    print_ready(run);
    if (run->ended == run->count)
        loop_stop(run->loop);
    else
        start_more(run);
}

/* The ports of the option, and the one behind the host. */
static int parse_ports(struct run *run, struct job *job)
{
    struct round_spec *spec = &job->spec;
    char port[8];
    job->closed = run->options->closed;
    job->closed.parallel = PORTS_AT_ONCE;
    snprintf(port, sizeof port, "%u", spec->target.port);
    const char *wrong = spec->target.port ? port_set_add(&job->closed.ports, port) : NULL;
    if (!wrong && job->closed.ports.range_count == 0)
        wrong = "which ports? --ports 22,80,8000:8999, or one behind the host";
    if (wrong)
        return cmd_usage_error("probe", "'%s': %s", spec->target.host, wrong);
    const struct port_set *ports = &job->closed.ports;
    spec->target.port = port_set_count(ports) == 1 ? port_set_at(ports, 0) : 0;
    spec->closed = &job->closed;
    spec->progress = progress_add;
    spec->progress_arg = &run->progress;
    run->at_once = MAX_CLOSED_AT_ONCE;
    return 0;
}

static int parse_target(struct run *run, const char *text, struct job *job)
{
    const struct probe_options *o = run->options;
    struct round_spec *spec = &job->spec;
    struct target_text read;
    const char *wrong = target_text_parse(text, o->has_kind ? &o->kind : NULL, &read);
    if (wrong)
        return cmd_usage_error("probe", "'%s': %s", text, wrong);
    const struct kind *kind = kind_of(read.kind);
    if ((o->servername || o->ca) && !(kind->takes & KIND_TAKES_SERVERNAME))
        return cmd_usage_error("probe", "--servername and --ca mean nothing for kind %s",
                               kind->word);
    if (o->http && !(kind->takes & KIND_TAKES_HTTP))
        return cmd_usage_error("probe", "the options for https and http mean nothing for kind %s",
                               kind->word);
    bool takes_ports = kind->takes & KIND_TAKES_PORTS;
    if ((o->closed.ports.range_count > 0 || o->closed.mine) && !takes_ports)
        return cmd_usage_error("probe", "--ports and --yes mean nothing for kind %s", kind->word);
    job->path = mem_strdup(read.path);
    spec->path = job->path;
    spec->http = o->http;
    spec->kind = read.kind;
    spec->target = read.at;
    return takes_ports ? parse_ports(run, job) : 0;
}

/* A source fixes the family, as an address of the target does. */
static int set_families(const struct probe_options *o, struct round_spec *spec)
{
    bool any = !o->only[FAMILY_IPV4] && !o->only[FAMILY_IPV6];
    const struct addr *source = &o->egress.source;
    const struct addr *addr = addr_is_set(&o->connect) ? &o->connect : &spec->target.literal;
    for (int f = 0; f < FAMILY_COUNT; f++)
        spec->families[f] =
            (any || o->only[f]) && (!addr_is_set(source) || addr_family(source) == (enum family)f);
    if (addr_is_set(source) && !spec->families[addr_family(source)])
        return cmd_usage_error("probe", "--source is an %s address",
                               family_text(addr_family(source)));
    if (addr_is_set(addr) && !spec->families[addr_family(addr)])
        return cmd_usage_error("probe", "an %s address can't be reached over the other family",
                               family_text(addr_family(addr)));
    return 0;
}

static int parse_hosts(struct run *run, char **hosts)
{
    const struct probe_options *o = run->options;
    for (size_t i = 0; i < run->count; i++) {
        struct round_spec *spec = &run->jobs[i].spec;
        int status = parse_target(run, hosts[i], &run->jobs[i]);
        if (status != 0)
            return status;
        spec->servername = o->servername;
        spec->connect = o->connect;
        spec->timeout_ms = o->timeout_ms;
        spec->egress = o->egress;
        spec->authoritative = o->authoritative;
        spec->full_size = o->full_size;
        status = set_families(o, spec);
        if (status != 0)
            return status;
        run->jobs[i].run = run;
    }
    return 0;
}

/* Longer lines are hard to read. */
static int terminal_width(void)
{
    int width = term_width(STDOUT_FILENO);
    return width > 100 ? 100 : width;
}

static void set_style(struct run *run)
{
    const char *charset;
    setlocale(LC_CTYPE, "");
    charset = nl_langinfo(CODESET);
    run->style.verbose = run->options->verbose;
    run->style.utf8 = strcmp(charset, "UTF-8") == 0;
    run->style.colour = term_wants_colour(STDOUT_FILENO);
    run->style.width = terminal_width();
    for (int f = 0; f < FAMILY_COUNT; f++)
        run->style.families_wanted[f] = is_wanted_alone(run->options, f);
}

static int probe_all(struct run *run)
{
    char error[256];
    struct resolver_conf conf = {.servers = run->options->resolver, .egress = run->options->egress};
    run->trust = trust_new(run->options->ca, error, sizeof error);
    if (!run->trust)
        return cmd_usage_error("probe", "--ca: %s", error);
    if (run->options->crl && !trust_add_crls(run->trust, run->options->crl, error, sizeof error))
        return cmd_usage_error("probe", "--crl: %s", error);
    trust_prepare(run->trust); /* not while answers come in: it would count as their time */
    run->loop = loop_new();
    run->resolver = resolver_new(run->loop, &conf, error, sizeof error);
    if (!run->resolver)
        return cmd_usage_error("probe", "%s", error);
    set_style(run);
    start_more(run);
    loop_run(run->loop);
    return run->reached == 0 ? 3 : run->failed > 0 ? 1 : 0;
}

static int explain(char **words, size_t count)
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
        status = cmd_usage_error("probe", "'%s' is no outcome; %s%s", words[i],
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
    if (options.explain)
        return explain(argv + optind, (size_t)(argc - optind));
    struct run run = {
        .options = &options, .count = (size_t)(argc - optind), .at_once = MAX_AT_ONCE};
    run.progress.wanted = isatty(STDERR_FILENO) && !options.json;
    run.jobs = mem_array(run.count, sizeof *run.jobs);
    status = parse_hosts(&run, argv + optind);
    if (status == 0)
        status = probe_all(&run);
    if (run.resolver)
        resolver_free(run.resolver);
    trust_free(run.trust);
    loop_free(run.loop);
    for (size_t i = 0; i < run.count; i++) {
        free(run.jobs[i].path);
        free(run.jobs[i].text);
    }
    free(run.jobs);
    probe_options_clear(&options);
    return status;
}

const struct cmd cmd_probe = {"probe", "look at hosts once, now, over both families", run_probe};
