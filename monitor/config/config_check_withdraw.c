/* SPDX-License-Identifier: ISC
 *
 * Checks of withdraw-after: the provider must be able to, another family must be there to find the
 * name by, and somebody must know when an address is gone.
 */
#include <string.h>

#include "ddns/plan_withdraw.h"
#include "lib/duration.h"
#include "lib/str.h"
#include "monitor/config/config_check.h"

#define KEY "withdraw-after"

static void check_provider(struct config_draft *draft, const struct config_at *at,
                           const struct provider *provider)
{
    char names[512] = "";
    size_t count;
    const struct provider *const *list = provider_list(&count);
    if (provider->withdraws)
        return;
    for (size_t i = 0; i < count; i++)
        if (list[i]->withdraws)
            str_append(names, sizeof names, "%s%s", names[0] ? ", " : "", list[i]->id);
    config_error(&draft->report, at, KEY ": provider %s can't withdraw a record; these can: %s",
                 provider->id, names);
}

/* Of each family of the record, somebody publishes the other one. */
static bool has_other(const struct config *config, const struct ddns_record_conf *ddns,
                      enum family family)
{
    for (size_t i = 0; i < config->record_count; i++) {
        const struct ddns_record_conf *other = &config->records[i].ddns;
        for (int f = 0; f < FAMILY_COUNT; f++)
            if (f != (int)family && other->families[f] && other->fqdn &&
                strcmp(other->fqdn, ddns->fqdn) == 0)
                return true;
    }
    return false;
}

static void check_other(struct config_draft *draft, const struct config_at *at,
                        const struct ddns_record_conf *ddns)
{
    for (int f = 0; f < FAMILY_COUNT && ddns->fqdn; f++)
        if (ddns->families[f] && !has_other(draft->config, ddns, (enum family)f))
            config_error(&draft->report, at,
                         KEY
                         ": the last address of a name is never withdrawn, and only %s of %s is "
                         "published here",
                         family_text((enum family)f), ddns->fqdn);
}

static void check_source(struct config_draft *draft, const struct config_at *at,
                         const struct config_record *record)
{
    for (int f = 0; f < FAMILY_COUNT; f++) {
        const struct config_address *source = record->source[f];
        if (source && !record->ddns.loss_known[f])
            config_warn(&draft->report, at,
                        KEY ": address \"%s\" is not of source = interface: whether it is gone is "
                            "not known, and its record stays",
                        source->name);
    }
}

static void check_record(struct config_draft *draft, size_t index)
{
    const struct config_section *section = draft->sections[KIND_RECORD][index];
    const struct config_record *record = &draft->config->records[index];
    const struct config_at *at = config_where(section, KEY);
    char least[DURATION_LEN];
    if (!config_given(section, KEY))
        return;
    if (record->ddns.provider)
        check_provider(draft, at, record->ddns.provider);
    check_other(draft, at, &record->ddns);
    check_source(draft, at, record);
    if (record->ddns.withdraw_ms < DDNS_WITHDRAW_LEAST_MS)
        config_warn(&draft->report, at,
                    KEY " is below %s: for labs only, a line that is slow to come back would lose "
                        "its record",
                    duration_format(DDNS_WITHDRAW_LEAST_MS, least));
}

void config_check_withdraw(struct config_draft *draft)
{
    for (size_t i = 0; i < draft->config->record_count; i++)
        check_record(draft, i);
}
