/* SPDX-License-Identifier: ISC
 *
 * One record among many (see api_pick.h).
 */
#include "ddns/api_pick.h"

#include <string.h>

#include "lib/str.h"

static bool is_name(const char *text, const char *name)
{
    char shown[HOST_MAX + 1];
    size_t len = strlen(text);
    len -= len > 0 && text[len - 1] == '.';
    return str_ncopy(shown, sizeof shown, text, len) && str_equal_nocase(shown, name);
}

enum api_pick api_pick(struct api *api, const json_t *list, const struct api_columns *columns,
                       const char *name, char id[API_ID_LEN])
{
    const struct api_set *set = api_set(api, 0);
    const json_t *found = NULL;
    size_t i, count = 0;
    json_t *one;
    if (!json_is_array(list))
        return API_PICK_OVER;
    json_array_foreach(list, i, one)
    {
        if (strcmp(api_text(one, columns->type), set->type) == 0 &&
            is_name(api_text(one, columns->name), name) && count++ == 0)
            found = one;
    }
    if (count == 0)
        return API_PICK_NONE;
    if (count > 1)
        api_end(api, DDNS_CONFIG, "%s has %zu %s records: leave one", set->fqdn, count, set->type);
    else if (strcmp(api_text(found, columns->value), set->address) == 0)
        api_end(api, DDNS_NOCHANGE, "was so already");
    else if (!columns->id || api_id(json_object_get(found, columns->id), id))
        return API_PICK_OTHER;
    return API_PICK_OVER;
}

const char *api_pick_zone(struct api *api, const json_t *list)
{
    const char *domain = api_input(api)->domain;
    char id[API_ID_LEN];
    size_t i;
    json_t *one;
    if (!json_is_array(list))
        return NULL;
    json_array_foreach(list, i, one)
    {
        if (str_equal_nocase(api_text(one, "name"), domain) &&
            api_id(json_object_get(one, "id"), id)) {
            api_keep(api, "zone", domain, id);
            return api_noted(api, "zone", domain); /* nothing was kept before: it led nowhere yet */
        }
    }
    api_end(api, DDNS_CONFIG, "the account has no zone %s that this key may see", domain);
    return NULL;
}
