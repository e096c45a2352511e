/* SPDX-License-Identifier: ISC
 *
 * From the table to getopt_long and back (see cmd_options.h).
 */
#include "monitor/cmd_options.h"

#include <assert.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/str.h"
#include "monitor/cmd.h"

#define FIRST_VAL 256 /* of the options without a letter */

struct grammar {
    struct option longs[CMD_OPTIONS_MAX + 2];
    char letters[2 * CMD_OPTIONS_MAX + 4];
};

static int val_of(const struct cmd_syntax *syntax, size_t i)
{
    return syntax->options[i].letter ? syntax->options[i].letter : FIRST_VAL + (int)i;
}

static void make_grammar(const struct cmd_syntax *syntax, struct grammar *grammar)
{
    size_t longs = 0;
    assert(syntax->count <= CMD_OPTIONS_MAX);
    *grammar = (struct grammar){.letters = ":h"};
    grammar->longs[longs++] = (struct option){"help", no_argument, NULL, 'h'};
    for (size_t i = 0; i < syntax->count; i++) {
        const struct cmd_option *option = &syntax->options[i];
        int has_arg = option->flag ? no_argument : required_argument;
        if (option->name)
            grammar->longs[longs++] =
                (struct option){option->name, has_arg, NULL, val_of(syntax, i)};
        if (option->letter)
            str_append(grammar->letters, sizeof grammar->letters, "%c%s", option->letter,
                       option->flag ? "" : ":");
    }
}

static int take(const struct cmd_syntax *syntax, const struct cmd_option *option, void *options)
{
    char *place = options;
    if (option->flag)
        *(bool *)(place + option->flag - 1) = true;
    if (option->text)
        memcpy(place + option->text - 1, &optarg, sizeof optarg);
    const char *wanted = option->take ? option->take(options, optarg) : NULL;
    if (!wanted)
        return -1;
    return cmd_usage_error(syntax->cmd, "--%s takes %s, not '%s'", option->name, wanted, optarg);
}

static int take_val(const struct cmd_syntax *syntax, int val, void *options, char **argv)
{
    if (val == 'h') {
        fputs(syntax->help, stdout);
        return 0;
    }
    if (val == ':')
        return cmd_usage_error(syntax->cmd, "%s needs a value", argv[optind - 1]);
    for (size_t i = 0; i < syntax->count; i++)
        if (val_of(syntax, i) == val)
            return take(syntax, &syntax->options[i], options);
    return cmd_usage_error(syntax->cmd, "unknown option %s", argv[optind - 1]);
}

int cmd_options_read(const struct cmd_syntax *syntax, void *options, int argc, char **argv)
{
    struct grammar grammar;
    int val, status = -1;
    make_grammar(syntax, &grammar);
    opterr = 0;
    optind = 1;
    while (status < 0 &&
           (val = getopt_long(argc, argv, grammar.letters, grammar.longs, NULL)) != -1)
        status = take_val(syntax, val, options, argv);
    return status;
}
