/* SPDX-License-Identifier: ISC
 *
 * Gandi's LiveDNS: what the record set is, then PUT, which creates or replaces it, or DELETE.
 */
#include <string.h>

#include "ddns/api.h"
#include "lib/doc.h"

#define LEAST_TTL 300

static bool headers(const struct provider_input *input, const struct api_request *request,
                    struct buf *out)
{
    (void)request;
    return api_header(out, "Authorization", "Bearer ", input->password);
}

/* 201, or 200 where it was so already, as documented. */
static void on_put(struct api *api, const struct api_reply *reply)
{
    if (reply->status == 201)
        api_end(api, DDNS_OK, "updated");
    else if (reply->status == 200)
        api_end(api, DDNS_NOCHANGE, "was so already");
}

/* 204 and nothing in it, as documented. */
static void on_deleted(struct api *api, const struct api_reply *reply)
{
    if (reply->status == 204)
        api_end(api, DDNS_OK, "deleted");
}

static void withdraw_set(struct api *api, bool there, bool same)
{
    const struct api_set *set = api_set(api, 0);
    if (api_may_delete(api, there, same))
        api_call(api, "DELETE", NULL, on_deleted,
                 API_PATH("/domains/", api_input(api)->domain, "/records/", api_label(set), "/",
                          set->type));
}

static void on_record(struct api *api, const struct api_reply *reply)
{
    const struct api_set *set = api_set(api, 0);
    const json_t *values = json_object_get(reply->json, "rrset_values");
    const char *value = json_string_value(json_array_get(values, 0));
    bool same = value && json_array_size(values) == 1 && strcmp(value, set->address) == 0;
    if (set->withdraw) {
        withdraw_set(api, reply->status != 404, same);
        return;
    }
    if (same) {
        api_end(api, DDNS_NOCHANGE, "was so already");
        return;
    }
    if (reply->status == 404 && !api_may_create(api, set))
        return;
    json_t *body = doc_object(), *now = doc_array();
    doc_push(now, json_string(set->address));
    doc_value(body, "rrset_values", now);
    doc_int(body, "rrset_ttl", set->ttl > LEAST_TTL || set->ttl_given ? set->ttl : LEAST_TTL);
    api_call(
        api, "PUT", body, on_put,
        API_PATH("/domains/", api_input(api)->domain, "/records/", api_label(set), "/", set->type));
}

static void begin(struct api *api)
{
    const struct api_set *set = api_set(api, 0);
    api_call(
        api, "GET", NULL, on_record,
        API_PATH("/domains/", api_input(api)->domain, "/records/", api_label(set), "/", set->type));
}

static const struct api_spec spec = {.headers = headers, .begin = begin, .sees_404 = true};

static const char *const aliases[] = {"gandi.net", "gandi.net-v2", NULL};

const struct provider provider_gandi = {
    .id = "gandi",
    .aliases = aliases,
    .title = "Gandi LiveDNS (API)",
    .url = "https://api.gandi.net/v5/livedns",
    .link = "https://api.gandi.net/docs/livedns/",
    .families = {true, true},
    .needs_password = true,
    .gap_ms = 2000,
    .error_gap_ms = 60000,
    .asks_first = true,
    .withdraws = true,
    .secret = "a personal access token that may manage the domain's DNS",
    .protocol = &api_protocol,
    .api = &spec,
};
