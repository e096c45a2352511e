/* SPDX-License-Identifier: ISC
 *
 * Where a record's password comes from: a file, the environment, a systemd credential, or, with a
 * warning, the configuration itself. Owns: which is allowed. Not its job: the permission rule of
 * files (lib/fsio.h).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fsio.h"
#include "lib/mem.h"
#include "monitor/config/config_check.h"

static const char *const sources[] = {"password", "password-file", "password-env",
                                      "password-credential"};

/* What only the running service has is an error there, and a warning for a check elsewhere. */
static void say_absent(struct config_draft *draft, const struct config_at *at, const char *what,
                       const char *name, const char *reason)
{
    if (draft->secrets_later)
        config_warn(&draft->report, at, "%s = \"%s\" can't be looked at here: %s", what, name,
                    reason);
    else
        config_error(&draft->report, at, "%s = \"%s\": %s", what, name, reason);
}

static char *from_text(struct config_draft *draft, const struct config_at *at, const char *text,
                       bool whole)
{
    (void)whole;
    struct stat st;
    bool open_to_all = at->file && stat(at->file, &st) == 0 && (st.st_mode & S_IROTH);
    config_warn(&draft->report, at,
                "the password stands in the configuration; password-file keeps it apart%s",
                open_to_all ? ". Everyone on this machine can read this file: chmod o= it" : "");
    return mem_strdup(text);
}

static char *read_file(const char *path, bool whole, char error[FSIO_ERROR_LEN])
{
    return whole ? fsio_read_secret_text(path, error) : fsio_read_secret(path, error);
}

static char *from_file(struct config_draft *draft, const struct config_at *at, const char *path,
                       bool whole)
{
    char error[FSIO_ERROR_LEN];
    if (path[0] != '/') {
        config_error(&draft->report, at, "password-file = \"%s\": an absolute path is needed",
                     path);
        return NULL;
    }
    char *secret = read_file(path, whole, error);
    if (!secret)
        config_error(&draft->report, at, "password-file: %s%s", error,
                     access(path, R_OK) != 0 && errno == EACCES
                         ? ": the user that reachd runs as must own it, and be let into its folder"
                         : "");
    return secret;
}

static char *from_env(struct config_draft *draft, const struct config_at *at, const char *name,
                      bool whole)
{
    (void)whole;
    const char *value = getenv(name);
    if (value && value[0])
        return mem_strdup(value);
    say_absent(draft, at, "password-env", name, "the environment variable is not set");
    return NULL;
}

static char *from_credential(struct config_draft *draft, const struct config_at *at,
                             const char *name, bool whole)
{
    char error[FSIO_ERROR_LEN];
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (!name[0] || strchr(name, '/') || strcmp(name, "..") == 0) {
        config_error(&draft->report, at,
                     "password-credential = \"%s\": the name of a credential is needed", name);
        return NULL;
    }
    if (!folder || folder[0] != '/') {
        say_absent(draft, at, "password-credential", name,
                   "CREDENTIALS_DIRECTORY is not set; systemd sets it for a service with "
                   "LoadCredential=");
        return NULL;
    }
    char *path = mem_printf("%s/%s", folder, name);
    char *secret = read_file(path, whole, error);
    free(path);
    if (!secret)
        config_error(&draft->report, at, "password-credential: %s", error);
    return secret;
}

char *config_secret(struct config_draft *draft, const struct config_section *section, bool whole)
{
    static char *(*const readers[])(struct config_draft *, const struct config_at *, const char *,
                                    bool) = {from_text, from_file, from_env, from_credential};
    const char *found = NULL;
    char *secret = NULL;
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        const char *text = config_option_text(section, sources[i]);
        const struct config_at *at = config_where(section, sources[i]);
        if (!text)
            continue;
        if (found) {
            config_error(&draft->report, at, "%s and %s are both given: one is needed", found,
                         sources[i]);
            continue;
        }
        found = sources[i];
        if (text[0] == '\0')
            config_error(&draft->report, at, "%s is empty", sources[i]);
        else
            secret = readers[i](draft, at, text, whole);
    }
    return secret;
}
