/* SPDX-License-Identifier: ISC
 *
 * The text of the configuration, and the files of the passwords. Internal to this folder.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/fsio.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/config/config.h"
#include "monitor/import/model.h"

#define COMMENT_WIDTH 96
#define PIECE_MAX     65536

/* --- comments --------------------------------------------------------------------------------- */

/* Wrapped at words; the first line after `first`, the others after `rest`. */
static void put_comment(struct buf *out, const char *first, const char *rest, const char *text)
{
    const char *prefix = first;
    char clean[1024];
    str_printable(clean, sizeof(clean), text, strlen(text));
    for (const char *at = clean; *at;) {
        size_t room = COMMENT_WIDTH - strlen(prefix), len = strlen(at);
        if (len > room)
            for (len = room; len > 0 && at[len] != ' ';)
                len--;
        if (len == 0)
            len = strcspn(at, " ");
        buf_printf(out, "%s%.*s\n", prefix, (int)len, at);
        at += len + strspn(at + len, " ");
        prefix = rest;
    }
}

/* The first line after `first`, the others after `rest`. */
static void put_at(struct buf *out, const char *first, const char *rest, const struct import_at *at,
                   const char *what)
{
    char text[1024] = "";
    if (at->file && at->line)
        str_append(text, sizeof(text), "%s:%u: ", at->file, at->line);
    else if (at->line)
        str_append(text, sizeof(text), "line %u: ", at->line);
    str_append(text, sizeof(text), "%s", what);
    put_comment(out, first, rest, text);
}

static void put_notes(struct buf *out, const char *indent, const struct import_notes *notes)
{
    char rest[16] = "";
    str_append(rest, sizeof(rest), "%s  ", indent);
    for (const struct import_note *note = notes->first; note; note = note->next)
        put_at(out, indent, rest, &note->at, note->text);
}

/* --- records ---------------------------------------------------------------------------------- */

/* "www" of "www.example.com". */
static char *host_of(const struct import_name *name)
{
    size_t len = strlen(name->fqdn), zone = strlen(name->zone);
    return len > zone ? mem_strndup(name->fqdn, len - zone - 1) : mem_strdup("@");
}

static void put_option(struct buf *out, const char *sign, const char *key, const char *value)
{
    if (!value)
        return;
    buf_printf(out, "%s    %-13s = ", sign, key);
    import_put_quoted(out, value);
    buf_printf(out, "\n");
}

static void put_ok(struct buf *out, const char *sign, const char *const *ok)
{
    if (!ok[0])
        return;
    buf_printf(out, "%s    %-13s = {", sign, "ok");
    for (size_t i = 0; ok[i]; i++) {
        buf_printf(out, "%s", i ? ", " : "");
        import_put_quoted(out, ok[i]);
    }
    buf_printf(out, "}\n");
}

static void put_families(struct buf *out, const char *sign, const struct import_name *name)
{
    for (int f = 0; f < FAMILY_COUNT; f++)
        put_option(out, sign, family_word((enum family)f), name->address[f]);
}

/* Up to the password, which is the caller's. */
static void put_head(struct buf *out, const char *sign, const struct import_name *name,
                     const char *title)
{
    char *host = host_of(name);
    buf_printf(out, "%srecord ", sign);
    import_put_quoted(out, title);
    buf_printf(out, " {\n");
    put_option(out, sign, "host", host);
    put_option(out, sign, "domain", name->zone);
    put_option(out, sign, "provider", name->provider->id);
    put_option(out, sign, "user", name->user);
    put_option(out, sign, "id", name->id);
    put_option(out, sign, "url", name->url);
    put_ok(out, sign, name->ok);
    put_option(out, sign, "interface", name->egress);
    if (name->ttl > 0)
        buf_printf(out, "%s    %-13s = %llds\n", sign, "ttl", (long long)name->ttl);
    free(host);
}

static void put_record(struct buf *out, const struct import_name *name)
{
    const char *sign = name->off ? "# " : "";
    put_head(out, sign, name, name->title);
    put_option(out, sign, "password-file",
               name->secret_path ? name->secret_path : name->secret_file);
    put_option(out, sign, "password-env", name->secret_env);
    put_families(out, sign, name);
    buf_printf(out, "%s}\n", sign);
}

static void put_name(struct buf *out, const struct import_name *name)
{
    buf_printf(out, "\n");
    put_notes(out, "# ", &name->notes);
    if (name->zone_guessed)
        put_comment(out, "# ", "# ",
                    "domain is guessed: it must be the zone, the part that has the NS records");
    if (name->off)
        put_at(out, "# ", "# ", &name->at, name->off);
    put_record(out, name);
}

static void put_refused(struct buf *out, const struct import_name *name)
{
    char *text = mem_printf("%s: %s", name->fqdn[0] ? name->fqdn : "a name", name->problem);
    buf_printf(out, "\n");
    put_at(out, "# NOT TAKEN OVER: ", "#   ", &name->at, text);
    put_notes(out, "#   ", &name->notes);
    free(text);
}

/* --- the trial -------------------------------------------------------------------------------- */

struct verdict {
    struct import *im;
    const char *error;
};

static void on_message(const char *line, bool is_error, void *arg)
{
    struct verdict *verdict = arg;
    static const char trial[] = "record \"trial\": ";
    const char *text = strstr(line, "error: ");
    text = text ? text + 7 : line;
    text += str_starts(text, trial) ? sizeof(trial) - 1 : 0;
    if (is_error && !verdict->error)
        verdict->error = import_printf(verdict->im, "%s", text);
}

static void put_trial(struct buf *out, const struct import_name *name)
{
    struct import_name trial = *name;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        if (name->source[f].from == IMPORT_NOWHERE)
            continue;
        trial.address[f] = family_word((enum family)f);
        import_put_address(&(struct import_address){.title = trial.address[f],
                                                    .family = (enum family)f,
                                                    .source = &name->source[f]},
                           out);
    }
    if (name->off && !name->id)
        trial.id = "1";
    put_head(out, "", &trial, "trial");
    if (name->secret || name->secret_env || name->provider->needs_password)
        put_option(out, "", "password", name->secret ? name->secret : "secret");
    put_families(out, "", &trial);
    buf_printf(out, "}\n");
}

const char *import_trial(struct import *im, const struct import_name *name)
{
    struct verdict verdict = {.im = im};
    struct buf text;
    buf_init(&text, 65536);
    put_trial(&text, name);
    struct config *config =
        config_from_text(buf_text(&text), text.len, "record", on_message, &verdict);
    config_free(config);
    if (text.data)
        explicit_bzero(text.data, text.cap);
    buf_clear(&text);
    return verdict.error;
}

/* --- the whole -------------------------------------------------------------------------------- */

static const char *program(enum import_format format)
{
    static const char *const names[] = {[IMPORT_UNKNOWN] = "",
                                        [IMPORT_INADYN] = "inadyn",
                                        [IMPORT_DDCLIENT] = "ddclient",
                                        [IMPORT_UCI] = "OpenWrt's ddns-scripts"};
    return names[format];
}

static const char *stop_line(enum import_format format)
{
    if (format == IMPORT_UCI)
        return "/etc/init.d/ddns stop; /etc/init.d/ddns disable";
    return format == IMPORT_INADYN ? "systemctl disable --now inadyn"
                                   : "systemctl disable --now ddclient";
}

static void put_secrets(struct buf *out, const struct import *im, unsigned *step)
{
    if (!im->secrets || im->asked->written)
        return;
    buf_printf(out,
               "#   %u. The passwords. --secrets DIR writes these files; by hand, one line each, "
               "chmod 600,\n#      owned by the user of reachd:\n",
               (*step)++);
    for (const struct import_secret *secret = im->secrets; secret; secret = secret->next) {
        const char *what = secret->name->provider->secret;
        char *line = mem_printf("%s  of %s%s%s", secret->path, secret->name->fqdn, what ? ": " : "",
                                what ? what : "");
        put_comment(out, "#        ", "#          ", line);
        free(line);
    }
}

static void put_start(struct buf *out, const struct import *im)
{
    unsigned step = 1;
    char *line = mem_printf("From %s of %s, by reachd import. Read it, then:", im->asked->path,
                            program(im->format));
    put_comment(out, "# ", "# ", line);
    free(line);
    put_secrets(out, im, &step);
    buf_printf(out, "#   %u. reachd check -c THIS-FILE\n", step++);
    buf_printf(out, "#   %u. %s\n#      Two updaters would use up one limit of the provider.\n",
               step++, stop_line(im->format));
    buf_printf(out, "#   %u. reachd run -c THIS-FILE\n", step);
}

static void put_general(struct buf *out, const struct import *im)
{
    if (im->notes.first) {
        buf_printf(out, "#\n# For all of it:\n");
        put_notes(out, "#   ", &im->notes);
    }
    if (im->ca) {
        buf_printf(out, "\ntrust {\n");
        put_option(out, "", "ca", im->ca);
        buf_printf(out, "}\n");
    }
}

static void put_address(struct buf *out, const struct import_address *address)
{
    struct buf text;
    buf_init(&text, PIECE_MAX);
    import_put_address(address, &text);
    buf_printf(out, "\n");
    for (const char *line = buf_text(&text); *line;) {
        size_t len = strcspn(line, "\n") + 1; /* each ends with one */
        buf_printf(out, "%s", address->live ? "" : "# ");
        buf_append(out, line, len);
        line += len;
    }
    buf_clear(&text);
}

static bool is_named_before(const struct import *im, const struct import_name *name)
{
    for (const struct import_name *other = im->names; other != name; other = other->next)
        if (!other->problem && strcmp(other->fqdn, name->fqdn) == 0)
            return true;
    return false;
}

static void put_target(struct buf *out, const struct import_name *name)
{
    bool v4 = name->source[FAMILY_IPV4].from != IMPORT_NOWHERE;
    bool v6 = name->source[FAMILY_IPV6].from != IMPORT_NOWHERE;
    buf_printf(out, "# target ");
    import_put_quoted(out, name->fqdn);
    buf_printf(out, " { require = {%s%s%s} }\n", v4 ? "ipv4" : "", v4 && v6 ? ", " : "",
               v6 ? "ipv6" : "");
}

/* Comments: what is served there is not known, and from inside a look says little. */
static void put_targets(struct buf *out, const struct import *im)
{
    bool any = false;
    for (const struct import_name *name = im->names; name; name = name->next) {
        if (name->problem || name->off || name->merged || name->provider->unseen ||
            name->fqdn[0] == '*' || is_named_before(im, name))
            continue;
        if (!any)
            buf_printf(out,
                       "\n# Are they reached? For web servers at port 443; others: kind, see "
                       "reachd.conf(5). Best on a\n# machine elsewhere: from inside, the router's "
                       "own way in is not seen. A hook tells you.\n");
        any = true;
        put_target(out, name);
    }
}

bool import_write(const struct import *im, struct buf *out)
{
    put_start(out, im);
    put_general(out, im);
    for (const struct import_address *a = im->addresses; a; a = a->next)
        put_address(out, a);
    for (const struct import_name *name = im->names; name; name = name->next) {
        if (name->problem)
            put_refused(out, name);
        else if (!name->merged)
            put_name(out, name);
    }
    put_targets(out, im);
    /* No piece is that large: where so much is left, every piece had room. */
    return out->len + PIECE_MAX < out->max;
}

/* --- the files of the passwords --------------------------------------------------------------- */

static bool write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t put = write(fd, text, len);
        if (put < 0 && errno != EINTR)
            return false;
        if (put > 0)
            text += put, len -= (size_t)put;
    }
    return true;
}

static bool write_new(const struct import_secret *secret)
{
    int fd = open(secret->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    bool good = write_all(fd, secret->text, strlen(secret->text)) && write_all(fd, "\n", 1) &&
                fsync(fd) == 0;
    int failure = errno;
    close(fd);
    if (!good)
        unlink(secret->path);
    errno = failure;
    return good;
}

static bool holds(const struct import_secret *secret)
{
    char error[FSIO_ERROR_LEN];
    char *text = fsio_read_secret(secret->path, error);
    bool same = text && strcmp(text, secret->text) == 0;
    mem_free_secret(text);
    return same;
}

bool import_write_secrets(const struct import *im, void (*tell)(const char *line, void *arg),
                          void *arg)
{
    bool good = true;
    for (const struct import_secret *secret = im->secrets; secret; secret = secret->next) {
        int failure = write_new(secret) ? 0 : errno;
        bool done = failure == 0 || (failure == EEXIST && holds(secret));
        char *line = mem_printf("%s: %s", secret->path,
                                failure == 0        ? "written"
                                : done              ? "holds it already"
                                : failure == EEXIST ? "is there, with something else in it or "
                                                      "readable for others: it is left alone"
                                                    : strerror(failure));
        good = good && done;
        tell(line, arg);
        free(line);
    }
    return good;
}
