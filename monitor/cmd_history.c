/* SPDX-License-Identifier: ISC
 *
 * `reachd history`: what happened, from the event log in the state database. It reads beside the
 * daemon and needs none that runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/duration.h"
#include "lib/str.h"
#include "lib/table.h"
#include "monitor/cmd.h"
#include "monitor/cmd_options.h"
#include "monitor/config/config.h"
#include "monitor/store/history.h"
#include "monitor/store/store.h"

#define SINCE_DEFAULT_MS INT64_C(604800000)

struct options {
    const char *config;
    const char *state;
    const char *name;
    int64_t since_ms;
    bool json;
};

static const char help[] =
    "Usage: reachd history [OPTION]... [NAME]\n\n"
    "Shows what happened: changes of addresses, updates, verifications, targets that went\n"
    "down and came up; and how long each address lived. NAME is a target, record or address\n"
    "of the configuration, or a host; without it, all of them.\n\n"
    "      --since AGE     how far back: 2h, 30d; default 7d (events are kept for 90 days)\n"
    "      --json          events and lives as one JSON object\n"
    "  -c, --config FILE   says where the database is; default " DEFAULT_CONFIG_PATH "\n"
    "      --state PATH    the database itself\n"
    "  -h, --help          this text\n\n"
    "The database belongs to the daemon's user: others read it with sudo.\n\n"
    "Examples:\n"
    "  reachd history --since 24h\n"
    "  reachd history wanppp --since 30d --json | jq -r '.addresses[].lives[].value'\n\n"
    "Exit status: 0 shown, 1 nothing is known of NAME, 2 wrong usage, 3 the database can't\n"
    "be read.\n";

static const char *take_since(void *arg, const char *value)
{
    struct options *o = arg;
    return duration_parse(value, &o->since_ms) && o->since_ms > 0 ? NULL
                                                                  : "an age such as 24h or 7d";
}

static const struct cmd_option rows[] = {
    {"since", 0, .take = take_since},
    {"json", 0, CMD_FLAG(options, json)},
    {"config", 'c', CMD_TEXT(options, config)},
    {"state", 0, CMD_TEXT(options, state)},
};

static const struct cmd_syntax syntax = {
    .cmd = "history", .help = help, .options = rows, .count = sizeof rows / sizeof *rows};

static void on_message(const char *line, bool is_error, void *arg)
{
    (void)arg;
    if (is_error)
        fprintf(stderr, "reachd: %s\n", line);
}

/* False after a message. */
static bool find_database(const struct options *o, char *path, size_t cap)
{
    if (o->state)
        return str_copy(path, cap, o->state);
    if (!o->config && access(DEFAULT_CONFIG_PATH, F_OK) != 0)
        return str_copy(path, cap, DEFAULT_STATE_PATH);
    struct config *config = config_load_as(o->config ? o->config : DEFAULT_CONFIG_PATH,
                                           CONFIG_FOR_CHECK, on_message, NULL);
    if (!config)
        return false;
    bool kept = *config->state_path && str_copy(path, cap, config->state_path);
    if (!kept)
        fprintf(stderr, "reachd: %s keeps no state (state path is empty), so there is no history\n",
                config->path);
    config_free(config);
    return kept;
}

static void on_event(int64_t id, const struct notice *notice, void *arg)
{
    history_feed(arg, id, notice);
}

static struct history *read_history(const struct options *o)
{
    char path[512], error[512];
    if (!find_database(o, path, sizeof path))
        return NULL;
    struct store *store = store_open_to_read(path, error, sizeof error);
    if (!store) {
        fprintf(stderr, "reachd: %s%s\n", error,
                geteuid() == 0 ? "" : "; if it is another user's, try again with sudo");
        return NULL;
    }
    int64_t now_ms = clock_wall_ms();
    struct history *history = history_new(&(struct history_scope){
        .name = o->name, .since_ms = now_ms - o->since_ms, .now_ms = now_ms});
    store_event_all(store, on_event, history);
    store_close(store);
    return history;
}

static void print(const struct history *history, bool json)
{
    if (json) {
        json_t *value = history_json(history);
        doc_print(value);
        json_decref(value);
    } else {
        history_print(stdout, history, term_wants_colour(STDOUT_FILENO));
    }
}

static int run(int argc, char **argv)
{
    struct options o = {.since_ms = SINCE_DEFAULT_MS};
    int status = cmd_options_read(&syntax, &o, argc, argv);
    if (status >= 0)
        return status;
    if (argc - optind > 1)
        return cmd_usage_error("history", "one name at a time, or none for all");
    o.name = argv[optind];
    struct history *history = read_history(&o);
    if (!history)
        return 3;
    status = 0;
    if (o.name && !history_knows_name(history)) {
        fprintf(stderr, "reachd: nothing is known of '%s'\n", o.name);
        status = 1;
    } else {
        print(history, o.json);
    }
    history_free(history);
    return status;
}

const struct cmd cmd_history = {"history", "what happened, and how long each address lived", run};
