/* SPDX-License-Identifier: ISC
 *
 * Porkbun's API: what the record set is, then editByNameType, or create where there is none. All
 * are POST, the keys go in the body, and status says what came of it.
 */
#include <string.h>

#include "ddns/api.h"
#include "ddns/api_pick.h"
#include "lib/doc.h"
#include "lib/str.h"

#define LEAST_TTL 600 /* or 300: sources conflict */

static const struct api_columns columns = {"name", "type", "content", NULL};

static bool headers(const struct provider_input *input, const struct api_request *request,
                    struct buf *out)
{
    (void)input, (void)request, (void)out;
    return true;
}

static json_t *body_of(const struct provider_input *input)
{
    json_t *body = doc_object();
    doc_value(body, "apikey", json_string(input->user));
    doc_value(body, "secretapikey", json_string(input->password));
    return body;
}

/* The apex has no last part. */
static void call(struct api *api, const char *what, json_t *body, api_fn *then)
{
    const struct api_set *set = api_set(api, 0);
    const char *domain = api_input(api)->domain;
    if (set->label[0])
        api_call(api, "POST", body, then,
                 API_PATH("/dns/", what, "/", domain, "/", set->type, "/", set->label));
    else
        api_call(api, "POST", body, then, API_PATH("/dns/", what, "/", domain, "/", set->type));
}

static bool is_success(const struct api_reply *reply)
{
    return strcmp(api_text(reply->json, "status"), "SUCCESS") == 0;
}

/* The status alone, as documented. */
static void on_written(struct api *api, const struct api_reply *reply)
{
    if (is_success(reply))
        api_end(api, DDNS_OK, "updated");
}

static void set_values(json_t *body, const struct api_set *set, bool with_ttl)
{
    char ttl[12] = "";
    str_append(ttl, sizeof ttl, "%u", set->ttl > LEAST_TTL ? set->ttl : LEAST_TTL);
    doc_text(body, "content", set->address);
    if (with_ttl)
        doc_text(body, "ttl", ttl);
}

static void create(struct api *api)
{
    const struct api_set *set = api_set(api, 0);
    json_t *body = body_of(api_input(api));
    doc_text(body, "name", set->label);
    doc_text(body, "type", set->type);
    set_values(body, set, true);
    api_call(api, "POST", body, on_written, API_PATH("/dns/create/", api_input(api)->domain));
}

static void on_records(struct api *api, const struct api_reply *reply)
{
    const struct api_set *set = api_set(api, 0);
    json_t *body;
    if (!is_success(reply))
        return;
    switch (api_pick(api, json_object_get(reply->json, "records"), &columns, set->fqdn, NULL)) {
    case API_PICK_NONE:
        if (api_may_create(api, set))
            create(api);
        break;
    case API_PICK_OTHER:
        body = body_of(api_input(api));
        set_values(body, set, set->ttl_given);
        call(api, "editByNameType", body, on_written);
        break;
    case API_PICK_OVER:
        break;
    }
}

static void begin(struct api *api)
{
    call(api, "retrieveByNameType", body_of(api_input(api)), on_records);
}

/* A key that is wrong is a 400 like any other. */
static void refine(const struct session_reply *reply, const struct provider_input *input,
                   const json_t *json, struct ddns_answer *out)
{
    (void)input;
    if (reply->status != 400 || !strstr(api_text(json, "message"), "API key"))
        return;
    out->verdict = DDNS_AUTH;
    out->account = true;
}

static const struct api_spec spec = {.headers = headers, .begin = begin, .refine = refine};

static const char *const aliases[] = {"porkbun.com", "porkbun.com-v3", NULL};

const struct provider provider_porkbun = {
    .id = "porkbun",
    .aliases = aliases,
    .title = "Porkbun (API)",
    .url = "https://api.porkbun.com/api/json/v3",
    .link = "https://porkbun.com/api/json/v3/documentation",
    .families = {true, true},
    .needs_user = true,
    .needs_password = true,
    .gap_ms = 2000,
    .error_gap_ms = 60000,
    .asks_first = true,
    .secret = "the secret API key; user is the API key",
    .note = "API ACCESS must be switched on for the domain",
    .protocol = &api_protocol,
    .api = &spec,
};
