/* SPDX-License-Identifier: ISC
 *
 * The options of `reachd probe` (see cmd_probe_options.h).
 */
#include "monitor/cmd_probe_options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/hostport.h"
#include "lib/mem.h"
#include "monitor/cmd.h"
#include "probes/resolver.h"

#define DEFAULT_TIMEOUT_MS 10000
#define MAX_TIMEOUT_MS     600000

void probe_options_help(void)
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
static int take_timeout(struct probe_options *o)
{
    if (duration_parse(optarg, &o->timeout_ms) && o->timeout_ms > 0 &&
        o->timeout_ms <= MAX_TIMEOUT_MS)
        return 0;
    return cmd_usage_error("probe", "'%s' is no time limit; write 5s, 800ms or 1m, at most 10m",
                           optarg);
}

static int take_kind(struct probe_options *o)
{
    char names[KIND_NAMES_LEN];
    o->has_kind = true;
    if (kind_from_word(optarg, &o->kind))
        return 0;
    return cmd_usage_error("probe", "'%s' is no kind of probe; there are: %s", optarg,
                           kind_names(names));
}

/* No value is shown: a header may hold secrets. */
static int take_http(struct probe_options *o, const char *name)
{
    if (!o->http)
        o->http = mem_zalloc(sizeof *o->http);
    const char *problem = http_want_option(o->http, name, optarg);
    return problem ? cmd_usage_error("probe", "--%s: %s", name, problem) : 0;
}

static int take_ports(struct probe_options *o)
{
    const char *problem = port_set_add(&o->closed.ports, optarg);
    return problem ? cmd_usage_error("probe", "--ports '%s': %s", optarg, problem) : 0;
}

static int take_servername(struct probe_options *o)
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

static int take_resolver(struct probe_options *o)
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

static int take_option(struct probe_options *o, int option, const char *name, char **argv)
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

int probe_options_parse(struct probe_options *o, int argc, char **argv)
{
    int option, status = 0, index = 0;
    *o = (struct probe_options){.timeout_ms = DEFAULT_TIMEOUT_MS};
    opterr = 0;
    optind = 1;
    while (status == 0 && !o->help &&
           (option = getopt_long(argc, argv, ":46hv", long_options, &index)) != -1)
        status = take_option(o, option, long_options[index].name, argv);
    if (status == 0 && !o->help && !o->explain && optind >= argc)
        return cmd_usage_error("probe", "which host?");
    return status;
}

void probe_options_clear(struct probe_options *o)
{
    http_want_free(o->http);
}
