/* SPDX-License-Identifier: ISC
 *
 * Checks of hook sections: events, the names they are limited to, the command.
 */
#include <limits.h>
#include <string.h>

#include "lib/str.h"
#include "monitor/config/config_check.h"

#define ALL_EVENTS ((1u << NOTICE_KIND_COUNT) - 1)

static void say_event(struct config_draft *draft, const struct config_at *at, const char *text)
{
    char names[CONFIG_NAMES_LEN] = "all";
    const char *nearest = NULL;
    unsigned distance = UINT_MAX;
    for (int i = 0; i < NOTICE_KIND_COUNT; i++) {
        const char *word = notice_word((enum notice_kind)i);
        str_append(names, sizeof names, ", %s", word);
        config_nearest(text, word, &nearest, &distance);
    }
    config_error(&draft->report, at, "unknown event \"%s\"%s%s%s; allowed: %s", text,
                 nearest ? ", did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "",
                 names);
}

static void set_events(struct config_draft *draft, const struct config_section *section,
                       struct config_hook *hook)
{
    const struct config_option *option = config_option_find(section, "events");
    enum notice_kind kind;
    if (!option)
        hook->events = ALL_EVENTS;
    else if (option->count == 0)
        config_error(&draft->report, &option->at, "\"events\" is an empty list");
    for (size_t i = 0; option && i < option->count; i++) {
        const char *text = option->values[i].text;
        if (strcmp(text, "all") == 0)
            hook->events = ALL_EVENTS;
        else if (notice_from_word(text, &kind))
            hook->events |= 1u << kind;
        else
            say_event(draft, &(struct config_at){option->at.file, option->values[i].line}, text);
    }
}

static bool subject_exists(const struct config_draft *draft, const char *name)
{
    static const enum config_kind_id kinds[] = {KIND_TARGET, KIND_RECORD, KIND_ADDRESS};
    if (strcmp(name, "reachd") == 0)
        return true;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (size_t i = 0; i < draft->counts[kinds[k]]; i++)
            if (strcmp(draft->sections[kinds[k]][i]->title, name) == 0)
                return true;
    return false;
}

static void check_only(struct config_draft *draft, const struct config_section *section)
{
    const struct config_option *option = config_option_find(section, "only");
    if (!draft->complete)
        return;
    for (size_t i = 0; option && i < option->count; i++)
        if (!subject_exists(draft, option->values[i].text))
            config_error(&draft->report,
                         &(struct config_at){option->at.file, option->values[i].line},
                         "only = \"%s\": there is no target, record or address of that name",
                         option->values[i].text);
}

void config_check_hook(struct config_draft *draft, size_t index)
{
    const struct config_section *section = draft->sections[KIND_HOOK][index];
    struct config_hook *hook = &draft->config->hooks[index];
    set_events(draft, section, hook);
    check_only(draft, section);
    if (!hook->command || !hook->command[0])
        config_error(&draft->report, &section->at,
                     "hook \"%s\": command = {\"/path/program\"} is missing", section->title);
    else
        config_check_command(draft, section, hook->command);
    if (hook->remind_ms > 0 && hook->remind_ms < 1000)
        config_error(&draft->report, config_where(section, "remind"),
                     "remind needs 1s at least, or 0 for never");
}
