/* SPDX-License-Identifier: ISC
 *
 * `reachd probe`: one look at each host, now, without configuration. Owns: its options, running the
 * rounds side by side, the order of the output, the exit status. Layout: monitor/probe_text.h.
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
#include "lib/duration.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/table.h"
#include "monitor/cmd.h"
#include "monitor/explain.h"
#include "monitor/probe_text.h"
#include "monitor/progress.h"
#include "monitor/target_text.h"
#include "probes/closed_want.h"
#include "probes/http_want.h"
#include "probes/round.h"

#define DEFAULT_TIMEOUT_MS 10000
#define MAX_TIMEOUT_MS     600000
#define MAX_CLOSED_AT_ONCE 4 /* hosts of kind closed */
#define PORTS_AT_ONCE      32
#define MAX_AT_ONCE        64 /* hosts; bounds the descriptors in use */

struct options {
    bool only[FAMILY_COUNT]; /* -4, -6 */
    bool json;
    bool verbose;
    bool help;
    bool explain;
    int64_t timeout_ms;
    const char *ca;
    const char *crl;
    const char *servername;
    const char *resolver;
    struct addr connect;
    bool has_kind;
    enum probe_kind kind;
    struct http_want *http; /* NULL: nothing out of the ordinary */
    struct egress egress;
    bool authoritative;
    bool full_size;
    struct closed_want closed;
};

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
    const struct options *options;
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

/* --- options --- */

static void print_help(void)
{
    fputs("Usage: reachd probe [OPTION]... [KIND://]HOST[:PORT]...\n\n"
          "Looks at every address of each host over IPv4 and IPv6 at once: DNS, TCP, TLS and the\n"
          "certificate (port 443 unless given), and says which layer is broken and what to do.\n\n"
          "  -4, -6               only this family; then it is a failure when it is not published\n"
          "      --kind KIND      tls (TCP, TLS and the certificate; the default), https, http, "
          "quic,\n"
          "                       closed, tcp; or before the host: https://HOST/PATH, "
          "tcp://HOST:PORT\n"
          "      --json           one JSON object per host (one line each when piped)\n"
          "      --timeout TIME   for DNS and each address together: 5, 800ms, 1m (10s)\n"
          "      --ca PATH        trust this PEM file or hashed folder instead of the system's "
          "store\n"
          "      --crl PATH       hold the chains against this PEM file of revocation lists\n"
          "      --servername NAME  ask for and verify this name instead of HOST\n"
          "      --connect ADDR   this address instead of what DNS says\n"
          "      --resolver LIST  these DNS servers: 192.0.2.53,[2001:db8::53]:5353\n"
          "      --authoritative  ask the zone's own servers: what the world sees when caches "
          "forget\n"
          "      --source ADDR    leave with this address; only its family is looked at\n"
          "      --interface IF   leave through this interface\n"
          "      --mark N         leave with this mark (SO_MARK), for ip rule\n"
          "      --full-size      send a full packet first, as browsers do\n"
          "  -v, --verbose        the path of each address too: round trip, segment sizes, MTU\n"
          "      --explain [WORD]...  what an outcome means, how it is detected, what to do; or\n"
          "                       all of a layer, or a list of all\n"
          "  -h, --help           this text\n\n"
          "For https and http (statuses 2xx, and redirects that stay with the host, are good):\n"
          "      --method METHOD, --header 'NAME: VALUE', --host-header HOST\n"
          "      --expect-status LIST   only these: 200,204,3xx,400-404\n"
          "      --expect-text TEXT, --expect-regex PATTERN   to be found in the reply\n"
          "      --max-body SIZE        a larger reply is a failure: 4096, 64k, 10M (16M)\n\n"
          "For closed (a port that accepts is the failure):\n"
          "      --ports LIST     80,443,8000:8999; or one port behind the host\n"
          "      --yes            this network is mine: more than 64 ports of an address may be\n"
          "                       looked at\n\n"
          "Examples:\n"
          "  reachd probe example.com\n"
          "  reachd probe example.com www.example.com:8443\n"
          "  reachd probe [2001:db8::1]:8443 --servername example.com\n"
          "  reachd probe example.com --connect 192.0.2.7     before DNS points there\n"
          "  reachd probe https://example.com/health --expect-text ok\n"
          "  reachd probe quic://example.com                  is there HTTP/3?\n"
          "  reachd probe closed://nas.example.com --ports 22,445,8000:8999\n"
          "  reachd probe tcp://mail.example.com:25\n"
          "  reachd probe -6 example.com --resolver 2001:db8::53\n\n"
          "Exit status: 0 all addresses reached, 1 some failed, 2 wrong usage, 3 nothing reached.\n"
          "A family that a host does not publish is no failure.\n",
          stdout);
}

enum {
    OPT_JSON = 256,
    OPT_KIND,
    OPT_PORTS,
    OPT_YES,
    OPT_HTTP, /* which one tells its name */
    OPT_TIMEOUT,
    OPT_CA,
    OPT_CRL,
    OPT_SERVERNAME,
    OPT_CONNECT,
    OPT_RESOLVER,
    OPT_EXPLAIN,
    OPT_SOURCE,
    OPT_INTERFACE,
    OPT_MARK,
    OPT_FULL_SIZE,
    OPT_AUTHORITATIVE,
};

static const struct option long_options[] = {
    {"help", no_argument, NULL, 'h'},
    {"verbose", no_argument, NULL, 'v'},
    {"json", no_argument, NULL, OPT_JSON},
    {"kind", required_argument, NULL, OPT_KIND},
    {"ports", required_argument, NULL, OPT_PORTS},
    {"yes", no_argument, NULL, OPT_YES},
    {"method", required_argument, NULL, OPT_HTTP},
    {"header", required_argument, NULL, OPT_HTTP},
    {"host-header", required_argument, NULL, OPT_HTTP},
    {"expect-status", required_argument, NULL, OPT_HTTP},
    {"expect-text", required_argument, NULL, OPT_HTTP},
    {"expect-regex", required_argument, NULL, OPT_HTTP},
    {"max-body", required_argument, NULL, OPT_HTTP},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"ca", required_argument, NULL, OPT_CA},
    {"crl", required_argument, NULL, OPT_CRL},
    {"servername", required_argument, NULL, OPT_SERVERNAME},
    {"connect", required_argument, NULL, OPT_CONNECT},
    {"resolver", required_argument, NULL, OPT_RESOLVER},
    {"explain", no_argument, NULL, OPT_EXPLAIN},
    {"source", required_argument, NULL, OPT_SOURCE},
    {"interface", required_argument, NULL, OPT_INTERFACE},
    {"mark", required_argument, NULL, OPT_MARK},
    {"full-size", no_argument, NULL, OPT_FULL_SIZE},
    {"authoritative", no_argument, NULL, OPT_AUTHORITATIVE},
    {NULL, 0, NULL, 0},
};

/* 0, or the exit status of a usage error that has been told. */
static int take_timeout(struct options *o)
{
    if (duration_parse(optarg, &o->timeout_ms) && o->timeout_ms > 0 &&
        o->timeout_ms <= MAX_TIMEOUT_MS)
        return 0;
    return cmd_usage_error("probe", "'%s' is no time limit; write 5s, 800ms or 1m, at most 10m",
                           optarg);
}

static int take_kind(struct options *o)
{
    char names[KIND_NAMES_LEN];
    o->has_kind = true;
    if (kind_from_word(optarg, &o->kind))
        return 0;
    return cmd_usage_error("probe", "'%s' is no kind of probe; there are: %s", optarg,
                           kind_names(names));
}

/* No value is shown: a header may hold secrets. */
static int take_http(struct options *o, const char *name)
{
    if (!o->http)
        o->http = mem_zalloc(sizeof *o->http);
    const char *problem = http_want_option(o->http, name, optarg);
    return problem ? cmd_usage_error("probe", "--%s: %s", name, problem) : 0;
}

static int take_ports(struct options *o)
{
    const char *problem = port_set_add(&o->closed.ports, optarg);
    return problem ? cmd_usage_error("probe", "--ports '%s': %s", optarg, problem) : 0;
}

static int take_servername(struct options *o)
{
    struct addr literal;
    if (!host_is_valid(optarg) && !addr_parse(optarg, &literal))
        return cmd_usage_error("probe", "'%s' can't be a name in a certificate", optarg);
    o->servername = optarg;
    return 0;
}

/* An address literal, in brackets or not. */
static int take_addr(const char *option, struct addr *out)
{
    char text[ADDR_STRLEN + 2];
    size_t len = strlen(optarg);
    const char *bare = optarg;
    if (len > 2 && len < sizeof text && optarg[0] == '[' && optarg[len - 1] == ']') {
        memcpy(text, optarg + 1, len - 2);
        text[len - 2] = '\0';
        bare = text;
    }
    if (addr_parse(bare, out))
        return 0;
    return cmd_usage_error("probe", "--%s takes an address, not '%s'", option, optarg);
}

static int take_resolver(struct options *o)
{
    const char *wrong = resolver_check_servers(optarg);
    if (wrong)
        return cmd_usage_error("probe", "--resolver '%s': %s", optarg, wrong);
    o->resolver = optarg;
    return 0;
}

static int take_egress(const char *option, const char *wrong)
{
    return wrong ? cmd_usage_error("probe", "--%s '%s': %s", option, optarg, wrong) : 0;
}

static int take_option(struct options *o, int option, const char *name, char **argv)
{
    switch (option) {
    case '4':
        o->only[FAMILY_IPV4] = true;
        return 0;
    case '6':
        o->only[FAMILY_IPV6] = true;
        return 0;
    case 'v':
        o->verbose = true;
        return 0;
    case 'h':
        o->help = true;
        return 0;
    case OPT_EXPLAIN:
        o->explain = true;
        return 0;
    case OPT_JSON:
        o->json = true;
        return 0;
    case OPT_CA:
        o->ca = optarg;
        return 0;
    case OPT_PORTS:
        return take_ports(o);
    case OPT_YES:
        o->closed.mine = true;
        return 0;
    case OPT_HTTP:
        return take_http(o, name);
    case OPT_KIND:
        return take_kind(o);
    case OPT_CRL:
        o->crl = optarg;
        return 0;
    case OPT_TIMEOUT:
        return take_timeout(o);
    case OPT_SERVERNAME:
        return take_servername(o);
    case OPT_CONNECT:
        return take_addr("connect", &o->connect);
    case OPT_RESOLVER:
        return take_resolver(o);
    case OPT_AUTHORITATIVE:
        o->authoritative = true;
        return 0;
    case OPT_FULL_SIZE:
        o->full_size = true;
        return 0;
    case OPT_SOURCE:
        return take_addr("source", &o->egress.source);
    case OPT_INTERFACE:
        return take_egress("interface", egress_parse_interface(optarg, o->egress.interface));
    case OPT_MARK:
        return take_egress("mark", egress_parse_mark(optarg, &o->egress.mark));
    case ':':
        return cmd_usage_error("probe", "%s needs a value", argv[optind - 1]);
    default:
        return cmd_usage_error("probe", "unknown option %s", argv[optind - 1]);
    }
}

static int parse_options(struct options *o, int argc, char **argv)
{
    int option, status = 0, index = 0;
    opterr = 0;
    optind = 1;
    while (status == 0 && !o->help &&
           (option = getopt_long(argc, argv, ":46hv", long_options, &index)) != -1)
        status = take_option(o, option, long_options[index].name, argv);
    if (status == 0 && !o->help && !o->explain && optind >= argc)
        return cmd_usage_error("probe", "which host?");
    return status;
}

/* --- the run --- */

/* -4 and -6 together are the same as neither. */
static bool is_wanted_alone(const struct options *o, int f)
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
    const struct options *o = run->options;
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
static int set_families(const struct options *o, struct round_spec *spec)
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
    const struct options *o = run->options;
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
    struct options options = {.timeout_ms = DEFAULT_TIMEOUT_MS};
    int status = parse_options(&options, argc, argv);
    if (options.help)
        print_help();
    if (status != 0 || options.help) {
        http_want_free(options.http);
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
    http_want_free(options.http);
    return status;
}

const struct cmd cmd_probe = {"probe", "look at hosts once, now, over both families", run_probe};
