/* SPDX-License-Identifier: ISC
 *
 * name.com's API: the record's id, then PUT, or POST where there is none. Lists come in pages.
 */
#include <string.h>

#include "ddns/api.h"
#include "ddns/api_pick.h"
#include "lib/base64.h"
#include "lib/doc.h"

#define LEAST_TTL 300

static const struct api_columns columns = {"fqdn", "type", "answer", "id"};

static bool headers(const struct provider_input *input, const struct api_request *request,
                    struct buf *out)
{
    (void)request;
    struct buf pair, value;
    buf_init(&pair, PROVIDER_URL_MAX);
    buf_init(&value, PROVIDER_URL_MAX);
    bool good = buf_printf(&pair, "%s:", input->user) &&
                buf_append(&pair, input->password, strlen(input->password)) &&
                base64_encode(&value, pair.data, pair.len) &&
                api_header(out, "Authorization", "Basic ", buf_text(&value));
    if (pair.data)
        explicit_bzero(pair.data, pair.cap);
    if (value.data)
        explicit_bzero(value.data, value.cap);
    buf_clear(&pair);
    buf_clear(&value);
    return good;
}

static void on_written(struct api *api, const struct api_reply *reply)
{
    if (strcmp(api_text(reply->json, "answer"), api_set(api, 0)->address) == 0)
        api_end(api, DDNS_OK, "updated");
}

/* id: of the record, NULL when there is none. A PUT replaces the TTL, too. */
static void write_set(struct api *api, const char *id)
{
    const struct api_set *set = api_set(api, 0);
    const char *domain = api_input(api)->domain;
    json_t *body = doc_object();
    doc_text(body, "host", set->label);
    doc_text(body, "type", set->type);
    doc_text(body, "answer", set->address);
    doc_int(body, "ttl", set->ttl > LEAST_TTL ? set->ttl : LEAST_TTL);
    if (id)
        api_call(api, "PUT", body, on_written, API_PATH("/domains/", domain, "/records/", id));
    else
        api_call(api, "POST", body, on_written, API_PATH("/domains/", domain, "/records"));
}

static void ask_records(struct api *api, const char *page);

/* A domain without a record has no list either. */
static void on_records(struct api *api, const struct api_reply *reply)
{
    const struct api_set *set = api_set(api, 0);
    const json_t *list = json_object_get(reply->json, "records");
    const json_t *next = json_object_get(reply->json, "nextPage");
    char id[API_ID_LEN], page[API_ID_LEN];
    enum api_pick found = !list && json_is_object(reply->json)
                              ? API_PICK_NONE
                              : api_pick(api, list, &columns, set->fqdn, id);
    if (found == API_PICK_OTHER)
        write_set(api, id);
    else if (found == API_PICK_NONE && json_integer_value(next) > 0 && api_id(next, page))
        ask_records(api, page);
    else if (found == API_PICK_NONE && api_may_create(api, set))
        write_set(api, NULL);
}

static void ask_records(struct api *api, const char *page)
{
    api_call(api, "GET", NULL, on_records,
             API_PATH("/domains/", api_input(api)->domain, "/records?perPage=1000&page=", page));
}

static void begin(struct api *api)
{
    ask_records(api, "1");
}

static const struct api_spec spec = {.headers = headers, .begin = begin};

const struct provider provider_name_com = {
    .id = "name.com",
    .title = "name.com (API)",
    .url = "https://api.name.com/v4",
    .link = "https://www.name.com/api-docs/dns",
    .families = {true, true},
    .needs_user = true,
    .needs_password = true,
    .gap_ms = 2000,
    .error_gap_ms = 60000,
    .asks_first = true,
    .secret = "an API token; user is the account's name",
    .protocol = &api_protocol,
    .api = &spec,
};
