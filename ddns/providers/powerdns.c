/* SPDX-License-Identifier: ISC
 *
 * The HTTP API of PowerDNS' authoritative server: one PATCH replaces all record sets that are due,
 * all or none of them; or deletes one.
 */
#include <stdlib.h>

#include "ddns/api.h"
#include "lib/doc.h"
#include "lib/mem.h"

#define USUAL_TTL 300

static bool headers(const struct provider_input *input, const struct api_request *request,
                    struct buf *out)
{
    (void)request;
    return api_header(out, "X-API-Key", "", input->password);
}

static json_t *records_json(const struct api_set *set)
{
    json_t *records = doc_array(), *record = doc_object();
    doc_text(record, "content", set->address);
    doc_bool(record, "disabled", false);
    doc_push(records, record);
    return records;
}

static json_t *set_json(const struct api_set *set)
{
    json_t *json = doc_object();
    char *name = mem_printf("%s.", set->fqdn);
    doc_text(json, "name", name);
    doc_text(json, "type", set->type);
    doc_text(json, "changetype", set->withdraw ? "DELETE" : "REPLACE");
    if (!set->withdraw) {
        doc_int(json, "ttl", set->ttl > 0 ? set->ttl : USUAL_TTL);
        doc_value(json, "records", records_json(set));
    }
    free(name);
    return json;
}

/* 204 and nothing in it, as documented. */
static void on_patched(struct api *api, const struct api_reply *reply)
{
    if (reply->status == 204)
        api_end(api, DDNS_OK, "updated");
}

static void begin(struct api *api)
{
    json_t *body = doc_object(), *sets = doc_array();
    for (size_t i = 0; api_set(api, i); i++)
        doc_push(sets, set_json(api_set(api, i)));
    doc_value(body, "rrsets", sets);
    api_call(api, "PATCH", body, on_patched,
             API_PATH("/api/v1/servers/localhost/zones/", api_input(api)->domain, "."));
}

static const struct api_spec spec = {.headers = headers, .begin = begin};

static const char *const aliases[] = {"pdns", NULL};

const struct provider provider_powerdns = {
    .id = "powerdns",
    .aliases = aliases,
    .title = "PowerDNS (API)",
    .url = "http://localhost:8081",
    .link = "https://doc.powerdns.com/authoritative/http-api/",
    .families = {true, true},
    .needs_password = true,
    .gap_ms = 1000,
    .error_gap_ms = 30000,
    .form = PROVIDER_DUE,
    .withdraws = true,
    .secret = "the server's api-key",
    .note = "url = \"https://SERVER:PORT\", where it is not on this machine",
    .protocol = &api_protocol,
    .api = &spec,
};
