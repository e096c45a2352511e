/* SPDX-License-Identifier: ISC
 *
 * The configuration as written. Owns: its memory. Not its job: syntax, meaning.
 */
#include "monitor/config/config_tree.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

static void option_clear(struct config_option *option)
{
    for (size_t i = 0; i < option->count; i++)
        mem_free_secret(option->values[i].text);
    free(option->values);
}

static void section_clear(struct config_section *section)
{
    for (size_t i = 0; i < section->option_count; i++)
        option_clear(&section->options[i]);
    free(section->options);
    free(section->title);
}

void config_tree_clear(struct config_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        section_clear(&tree->sections[i]);
    for (size_t i = 0; i < tree->file_count; i++)
        free(tree->files[i]);
    free(tree->sections);
    free(tree->files);
    memset(tree, 0, sizeof *tree);
}

const char *config_tree_file(struct config_tree *tree, const char *name)
{
    tree->files = mem_regrow(tree->files, tree->file_count + 1, sizeof *tree->files);
    tree->files[tree->file_count] = mem_strdup(name);
    return tree->files[tree->file_count++];
}

struct config_section *config_tree_add(struct config_tree *tree, const struct config_kind *kind,
                                       const char *title, const struct config_at *at)
{
    if (tree->count == tree->capacity) {
        tree->capacity = tree->capacity ? tree->capacity * 2 : 16;
        tree->sections = mem_regrow(tree->sections, tree->capacity, sizeof *tree->sections);
    }
    struct config_section *section = &tree->sections[tree->count++];
    *section = (struct config_section){.kind = kind, .title = mem_strdup(title), .at = *at};
    return section;
}

void config_section_add(struct config_section *section, const struct config_key *key,
                        const struct config_at *at)
{
    section->options =
        mem_regrow(section->options, section->option_count + 1, sizeof *section->options);
    section->options[section->option_count++] = (struct config_option){.key = key, .at = *at};
}

void config_option_add(struct config_option *option, const char *text, unsigned line)
{
    option->values = mem_regrow(option->values, option->count + 1, sizeof *option->values);
    option->values[option->count++] = (struct config_value){.text = mem_strdup(text), .line = line};
}

const struct config_option *config_option_find(const struct config_section *section,
                                               const char *key)
{
    for (size_t i = 0; i < section->option_count; i++)
        if (strcmp(section->options[i].key->name, key) == 0)
            return &section->options[i];
    return NULL;
}

const char *config_option_text(const struct config_section *section, const char *key)
{
    const struct config_option *option = config_option_find(section, key);
    return option && option->count > 0 ? option->values[0].text : NULL;
}
