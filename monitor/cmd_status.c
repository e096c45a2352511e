/* SPDX-License-Identifier: ISC
 *
 * `reachd status`: asks the running daemon how things are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/str.h"
#include "lib/table.h"
#include "monitor/cmd.h"
#include "monitor/cmd_options.h"
#include "monitor/cmd_socket.h"
#include "monitor/control/control.h"
#include "monitor/control/status.h"

#define ASK_MS         10000
#define EVENTS_DEFAULT 5
#define EVENTS_MAX     1000

struct options {
    const char *socket;
    uint64_t events;
    bool json;
    bool quiet;
};

static const char help[] =
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
    "3 no daemon answers.\n";

static const char *take_events(void *arg, const char *value)
{
    struct options *o = arg;
    return str_to_uint(value, EVENTS_MAX, &o->events) ? NULL : "a number up to 1000";
}

static const struct cmd_option rows[] = {
    {"json", 0, CMD_FLAG(options, json)},
    {"quiet", 'q', CMD_FLAG(options, quiet)},
    {"events", 0, .take = take_events},
    {"socket", 0, CMD_TEXT(options, socket)},
};

static const struct cmd_syntax syntax = {
    .cmd = "status", .help = help, .options = rows, .count = sizeof rows / sizeof *rows};

static void print(const json_t *reply, bool json)
{
    if (json)
        doc_print(reply);
    else
        status_print(stdout, reply, term_wants_colour(STDOUT_FILENO), clock_wall_ms());
}

static int run(int argc, char **argv)
{
    struct options o = {.events = EVENTS_DEFAULT};
    char found[256], error[256];
    int status = cmd_options_read(&syntax, &o, argc, argv);
    if (status >= 0)
        return status;
    if (optind < argc)
        return cmd_usage_error("status", "status takes no argument: '%s'", argv[optind]);
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
