/* SPDX-License-Identifier: ISC
 *
 * Checks of address sections that name others: source = first, and cross-check.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/config/config_check.h"

/* The address section of that name, if this one may look at it. */
static const struct config_address *check_name(struct config_draft *draft,
                                               const struct config_at *at, const char *key,
                                               const char *name,
                                               const struct config_address *address)
{
    const struct config_address *other = config_address_find(draft->config, name);
    if (!other)
        config_no_address(draft, at, key, name);
    else if (other == address)
        config_error(&draft->report, at, "%s = \"%s\": that is this section itself", key, name);
    else if (other->family != address->family)
        config_error(&draft->report, at, "%s = \"%s\": that address section is of %s", key, name,
                     family_text(other->family));
    else
        return other;
    return NULL;
}

static void check_of(struct config_draft *draft, const struct config_section *section,
                     const struct config_address *address)
{
    const struct config_option *option = config_option_find(section, "of");
    size_t count = option ? option->count : 0;
    if (count < 2 || count > ADDR_OF_MAX) {
        config_error(&draft->report, config_where(section, "of"),
                     "address \"%s\": source = first needs of = {\"a\", \"b\", …}, 2 to %d address "
                     "sections",
                     section->title, ADDR_OF_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct config_at at = {option->at.file, option->values[i].line};
        const char *name = option->values[i].text;
        check_name(draft, &at, "of", name, address);
        for (size_t other = 0; other < i; other++)
            if (strcmp(option->values[other].text, name) == 0)
                config_error(&draft->report, &at, "of = \"%s\": it is named twice", name);
    }
}

/* --- circles ---------------------------------------------------------------------------------- */

/* Each section that was looked through leads nowhere back: so all are looked through once. */
struct walk {
    struct config_draft *draft;
    enum {
        FRESH,
        ON_THE_WAY,
        DONE,
    } * states;    /* of each address section */
    char way[512]; /* the titles of those on the way */
    unsigned depth;
};

#define MAX_DEPTH 16

static void visit(struct walk *walk, const struct config_address *address);

static void follow(struct walk *walk, const struct config_address *address, const char *name)
{
    const struct config_address *other = config_address_find(walk->draft->config, name);
    if (other && other != address)
        visit(walk, other);
}

static void visit(struct walk *walk, const struct config_address *address)
{
    struct config_draft *draft = walk->draft;
    size_t index = (size_t)(address - draft->config->addresses);
    size_t len = strlen(walk->way);
    if (walk->states[index] == DONE)
        return;
    if (walk->states[index] == ON_THE_WAY) {
        config_error(&draft->report, &draft->sections[KIND_ADDRESS][index]->at,
                     "address sections look at each other in a circle: %s -> %s", walk->way,
                     address->name);
        return;
    }
    if (walk->depth == MAX_DEPTH) {
        config_error(&draft->report, &draft->sections[KIND_ADDRESS][index]->at,
                     "address sections look at each other over more than %d steps: %s", MAX_DEPTH,
                     walk->way);
        return;
    }
    walk->depth++;
    walk->states[index] = ON_THE_WAY;
    str_append(walk->way, sizeof walk->way, "%s%s", len ? " -> " : "", address->name);
    for (char **name = address->of; name && *name; name++)
        follow(walk, address, *name);
    if (address->cross_check)
        follow(walk, address, address->cross_check);
    walk->way[len] = '\0';
    walk->depth--;
    walk->states[index] = DONE;
}

void config_check_links(struct config_draft *draft)
{
    const struct config *config = draft->config;
    struct walk walk = {.draft = draft,
                        .states = mem_array(config->address_count + 1, sizeof *walk.states)};
    for (size_t i = 0; i < config->address_count; i++) {
        const struct config_section *section = draft->sections[KIND_ADDRESS][i];
        const struct config_address *address = &config->addresses[i];
        if (!config_given(section, "family"))
            continue; /* which was told */
        if (address->source == SOURCE_FIRST)
            check_of(draft, section, address);
        if (address->cross_check)
            check_name(draft, config_where(section, "cross-check"), "cross-check",
                       address->cross_check, address);
    }
    for (size_t i = 0; i < config->address_count; i++)
        visit(&walk, &config->addresses[i]);
    free(walk.states);
}
