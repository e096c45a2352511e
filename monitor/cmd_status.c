/* SPDX-License-Identifier: ISC
 *
 * `reachd status`: asks the running daemon how things are.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/str.h"
#include "lib/table.h"
#include "monitor/cmd.h"
#include "monitor/cmd_socket.h"
#include "monitor/control.h"
#include "monitor/status.h"

#define ASK_MS         10000
#define EVENTS_DEFAULT 5
#define EVENTS_MAX     1000

struct options {
    const char *socket;
    uint64_t events;
    bool json;
    bool quiet;
    bool help;
};

static void print_help(void)
{
    fputs(
        "Usage: reachd status [OPTION]...\n\n"
        "Shows what the running daemon knows: for each target and family the state, since when,\n"
        "the cause and the last timings; for each record what is wanted, sent and verified, and\n"
        "when the next update may leave; the chosen addresses and why; hooks; the last events.\n\n"
        "      --json          the whole as one JSON object\n"
        "  -q, --quiet         only the exit status\n"
        "      --events N      so many of the last events (5)\n"
        "      --socket PATH   instead of " DEFAULT_CONTROL_PATH "\n"
        "  -h, --help          this text\n\n"
        "Examples:\n"
        "  reachd status\n"
        "  reachd status -q || echo 'something is wrong'\n"
        "  reachd status --json | jq '.targets[] | select(.ipv4.state == \"down\") | .host'\n\n"
        "Exit status: 0 all is well, 1 something is down, flapping or halted, 2 wrong usage,\n"
        "3 no daemon answers.\n",
        stdout);
}

static const struct option long_options[] = {
    {"json", no_argument, NULL, 'j'},         {"quiet", no_argument, NULL, 'q'},
    {"events", required_argument, NULL, 'e'}, {"socket", required_argument, NULL, 's'},
    {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
};

static int take_options(int argc, char **argv, struct options *o)
{
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":qh", long_options, NULL)) != -1) {
        switch (option) {
        case 'j':
            o->json = true;
            break;
        case 'q':
            o->quiet = true;
            break;
        case 'e':
            if (!str_to_uint(optarg, EVENTS_MAX, &o->events))
                return cmd_usage_error("status", "--events takes a number up to %d", EVENTS_MAX);
            break;
        case 's':
            o->socket = optarg;
            break;
        case 'h':
            o->help = true;
            break;
        case ':':
            return cmd_usage_error("status", "%s needs a value", argv[optind - 1]);
        default:
            return cmd_usage_error("status", "unknown option %s", argv[optind - 1]);
        }
    }
    if (optind < argc)
        return cmd_usage_error("status", "status takes no argument: '%s'", argv[optind]);
    return 0;
}

static void print(const json_t *reply, bool json)
{
    if (json) {
        char *text = doc_to_json(reply, isatty(STDOUT_FILENO));
        puts(text);
        free(text);
        return;
    }
    status_print(stdout, reply, term_wants_colour(STDOUT_FILENO), clock_wall_ms());
}

static int run(int argc, char **argv)
{
    struct options o = {.events = EVENTS_DEFAULT};
    char found[256], error[256];
    int status = take_options(argc, argv, &o);
    if (status != 0)
        return status;
    if (o.help) {
        print_help();
        return 0;
    }
    json_t *request = doc_object();
    doc_text(request, "cmd", "status");
    doc_int(request, "events", (int64_t)o.events);
    json_t *reply = control_ask(o.socket ? o.socket : cmd_socket_find(found, sizeof found), request,
                                ASK_MS, error, sizeof error);
    json_decref(request);
    if (!reply) {
        if (!o.quiet)
            fprintf(stderr, "reachd: %s\n", error);
        return 3;
    }
    if (!o.quiet)
        print(reply, o.json);
    status = status_is_well(reply) ? 0 : 1;
    json_decref(reply);
    return status;
}

const struct cmd cmd_status = {"status", "how the running daemon sees things", run};
