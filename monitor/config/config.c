/* SPDX-License-Identifier: ISC
 *
 * Load and free of the configuration. Owns: the order of the steps: read all, convert all, check
 * all, so that one run tells every error. Not its job: syntax (config_syntax.c), single values
 * (config_value.c), meaning (config_check_*.c).
 */
#include "monitor/config/config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "monitor/cmd.h"
#include "monitor/config/catalog.h"
#include "monitor/config/config_check.h"
#include "monitor/config/config_syntax.h"
#include "probes/http_want.h"

/* Strings that a const view is given of, but that are ours. */
static void free_const(const char *text)
{
    free((void *)(uintptr_t)text);
}

static void free_const_secret(const char *text)
{
    mem_free_secret((char *)(uintptr_t)text);
}

static void address_clear(struct config_address *address)
{
    config_values_free(config_kind(KIND_ADDRESS), address);
    free(address->accept);
    free(address->name);
}

static void target_clear(struct config_target *target)
{
    config_values_free(config_kind(KIND_TARGET), target);
    http_want_free(target->http);
    free(target->closed);
    free(target->path);
    free(target->name);
}

static void record_clear(struct config_record *record)
{
    config_values_free(config_kind(KIND_RECORD), record);
    free_const(record->ddns.name);
    free_const(record->ddns.host);
    free_const(record->ddns.fqdn);
    free_const(record->ddns.apex);
    free_const(record->ddns.url);
    free_const_secret(record->ddns.password);
}

static void hook_clear(struct config_hook *hook)
{
    config_values_free(config_kind(KIND_HOOK), hook);
    free(hook->name);
}

void config_free(struct config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < config->address_count; i++)
        address_clear(&config->addresses[i]);
    for (size_t i = 0; i < config->target_count; i++)
        target_clear(&config->targets[i]);
    for (size_t i = 0; i < config->record_count; i++)
        record_clear(&config->records[i]);
    for (size_t i = 0; i < config->hook_count; i++)
        hook_clear(&config->hooks[i]);
    for (unsigned kind = KIND_RESOLVER; kind < KIND_COUNT; kind++)
        config_values_free(config_kind((enum config_kind_id)kind), config);
    free(config->addresses);
    free(config->targets);
    free(config->records);
    free(config->hooks);
    catalog_free(config->providers);
    free(config->path);
    free(config);
}

const char *address_source_word(enum address_source source)
{
    static const char *const words[] = {
        [SOURCE_INTERFACE] = "interface",
        [SOURCE_WEB] = "web",
        [SOURCE_COMMAND] = "command",
        [SOURCE_STATIC] = "static",
        [SOURCE_DNS] = "dns",
        [SOURCE_NAT_PMP] = "nat-pmp",
        [SOURCE_PCP] = "pcp",
        [SOURCE_UPNP] = "upnp",
        [SOURCE_FIRST] = "first",
        [SOURCE_UBUS] = "ubus",
    };
    return words[source];
}

const struct config_address *config_address_find(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->address_count; i++)
        if (strcmp(config->addresses[i].name, name) == 0)
            return &config->addresses[i];
    return NULL;
}

static struct config *config_new(void)
{
    struct config *config = mem_zalloc(sizeof *config);
    config->providers = catalog_new();
    for (unsigned kind = KIND_RESOLVER; kind < KIND_COUNT; kind++)
        config_values_default(config_kind((enum config_kind_id)kind), config);
    return config;
}

/* sections[kind] and counts[kind], in the order of the files. */
static void sort_sections(struct config_draft *draft)
{
    const struct config_tree *tree = &draft->tree;
    for (size_t i = 0; i < tree->count; i++)
        draft->counts[tree->sections[i].kind->id]++;
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        draft->sections[kind] = mem_array(draft->counts[kind] + 1, sizeof *draft->sections[kind]);
        draft->counts[kind] = 0;
    }
    for (size_t i = 0; i < tree->count; i++) {
        enum config_kind_id kind = tree->sections[i].kind->id;
        draft->sections[kind][draft->counts[kind]++] = &tree->sections[i];
    }
}

/* An array of structs, one per section of a kind, with defaults and values. */
static void *convert(struct config_draft *draft, enum config_kind_id id, size_t size, size_t *count)
{
    char *objects = mem_array(draft->counts[id] + 1, size);
    *count = draft->counts[id];
    for (size_t i = 0; i < *count; i++) {
        config_values_default(config_kind(id), objects + i * size);
        config_values_set(draft->sections[id][i], objects + i * size, &draft->report);
    }
    return objects;
}

static void convert_all(struct config_draft *draft)
{
    struct config *config = draft->config;
    for (unsigned kind = KIND_RESOLVER; kind < KIND_COUNT; kind++)
        for (size_t i = 0; i < draft->counts[kind]; i++)
            config_values_set(draft->sections[kind][i], config, &draft->report);
    for (size_t i = 0; i < draft->counts[KIND_PROVIDER]; i++)
        catalog_add(config->providers, draft->sections[KIND_PROVIDER][i], &draft->report);
    config->addresses =
        convert(draft, KIND_ADDRESS, sizeof *config->addresses, &config->address_count);
    config->targets = convert(draft, KIND_TARGET, sizeof *config->targets, &config->target_count);
    config->records = convert(draft, KIND_RECORD, sizeof *config->records, &config->record_count);
    config->hooks = convert(draft, KIND_HOOK, sizeof *config->hooks, &config->hook_count);
    for (size_t i = 0; i < config->address_count; i++)
        config->addresses[i].name = mem_strdup(draft->sections[KIND_ADDRESS][i]->title);
    for (size_t i = 0; i < config->target_count; i++)
        config->targets[i].name = mem_strdup(draft->sections[KIND_TARGET][i]->title);
    for (size_t i = 0; i < config->record_count; i++)
        config->records[i].ddns.name = mem_strdup(draft->sections[KIND_RECORD][i]->title);
    for (size_t i = 0; i < config->hook_count; i++)
        config->hooks[i].name = mem_strdup(draft->sections[KIND_HOOK][i]->title);
}

static void check_all(struct config_draft *draft)
{
    const struct config *config = draft->config;
    config_check_titles(draft);
    for (size_t i = 0; i < config->address_count; i++)
        config_check_address(draft, i);
    config_check_links(draft);
    for (size_t i = 0; i < config->target_count; i++)
        config_check_target(draft, i);
    config_check_targets(draft);
    for (size_t i = 0; i < config->record_count; i++)
        config_check_record(draft, i);
    config_check_records(draft);
    config_check_withdraw(draft);
    for (size_t i = 0; i < config->hook_count; i++)
        config_check_hook(draft, i);
    config_check_uplink(draft);
    config_check_paths(draft);
    if (draft->complete && config->target_count + config->record_count == 0)
        config_warn(&draft->report, &(struct config_at){config->path, 0},
                    "there is no target and no record: nothing to do");
}

/* Converts and checks what is in the tree; the configuration, or NULL after any error. */
static struct config *finish(struct config_draft *draft, config_report_fn *report, void *arg)
{
    struct config *config = draft->config;
    sort_sections(draft);
    convert_all(draft);
    check_all(draft);
    config_report_flush(&draft->report, report, arg);
    catalog_forget_places(config->providers);
    for (unsigned kind = 0; kind < KIND_COUNT; kind++)
        free(draft->sections[kind]);
    config_tree_clear(&draft->tree);
    if (draft->report.errors > 0) {
        config_free(config);
        config = NULL;
    }
    mem_trim(); /* the tree of a large file would stay as resident memory of an idle daemon */
    return config;
}

struct config *config_load_as(const char *path, enum config_mode mode, config_report_fn *report,
                              void *arg)
{
    struct config_draft draft = {.config = config_new(), .secrets_later = mode == CONFIG_FOR_CHECK};
    draft.config->path = mem_strdup(path);
    draft.complete = config_syntax_file(path, &draft.tree, &draft.report);
    return finish(&draft, report, arg);
}

struct config *config_load(const char *path, config_report_fn *report, void *arg)
{
    return config_load_as(path, CONFIG_FOR_RUN, report, arg);
}

struct config *config_from_text(const char *text, size_t len, const char *name,
                                config_report_fn *report, void *arg)
{
    struct config_draft draft = {.config = config_new()};
    char *copy = mem_array(len + 1, 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    draft.config->path = mem_strdup(name);
    draft.complete = config_syntax_text(copy, len, name, &draft.tree, &draft.report);
    explicit_bzero(copy, len);
    free(copy);
    return finish(&draft, report, arg);
}

struct config *config_from_hosts(char *const *hosts, size_t count, config_report_fn *report,
                                 void *arg)
{
    struct config_draft draft = {.config = config_new(), .complete = true};
    const struct config_at at = {NULL, 0};
    for (size_t i = 0; i < count; i++)
        config_tree_add(&draft.tree, config_kind(KIND_TARGET), hosts[i], &at);
    struct config *config = finish(&draft, report, arg);
    if (!config)
        return NULL;
    config->state_path[0] = '\0';
    config->control_path[0] = '\0';
    config->log_checks = true;
    return config;
}
