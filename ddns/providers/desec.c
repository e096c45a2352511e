/* SPDX-License-Identifier: ISC
 *
 * deSEC's REST API: one PATCH creates or replaces all record sets that are due, all or none;
 * DELETE takes one away.
 */
#include <string.h>

#include "ddns/api.h"
#include "lib/doc.h"

/* Of most domains there; what DNS shows may be less, then that is allowed. */
#define LEAST_TTL 3600

static bool headers(const struct provider_input *input, const struct api_request *request,
                    struct buf *out)
{
    (void)request;
    return api_header(out, "Authorization", "Token ", input->password);
}

static json_t *set_json(const struct api_set *set)
{
    json_t *json = doc_object(), *records = doc_array();
    doc_text(json, "subname", set->label);
    doc_text(json, "type", set->type);
    doc_int(json, "ttl", set->ttl > 0 ? set->ttl : LEAST_TTL);
    doc_push(records, json_string(set->address));
    doc_value(json, "records", records);
    return json;
}

static bool shows(const json_t *list, const struct api_set *set)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        const char *record = json_string_value(json_array_get(json_object_get(one, "records"), 0));
        if (record && strcmp(record, set->address) == 0 &&
            strcmp(api_text(one, "type"), set->type) == 0 &&
            strcmp(api_text(one, "subname"), set->label) == 0)
            return true;
    }
    return false;
}

/* 204, also when there was none, as documented. */
static void on_deleted(struct api *api, const struct api_reply *reply)
{
    if (reply->status == 204)
        api_end(api, DDNS_OK, "deleted");
}

static void withdraw_set(struct api *api)
{
    const struct api_set *set = api_set(api, 0);
    api_call(api, "DELETE", NULL, on_deleted,
             API_PATH("/domains/", api_input(api)->domain, "/rrsets/", api_label(set), "/",
                      set->type, "/"));
}

static void on_patched(struct api *api, const struct api_reply *reply)
{
    for (size_t i = 0; api_set(api, i); i++)
        if (!shows(reply->json, api_set(api, i)))
            return;
    api_end(api, DDNS_OK, "updated");
}

static void begin(struct api *api)
{
    json_t *sets;
    if (api_set(api, 0)->withdraw) {
        withdraw_set(api);
        return;
    }
    sets = doc_array();
    for (size_t i = 0; api_set(api, i); i++)
        doc_push(sets, set_json(api_set(api, i)));
    api_call(api, "PATCH", sets, on_patched,
             API_PATH("/domains/", api_input(api)->domain, "/rrsets/"));
}

static const struct api_spec spec = {.headers = headers, .begin = begin, .busy_wait_ms = 60000};

const struct provider provider_desec_api = {
    .id = "desec-api",
    .title = "deSEC (API)",
    .url = "https://desec.io/api/v1",
    .link = "https://desec.readthedocs.io/en/latest/dns/rrsets.html",
    .families = {true, true},
    .needs_password = true,
    .gap_ms = 60000,
    .budget = {300, 86400000}, /* of a domain; 100 in an hour are not reached with this gap */
    .error_gap_ms = 60000,
    .form = PROVIDER_DUE,
    .withdraws = true,
    .secret = "a token of the account",
    .protocol = &api_protocol,
    .api = &spec,
};
