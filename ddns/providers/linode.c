/* SPDX-License-Identifier: ISC
 *
 * Linode's API: the id of the domain, then the record's id, which is kept, then PUT, or POST where
 * there is none. Lists come in pages.
 */
#include <string.h>

#include "ddns/api.h"
#include "ddns/api_pick.h"
#include "lib/doc.h"
#include "lib/str.h"

#define LEAST_TTL 300

static const struct api_columns columns = {"name", "type", "target", "id"};

/* Which domain is meant goes as a header. */
static bool headers(const struct provider_input *input, const struct api_request *request,
                    struct buf *out)
{
    char filter[HOST_MAX + 32] = "";
    const char *tail = strrchr(request->url, '/');
    bool list = strcmp(request->method, "GET") == 0 && tail && strcmp(tail, "/domains") == 0;
    return api_header(out, "Authorization", "Bearer ", input->password) &&
           (!list || (str_append(filter, sizeof filter, "{\"domain\": \"%s\"}", input->domain) &&
                      api_header(out, "X-Filter", "", filter)));
}

static void on_written(struct api *api, const struct api_reply *reply)
{
    const struct api_set *set = api_set(api, 0);
    char id[API_ID_LEN];
    if (strcmp(api_text(reply->json, "target"), set->address) != 0)
        return;
    if (api_id(json_object_get(reply->json, "id"), id))
        api_keep(api, set->type, set->fqdn, id);
    api_end(api, DDNS_OK, "updated");
}

/* id: of the record, NULL when there is none. A TTL that is there stays, unless one is given. */
static void write_set(struct api *api, const char *zone, const char *id)
{
    const struct api_set *set = api_set(api, 0);
    json_t *body = doc_object();
    doc_text(body, "target", set->address);
    if (!id) {
        doc_text(body, "type", set->type);
        doc_text(body, "name", set->label);
    }
    if (!id || set->ttl_given)
        doc_int(body, "ttl_sec", set->ttl > LEAST_TTL ? set->ttl : LEAST_TTL);
    if (id)
        api_call(api, "PUT", body, on_written, API_PATH("/domains/", zone, "/records/", id));
    else
        api_call(api, "POST", body, on_written, API_PATH("/domains/", zone, "/records"));
}

static void ask_records(struct api *api, const char *zone, const char *page);

static void on_records(struct api *api, const struct api_reply *reply)
{
    const char *zone = api_cached(api, "zone", api_input(api)->domain);
    json_int_t page = json_integer_value(json_object_get(reply->json, "page"));
    json_int_t pages = json_integer_value(json_object_get(reply->json, "pages"));
    const struct api_set *set = api_set(api, 0);
    char id[API_ID_LEN], next[24] = "";
    enum api_pick found =
        api_pick(api, json_object_get(reply->json, "data"), &columns, set->label, id);
    if (found == API_PICK_OTHER) {
        write_set(api, zone, id); /* first: keeping may free what was kept */
        api_keep(api, set->type, set->fqdn, id);
    } else if (found == API_PICK_NONE && page > 0 && page < pages) {
        str_append(next, sizeof next, "%lld", (long long)page + 1);
        ask_records(api, zone, next);
    } else if (found == API_PICK_NONE && api_may_create(api, set)) {
        write_set(api, zone, NULL);
    }
}

static void ask_records(struct api *api, const char *zone, const char *page)
{
    api_call(api, "GET", NULL, on_records,
             API_PATH("/domains/", zone, "/records?page_size=500&page=", page));
}

static void with_zone(struct api *api, const char *zone)
{
    const struct api_set *set = api_set(api, 0);
    const char *id = api_cached(api, set->type, set->fqdn);
    if (id)
        write_set(api, zone, id);
    else
        ask_records(api, zone, "1");
}

static void on_zones(struct api *api, const struct api_reply *reply)
{
    const char *domain = api_input(api)->domain;
    const json_t *list = json_object_get(reply->json, "data");
    const json_t *zone = json_array_get(list, 0);
    char id[API_ID_LEN];
    if (json_is_array(list) && !zone)
        api_end(api, DDNS_CONFIG, "the token sees no domain %s", domain);
    if (!zone || strcmp(api_text(zone, "domain"), domain) != 0 ||
        !api_id(json_object_get(zone, "id"), id))
        return;
    api_keep(api, "zone", domain, id);
    with_zone(api, id);
}

static void begin(struct api *api)
{
    const char *zone = api_cached(api, "zone", api_input(api)->domain);
    if (zone)
        with_zone(api, zone);
    else
        api_call(api, "GET", NULL, on_zones, API_PATH("/domains"));
}

static const struct api_spec spec = {.headers = headers, .begin = begin};

static const char *const aliases[] = {"linode.com", NULL};

const struct provider provider_linode = {
    .id = "linode",
    .aliases = aliases,
    .title = "Linode (API)",
    .url = "https://api.linode.com/v4",
    .link = "https://techdocs.akamai.com/linode-api/reference/put-domain-record",
    .families = {true, true},
    .needs_password = true,
    .gap_ms = 2000,
    .error_gap_ms = 60000,
    .asks_first = true,
    .secret = "a personal access token with domains:read_write",
    .protocol = &api_protocol,
    .api = &spec,
};
