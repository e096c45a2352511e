/* SPDX-License-Identifier: ISC
 *
 * reachd addr: every address of this machine with the verdict of the policy, the one that would
 * be published first. Owns: its options. Not its job: the policy, the layout
 * (monitor/address/addr_view.h).
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/mem.h"
#include "lib/table.h"
#include "monitor/address/addr_view.h"
#include "monitor/address/ubus_status.h"
#include "monitor/cmd.h"

#define MAX_ACCEPT 64

static const char help[] =
    "Usage: reachd addr [OPTION]... [INTERFACE]\n"
    "\n"
    "Lists every address of this machine with the verdict whether it is fit to be published in\n"
    "DNS, and why; the one that reachd would publish comes first, marked with '*'. Without\n"
    "INTERFACE all interfaces are looked at, loopback excluded. Needs no configuration, no\n"
    "privileges and no network.\n"
    "\n"
    "  -4, -6               only this family\n"
    "  -q, --quiet          just the chosen address (one line per family), for scripts\n"
    "  -j, --json           all of it as JSON\n"
    "      --prefer KIND    stable (default), or temporary: for a home that publishes its privacy\n"
    "                       address; a stable one is then the second choice\n"
    "      --accept PREFIX  publish addresses of this range too, though the world can't reach\n"
    "                       them: for private DNS and labs; may be repeated\n"
    "      --ubus           not this machine's: what OpenWrt says of an interface, read from\n"
    "                       standard input\n"
    "  -h, --help           this text\n"
    "\n"
    "What counts, in this order:\n"
    "  never    private, carrier-grade NAT, link-local, documentation and other special ranges;\n"
    "           temporary (privacy) addresses; a duplicate; link down; tentative; deprecated\n"
    "  IPv6     static, then stable (EUI-64, stable privacy), then DHCPv6, then others; the "
    "longer\n"
    "           preferred lifetime, then the smaller number\n"
    "  IPv4     primary before secondary\n"
    "\n"
    "Examples:\n"
    "  reachd addr                        what do I have, what would be published\n"
    "  reachd addr -6 -q eth0             instead of: ip -6 addr show eth0 | grep ...\n"
    "  reachd addr -4 -q pppoe-wanppp     the address of a PPPoE line, for a script\n"
    "  ubus call network.interface.wan status | reachd addr --ubus -4 -q\n"
    "                                     the same from OpenWrt's word for the line\n"
    "  reachd addr --accept 10.0.0.0/8    a lab where 10.x addresses are published\n"
    "\n"
    "Exit status: 0 listed (with --quiet: an address was printed); 1 with --quiet: none is fit;\n"
    "1 no such interface, or the kernel could not be asked; 2 wrong usage.\n";

struct options {
    bool families[FAMILY_COUNT];
    bool quiet;
    bool json;
    bool ubus;
    enum address_prefer prefer;
    struct prefix accept[MAX_ACCEPT];
    size_t accept_count;
    const char *interface;
    char device[IF_NAMESIZE]; /* of --ubus */
};

enum {
    OPT_PREFER = 256,
    OPT_ACCEPT,
    OPT_UBUS,
};

enum parsed {
    PARSED_RUN,
    PARSED_HELP,
    PARSED_WRONG,
};

static bool set_prefer(struct options *options, const char *word)
{
    if (strcmp(word, "temporary") == 0)
        options->prefer = PREFER_TEMPORARY;
    else if (strcmp(word, "stable") == 0)
        options->prefer = PREFER_STABLE;
    else
        cmd_usage_error("addr", "--prefer takes 'stable' or 'temporary', not '%s'", word);
    return strcmp(word, "temporary") == 0 || strcmp(word, "stable") == 0;
}

static bool add_accept(struct options *options, const char *text)
{
    if (options->accept_count == MAX_ACCEPT) {
        cmd_usage_error("addr", "more than %d times --accept", MAX_ACCEPT);
        return false;
    }
    if (!prefix_parse(text, &options->accept[options->accept_count])) {
        cmd_usage_error("addr", "--accept takes a prefix such as 203.0.113.0/24, not '%s'", text);
        return false;
    }
    options->accept_count++;
    return true;
}

static bool take_option(struct options *options, int option, const char *text)
{
    switch (option) {
    case '4':
        options->families[FAMILY_IPV4] = true;
        return true;
    case '6':
        options->families[FAMILY_IPV6] = true;
        return true;
    case 'q':
        options->quiet = true;
        return true;
    case 'j':
        options->json = true;
        return true;
    case OPT_UBUS:
        options->ubus = true;
        return true;
    case OPT_PREFER:
        return set_prefer(options, optarg);
    case OPT_ACCEPT:
        return add_accept(options, optarg);
    case ':':
        cmd_usage_error("addr", "%s needs a value", text);
        return false;
    default:
        cmd_usage_error("addr", "unknown option %s", text);
        return false;
    }
}

static enum parsed parse_options(int argc, char **argv, struct options *options)
{
    static const struct option longs[] = {
        {"quiet", no_argument, NULL, 'q'},
        {"json", no_argument, NULL, 'j'},
        {"prefer", required_argument, NULL, OPT_PREFER},
        {"accept", required_argument, NULL, OPT_ACCEPT},
        {"ubus", no_argument, NULL, OPT_UBUS},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":46qjh", longs, NULL)) != -1) {
        if (option == 'h')
            return PARSED_HELP;
        if (!take_option(options, option, argv[optind - 1]))
            return PARSED_WRONG;
    }
    if (argc - optind > 1) {
        cmd_usage_error("addr", "one interface at most, '%s' is too much", argv[optind + 1]);
        return PARSED_WRONG;
    }
    options->interface = argv[optind];
    if (options->ubus && options->interface) {
        cmd_usage_error("addr", "--ubus reads of one interface, '%s' is too much", argv[optind]);
        return PARSED_WRONG;
    }
    if (!options->families[FAMILY_IPV4] && !options->families[FAMILY_IPV6])
        options->families[FAMILY_IPV4] = options->families[FAMILY_IPV6] = true;
    return PARSED_RUN;
}

static void on_sync_begin(void *arg)
{
    addrset_sync_begin(arg);
}

static void on_event(const struct rtnl_event *event, void *arg)
{
    addrset_feed(arg, event, clock_mono_ms());
}

static void on_synced(void *arg)
{
    addrset_synced(arg);
}

/* NULL after saying why. */
static struct addrset *read_addresses(const struct options *options)
{
    static const struct rtnl_ops ops = {
        .sync_begin = on_sync_begin, .event = on_event, .synced = on_synced};
    struct addrset *set = addrset_new();
    char error[160];
    bool up;
    if (!rtnl_dump(&ops, set, error, sizeof(error)))
        fprintf(stderr, "reachd: %s\n", error);
    else if (options->interface && !addrset_link(set, options->interface, &up))
        fprintf(stderr, "reachd: there is no interface '%s' on this machine\n", options->interface);
    else
        return set;
    addrset_free(set);
    return NULL;
}

static size_t read_stdin(char *data, size_t cap)
{
    size_t len = fread(data, 1, cap, stdin);
    return ferror(stdin) ? 0 : len;
}

/* NULL after saying why. */
static struct addrset *read_ubus(struct options *options)
{
    struct addrset *set = addrset_new();
    char *data = mem_array(UBUS_STATUS_MAX + 1, 1), why[160];
    size_t len = read_stdin(data, UBUS_STATUS_MAX + 1);
    bool good = ubus_status_read(data, len, set, options->device, why, sizeof(why));
    free(data);
    options->interface = options->device;
    if (good)
        return set;
    fprintf(
        stderr,
        "reachd: standard input: %s; it should be what 'ubus call network.interface.NAME status' "
        "prints\n",
        why);
    addrset_free(set);
    return NULL;
}

static void choose(const struct options *options, const struct addrset *set, enum family family,
                   struct addr_choice *choice)
{
    struct addr_policy policy = {
        .interface = options->interface,
        .family = family,
        .prefer = options->prefer,
        .accept = options->accept,
        .accept_count = options->accept_count,
    };
    addr_choose(set, &policy, NULL, clock_mono_ms(), choice);
}

static int print_quiet(const struct options *options, const struct addr_choice *choices)
{
    bool any = false;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        char text[ADDR_STRLEN];
        if (!options->families[f] || !choices[f].chosen)
            continue;
        puts(addr_format(&choices[f].candidates[0].addr.addr, text));
        any = true;
    }
    for (enum family f = FAMILY_IPV4; !any && f < FAMILY_COUNT; f++)
        if (options->families[f])
            fprintf(stderr, "reachd: no %s address to publish: %s\n", family_text(f),
                    choices[f].reason);
    return any ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void print_json(const struct options *options, const struct addr_choice *choices)
{
    json_t *object = doc_object();
    doc_text(object, "interface", options->interface);
    for (enum family f = FAMILY_IPV4; f < FAMILY_COUNT; f++)
        if (options->families[f])
            doc_value(object, family_word(f), addr_view_json(&choices[f]));
    char *text = doc_to_json(object, true);
    puts(text);
    free(text);
    json_decref(object);
}

static int run(int argc, char **argv)
{
    struct options options = {.prefer = PREFER_STABLE};
    switch (parse_options(argc, argv, &options)) {
    case PARSED_HELP:
        fputs(help, stdout);
        return EXIT_SUCCESS;
    case PARSED_WRONG:
        return 2;
    case PARSED_RUN:
        break;
    }
    struct addrset *set = options.ubus ? read_ubus(&options) : read_addresses(&options);
    if (!set)
        return EXIT_FAILURE;
    int status = EXIT_SUCCESS;
    struct addr_choice *choices = mem_array(FAMILY_COUNT, sizeof(*choices));
    for (enum family f = FAMILY_IPV4; f < FAMILY_COUNT; f++)
        choose(&options, set, f, &choices[f]);
    if (options.quiet)
        status = print_quiet(&options, choices);
    else if (options.json)
        print_json(&options, choices);
    else
        for (enum family f = FAMILY_IPV4; f < FAMILY_COUNT; f++)
            if (options.families[f])
                addr_view_print(stdout, f, &choices[f], term_width(STDOUT_FILENO),
                                term_wants_colour(STDOUT_FILENO));
    free(choices);
    addrset_free(set);
    return status;
}

const struct cmd cmd_addr = {"addr", "which address of this machine would be published, and why",
                             run};
