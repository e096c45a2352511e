/* SPDX-License-Identifier: ISC
 *
 * Vultr's API: the record's id, then PATCH, or POST where there is none. Lists come in pieces, each
 * naming the cursor of the next.
 */
#include <string.h>

#include "ddns/api.h"
#include "ddns/api_pick.h"
#include "lib/doc.h"

#define USUAL_TTL 300

static const struct api_columns columns = {"name", "type", "data", "id"};

static bool headers(const struct provider_input *input, const struct api_request *request,
                    struct buf *out)
{
    (void)request;
    return api_header(out, "Authorization", "Bearer ", input->password);
}

/* 204 and nothing in it, as documented. */
static void on_patched(struct api *api, const struct api_reply *reply)
{
    if (reply->status == 204)
        api_end(api, DDNS_OK, "updated");
}

static void on_created(struct api *api, const struct api_reply *reply)
{
    const json_t *record = json_object_get(reply->json, "record");
    if (strcmp(api_text(record, "data"), api_set(api, 0)->address) == 0)
        api_end(api, DDNS_OK, "updated");
}

/* A TTL that is there stays, unless one is given. */
static void change(struct api *api, const char *id)
{
    const struct api_set *set = api_set(api, 0);
    json_t *body = doc_object();
    doc_text(body, "data", set->address);
    if (set->ttl_given)
        doc_int(body, "ttl", set->ttl);
    api_call(api, "PATCH", body, on_patched,
             API_PATH("/domains/", api_input(api)->domain, "/records/", id));
}

static void create(struct api *api)
{
    const struct api_set *set = api_set(api, 0);
    json_t *body = doc_object();
    doc_text(body, "name", set->label);
    doc_text(body, "type", set->type);
    doc_text(body, "data", set->address);
    doc_int(body, "ttl", set->ttl > 0 ? set->ttl : USUAL_TTL);
    api_call(api, "POST", body, on_created,
             API_PATH("/domains/", api_input(api)->domain, "/records"));
}

static void ask_records(struct api *api, const char *cursor);

static void on_records(struct api *api, const struct api_reply *reply)
{
    const struct api_set *set = api_set(api, 0);
    const json_t *links = json_object_get(json_object_get(reply->json, "meta"), "links");
    char id[API_ID_LEN];
    enum api_pick found =
        api_pick(api, json_object_get(reply->json, "records"), &columns, set->label, id);
    if (found == API_PICK_OTHER)
        change(api, id);
    else if (found == API_PICK_NONE && api_text(links, "next")[0])
        ask_records(api, api_text(links, "next"));
    else if (found == API_PICK_NONE && api_may_create(api, set))
        create(api);
}

static void ask_records(struct api *api, const char *cursor)
{
    api_call(
        api, "GET", NULL, on_records,
        API_PATH("/domains/", api_input(api)->domain, "/records?per_page=500&cursor=", cursor));
}

static void begin(struct api *api)
{
    api_call(api, "GET", NULL, on_records,
             API_PATH("/domains/", api_input(api)->domain, "/records?per_page=500"));
}

static const struct api_spec spec = {.headers = headers, .begin = begin};

static const char *const aliases[] = {"vultr.com", NULL};

const struct provider provider_vultr = {
    .id = "vultr",
    .aliases = aliases,
    .title = "Vultr (API)",
    .url = "https://api.vultr.com/v2",
    .link = "https://www.vultr.com/api/#tag/dns",
    .families = {true, true},
    .needs_password = true,
    .gap_ms = 2000,
    .error_gap_ms = 60000,
    .asks_first = true,
    .secret = "an API key; Access Control must allow the addresses it comes from",
    .protocol = &api_protocol,
    .api = &spec,
};
