/* SPDX-License-Identifier: ISC
 *
 * Scaleway's API: one PATCH sets all record sets that are due, and the reply lists the zone.
 */
#include <string.h>

#include "ddns/api.h"
#include "lib/doc.h"

#define USUAL_TTL 300
#define LEAST_TTL 60

static bool headers(const struct provider_input *input, const struct api_request *request,
                    struct buf *out)
{
    (void)request;
    return api_header(out, "X-Auth-Token", "", input->password);
}

static json_t *change_json(const struct api_set *set)
{
    json_t *change = doc_object(), *one = doc_object(), *fields = doc_object();
    json_t *records = doc_array(), *record = doc_object();
    uint32_t ttl = set->ttl > 0 ? set->ttl : USUAL_TTL;
    doc_text(fields, "name", set->label);
    doc_text(fields, "type", set->type);
    doc_text(record, "name", set->label);
    doc_text(record, "type", set->type);
    doc_text(record, "data", set->address);
    doc_int(record, "ttl", ttl > LEAST_TTL ? ttl : LEAST_TTL);
    doc_push(records, record);
    doc_value(one, "id_fields", fields);
    doc_value(one, "records", records);
    doc_value(change, "set", one);
    return change;
}

static bool shows(const json_t *list, const struct api_set *set)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        if (strcmp(api_text(one, "data"), set->address) == 0 &&
            strcmp(api_text(one, "type"), set->type) == 0 &&
            strcmp(api_text(one, "name"), set->label) == 0)
            return true;
    }
    return false;
}

static void on_patched(struct api *api, const struct api_reply *reply)
{
    const json_t *list = json_object_get(reply->json, "records");
    for (size_t i = 0; api_set(api, i); i++)
        if (!shows(list, api_set(api, i)))
            return;
    api_end(api, DDNS_OK, "updated");
}

static void begin(struct api *api)
{
    json_t *body = doc_object(), *changes = doc_array();
    for (size_t i = 0; api_set(api, i); i++)
        doc_push(changes, change_json(api_set(api, i)));
    doc_value(body, "changes", changes);
    doc_bool(body, "return_all_records", true);
    doc_bool(body, "disallow_new_zone_creation", true);
    api_call(api, "PATCH", body, on_patched,
             API_PATH("/dns-zones/", api_input(api)->domain, "/records"));
}

static const struct api_spec spec = {.headers = headers, .begin = begin};

static const char *const aliases[] = {"scaleway.com", NULL};

const struct provider provider_scaleway = {
    .id = "scaleway",
    .aliases = aliases,
    .title = "Scaleway (API)",
    .url = "https://api.scaleway.com/domain/v2beta1",
    .link = "https://www.scaleway.com/en/developers/api/domains-and-dns/",
    .families = {true, true},
    .needs_password = true,
    .gap_ms = 2000,
    .error_gap_ms = 60000,
    .form = PROVIDER_DUE,
    .secret = "the secret key of an API key that may change DNS",
    .protocol = &api_protocol,
    .api = &spec,
};
