/* SPDX-License-Identifier: ISC
 *
 * Checks of target sections. Pure but for messages.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/mem.h"
#include "monitor/config/config_check.h"
#include "monitor/target/target_text.h"

static void set_host(struct config_draft *draft, const struct config_section *section,
                     struct config_target *target)
{
    const char *given = config_option_text(section, "host");
    const char *text = given ? given : section->title;
    struct target_text read;
    const char *problem =
        target_text_parse(text, config_given(section, "kind") ? &target->kind : NULL, &read);
    if (!problem) {
        target->kind = read.kind;
        target->at = read.at;
        target->prefix = read.prefix;
        if (strcmp(read.path, "/") != 0)
            target->path = mem_strdup(read.path);
    }
    if (!problem && strchr(target->at.host, '*'))
        problem = "a wildcard can't be watched: a name that exists is needed";
    if (problem)
        config_error(&draft->report, config_where(section, "host"), "host \"%s\"%s: %s", text,
                     given || !section->at.file ? "" : " (the title, since there is no host)",
                     problem);
}

/* An address that is given fixes the family. False (reported) when another was asked for. */
static bool narrow(struct config_draft *draft, const struct config_section *section,
                   struct config_target *target, const char *key, const struct addr *addr)
{
    if (!addr_is_set(addr))
        return true;
    enum family other = addr_family(addr) == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4;
    if (!config_given(section, "families"))
        target->families[other] = false;
    if (!target->families[other] && target->families[addr_family(addr)])
        return true;
    config_error(&draft->report, config_where(section, key),
                 "%s is an %s address, but families or another address asks for %s", key,
                 family_text(addr_family(addr)), family_text(other));
    return false;
}

static void set_families(struct config_draft *draft, const struct config_section *section,
                         struct config_target *target)
{
    if (!config_given(section, "families"))
        target->families[FAMILY_IPV4] = target->families[FAMILY_IPV6] = true;
    if (!narrow(draft, section, target, "host", &target->at.literal) ||
        !narrow(draft, section, target, "host", &target->prefix.addr) ||
        !narrow(draft, section, target, "connect", &target->connect) ||
        !narrow(draft, section, target, "source", &target->egress.source))
        return;
    for (int f = 0; f < FAMILY_COUNT; f++)
        if (target->require[f] && !target->families[f])
            config_error(&draft->report, config_where(section, "require"),
                         "require names %s, but this target is not looked at over %s",
                         family_word((enum family)f), family_text((enum family)f));
}

/* A default that does not fit what was chosen gives way; what was written is judged. */
static void set_times(struct config_draft *draft, const struct config_section *section,
                      struct config_target *target)
{
    char every[DURATION_LEN];
    duration_format(target->every_ms, every);
    if (!config_given(section, "timeout") && target->timeout_ms >= target->every_ms)
        target->timeout_ms = target->every_ms * 4 / 5;
    if (!config_given(section, "retry-every") && target->retry_every_ms > target->every_ms)
        target->retry_every_ms = target->every_ms;
    if (target->timeout_ms >= target->every_ms)
        config_error(&draft->report, config_where(section, "timeout"),
                     "timeout must be shorter than every (%s)", every);
    if (target->retry_every_ms > target->every_ms)
        config_error(&draft->report, config_where(section, "retry-every"),
                     "retry-every must not be longer than every (%s)", every);
}

/* A literal, or an address section whose address is to be published. */
static const char *expect_one(struct config_draft *draft, struct config_target *target,
                              const char *text, const struct config_at *at)
{
    struct addr addr;
    bool literal = addr_parse(text, &addr);
    const struct config_address *source = literal ? NULL : config_address_find(draft->config, text);
    if (!literal && !source) {
        config_no_address(draft, at, "expect-address", text);
        return NULL;
    }
    enum family family = literal ? addr_family(&addr) : source->family;
    if (!target->families[family])
        return "is of a family that this target is not looked at over";
    if (literal)
        return expect_add(&target->expect, &addr) ? NULL : "is one too many: 8 are allowed";
    if (target->expect_source[family])
        return "is the second address section of its family";
    target->expect_source[family] = source;
    return NULL;
}

static void set_expected(struct config_draft *draft, const struct config_section *section,
                         struct config_target *target)
{
    const struct config_option *option = config_option_find(section, "expect-address");
    bool given = addr_is_set(&target->at.literal) || addr_is_set(&target->prefix.addr) ||
                 addr_is_set(&target->connect);
    if (option && given)
        config_error(&draft->report, &option->at,
                     "expect-address is about what DNS holds, but the address is given here");
    for (size_t i = 0; option && !given && i < option->count; i++) {
        const char *text = option->values[i].text;
        const char *problem = expect_one(draft, target, text, &option->at);
        if (problem)
            config_error(&draft->report, &option->at, "expect-address \"%s\" %s", text, problem);
    }
}

void config_check_target(struct config_draft *draft, size_t index)
{
    const struct config_section *section = draft->sections[KIND_TARGET][index];
    struct config_target *target = &draft->config->targets[index];
    set_host(draft, section, target);
    config_check_target_kind(draft, section, target);
    set_families(draft, section, target);
    set_expected(draft, section, target);
    set_times(draft, section, target);
}

static int compare_places(const void *a, const void *b)
{
    const struct config_target *x = *(struct config_target *const *)a;
    const struct config_target *y = *(struct config_target *const *)b;
    int order = strcmp(x->at.host, y->at.host);
    return order != 0 ? order : (int)x->at.port - (int)y->at.port;
}

/* Several may watch one host, each in its own way. Whoever tells of one then says which. */
void config_check_targets(struct config_draft *draft)
{
    size_t count = draft->config->target_count;
    struct config_target **sorted = mem_array(count + 1, sizeof(*sorted));
    for (size_t i = 0; i < count; i++)
        sorted[i] = &draft->config->targets[i];
    qsort(sorted, count, sizeof(*sorted), compare_places);
    for (size_t i = 1; i < count; i++)
        if (compare_places(&sorted[i - 1], &sorted[i]) == 0)
            sorted[i - 1]->alike = sorted[i]->alike = true;
    free(sorted);
}
