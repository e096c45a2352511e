/* SPDX-License-Identifier: ISC
 *
 * Netlify's API: a record can't be changed there, so the new one is made, and then the old ones are
 * deleted: at no moment is there none. What a crash in between leaves is deleted the next time.
 */
#include <string.h>

#include "ddns/api.h"
#include "ddns/api_pick.h"
#include "lib/doc.h"
#include "lib/str.h"

#define USUAL_TTL 300

static bool headers(const struct provider_input *input, const struct api_request *request,
                    struct buf *out)
{
    (void)request;
    return api_header(out, "Authorization", "Bearer ", input->password);
}

static bool is_ours(const json_t *record, const struct api_set *set)
{
    return strcmp(api_text(record, "type"), set->type) == 0 &&
           str_equal_nocase(api_text(record, "hostname"), set->fqdn);
}

static bool shows(const json_t *record, const struct api_set *set)
{
    return is_ours(record, set) && strcmp(api_text(record, "value"), set->address) == 0;
}

static void ask_records(struct api *api, const char *zone);

/* Then all is looked at again: it ends when nothing is left to do. */
static void on_step(struct api *api, const struct api_reply *reply)
{
    (void)reply;
    api_keep(api, "changed", api_input(api)->domain, "yes");
    ask_records(api, api_cached(api, "zone", api_input(api)->domain));
}

static void create(struct api *api, const char *zone)
{
    const struct api_set *set = api_set(api, 0);
    json_t *body = doc_object();
    doc_text(body, "type", set->type);
    doc_text(body, "hostname", set->fqdn);
    doc_text(body, "value", set->address);
    doc_int(body, "ttl", set->ttl > 0 ? set->ttl : USUAL_TTL);
    api_call(api, "POST", body, on_step, API_PATH("/dns_zones/", zone, "/dns_records"));
}

static void on_records(struct api *api, const struct api_reply *reply)
{
    const struct api_set *set = api_set(api, 0);
    const char *domain = api_input(api)->domain, *zone = api_cached(api, "zone", domain);
    const json_t *good = NULL, *old = NULL;
    char id[API_ID_LEN];
    size_t i;
    json_t *one;
    if (!json_is_array(reply->json))
        return;
    json_array_foreach(reply->json, i, one)
    {
        if (!good && shows(one, set))
            good = one;
        else if (is_ours(one, set))
            old = one;
    }
    if (!good && (old || api_may_create(api, set)))
        create(api, zone);
    else if (good && old && api_id(json_object_get(old, "id"), id))
        api_call(api, "DELETE", NULL, on_step, API_PATH("/dns_zones/", zone, "/dns_records/", id));
    else if (good && !old && api_noted(api, "changed", domain))
        api_end(api, DDNS_OK, "updated");
    else if (good && !old)
        api_end(api, DDNS_NOCHANGE, "was so already");
}

static void ask_records(struct api *api, const char *zone)
{
    api_call(api, "GET", NULL, on_records, API_PATH("/dns_zones/", zone, "/dns_records"));
}

static void on_zones(struct api *api, const struct api_reply *reply)
{
    const char *zone = api_pick_zone(api, reply->json);
    if (zone)
        ask_records(api, zone);
}

static void begin(struct api *api)
{
    const char *domain = api_input(api)->domain, *zone = api_cached(api, "zone", domain);
    api_keep(api, "changed", domain, NULL);
    if (zone)
        ask_records(api, zone);
    else
        api_call(api, "GET", NULL, on_zones, API_PATH("/dns_zones"));
}

static const struct api_spec spec = {.headers = headers, .begin = begin};

static const char *const aliases[] = {"netlify.com", NULL};

const struct provider provider_netlify = {
    .id = "netlify",
    .aliases = aliases,
    .title = "Netlify (API)",
    .url = "https://api.netlify.com/api/v1",
    .link = "https://open-api.netlify.com/#tag/dnsZone",
    .families = {true, true},
    .needs_password = true,
    .gap_ms = 2000,
    .error_gap_ms = 60000,
    .asks_first = true,
    .secret = "a personal access token",
    .note = "a name has one address of each family: several records of one type become one",
    .protocol = &api_protocol,
    .api = &spec,
};
