/* SPDX-License-Identifier: ISC
 *
 * Checks that are common to several kinds of sections: titles, commands, URLs, paths.
 */
#include "monitor/config/config_check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/str.h"
#include "probes/url.h"

#define MAX_NAME 100
#define MAX_URL  1000

const struct config_at *config_where(const struct config_section *section, const char *key)
{
    const struct config_option *option = config_option_find(section, key);
    return option ? &option->at : &section->at;
}

bool config_given(const struct config_section *section, const char *key)
{
    return config_option_find(section, key) != NULL;
}

static void check_title(struct config_draft *draft, const struct config_section *section)
{
    char clean[4 * MAX_NAME];
    const char *title = section->title;
    if (title[0] == '\0' || strlen(title) > MAX_NAME)
        config_error(&draft->report, &section->at, "the title of a %s needs 1 to %d characters",
                     section->kind->name, MAX_NAME);
    else if (strcmp(str_printable(clean, sizeof clean, title, strlen(title)), title) != 0)
        config_error(&draft->report, &section->at,
                     "the title of this %s holds characters that can't be printed",
                     section->kind->name);
}

static int compare_sections(const void *a, const void *b)
{
    const struct config_section *x = *(const struct config_section *const *)a;
    const struct config_section *y = *(const struct config_section *const *)b;
    if (x->kind != y->kind)
        return x->kind->id < y->kind->id ? -1 : 1;
    int order = strcmp(x->title ? x->title : "", y->title ? y->title : "");
    if (order != 0)
        return order;
    return x < y ? -1 : 1; /* as written: the tree is one array */
}

static void say_twice(struct config_draft *draft, const struct config_section *first,
                      const struct config_section *second)
{
    if (second->title)
        config_error(&draft->report, &second->at, "%s \"%s\" is given twice, first in %s:%u",
                     second->kind->name, second->title, first->at.file, first->at.line);
    else
        config_error(&draft->report, &second->at, "section %s is given twice, first in %s:%u",
                     second->kind->name, first->at.file, first->at.line);
}

void config_check_titles(struct config_draft *draft)
{
    size_t count = draft->tree.count;
    const struct config_section **sorted = mem_array(count + 1, sizeof(*sorted));
    for (size_t i = 0; i < count; i++) {
        sorted[i] = &draft->tree.sections[i];
        if (sorted[i]->title)
            check_title(draft, sorted[i]);
    }
    qsort(sorted, count, sizeof(*sorted), compare_sections);
    for (size_t i = 1; i < count; i++) {
        const struct config_section *a = sorted[i - 1];
        const struct config_section *b = sorted[i];
        if (a->kind == b->kind && (!a->title || strcmp(a->title, b->title) == 0))
            say_twice(draft, a, b);
    }
    free(sorted);
}

void config_check_command(struct config_draft *draft, const struct config_section *section,
                          char **command)
{
    const struct config_at *at = config_where(section, "command");
    struct stat st;
    if (command[0][0] != '/')
        config_error(&draft->report, at, "command = \"%s\": an absolute path is needed",
                     command[0]);
    else if (stat(command[0], &st) != 0)
        config_warn(&draft->report, at, "there is no %s", command[0]);
    else if (!S_ISREG(st.st_mode) || access(command[0], X_OK) != 0)
        config_warn(&draft->report, at, "%s is not executable", command[0]);
}

/* Without the path and query: they may hold secrets. */
bool config_check_url(struct config_draft *draft, const struct config_at *at, const char *text,
                      const char *risk)
{
    struct url url;
    const char *problem = url_parse(text, &url);
    if (!problem && strlen(text) > MAX_URL) /* a request adds to it */
        problem = "it is too long";
    if (problem)
        config_error(&draft->report, at, "this URL can't be used: %s", problem);
    else if (!url.tls)
        config_warn(&draft->report, at, "the URL of %s is not https: %s; for labs only", url.host,
                    risk);
    return !problem;
}

static void check_readable(struct config_draft *draft, const struct config_section *section,
                           const char *key)
{
    const char *path = config_option_text(section, key);
    if (path && path[0] == '/' && access(path, R_OK) != 0)
        config_error(&draft->report, config_where(section, key), "%s: %s can't be read", key, path);
}

void config_check_paths(struct config_draft *draft)
{
    for (size_t i = 0; i < draft->tree.count; i++) {
        check_readable(draft, &draft->tree.sections[i], "ca");
        check_readable(draft, &draft->tree.sections[i], "crl");
    }
}

static void check_references(struct config_draft *draft, const struct config_section *section,
                             enum family family)
{
    const struct config_option *option = config_option_find(section, family_word(family));
    struct hostport at;
    for (size_t i = 0; option && i < option->count; i++)
        if (!hostport_parse(option->values[i].text, 1, &at) && addr_is_set(&at.literal) &&
            addr_family(&at.literal) != family)
            config_error(&draft->report, &option->at, "%s = \"%s\": that is no %s address",
                         family_word(family), option->values[i].text, family_text(family));
    if (option && option->count == 1)
        config_warn(&draft->report, &option->at,
                    "one reference for %s: when it alone is away, the line counts as down; name "
                    "two or more that have nothing to do with each other",
                    family_text(family));
}

void config_check_uplink(struct config_draft *draft)
{
    for (size_t i = 0; i < draft->counts[KIND_UPLINK]; i++)
        for (int f = 0; f < FAMILY_COUNT; f++)
            check_references(draft, draft->sections[KIND_UPLINK][i], (enum family)f);
}
