/* SPDX-License-Identifier: ISC
 *
 * `reachd run`: the daemon, in the foreground. With a configuration file, or on hosts of the
 * command line without one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/duration.h"
#include "lib/mem.h"
#include "lib/table.h"
#include "monitor/cmd.h"
#include "monitor/cmd_options.h"
#include "monitor/cmd_socket.h"
#include "monitor/config/config.h"
#include "monitor/daemon.h"

#define EVERY_MIN_MS 1000

struct options {
    const char *config;
    const char *socket;
    const char *state;
    int64_t every_ms; /* 0: not given */
    bool debug;
};

static const char help[] =
    "Usage: reachd run [OPTION]...                   with a configuration file\n"
    "       reachd run [OPTION]... HOST[:PORT]...    without any\n\n"
    "Watches, updates DNS and alerts, in the foreground; a service manager or a terminal\n"
    "holds it. On hosts of the command line every check is a line, and nothing is updated.\n\n"
    "  -c, --config FILE      instead of " DEFAULT_CONFIG_PATH "\n"
    "      --every TIME       with hosts: how often each is checked (60s)\n"
    "      --socket PATH      control socket, for 'reachd status'; \"\" for none\n"
    "      --state PATH       database; \"\" keeps the state in memory\n"
    "      --debug            log every attempt\n"
    "  -h, --help             this text\n\n"
    "Examples:\n"
    "  reachd run example.com www.example.com:8443     watch two names, now\n"
    "  reachd run --every 10s [2001:db8::1]:443        an address, often\n"
    "  reachd check -c ./my.conf && reachd run -c ./my.conf\n\n"
    "Signals: HUP reads the configuration again (a bad one is refused and told), USR1 looks\n"
    "at everything now, TERM and INT end it within a second.\n"
    "Exit status: 0 ended as asked, 1 it could not start, 2 wrong usage.\n";

static const char *take_every(void *arg, const char *value)
{
    struct options *o = arg;
    return duration_parse(value, &o->every_ms) && o->every_ms >= EVERY_MIN_MS
               ? NULL
               : "an interval such as 10s or 5m, at least 1s";
}

static const struct cmd_option rows[] = {
    {"config", 'c', CMD_TEXT(options, config)}, {"every", 0, .take = take_every},
    {"socket", 0, CMD_TEXT(options, socket)},   {"state", 0, CMD_TEXT(options, state)},
    {"debug", 0, CMD_FLAG(options, debug)},
};

static const struct cmd_syntax syntax = {
    .cmd = "run", .help = help, .options = rows, .count = sizeof rows / sizeof *rows};

/* What options and hosts mean together: -1, or 2 after saying what is wrong. */
static int check(const struct options *o, size_t hosts)
{
    if (o->config && hosts > 0)
        return cmd_usage_error("run", "hosts are watched without a configuration: leave out -c");
    if (o->every_ms && hosts == 0)
        return cmd_usage_error("run", "--every is for hosts of the command line; in a "
                                      "configuration it is the option 'every' of a target");
    return -1;
}

static void on_message(const char *line, bool is_error, void *arg)
{
    bool colour = term_wants_colour(2);
    (void)arg;
    fprintf(stderr, "%s%s%s\n", term_start(is_error ? TERM_RED : TERM_YELLOW, colour), line,
            term_end(colour));
}

static void replace(char **text, const char *with)
{
    free(*text);
    *text = mem_strdup(with);
}

static struct config *load(const struct options *o, char **hosts, size_t count)
{
    char socket[256];
    struct config *config =
        count > 0 ? config_from_hosts(hosts, count, on_message, NULL)
                  : config_load(o->config ? o->config : DEFAULT_CONFIG_PATH, on_message, NULL);
    if (!config)
        return NULL;
    if (o->socket || count > 0)
        replace(&config->control_path,
                o->socket ? o->socket : cmd_socket_own(socket, sizeof socket));
    if (o->state)
        replace(&config->state_path, o->state);
    for (size_t i = 0; o->every_ms && i < config->target_count; i++) {
        struct config_target *target = &config->targets[i];
        target->every_ms = o->every_ms;
        if (target->timeout_ms > o->every_ms)
            target->timeout_ms = o->every_ms;
    }
    return config;
}

static void say_not_started(const struct options *o, size_t hosts)
{
    bool none = hosts == 0 && !o->config && access(DEFAULT_CONFIG_PATH, F_OK) != 0;
    fputs(none ? "reachd: not started: write that file (a commented sample is installed in\n" DOCDIR
                 "), or say what to watch: reachd run example.com\n"
               : "reachd: not started\n",
          stderr);
}

static int run(int argc, char **argv)
{
    struct options o = {0};
    int status = cmd_options_read(&syntax, &o, argc, argv);
    size_t hosts = (size_t)(argc - optind);
    if (status < 0)
        status = check(&o, hosts);
    if (status >= 0)
        return status;
    /* First of all, while this process knows nothing: it is the one that will run programs. */
    struct spawner *spawner = spawner_fork();
    if (!spawner) {
        perror("reachd: can't fork");
        return EXIT_FAILURE;
    }
    struct config *config = load(&o, argv + optind, hosts);
    if (!config) {
        spawner_free(spawner);
        say_not_started(&o, hosts);
        return EXIT_FAILURE;
    }
    struct daemon_options options = {.terminal = hosts > 0, .debug = o.debug};
    return daemon_run(config, spawner, &options);
}

const struct cmd cmd_run = {"run", "watch, update and alert, in the foreground", run};
