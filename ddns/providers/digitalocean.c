/* SPDX-License-Identifier: ISC
 *
 * DigitalOcean's API: the record's id and what it shows, then PATCH, POST where there is none, or
 * DELETE.
 */
#include <string.h>

#include "ddns/api.h"
#include "lib/doc.h"

#define USUAL_TTL 300

static bool headers(const struct provider_input *input, const struct api_request *request,
                    struct buf *out)
{
    (void)request;
    return api_header(out, "Authorization", "Bearer ", input->password);
}

static bool shows(const struct api *api, const json_t *record)
{
    return strcmp(api_text(record, "data"), api_set(api, 0)->address) == 0;
}

static void on_written(struct api *api, const struct api_reply *reply)
{
    if (shows(api, json_object_get(reply->json, "domain_record")))
        api_end(api, DDNS_OK, "updated");
}

/* id: of the record, NULL when there is none. A TTL that is there stays, unless one is given. */
static void write_set(struct api *api, const char *id)
{
    const struct api_set *set = api_set(api, 0);
    const char *domain = api_input(api)->domain;
    json_t *body = doc_object();
    doc_text(body, "type", set->type);
    doc_text(body, "data", set->address);
    if (!id)
        doc_text(body, "name", api_label(set));
    if (!id || set->ttl_given)
        doc_int(body, "ttl", set->ttl > 0 ? set->ttl : USUAL_TTL);
    if (id)
        api_call(api, "PATCH", body, on_written, API_PATH("/domains/", domain, "/records/", id));
    else
        api_call(api, "POST", body, on_written, API_PATH("/domains/", domain, "/records"));
}

/* 204 and nothing in it, as documented. */
static void on_deleted(struct api *api, const struct api_reply *reply)
{
    if (reply->status == 204)
        api_end(api, DDNS_OK, "deleted");
}

/* record: NULL when there is none. */
static void withdraw_set(struct api *api, const json_t *record)
{
    char id[API_ID_LEN];
    if (api_may_delete(api, record != NULL, record && shows(api, record)) &&
        api_id(json_object_get(record, "id"), id))
        api_call(api, "DELETE", NULL, on_deleted,
                 API_PATH("/domains/", api_input(api)->domain, "/records/", id));
}

static void on_records(struct api *api, const struct api_reply *reply)
{
    const struct api_set *set = api_set(api, 0);
    const json_t *list = json_object_get(reply->json, "domain_records");
    const json_t *record = json_array_get(list, 0);
    char id[API_ID_LEN];
    if (!json_is_array(list))
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

static void begin(struct api *api)
{
    const struct api_set *set = api_set(api, 0);
    api_call(api, "GET", NULL, on_records,
             API_PATH("/domains/", api_input(api)->domain, "/records?type=", set->type,
                      "&name=", set->fqdn));
}

static const struct api_spec spec = {.headers = headers, .begin = begin};

static const char *const aliases[] = {"digitalocean.com", "digitalocean.com-v2", NULL};

const struct provider provider_digitalocean = {
    .id = "digitalocean",
    .aliases = aliases,
    .title = "DigitalOcean (API)",
    .url = "https://api.digitalocean.com/v2",
    .link = "https://docs.digitalocean.com/reference/api/digitalocean/#tag/Domain-Records",
    .families = {true, true},
    .needs_password = true,
    .gap_ms = 2000,
    .error_gap_ms = 60000,
    .asks_first = true,
    .withdraws = true,
    .secret = "a personal access token with the scopes of domain",
    .protocol = &api_protocol,
    .api = &spec,
};
