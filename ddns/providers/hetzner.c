/* SPDX-License-Identifier: ISC
 *
 * Hetzner Cloud's DNS: what the record set is, then its values are set; or it is created, or
 * deleted.
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

/* The action is under way, or done already. */
static void on_written(struct api *api, const struct api_reply *reply)
{
    const json_t *action = json_object_get(reply->json, "action");
    const char *status = api_text(action, "status");
    if (strcmp(status, "success") == 0 || strcmp(status, "running") == 0)
        api_end(api, DDNS_OK, "updated");
    else if (strcmp(status, "error") == 0)
        api_end(api, DDNS_TEMPORARY, "the action failed: %s",
                api_text(json_object_get(action, "error"), "message"));
}

static json_t *records_json(const struct api_set *set)
{
    json_t *records = doc_array(), *record = doc_object();
    doc_text(record, "value", set->address);
    doc_push(records, record);
    return records;
}

static void create(struct api *api)
{
    const struct api_set *set = api_set(api, 0);
    json_t *body = doc_object();
    doc_text(body, "name", api_label(set));
    doc_text(body, "type", set->type);
    doc_int(body, "ttl", set->ttl > 0 ? set->ttl : USUAL_TTL);
    doc_value(body, "records", records_json(set));
    api_call(api, "POST", body, on_written, API_PATH("/zones/", api_input(api)->domain, "/rrsets"));
}

static void set_records(struct api *api)
{
    const struct api_set *set = api_set(api, 0);
    json_t *body = doc_object();
    doc_value(body, "records", records_json(set));
    api_call(api, "POST", body, on_written,
             API_PATH("/zones/", api_input(api)->domain, "/rrsets/", api_label(set), "/", set->type,
                      "/actions/set_records"));
}

static void withdraw_set(struct api *api, bool there, bool same)
{
    const struct api_set *set = api_set(api, 0);
    if (api_may_delete(api, there, same))
        api_call(api, "DELETE", NULL, on_written,
                 API_PATH("/zones/", api_input(api)->domain, "/rrsets/", api_label(set), "/",
                          set->type));
}

/* 404 is of the record set, or of the zone: then creating one says so. */
static void on_rrset(struct api *api, const struct api_reply *reply)
{
    const json_t *records = json_object_get(json_object_get(reply->json, "rrset"), "records");
    const char *value = api_text(json_array_get(records, 0), "value");
    bool same = json_array_size(records) == 1 && strcmp(value, api_set(api, 0)->address) == 0;
    if (api_set(api, 0)->withdraw) {
        if (reply->status == 404 || records)
            withdraw_set(api, reply->status != 404, same);
    } else if (reply->status == 404) {
        if (api_may_create(api, api_set(api, 0)))
            create(api);
    } else if (same)
        api_end(api, DDNS_NOCHANGE, "was so already");
    else if (records)
        set_records(api);
}

static void begin(struct api *api)
{
    const struct api_set *set = api_set(api, 0);
    api_call(
        api, "GET", NULL, on_rrset,
        API_PATH("/zones/", api_input(api)->domain, "/rrsets/", api_label(set), "/", set->type));
}

static const struct api_spec spec = {.headers = headers, .begin = begin, .sees_404 = true};

static const char *const aliases[] = {"hetzner.cloud", "hetzner.com", NULL};

const struct provider provider_hetzner = {
    .id = "hetzner",
    .aliases = aliases,
    .title = "Hetzner Cloud DNS (API)",
    .url = "https://api.hetzner.cloud/v1",
    .link = "https://docs.hetzner.cloud/reference/cloud#dns",
    .families = {true, true},
    .needs_password = true,
    .gap_ms = 2000,
    .error_gap_ms = 60000,
    .asks_first = true,
    .withdraws = true,
    .secret = "an API token of the project, with write access",
    .note = "the API of before, at dns.hetzner.com, is gone: move the zone to the Hetzner Console",
    .protocol = &api_protocol,
    .api = &spec,
};
