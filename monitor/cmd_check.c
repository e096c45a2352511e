/* SPDX-License-Identifier: ISC
 *
 * `reachd check`: is the configuration right? Says it as `nginx -t` does.
 */
#include <stdio.h>
#include <string.h>

#include "lib/table.h"
#include "monitor/cmd.h"
#include "monitor/cmd_options.h"
#include "monitor/config/config.h"

struct messages {
    FILE *out; /* NULL: count only */
    bool colour;
    size_t errors; /* told */
    size_t warnings;
};

static const char help[] =
    "Usage: reachd check [-c FILE] [-q]\n\n"
    "Reads the configuration as the daemon would, and tells every error and warning with\n"
    "file and line.\n\n"
    "  -c, --config FILE   instead of " DEFAULT_CONFIG_PATH "\n"
    "  -q, --quiet         no summary when all is well\n"
    "  -h, --help          this text\n\n"
    "Exit status: 0 it is valid, 1 it is not, 2 wrong usage.\n";

struct options {
    const char *path;
    bool quiet;
};

static const struct cmd_option rows[] = {
    {"config", 'c', CMD_TEXT(options, path)},
    {"quiet", 'q', CMD_FLAG(options, quiet)},
};

static const struct cmd_syntax syntax = {
    .cmd = "check", .help = help, .options = rows, .count = sizeof rows / sizeof *rows};

static void on_message(const char *line, bool is_error, void *arg)
{
    struct messages *messages = arg;
    if (is_error)
        messages->errors++;
    else
        messages->warnings++;
    fprintf(messages->out, "%s%s%s\n",
            term_start(is_error ? TERM_RED : TERM_YELLOW, messages->colour), line,
            term_end(messages->colour));
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static int judge(const char *path, const struct config *config, const struct messages *messages,
                 bool quiet)
{
    if (!config) {
        fprintf(messages->out, "reachd: configuration file %s is invalid: %zu error%s\n", path,
                messages->errors, plural(messages->errors));
        return 1;
    }
    if (!quiet) {
        printf("reachd: configuration file %s is valid: %zu target%s, %zu record%s, %zu address%s, "
               "%zu hook%s",
               path, config->target_count, plural(config->target_count), config->record_count,
               plural(config->record_count), config->address_count,
               config->address_count == 1 ? "" : "es", config->hook_count,
               plural(config->hook_count));
        if (messages->warnings > 0)
            printf("; %zu warning%s", messages->warnings, plural(messages->warnings));
        putchar('\n');
    }
    return 0;
}

static int run(int argc, char **argv)
{
    struct options o = {.path = DEFAULT_CONFIG_PATH};
    int status = cmd_options_read(&syntax, &o, argc, argv);
    if (status >= 0)
        return status;
    if (optind < argc)
        return cmd_usage_error("check", "check takes no argument: '%s'", argv[optind]);
    struct messages messages = {.out = stderr, .colour = term_wants_colour(2)};
    struct config *config = config_load_as(o.path, CONFIG_FOR_CHECK, on_message, &messages);
    status = judge(o.path, config, &messages, o.quiet);
    config_free(config);
    return status;
}

const struct cmd cmd_check = {"check", "is the configuration right?", run};
