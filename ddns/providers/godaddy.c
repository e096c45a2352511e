/* SPDX-License-Identifier: ISC
 *
 * GoDaddy's API: what the record set is, then PUT, which creates or replaces it.
 */
#include <string.h>

#include "ddns/api.h"
#include "ddns/api_pick.h"
#include "lib/doc.h"

#define LEAST_TTL 600

static const struct api_columns columns = {"name", "type", "data", NULL};

static bool headers(const struct provider_input *input, const struct api_request *request,
                    struct buf *out)
{
    (void)request;
    struct buf value;
    buf_init(&value, PROVIDER_URL_MAX);
    bool good = buf_printf(&value, "%s:", input->user) &&
                buf_append(&value, input->password, strlen(input->password)) &&
                api_header(out, "Authorization", "sso-key ", buf_text(&value));
    if (value.data)
        explicit_bzero(value.data, value.cap);
    buf_clear(&value);
    return good;
}

/* 200 and nothing in it, as documented. */
static void on_put(struct api *api, const struct api_reply *reply)
{
    if (reply->status == 200 && reply->len == 0)
        api_end(api, DDNS_OK, "updated");
}

/* One that was there keeps its TTL, unless one is given. */
static uint32_t ttl_of(const struct api_set *set, const json_t *list)
{
    json_int_t shown = json_integer_value(json_object_get(json_array_get(list, 0), "ttl"));
    uint32_t ttl = set->ttl;
    if (!set->ttl_given && shown > 0 && shown <= 604800)
        ttl = (uint32_t)shown;
    return ttl > LEAST_TTL ? ttl : LEAST_TTL;
}

static void on_records(struct api *api, const struct api_reply *reply)
{
    const struct api_set *set = api_set(api, 0);
    enum api_pick found = reply->status == 404
                              ? API_PICK_NONE
                              : api_pick(api, reply->json, &columns, api_label(set), NULL);
    if (found == API_PICK_OVER || (found == API_PICK_NONE && !api_may_create(api, set)))
        return;
    json_t *list = doc_array(), *record = doc_object();
    doc_text(record, "data", set->address);
    doc_int(record, "ttl", ttl_of(set, reply->json));
    doc_push(list, record);
    api_call(
        api, "PUT", list, on_put,
        API_PATH("/domains/", api_input(api)->domain, "/records/", set->type, "/", api_label(set)));
}

static void begin(struct api *api)
{
    const struct api_set *set = api_set(api, 0);
    api_call(
        api, "GET", NULL, on_records,
        API_PATH("/domains/", api_input(api)->domain, "/records/", set->type, "/", api_label(set)));
}

static const struct api_spec spec = {.headers = headers, .begin = begin, .sees_404 = true};

static const char *const aliases[] = {"godaddy.com", "godaddy.com-v1", NULL};

const struct provider provider_godaddy = {
    .id = "godaddy",
    .aliases = aliases,
    .title = "GoDaddy (API)",
    .url = "https://api.godaddy.com/v1",
    .link = "https://developer.godaddy.com/doc/endpoint/domains",
    .families = {true, true},
    .needs_user = true,
    .needs_password = true,
    .gap_ms = 2000,
    .error_gap_ms = 60000,
    .asks_first = true,
    .secret = "the secret of the API key; user is the key",
    .note = "small accounts are said to be cut off from the API (HTTP 403)",
    .protocol = &api_protocol,
    .api = &spec,
};
