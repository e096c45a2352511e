/* SPDX-License-Identifier: ISC
 *
 * `reachd import`: the configuration of another DDNS updater as one for reachd, on standard output.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fsio.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/cmd.h"
#include "monitor/cmd_options.h"
#include "monitor/import/import.h"

#define DEFAULT_SECRETS SYSCONFDIR "/reachd"

enum {
    ALL_TAKEN = 0,
    SOME_REFUSED = 1,
    NOTHING = 3
};

static const char help[] =
    "Usage: reachd import [--format FORMAT] [--secrets DIR] FILE > reachd.conf\n\n"
    "Prints the configuration of another DDNS updater as one for reachd, which 'reachd check'\n"
    "takes. What has no counterpart is told in comments, each option with its line. FILE is\n"
    "not changed, and nothing is sent. FILE - is standard input.\n\n"
    "  reachd import /etc/inadyn.conf             inadyn, version 2\n"
    "  reachd import /etc/ddclient.conf           ddclient\n"
    "  reachd import /etc/config/ddns             OpenWrt's ddns-scripts\n"
    "  ssh router cat /etc/config/ddns | reachd import -\n\n"
    "  -f, --format FORMAT   inadyn, ddclient or ddns-scripts; else seen from what stands in it\n"
    "  -s, --secrets DIR     write the passwords to files in DIR, which only you can read; one\n"
    "                        that is there is never written over. Without: nothing is written,\n"
    "                        the configuration names files in " DEFAULT_SECRETS "\n"
    "                        and tells you which to make\n"
    "  -h, --help            this text\n\n"
    "Passwords are never printed. Switch in five minutes:\n\n"
    "  sudo mkdir -p /etc/reachd\n"
    "  sudo sh -c 'reachd import -s /etc/reachd /etc/ddclient.conf >/etc/reachd/reachd.conf'\n"
    "  sudo reachd check\n"
    "  sudo systemctl disable --now ddclient      two updaters would use up one limit\n"
    "  sudo reachd run\n\n"
    "A service that runs as another user must own the passwords: chown reachd: *.secret\n\n"
    "Exit status: 0 every name is in the configuration, 1 some name could not be taken over (a\n"
    "comment tells which) or a password not be written, 2 wrong usage, 3 FILE can't be read or\n"
    "followed: nothing is printed.\n";

struct options {
    const char *format, *secrets;
};

static const struct cmd_option rows[] = {
    {"format", 'f', CMD_TEXT(options, format)},
    {"secrets", 's', CMD_TEXT(options, secrets)},
};

static const struct cmd_syntax syntax = {
    .cmd = "import", .help = help, .options = rows, .count = sizeof rows / sizeof *rows};

static void tell(const char *line, void *arg)
{
    (void)arg;
    fprintf(stderr, "reachd import: %s\n", line);
}

static void say_nothing_taken(const char *path, const struct import *im)
{
    unsigned line;
    const char *error = import_error(im, &line);
    if (line > 0)
        fprintf(stderr, "reachd import: %s:%u: %s\n", path, line, error);
    else
        fprintf(stderr, "reachd import: %s: %s\n", path, error);
}

/* The text first: a file of a password without a configuration that names it is of no use. */
static int write_out(const struct import *im, bool secrets)
{
    struct buf out;
    bool good = true;
    buf_init(&out, IMPORT_OUT_MAX);
    if (!import_write(im, &out)) {
        tell("the configuration would be too large", NULL);
        buf_clear(&out);
        return NOTHING;
    }
    fwrite(out.data, 1, out.len, stdout);
    buf_clear(&out);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        tell("standard output can't be written", NULL);
        return NOTHING;
    }
    if (secrets)
        good = import_write_secrets(im, tell, NULL);
    size_t refused = import_refused_count(im), all = import_name_count(im);
    if (refused > 0)
        fprintf(stderr, "reachd import: %zu of %zu names not taken over: see NOT TAKEN OVER\n",
                refused, all);
    return refused > 0 || !good ? SOME_REFUSED : ALL_TAKEN;
}

/* Without the files most services would be unknown, and nothing said of the cause. */
static void say_bare(void)
{
    char *why = catalog_why_bare();
    if (why)
        tell(why, NULL);
    free(why);
}

static int convert(const char *path, enum import_format format, const char *secrets)
{
    char error[FSIO_ERROR_LEN];
    size_t len;
    bool piped = strcmp(path, "-") == 0;
    path = piped ? "standard input" : path;
    char *text = piped ? fsio_read_fd(STDIN_FILENO, path, IMPORT_FILE_MAX, &len, error)
                       : fsio_read(path, IMPORT_FILE_MAX, &len, error);
    unsigned line;
    int status = NOTHING;
    if (!text) {
        tell(error, NULL);
        return NOTHING;
    }
    struct import_asked asked = {.path = path,
                                 .secrets = secrets ? secrets : DEFAULT_SECRETS,
                                 .written = secrets != NULL,
                                 .closed = piped, /* no other file lies beside it */
                                 .catalog = catalog_new()};
    if (format == IMPORT_UNKNOWN)
        format = import_detect(text, len);
    struct import *im = import_new(&asked, format, text, len);
    say_bare();
    if (import_error(im, &line))
        say_nothing_taken(path, im);
    else
        status = write_out(im, secrets != NULL);
    import_free(im);
    catalog_free(asked.catalog);
    mem_free_secret(text);
    return status;
}

/* password-file wants an absolute path. NULL: it is no folder, which is told. */
static char *secrets_folder(const char *path)
{
    struct stat st;
    char *full = realpath(path, NULL);
    if (full && stat(full, &st) == 0 && S_ISDIR(st.st_mode) && strlen(full) < 512 &&
        !strpbrk(full, "\n\r"))
        return full;
    free(full);
    fprintf(stderr, "reachd import: --secrets %s: there is no such folder\n", path);
    return NULL;
}

static int run(int argc, char **argv)
{
    struct options o = {0};
    int status = cmd_options_read(&syntax, &o, argc, argv);
    enum import_format format = IMPORT_UNKNOWN;
    if (status >= 0)
        return status;
    if (argc - optind != 1)
        return cmd_usage_error("import", "import takes one FILE");
    if (o.format && (format = import_format_find(o.format)) == IMPORT_UNKNOWN)
        return cmd_usage_error(
            "import", "--format takes inadyn, ddclient or ddns-scripts, not '%s'", o.format);
    char *secrets = o.secrets ? secrets_folder(o.secrets) : NULL;
    if (o.secrets && !secrets)
        return NOTHING;
    status = convert(argv[optind], format, secrets);
    free(secrets);
    return status;
}

const struct cmd cmd_import = {"import", "take over from inadyn, ddclient or ddns-scripts", run};
