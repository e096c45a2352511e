/* SPDX-License-Identifier: ISC
 *
 * The catalog of providers. Owns: the folders, which file is read when, the search by alias.
 */
#include "monitor/config/catalog.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/config/config_syntax.h"

#define MAX_FILES 2000 /* of one folder */
#define SUFFIX    ".conf"

struct catalog {
    struct config_provider *providers;
    struct config_tree tree; /* of the files */
    struct config_provider **sorted;
    bool all; /* every file was read */
};

struct catalog *catalog_new(void)
{
    return mem_zalloc(sizeof(struct catalog));
}

void catalog_forget_places(struct catalog *catalog)
{
    config_tree_clear(&catalog->tree);
}

void catalog_free(struct catalog *catalog)
{
    if (!catalog)
        return;
    while (catalog->providers) {
        struct config_provider *next = catalog->providers->next;
        config_provider_free(catalog->providers);
        catalog->providers = next;
    }
    catalog_forget_places(catalog);
    free(catalog->sorted);
    free(catalog);
}

static struct config_provider *add(struct catalog *catalog, const struct config_section *section,
                                   struct config_report *report)
{
    struct config_provider *provider = config_provider_new(section, report);
    provider->next = catalog->providers;
    catalog->providers = provider;
    return provider;
}

void catalog_add(struct catalog *catalog, const struct config_section *section,
                 struct config_report *report)
{
    if (provider_find(section->title))
        config_error(report, &section->at,
                     "provider \"%s\" is part of the program: another name "
                     "is needed",
                     section->title);
    add(catalog, section, report);
}

/* --- files --- */

static const char *folders(void)
{
    const char *list = getenv(CATALOG_ENV);
    return list && list[0] ? list
                           : SYSCONFDIR "/reachd/" CATALOG_FOLDER ":" PKGDATADIR "/" CATALOG_FOLDER;
}

/* The next folder of the list, malloc'd; NULL at its end. */
static char *next_folder(const char **list)
{
    size_t len = strcspn(*list, ":");
    if (len == 0)
        return NULL;
    char *folder = mem_strndup(*list, len);
    *list += len + ((*list)[len] == ':');
    return folder;
}

static struct config_provider *known(const struct catalog *catalog, const char *id)
{
    for (struct config_provider *p = catalog->providers; p; p = p->next)
        if (strcmp(p->id, id) == 0)
            return p;
    return NULL;
}

/* A file holds one provider section, of its own name. */
static struct config_provider *read_file(struct catalog *catalog, const char *path, const char *id,
                                         struct config_report *report)
{
    size_t first = catalog->tree.count;
    struct config_at at = {NULL, 0};
    if (!config_syntax_file(path, &catalog->tree, report))
        return NULL;
    if (catalog->tree.file_count > 0)
        at.file = catalog->tree.files[catalog->tree.file_count - 1];
    const struct config_section *section = &catalog->tree.sections[first];
    if (catalog->tree.count == first + 1 && section->kind->id == KIND_PROVIDER &&
        strcmp(section->title, id) == 0)
        return add(catalog, section, report);
    config_error(report, &at,
                 "this file has to hold one section, and nothing else: provider \"%s\"", id);
    return NULL;
}

static char *path_of(const char *folder, const char *id)
{
    return mem_printf("%s/%s" SUFFIX, folder, id);
}

/* Errors of the file are told. NULL without: there is none. */
static struct config_provider *find_file(struct catalog *catalog, const char *id,
                                         struct config_report *report)
{
    struct config_provider *found = NULL;
    bool exists = false;
    char *folder;
    for (const char *list = folders(); !exists && (folder = next_folder(&list));) {
        char *path = path_of(folder, id);
        exists = access(path, F_OK) == 0;
        if (exists)
            found = read_file(catalog, path, id, report);
        free(path);
        free(folder);
    }
    return found;
}

/* Calls fn for the name of each file, in no order; the same one may come twice. */
static void each_file(void (*fn)(const char *id, void *arg), void *arg)
{
    char *folder;
    for (const char *list = folders(); (folder = next_folder(&list));) {
        DIR *dir = opendir(folder);
        struct dirent *entry;
        for (int count = 0; dir && count < MAX_FILES && (entry = readdir(dir)); count++) {
            char id[NAME_MAX + 1];
            size_t len = strlen(entry->d_name), suffix = strlen(SUFFIX);
            if (len <= suffix || strcmp(entry->d_name + len - suffix, SUFFIX) != 0)
                continue;
            str_ncopy(id, sizeof(id), entry->d_name, len - suffix);
            if (config_provider_is_id(id))
                fn(id, arg);
        }
        if (dir)
            closedir(dir);
        free(folder);
    }
}

struct reading {
    struct catalog *catalog;
    struct config_report *report;
};

static void read_one(const char *id, void *arg)
{
    struct reading *reading = arg;
    if (!known(reading->catalog, id))
        find_file(reading->catalog, id, reading->report);
}

static void read_all(struct catalog *catalog, struct config_report *report)
{
    struct reading reading = {catalog, report};
    if (!catalog->all)
        each_file(read_one, &reading);
    catalog->all = true;
}

/* --- search --- */

static struct config_provider *by_alias(const struct catalog *catalog, const char *alias)
{
    for (struct config_provider *p = catalog->providers; p; p = p->next)
        if (provider_has_alias(&p->provider, alias))
            return p;
    return NULL;
}

static const struct provider *code_by_alias(const char *alias)
{
    size_t count;
    const struct provider *const *list = provider_list(&count);
    for (size_t i = 0; i < count; i++)
        if (provider_has_alias(list[i], alias))
            return list[i];
    return NULL;
}

struct likeness {
    const char *word;
    char best[NAME_MAX + 1];
    unsigned distance;
};

static void compare(const char *id, void *arg)
{
    struct likeness *likeness = arg;
    const char *best = NULL;
    config_nearest(likeness->word, id, &best, &likeness->distance);
    if (best)
        str_copy(likeness->best, sizeof(likeness->best), best);
}

static void mark(const char *id, void *arg)
{
    (void)id;
    *(bool *)arg = true;
}

char *catalog_why_bare(void)
{
    bool any = false;
    each_file(mark, &any);
    return any ? NULL
               : mem_printf("there are no provider files in %s, so only those of the program are "
                            "known: 'make install' puts them there, " CATALOG_ENV
                            " names another folder (ddns/providers.d of the source)",
                            folders());
}

static void say_unknown(const char *id, const struct config_at *at, struct config_report *report)
{
    struct likeness likeness = {.word = id, .distance = UINT_MAX};
    size_t count;
    const struct provider *const *list = provider_list(&count);
    for (size_t i = 0; i < count; i++)
        compare(list[i]->id, &likeness);
    each_file(compare, &likeness);
    char *bare = catalog_why_bare();
    if (likeness.best[0])
        config_error(report, at, "unknown provider \"%s\"; did you mean \"%s\"?", id,
                     likeness.best);
    else if (bare)
        config_error(report, at, "unknown provider \"%s\"; %s", id, bare);
    else
        config_error(report, at, "unknown provider \"%s\"; 'reachd providers' lists the known ones",
                     id);
    free(bare);
}

static void say_defunct(const struct config_provider *p, const struct config_at *at,
                        struct config_report *report)
{
    config_error(report, at, "provider \"%s\" is gone: %s%s%s%s", p->id, p->text.defunct,
                 p->text.successor ? "; instead: provider = \"" : "",
                 p->text.successor ? p->text.successor : "", p->text.successor ? "\"" : "");
}

const struct provider *catalog_find(struct catalog *catalog, const char *id,
                                    const struct config_at *at, struct config_report *report)
{
    const struct provider *code = provider_find(id);
    struct config_provider *found = known(catalog, id);
    size_t errors = report->errors;
    if (code)
        return code;
    if (!found && config_provider_is_id(id))
        found = find_file(catalog, id, report);
    if (!found && report->errors > errors)
        return NULL;
    if (!found && (code = code_by_alias(id)))
        return code;
    if (!found) {
        struct config_report quiet = {0};
        read_all(catalog, &quiet); /* an error in the file of another one is no concern of ours */
        config_report_flush(&quiet, NULL, NULL);
        found = by_alias(catalog, id);
    }
    if (!found)
        say_unknown(id, at, report);
    else if (found->text.defunct)
        say_defunct(found, at, report);
    return found && !found->text.defunct ? &found->provider : NULL;
}

static void copy_values(struct config_section *to, const char *key,
                        const struct config_option *option)
{
    config_section_add(to, config_key_find(to->kind, key), &option->at);
    struct config_option *copy = &to->options[to->option_count - 1];
    for (size_t i = 0; i < option->count; i++)
        config_option_add(copy, option->values[i].text, option->values[i].line);
}

static void set_value(struct config_section *to, const char *key, const char *text)
{
    config_section_add(to, config_key_find(to->kind, key), &to->at);
    config_option_add(&to->options[to->option_count - 1], text, to->at.line);
}

/* HTTP Basic where there is a user, and the template does not say where it goes. */
static bool wants_basic(const struct config_section *record)
{
    const char *url = config_option_text(record, "url");
    return config_option_find(record, "user") && url && !strstr(url, "{user}") &&
           !strstr(url, "{password}");
}

const struct provider *catalog_generic(struct catalog *catalog, const struct config_section *record,
                                       struct config_report *report)
{
    struct config_section *section =
        config_tree_add(&catalog->tree, config_kind(KIND_PROVIDER), "generic", &record->at);
    const struct config_option *url = config_option_find(record, "url");
    const struct config_option *ok = config_option_find(record, "ok");
    bool v4 = config_option_find(record, "ipv4"), v6 = config_option_find(record, "ipv6");
    if (!ok)
        config_error(report, &record->at,
                     "record \"%s\": provider generic needs ok, the replies that mean success",
                     record->title);
    if (!url)
        config_error(report, &record->at,
                     "record \"%s\": provider generic needs url, the template of the request",
                     record->title);
    if (!ok || !url || (!v4 && !v6))
        return &provider_generic;
    copy_values(section, "url", url);
    copy_values(section, "ok", ok);
    set_value(section, "families", v4 ? "ipv4" : "ipv6");
    if (v4 && v6)
        config_option_add(&section->options[section->option_count - 1], "ipv6", record->at.line);
    if (wants_basic(record))
        set_value(section, "login", "basic");
    return &add(catalog, section, report)->provider;
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp((*(struct config_provider *const *)a)->id,
                  (*(struct config_provider *const *)b)->id);
}

struct config_provider *const *catalog_all(struct catalog *catalog, struct config_report *report,
                                           size_t *count)
{
    read_all(catalog, report);
    *count = 0;
    for (const struct config_provider *p = catalog->providers; p; p = p->next)
        ++*count;
    free(catalog->sorted);
    catalog->sorted = mem_array(*count + 1, sizeof(*catalog->sorted));
    *count = 0;
    for (struct config_provider *p = catalog->providers; p; p = p->next)
        catalog->sorted[(*count)++] = p;
    qsort(catalog->sorted, *count, sizeof(*catalog->sorted), compare_ids);
    return catalog->sorted;
}
