/* SPDX-License-Identifier: ISC
 *
 * `reachd providers`: who can be told the addresses. The list, and for one of them what it needs
 * and a block of configuration to start from.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/doc.h"
#include "lib/duration.h"
#include "lib/mem.h"
#include "lib/table.h"
#include "monitor/cmd.h"
#include "monitor/config/catalog.h"
#include "monitor/config/config.h"

static const char help[] =
    "Usage: reachd providers [-j] [NAME]\n\n"
    "The DDNS providers that a record can name. With NAME: what this one needs, and a block of\n"
    "configuration to start from.\n\n"
    "  -j, --json   as JSON\n"
    "  -h, --help   this text\n\n"
    "Exit status: 0 done, 1 there is no such provider or a file is wrong, 2 wrong usage.\n";

/* One row of the list: of the program, or of a file. */
struct entry {
    const struct provider *provider;
    const struct provider_text *text; /* NULL: of the program */
};

struct list {
    struct entry *entries;
    size_t count;
};

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static const char *defunct_of(const struct entry *entry)
{
    return entry->text ? entry->text->defunct : NULL;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->provider->id, ((const struct entry *)b)->provider->id);
}

static struct list list_all(struct catalog *catalog, struct config_report *report)
{
    size_t files, code;
    struct config_provider *const *all = catalog_all(catalog, report, &files);
    const struct provider *const *own = provider_list(&code);
    struct list list = {.entries = mem_array(files + code + 1, sizeof(*list.entries))};
    for (size_t i = 0; i < code; i++)
        list.entries[list.count++] = (struct entry){own[i], NULL};
    for (size_t i = 0; i < files; i++)
        list.entries[list.count++] = (struct entry){&all[i]->provider, &all[i]->text};
    qsort(list.entries, list.count, sizeof(*list.entries), compare);
    return list;
}

static bool has_name(const struct entry *entry, const char *name)
{
    return strcmp(entry->provider->id, name) == 0 || provider_has_alias(entry->provider, name);
}

static const struct entry *find(const struct list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (has_name(&list->entries[i], name))
            return &list->entries[i];
    return NULL;
}

/* --- JSON --- */

static json_t *families_json(const struct provider *provider)
{
    json_t *array = doc_array();
    for (int f = 0; f < FAMILY_COUNT; f++)
        if (provider->families[f])
            doc_push(array, json_string(family_word((enum family)f)));
    return array;
}

static const char *form_word(enum provider_form form)
{
    static const char *const words[] = {[PROVIDER_EACH] = "each",
                                        [PROVIDER_BOTH] = "both",
                                        [PROVIDER_WHOLE] = "whole",
                                        [PROVIDER_DUE] = "due"};
    return words[form];
}

static json_t *entry_json(const struct entry *entry)
{
    const struct provider *provider = entry->provider;
    json_t *out = doc_object();
    doc_text(out, "id", provider->id);
    doc_text(out, "title", provider->title);
    doc_text(out, "link", provider->link[0] ? provider->link : NULL);
    doc_text(out, "state", defunct_of(entry) ? "defunct" : "live");
    doc_text(out, "defunct", defunct_of(entry));
    doc_text(out, "successor", entry->text ? entry->text->successor : NULL);
    doc_value(out, "families", families_json(provider));
    doc_text(out, "request", form_word(provider->form));
    doc_int(out, "names", provider->names > 1 ? provider->names : 1);
    doc_int(out, "gap_ms", provider->gap_ms);
    doc_int(out, "refresh_ms", provider->refresh_ms);
    doc_bool(out, "needs_user", provider->needs_user);
    doc_bool(out, "needs_password", provider->needs_password);
    doc_bool(out, "needs_id", provider->needs_id);
    doc_bool(out, "source_decides", provider->source_decides);
    doc_bool(out, "https", !provider->in_clear);
    doc_bool(out, "in_dns", !provider->unseen);
    doc_bool(out, "withdraws", provider->withdraws);
    doc_text(out, "note", provider->note);
    return out;
}

static void print_json(json_t *value)
{
    char *text = doc_to_json(value, true);
    puts(text);
    free(text);
    json_decref(value);
}

static void print_list_json(const struct list *list)
{
    json_t *array = doc_array();
    for (size_t i = 0; i < list->count; i++)
        doc_push(array, entry_json(&list->entries[i]));
    print_json(array);
}

/* --- text --- */

static const char *families_text(const struct provider *provider)
{
    bool v4 = provider->families[FAMILY_IPV4], v6 = provider->families[FAMILY_IPV6];
    return v4 && v6 ? "IPv4 IPv6" : v4 ? "IPv4" : v6 ? "IPv6" : "-";
}

static void print_list(const struct list *list, bool colour)
{
    static const char *const heads[] = {"PROVIDER", "FAMILIES", "GAP", "STATE", "TITLE"};
    struct table *table = table_new(colour);
    table_row(table);
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        table_cell(table, TERM_BOLD, "%s", heads[i]);
    for (size_t i = 0; i < list->count; i++) {
        const struct entry *entry = &list->entries[i];
        char gap[DURATION_LEN];
        bool gone = defunct_of(entry) != NULL;
        table_row(table);
        table_cell(table, TERM_PLAIN, "%s", entry->provider->id);
        table_cell(table, TERM_PLAIN, "%s", families_text(entry->provider));
        table_cell(table, TERM_PLAIN, "%s",
                   gone ? "-" : duration_format(entry->provider->gap_ms, gap));
        table_cell(table, gone ? TERM_YELLOW : TERM_GREEN, "%s", gone ? "defunct" : "live");
        table_cell(table, TERM_DIM, "%s", entry->provider->title);
    }
    table_print(table, stdout, 0);
    table_free(table);
}

static const char *form_text(const struct provider *provider)
{
    if (!provider->families[FAMILY_IPV4] || !provider->families[FAMILY_IPV6])
        return "";
    switch (provider->form) {
    case PROVIDER_EACH:
        return ", one request for each";
    case PROVIDER_BOTH:
        return ", both in one request";
    case PROVIDER_WHOLE:
        return ", both in one request: the record of a family that is not published is removed";
    case PROVIDER_DUE:
        return ", both and several hosts of a domain in one request";
    }
    return "";
}

static void print_facts(const struct provider *provider)
{
    char text[DURATION_LEN];
    printf("%s: %s\n", provider->id, provider->title);
    if (provider->link[0])
        printf("  documentation  %s\n", provider->link);
    printf("  families       %s%s\n", families_text(provider), form_text(provider));
    if (provider->names > 1)
        printf("  names          up to %u of the same addresses in one request\n", provider->names);
    printf("  least gap      %s between any two requests of an account\n",
           duration_format(provider->gap_ms, text));
    if (provider->budget.count > 0)
        printf("  budget         %u updates in any %s\n", provider->budget.count,
               duration_format(provider->budget.window_ms, text));
    if (provider->refresh_ms > 0)
        printf("  refresh        every %s, changed or not\n",
               duration_format(provider->refresh_ms, text));
    if (provider->source_decides)
        puts("  address        the one that the request comes from");
    if (provider->unseen)
        puts("  not verified   what is told there is no name in DNS");
    if (provider->in_clear)
        puts("  WARNING        no https: the password crosses the network readable for all");
    if (provider->note) {
        fputs("  note           ", stdout);
        term_wrap(stdout, provider->note, 17, term_width(STDOUT_FILENO));
    }
}

/* A block that `reachd check` takes once the two files it speaks of are there. */
static void print_block(const struct provider *provider)
{
    fputc('\n', stdout);
    if (provider->families[FAMILY_IPV4])
        printf("address \"server-v4\" {\n    family    = ipv4\n    interface = eth0\n}\n");
    if (provider->families[FAMILY_IPV6])
        printf("address \"server-v6\" {\n    family    = ipv6\n    interface = eth0\n}\n");
    printf("record \"www\" {\n"
           "    host          = %s\n"
           "    domain        = %s\n"
           "    provider      = %s\n",
           provider->zone ? "myname" : "www", provider->zone ? provider->zone : "example.com",
           provider->id);
    if (provider->needs_user)
        puts("    user          = \"…\"");
    if (provider->needs_password || provider->takes_password)
        printf("    password-file = /etc/reachd/%s.secret%s%s\n", provider->id,
               provider->secret ? "  # " : "", or_empty(provider->secret));
    if (provider->needs_id)
        puts("    id            = \"…\"");
    if (provider->needs_command)
        puts("    command       = {\"/usr/local/bin/update-dns\"}");
    if (provider == &provider_generic)
        puts("    url           = \"https://ddns.example/update?host={fqdn}&ip={ip}\"\n"
             "    ok            = {\"word good\", \"word nochg\"}");
    if (provider->families[FAMILY_IPV4])
        puts("    ipv4          = server-v4");
    if (provider->families[FAMILY_IPV6])
        puts("    ipv6          = server-v6");
    puts("}");
}

static int show(const struct entry *entry, bool json)
{
    const char *defunct = defunct_of(entry);
    if (json) {
        print_json(entry_json(entry));
        return EXIT_SUCCESS;
    }
    if (!defunct) {
        print_facts(entry->provider);
        print_block(entry->provider);
        return EXIT_SUCCESS;
    }
    printf("%s: %s\n  defunct        %s\n", entry->provider->id, entry->provider->title, defunct);
    if (entry->text->successor)
        printf("  successor      %s\n", entry->text->successor);
    return EXIT_SUCCESS;
}

static void on_message(const char *line, bool is_error, void *arg)
{
    (void)is_error;
    (void)arg;
    fprintf(stderr, "%s\n", line);
}

static int answer(const char *name, bool json)
{
    struct config_report report = {0};
    struct catalog *catalog = catalog_new();
    char *bare = catalog_why_bare();
    struct list list = list_all(catalog, &report);
    const struct entry *entry = name ? find(&list, name) : NULL;
    int status = report.errors > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
    if (name && !entry && !report.errors)
        catalog_find(catalog, name, NULL, &report); /* says what it could have meant */
    config_report_flush(&report, on_message, NULL);
    if (bare && !name)
        fprintf(stderr, "reachd providers: %s\n", bare);
    if (entry)
        status = show(entry, json);
    else if (name)
        status = EXIT_FAILURE;
    else if (json)
        print_list_json(&list);
    else
        print_list(&list, term_wants_colour(STDOUT_FILENO));
    free(list.entries);
    free(bare);
    catalog_free(catalog);
    return status;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    bool json = false;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":jh", options, NULL)) != -1) {
        switch (option) {
        case 'j':
            json = true;
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_SUCCESS;
        default:
            return cmd_usage_error("providers", "unknown option %s", argv[optind - 1]);
        }
    }
    if (argc - optind > 1)
        return cmd_usage_error("providers", "one name at most: '%s'", argv[optind + 1]);
    return answer(optind < argc ? argv[optind] : NULL, json);
}

const struct cmd cmd_providers = {"providers", "who can be told the addresses, and what they need",
                                  run};
