/* SPDX-License-Identifier: ISC
 *
 * Entry: options that belong to no sub-command, then the sub-command. A new one is a file cmd_X.c
 * and a row here.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/doc.h"
#include "lib/loop.h"
#include "monitor/cmd.h"
#include "monitor/config/config.h"
#include "monitor/store/store.h"
#include "probes/resolver.h"
#include "probes/trust.h"

static const struct cmd *const commands[] = {
    &cmd_run,  &cmd_status, &cmd_update,    &cmd_history, &cmd_probe,
    &cmd_addr, &cmd_check,  &cmd_providers, &cmd_import,
};

int cmd_usage_error(const char *cmd, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("reachd: ", stderr);
    vfprintf(stderr, fmt, args);
    fprintf(stderr, "\nTry 'reachd%s%s --help'.\n", cmd ? " " : "", cmd ? cmd : "");
    va_end(args);
    return 2;
}

static void print_help(FILE *out)
{
    fputs("reachd keeps a self-hosted server reachable over IPv4 and IPv6, and says which layer\n"
          "is broken when it is not.\n\nUsage: reachd COMMAND [OPTION]... [ARGUMENT]...\n\n",
          out);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(out, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n  reachd COMMAND --help   tells all about one\n"
          "  reachd --version        of reachd and the libraries it runs on\n\n"
          "First steps:\n"
          "  reachd probe example.com      one look from here, no configuration needed\n"
          "  reachd run example.com        watch it in the foreground\n"
          "  reachd check                  is " DEFAULT_CONFIG_PATH " right?\n",
          out);
}

static void print_version(void)
{
    printf("reachd " PACKAGE_VERSION "\n"
           "libevent %s, c-ares %s, %s, SQLite %s, jansson %s, libconfuse %s\n",
           loop_version(), resolver_version(), trust_version(), store_version(), doc_version(),
           config_version());
}

int main(int argc, char **argv)
{
    /* A peer that goes away is an error code, not a signal. */
    signal(SIGPIPE, SIG_IGN);

    if (argc < 2) {
        print_help(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        print_version();
        return 0;
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(argv[1], commands[i]->name) == 0)
            return commands[i]->run(argc - 1, argv + 1);
    }
    return cmd_usage_error(NULL, "there is no command '%s'", argv[1]);
}
