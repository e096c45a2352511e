/* SPDX-License-Identifier: ISC
 *
 * The DNS API of IONOS: the id of the zone, then the record's id, then PUT, or POST where there is
 * none.
 */
#include <string.h>

#include "ddns/api.h"
#include "ddns/api_pick.h"
#include "lib/doc.h"

#define USUAL_TTL 300
#define LEAST_TTL 60

static const struct api_columns columns = {"name", "type", "content", "id"};

static bool headers(const struct provider_input *input, const struct api_request *request,
                    struct buf *out)
{
    (void)request;
    return api_header(out, "X-API-Key", "", input->password);
}

static bool shows(const struct api *api, const json_t *record)
{
    return strcmp(api_text(record, "content"), api_set(api, 0)->address) == 0;
}

/* Of one that is changed it is that one; of those that are created a list. */
static void on_written(struct api *api, const struct api_reply *reply)
{
    if (shows(api, json_is_array(reply->json) ? json_array_get(reply->json, 0) : reply->json))
        api_end(api, DDNS_OK, "updated");
}

static void change(struct api *api, const char *zone, const char *id)
{
    const struct api_set *set = api_set(api, 0);
    json_t *body = doc_object();
    doc_text(body, "content", set->address);
    if (set->ttl_given)
        doc_int(body, "ttl", set->ttl > LEAST_TTL ? set->ttl : LEAST_TTL);
    api_call(api, "PUT", body, on_written, API_PATH("/zones/", zone, "/records/", id));
}

static void create(struct api *api, const char *zone)
{
    const struct api_set *set = api_set(api, 0);
    json_t *list = doc_array(), *record = doc_object();
    uint32_t ttl = set->ttl > 0 ? set->ttl : USUAL_TTL;
    doc_text(record, "name", set->fqdn);
    doc_text(record, "type", set->type);
    doc_text(record, "content", set->address);
    doc_int(record, "ttl", ttl > LEAST_TTL ? ttl : LEAST_TTL);
    doc_push(list, record);
    api_call(api, "POST", list, on_written, API_PATH("/zones/", zone, "/records"));
}

static void on_zone(struct api *api, const struct api_reply *reply)
{
    const struct api_set *set = api_set(api, 0);
    const char *zone = api_cached(api, "zone", api_input(api)->domain);
    char id[API_ID_LEN];
    switch (api_pick(api, json_object_get(reply->json, "records"), &columns, set->fqdn, id)) {
    case API_PICK_NONE:
        if (api_may_create(api, set))
            create(api, zone);
        break;
    case API_PICK_OTHER:
        change(api, zone, id);
        break;
    case API_PICK_OVER:
        break;
    }
}

static void ask_zone(struct api *api, const char *zone)
{
    const struct api_set *set = api_set(api, 0);
    api_call(api, "GET", NULL, on_zone,
             API_PATH("/zones/", zone, "?recordName=", set->fqdn, "&recordType=", set->type));
}

static void on_zones(struct api *api, const struct api_reply *reply)
{
    const char *zone = api_pick_zone(api, reply->json);
    if (zone)
        ask_zone(api, zone);
}

static void begin(struct api *api)
{
    const char *zone = api_cached(api, "zone", api_input(api)->domain);
    if (zone)
        ask_zone(api, zone);
    else
        api_call(api, "GET", NULL, on_zones, API_PATH("/zones"));
}

static const struct api_spec spec = {.headers = headers, .begin = begin};

static const char *const aliases[] = {"ionos.com", NULL};

const struct provider provider_ionos = {
    .id = "ionos",
    .aliases = aliases,
    .title = "IONOS (API)",
    .url = "https://api.hosting.ionos.com/dns/v1",
    .link = "https://developer.hosting.ionos.com/docs/dns",
    .families = {true, true},
    .needs_password = true,
    .gap_ms = 2000,
    .error_gap_ms = 60000,
    .asks_first = true,
    .secret = "an API key, PREFIX.SECRET",
    .protocol = &api_protocol,
    .api = &spec,
};
