/* SPDX-License-Identifier: ISC
 *
 * `reachd update`: asks the running daemon to look at its addresses and at DNS now, and tells what
 * comes of it; with --dry-run what would be sent; with --force it sends in any case. The provider's
 * limits hold always: the answer says when a request will leave.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/table.h"
#include "monitor/cmd.h"
#include "monitor/cmd_options.h"
#include "monitor/cmd_socket.h"
#include "monitor/control/control.h"
#include "monitor/control/status.h"

#define ASK_MS  10000
#define WAIT_MS 6000 /* for the looks at DNS; what is not known then is told as under way */
#define POLL_US 50000

struct options {
    const char *socket;
    bool json;
    bool no_wait;
    bool dry_run;
    bool force;
};

static const char help[] =
    "Usage: reachd update [OPTION]... [NAME]\n\n"
    "Asks the running daemon to look now: at the addresses of this machine, and at what DNS\n"
    "shows of the record NAME (all, when none is given). Where they differ an update goes\n"
    "out, as soon as the provider's limit allows; the answer says when, and why not now.\n\n"
    "      --dry-run       only tell what would be sent, why, and what holds it back until when;\n"
    "                      nothing is looked at, nothing is sent\n"
    "      --force         send though DNS shows the address already. Gap, budget, Retry-After,\n"
    "                      backoff and halts hold all the same: what holds it back is told, and\n"
    "                      the update leaves as soon as it may. With --dry-run: only tell\n"
    "      --json          the records as JSON\n"
    "      --no-wait       do not wait for the look at DNS\n"
    "      --socket PATH   instead of " DEFAULT_CONTROL_PATH "\n"
    "  -h, --help          this text\n\n"
    "Examples:\n"
    "  reachd update\n"
    "  reachd update home        the record \"home\" of the configuration\n"
    "  reachd update --dry-run   would anything be sent?\n\n"
    "Exit status: 0 asked (--dry-run: there is nothing to send), 1 there is no such record\n"
    "or it is halted, 2 wrong usage, 3 no daemon answers; --dry-run: 4 an update is due and\n"
    "may leave; --dry-run and --force: 5 it is held back by a limit.\n";

static const struct cmd_option rows[] = {
    {"dry-run", 0, CMD_FLAG(options, dry_run)}, {"force", 0, CMD_FLAG(options, force)},
    {"json", 0, CMD_FLAG(options, json)},       {"no-wait", 0, CMD_FLAG(options, no_wait)},
    {"socket", 0, CMD_TEXT(options, socket)},
};

static const struct cmd_syntax syntax = {
    .cmd = "update", .help = help, .options = rows, .count = sizeof rows / sizeof *rows};

/* NULL after an error that has been told. */
static json_t *ask(const char *socket, const char *cmd, const char *name, bool forced)
{
    char error[256];
    json_t *request = doc_object();
    doc_text(request, "cmd", cmd);
    if (forced)
        doc_bool(request, "forced", true);
    if (name)
        doc_text(request, "name", name);
    json_t *reply = control_ask(socket, request, ASK_MS, error, sizeof error);
    json_decref(request);
    if (!reply)
        fprintf(stderr, "reachd: %s\n", error);
    return reply;
}

/* The reply after the looks that it asked for have ended, or after a bounded wait. */
static json_t *wait_settled(json_t *reply, const char *socket, const char *name)
{
    int64_t until_ms = clock_mono_ms() + WAIT_MS;
    while (reply && !*doc_get_text(reply, "error") && !status_updates_settled(reply) &&
           clock_mono_ms() < until_ms) {
        usleep(POLL_US);
        json_decref(reply);
        reply = ask(socket, "records", name, false);
    }
    return reply;
}

static bool is_refused(const json_t *reply)
{
    if (!*doc_get_text(reply, "error"))
        return false;
    fprintf(stderr, "reachd: %s\n", doc_get_text(reply, "error"));
    return true;
}

static int tell(const json_t *reply, bool json)
{
    if (is_refused(reply))
        return 1;
    if (json)
        doc_print(reply);
    else
        status_print_updates(stdout, reply, term_wants_colour(STDOUT_FILENO));
    return status_is_well(reply) ? 0 : 1;
}

static int tell_plans(const json_t *reply, const struct options *o)
{
    if (is_refused(reply))
        return 1;
    if (o->json)
        doc_print(reply);
    else
        status_print_plans(stdout, reply, term_wants_colour(STDOUT_FILENO), clock_wall_ms());
    return status_plans_exit(reply, o->force, o->dry_run);
}

/* What would be sent is known at once, and so is what holds back what was asked for. */
static int run_plan(const char *socket, const char *name, const struct options *o)
{
    json_t *reply = ask(socket, o->dry_run ? "plan" : "force", name, o->force);
    if (!reply)
        return 3;
    int status = tell_plans(reply, o);
    json_decref(reply);
    return status;
}

static int run(int argc, char **argv)
{
    struct options o = {0};
    char found[256];
    int status = cmd_options_read(&syntax, &o, argc, argv);
    if (status >= 0)
        return status;
    if (argc - optind > 1)
        return cmd_usage_error("update", "one record at a time, or none for all");
    const char *name = optind < argc ? argv[optind] : NULL;
    const char *socket = o.socket ? o.socket : cmd_socket_find(found, sizeof found);
    if (o.dry_run || o.force)
        return run_plan(socket, name, &o);
    json_t *reply = ask(socket, "update", name, false);
    if (!o.no_wait)
        reply = wait_settled(reply, socket, name);
    if (!reply)
        return 3;
    status = tell(reply, o.json);
    json_decref(reply);
    return status;
}

const struct cmd cmd_update = {"update", "look at addresses and DNS now, update what differs", run};
