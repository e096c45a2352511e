/* SPDX-License-Identifier: ISC
 *
 * The options of `reachd probe` (see cmd_probe_options.h).
 */
#include "monitor/cmd_probe_options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/hostport.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/cmd.h"
#include "probes/resolver.h"

#define DEFAULT_TIMEOUT_MS 10000
#define MAX_TIMEOUT_MS     600000
#define DEFAULT_WATCH_MS   5000
#define MIN_WATCH_MS       1000
#define MAX_WATCH_MS       86400000

void probe_options_help(void)
{
    fputs("Usage: reachd probe [OPTION]... [KIND://]HOST[:PORT]...\n"
          "       reachd probe [OPTION]... -   a list: a host a line, # comments\n\n"
          "Looks at every address of each host over IPv4 and IPv6 at once: DNS, TCP, TLS and the\n"
          "certificate (port 443 unless given), and says which layer is broken and what to do.\n\n"
          "  -4, -6               only this family; then it is a failure when it is not published\n"
          "      --kind KIND      tls (TCP, TLS and the certificate; the default), https, http, "
          "quic,\n"
          "                       closed, tcp; or before the host: https://HOST/PATH, "
          "tcp://HOST:PORT\n"
          "  -q, --quiet          one line per host: up, partly, down or unknown, and causes\n"
          "      --format FORMAT  text; json: an object per host; nagios: a plugin's line and\n"
          "                       exit status; prometheus: for the textfile collector\n"
          "      --json           --format json (one line each when piped)\n"
          "  -w, --warning LIMIT, -c, --critical LIMIT   for nagios: days that must be left\n"
          "                       of the certificate (14d), time that it may take (1s, 0.5,\n"
          "                       800ms), or both (14d,1s)\n"
          "      --parallel N     so many hosts at the same time (64)\n"
          "      --watch[=TIME]   again and again (5s), with the last 60 results as a strip; a\n"
          "                       line each when piped; Ctrl-C ends it with a summary\n"
          "      --timeout TIME   for DNS and each address together: 5, 800ms, 1m (10s)\n"
          "      --ca PATH        trust this PEM file or hashed folder instead of the system's "
          "store\n"
          "      --crl PATH       hold the chains against this PEM file of revocation lists\n"
          "      --cert-days N    remark on a certificate that ends within N days (14); 0: never\n"
          "      --servername NAME  ask for and verify this name instead of HOST\n"
          "      --connect ADDR   this address instead of what DNS says\n"
          "      --resolver LIST  these DNS servers: 192.0.2.53,[2001:db8::53]:5353\n"
          "      --authoritative  ask the zone's own servers: what the world sees when caches "
          "forget\n"
          "      --expect-address ADDR  DNS should hold this address; may be given again\n"
          "      --source ADDR    leave with this address; only its family is looked at\n"
          "      --interface IF   leave through this interface\n"
          "      --mark N         leave with this mark (SO_MARK), for ip rule\n"
          "      --full-size      send a full packet first, as browsers do\n"
          "  -v, --verbose        the path of each address too: round trip, segment sizes, MTU;\n"
          "                       the chain of certificates as it was sent; what the resolver\n"
          "                       and the zone's own servers say\n"
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
          "                       (a name, an address, or a prefix: closed://192.0.2.0/28)\n"
          "      --yes            this network is mine: more than 64 ports of an address may be\n"
          "                       looked at\n\n"
          "Examples:\n"
          "  reachd probe example.com\n"
          "  reachd probe example.com www.example.com:8443\n"
          "  reachd probe --watch=2s example.com              while you mend it\n"
          "  reachd probe -q - <hosts.txt\n"
          "  reachd probe --format nagios -w 14d,1s -c 3d,5s example.com\n"
          "  reachd probe [2001:db8::1]:8443 --servername example.com\n"
          "  reachd probe example.com --connect 192.0.2.7     before DNS points there\n"
          "  reachd probe https://example.com/health --expect-text ok\n"
          "  reachd probe quic://example.com                  is there HTTP/3?\n"
          "  reachd probe closed://nas.example.com --ports 22,445,8000:8999\n"
          "  reachd probe tcp://mail.example.com:25\n"
          "  reachd probe -6 example.com --resolver 2001:db8::53\n\n"
          "Exit status: 0 all addresses reached, 1 some failed, 2 wrong usage, 3 nothing reached.\n"
          "A family that a host does not publish is no failure.\n"
          "With --format nagios: 0 OK, 1 warning, 2 critical, 3 unknown (this machine's own\n"
          "trouble, or wrong usage).\n",
          stdout);
}

/* --- values --- */

static int take_timeout(struct probe_options *o, const char *name)
{
    (void)name;
    if (duration_parse(optarg, &o->timeout_ms) && o->timeout_ms > 0 &&
        o->timeout_ms <= MAX_TIMEOUT_MS)
        return 0;
    return probe_usage_error(o, "'%s' is no time limit; write 5s, 800ms or 1m, at most 10m",
                             optarg);
}

static int take_kind(struct probe_options *o, const char *name)
{
    (void)name;
    char names[KIND_NAMES_LEN];
    o->has_kind = true;
    if (kind_from_word(optarg, &o->kind))
        return 0;
    return probe_usage_error(o, "'%s' is no kind of probe; there are: %s", optarg,
                             kind_names(names));
}

/* No value is shown: a header may hold secrets. */
static int take_http(struct probe_options *o, const char *name)
{
    if (!o->http)
        o->http = mem_zalloc(sizeof *o->http);
    const char *problem = http_want_option(o->http, name, optarg);
    return problem ? probe_usage_error(o, "--%s: %s", name, problem) : 0;
}

static int take_servername(struct probe_options *o, const char *name)
{
    (void)name;
    struct addr literal;
    if (!host_is_valid(optarg) && !addr_parse(optarg, &literal))
        return probe_usage_error(o, "'%s' can't be a name in a certificate", optarg);
    o->servername = optarg;
    return 0;
}

/* An address literal, in brackets or not. */
static int take_addr(struct probe_options *o, const char *name, struct addr *out)
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
    return probe_usage_error(o, "--%s takes an address, not '%s'", name, optarg);
}

static int take_connect(struct probe_options *o, const char *name)
{
    return take_addr(o, name, &o->connect);
}

static int take_source(struct probe_options *o, const char *name)
{
    return take_addr(o, name, &o->egress.source);
}

/* `wrong`: NULL, or what a parser complains of. */
static int refuse(const struct probe_options *o, const char *name, const char *wrong)
{
    return wrong ? probe_usage_error(o, "--%s '%s': %s", name, optarg, wrong) : 0;
}

static int take_expected(struct probe_options *o, const char *name)
{
    struct addr addr;
    int status = take_addr(o, name, &addr);
    if (status == 0 && !expect_add(&o->expect, &addr))
        return probe_usage_error(o, "--%s can be given %d times", name, EXPECT_MAX);
    return status;
}

static int take_resolver(struct probe_options *o, const char *name)
{
    o->resolver = optarg;
    return refuse(o, name, resolver_check_servers(optarg));
}

static int take_interface(struct probe_options *o, const char *name)
{
    return refuse(o, name, egress_parse_interface(optarg, o->egress.interface));
}

static int take_mark(struct probe_options *o, const char *name)
{
    return refuse(o, name, egress_parse_mark(optarg, &o->egress.mark));
}

static int take_ports(struct probe_options *o, const char *name)
{
    return refuse(o, name, port_set_add(&o->closed.ports, optarg));
}

static int take_warning(struct probe_options *o, const char *name)
{
    return refuse(o, name, probe_limit_parse(optarg, &o->warning));
}

static int take_critical(struct probe_options *o, const char *name)
{
    return refuse(o, name, probe_limit_parse(optarg, &o->critical));
}

static int take_parallel(struct probe_options *o, const char *name)
{
    uint64_t count;
    if (!str_to_uint(optarg, PROBE_PARALLEL_MAX, &count) || count == 0)
        return refuse(o, name, "a number from 1 to 1000");
    o->parallel = (unsigned)count;
    return 0;
}

static int take_cert_days(struct probe_options *o, const char *name)
{
    uint64_t days;
    if (!str_to_uint(optarg, PROBE_CERT_DAYS_MAX, &days))
        return refuse(o, name, "a number of days from 0 to 3650");
    o->has_cert_days = true;
    o->cert_days = (int64_t)days;
    return 0;
}

static int take_watch(struct probe_options *o, const char *name)
{
    o->watch_ms = DEFAULT_WATCH_MS;
    if (!optarg || (duration_parse(optarg, &o->watch_ms) && o->watch_ms >= MIN_WATCH_MS &&
                    o->watch_ms <= MAX_WATCH_MS))
        return 0;
    return refuse(o, name, "write how often: 1s, 1m, at most 1d");
}

static int set_format(struct probe_options *o, const struct probe_format *format)
{
    if (o->format && o->format != format)
        return probe_usage_error(o, "two formats: %s and %s", o->format->word, format->word);
    o->format = format;
    return 0;
}

static int take_format(struct probe_options *o, const char *name)
{
    char names[PROBE_FORMAT_NAMES_LEN];
    const struct probe_format *format = probe_format_find(optarg);
    if (!format)
        return probe_usage_error(o, "--%s '%s': there are %s", name, optarg,
                                 probe_format_names(names));
    return set_format(o, format);
}

static int take_json(struct probe_options *o, const char *name)
{
    (void)name;
    return set_format(o, &probe_format_json);
}

/* --- the table --- */

struct row {
    const char *name; /* NULL: it has none */
    int has_arg;
    char letter; /* 0: it has none */
    /* One of three: a bool that it sets, a string that it fills, or a function. */
    size_t flag, text;
    /* 0, or the exit status of a usage error that has been told. */
    int (*take)(struct probe_options *o, const char *name);
};

#define FLAG(member) .flag = offsetof(struct probe_options, member) + 1
#define TEXT(member) .text = offsetof(struct probe_options, member) + 1
#define CALL(fn)     .take = fn

static const struct row rows[] = {
    {NULL, no_argument, '4', FLAG(only[FAMILY_IPV4])},
    {NULL, no_argument, '6', FLAG(only[FAMILY_IPV6])},
    {"help", no_argument, 'h', FLAG(help)},
    {"quiet", no_argument, 'q', FLAG(quiet)},
    {"verbose", no_argument, 'v', FLAG(verbose)},
    {"format", required_argument, 0, CALL(take_format)},
    {"json", no_argument, 0, CALL(take_json)},
    {"warning", required_argument, 'w', CALL(take_warning)},
    {"critical", required_argument, 'c', CALL(take_critical)},
    {"parallel", required_argument, 0, CALL(take_parallel)},
    {"watch", optional_argument, 0, CALL(take_watch)},
    {"explain", no_argument, 0, FLAG(explain)},
    {"kind", required_argument, 0, CALL(take_kind)},
    {"timeout", required_argument, 0, CALL(take_timeout)},
    {"ca", required_argument, 0, TEXT(ca)},
    {"crl", required_argument, 0, TEXT(crl)},
    {"cert-days", required_argument, 0, CALL(take_cert_days)},
    {"servername", required_argument, 0, CALL(take_servername)},
    {"connect", required_argument, 0, CALL(take_connect)},
    {"resolver", required_argument, 0, CALL(take_resolver)},
    {"authoritative", no_argument, 0, FLAG(authoritative)},
    {"expect-address", required_argument, 0, CALL(take_expected)},
    {"source", required_argument, 0, CALL(take_source)},
    {"interface", required_argument, 0, CALL(take_interface)},
    {"mark", required_argument, 0, CALL(take_mark)},
    {"full-size", no_argument, 0, FLAG(full_size)},
    {"ports", required_argument, 0, CALL(take_ports)},
    {"yes", no_argument, 0, FLAG(closed.mine)},
    {"method", required_argument, 0, CALL(take_http)},
    {"header", required_argument, 0, CALL(take_http)},
    {"host-header", required_argument, 0, CALL(take_http)},
    {"expect-status", required_argument, 0, CALL(take_http)},
    {"expect-text", required_argument, 0, CALL(take_http)},
    {"expect-regex", required_argument, 0, CALL(take_http)},
    {"max-body", required_argument, 0, CALL(take_http)},
};

#define ROW_COUNT (sizeof rows / sizeof *rows)
#define FIRST_VAL 256 /* of the rows without a letter */

static int val_of(size_t row)
{
    return rows[row].letter ? rows[row].letter : FIRST_VAL + (int)row;
}

static int take_option(struct probe_options *o, int val, char **argv)
{
    if (val == ':')
        return probe_usage_error(o, "%s needs a value", argv[optind - 1]);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct row *row = &rows[i];
        if (val_of(i) != val)
            continue;
        if (row->flag)
            *(bool *)((char *)o + row->flag - 1) = true;
        if (row->text)
            memcpy((char *)o + row->text - 1, &optarg, sizeof optarg);
        return row->take ? row->take(o, row->name) : 0;
    }
    return probe_usage_error(o, "unknown option %s", argv[optind - 1]);
}

/* A plugin's reader must understand an error in what stands before the format, too. */
static void look_for_plugin(struct probe_options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *word = str_starts(argv[i], "--format=") ? argv[i] + strlen("--format=")
                           : i > 1 && strcmp(argv[i - 1], "--format") == 0 ? argv[i]
                                                                           : "";
        const struct probe_format *format = probe_format_find(word);
        o->plugin |= format && format->plugin;
    }
}

/* What options mean together. */
static int check(const struct probe_options *o, bool hosts)
{
    bool limits =
        o->warning.has_time || o->warning.has_days || o->critical.has_time || o->critical.has_days;
    bool text = !o->format || o->format == &probe_format_text;
    if (limits && !o->plugin)
        return probe_usage_error(o, "-w and -c are for --format nagios");
    if (o->quiet && (!text || o->verbose))
        return probe_usage_error(o, "-q is for text without -v");
    if (o->watch_ms && !text && o->format != &probe_format_json)
        return probe_usage_error(o, "--watch is for text and json");
    return o->explain || hosts ? 0 : probe_usage_error(o, "which host?");
}

int probe_options_parse(struct probe_options *o, int argc, char **argv)
{
    struct option longs[ROW_COUNT + 1] = {0};
    size_t count = 0;
    int val, status = 0;
    *o = (struct probe_options){.timeout_ms = DEFAULT_TIMEOUT_MS, .cert_days = PROBE_CERT_DAYS};
    look_for_plugin(o, argc, argv);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].name)
            longs[count++] = (struct option){rows[i].name, rows[i].has_arg, NULL, val_of(i)};
    }
    opterr = 0;
    optind = 1;
    while (status == 0 && !o->help &&
           (val = getopt_long(argc, argv, ":46hqvw:c:", longs, NULL)) != -1)
        status = take_option(o, val, argv);
    return status == 0 && !o->help ? check(o, optind < argc) : status;
}

int probe_usage_error(const struct probe_options *o, const char *fmt, ...)
{
    char text[1024], clean[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    str_printable(clean, sizeof clean, text, strlen(text));
    if (!o->plugin)
        return cmd_usage_error("probe", "%s", clean);
    printf("REACHD UNKNOWN - wrong usage: %s\n", clean);
    return 3;
}

bool probe_options_want_alone(const struct probe_options *o, enum family f)
{
    return o->only[f] && !(o->only[FAMILY_IPV4] && o->only[FAMILY_IPV6]);
}

void probe_options_clear(struct probe_options *o)
{
    http_want_free(o->http);
}
