/* SPDX-License-Identifier: ISC
 *
 * Cloudflare's API: the id of the zone, then the record's id and what it shows, then PATCH,
 * POST where there is none, or DELETE. The zone's id is kept.
 */
#include <string.h>

#include "ddns/api.h"
#include "lib/doc.h"

#define TTL_AUTO 1

static bool headers(const struct provider_input *input, const struct api_request *request,
                    struct buf *out)
{
    (void)request;
    if (!input->user[0])
        return api_header(out, "Authorization", "Bearer ", input->password);
    return api_header(out, "X-Auth-Email", "", input->user) &&
           api_header(out, "X-Auth-Key", "", input->password);
}

static bool is_success(const struct api_reply *reply)
{
    return json_is_true(json_object_get(reply->json, "success"));
}

/* True when the record shows the address. What is proxied shows it to nobody else. */
static bool shows(struct api *api, const json_t *record)
{
    if (json_is_true(json_object_get(record, "proxied")))
        api_unseen(api);
    return strcmp(api_text(record, "content"), api_set(api, 0)->address) == 0;
}

static void on_written(struct api *api, const struct api_reply *reply)
{
    if (is_success(reply) && shows(api, json_object_get(reply->json, "result")))
        api_end(api, DDNS_OK, "updated");
}

/* The reply names the record that is gone. */
static void on_deleted(struct api *api, const struct api_reply *reply)
{
    char id[API_ID_LEN];
    if (api_id(json_object_get(json_object_get(reply->json, "result"), "id"), id))
        api_end(api, DDNS_OK, "deleted");
}

/* record: NULL when there is none. */
static void withdraw_set(struct api *api, const json_t *record)
{
    const char *zone = api_cached(api, "zone", api_input(api)->domain);
    char id[API_ID_LEN];
    if (api_may_delete(api, record != NULL, record && shows(api, record)) &&
        api_id(json_object_get(record, "id"), id))
        api_call(api, "DELETE", NULL, on_deleted, API_PATH("/zones/", zone, "/dns_records/", id));
}

/* id: of the record, NULL when there is none. A TTL is set only where the configuration says one:
 * what DNS shows of a proxied record is none of its own. */
static void write_set(struct api *api, const char *id)
{
    const struct api_set *set = api_set(api, 0);
    const char *zone = api_cached(api, "zone", api_input(api)->domain);
    json_t *body = doc_object();
    doc_text(body, "type", set->type);
    doc_text(body, "name", set->fqdn);
    doc_text(body, "content", set->address);
    if (set->ttl_given || !id)
        doc_int(body, "ttl", set->ttl_given ? set->ttl : TTL_AUTO);
    if (id)
        api_call(api, "PATCH", body, on_written, API_PATH("/zones/", zone, "/dns_records/", id));
    else
        api_call(api, "POST", body, on_written, API_PATH("/zones/", zone, "/dns_records"));
}

static void on_records(struct api *api, const struct api_reply *reply)
{
    const struct api_set *set = api_set(api, 0);
    const json_t *list = json_object_get(reply->json, "result");
    const json_t *record = json_array_get(list, 0);
    char id[API_ID_LEN];
    if (!is_success(reply) || !json_is_array(list))
        return;
    if (json_array_size(list) > 1)
        api_end(api, DDNS_CONFIG, "%s has %zu %s records: leave one", set->fqdn,
                json_array_size(list), set->type);
    else if (set->withdraw)
        withdraw_set(api, record);
    else if (!record) {
        if (api_may_create(api, set))
            write_set(api, NULL);
    } else if (shows(api, record))
        api_end(api, DDNS_NOCHANGE, "was so already");
    else if (api_id(json_object_get(record, "id"), id))
        write_set(api, id);
}

static void ask_records(struct api *api, const char *zone)
{
    const struct api_set *set = api_set(api, 0);
    api_call(api, "GET", NULL, on_records,
             API_PATH("/zones/", zone, "/dns_records?type=", set->type, "&name=", set->fqdn));
}

static void on_zones(struct api *api, const struct api_reply *reply)
{
    const json_t *list = json_object_get(reply->json, "result");
    char id[API_ID_LEN];
    if (!is_success(reply) || !json_is_array(list))
        return;
    if (json_array_size(list) == 0) {
        api_end(api, DDNS_CONFIG, "the token sees no zone %s", api_input(api)->domain);
        return;
    }
    if (!api_id(json_object_get(json_array_get(list, 0), "id"), id))
        return;
    api_keep(api, "zone", api_input(api)->domain, id);
    ask_records(api, id);
}

static void begin(struct api *api)
{
    const char *zone = api_cached(api, "zone", api_input(api)->domain);
    if (zone)
        ask_records(api, zone);
    else
        api_call(api, "GET", NULL, on_zones, API_PATH("/zones?name=", api_input(api)->domain));
}

static const struct api_spec spec = {.headers = headers, .begin = begin, .busy_wait_ms = 300000};

static const char *const aliases[] = {"cloudflare.com", "cloudflare.com-v4", NULL};

const struct provider provider_cloudflare = {
    .id = "cloudflare",
    .aliases = aliases,
    .title = "Cloudflare (API)",
    .url = "https://api.cloudflare.com/client/v4",
    .link = "https://developers.cloudflare.com/api/resources/dns/subresources/records/",
    .families = {true, true},
    .needs_password = true,
    .gap_ms = 2000,
    .error_gap_ms = 60000,
    .asks_first = true,
    .withdraws = true,
    .secret = "an API token that may edit DNS and read the zone",
    .note =
        "of a proxied record DNS shows Cloudflare's own addresses, so that what it leads to can't "
        "be verified. With user = \"EMAIL\" the password is the account's global key.",
    .protocol = &api_protocol,
    .api = &spec,
};
