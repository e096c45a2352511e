/* SPDX-License-Identifier: ISC
 *
 * The table of providers, and the judgement of an exchange that is common to all. Not its job: what
 * one provider's words mean (ddns/providers/).
 */
#include "ddns/provider.h"

#include <stdlib.h>
#include <string.h>

#include "ddns/echo.h"
#include "ddns/provider_data.h"
#include "lib/mem.h"
#include "lib/str.h"

/* A redirect or an unknown client error won't mend itself soon. */
#define LONG_WAIT_MS INT64_C(1800000)

/* clang-format off */
static const struct provider *const providers[] = {
    &provider_cloudflare,
    &provider_command,
    &provider_desec_api,
    &provider_digitalocean,
    &provider_dyndns2,
    &provider_gandi,
    &provider_generic,
    &provider_godaddy,
    &provider_hetzner,
    &provider_ionos,
    &provider_linode,
    &provider_name_com,
    &provider_netlify,
    &provider_porkbun,
    &provider_powerdns,
    &provider_rfc2136,
    &provider_route53,
    &provider_scaleway,
    &provider_value_domain,
    &provider_value_domain_api,
    &provider_vultr,
};
/* clang-format on */

const struct provider *provider_find(const char *id)
{
    for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++)
        if (strcmp(providers[i]->id, id) == 0)
            return providers[i];
    return NULL;
}

bool provider_has_alias(const struct provider *provider, const char *name)
{
    for (const char *const *alias = provider->aliases; alias && *alias; alias++)
        if (strcmp(*alias, name) == 0)
            return true;
    return false;
}

const struct provider *const *provider_list(size_t *count)
{
    *count = sizeof(providers) / sizeof(providers[0]);
    return providers;
}

void provider_request_clear(struct provider_request *request)
{
    mem_free_secret(request->url);
    mem_free_secret(request->headers);
    mem_free_secret(request->body);
    *request = (struct provider_request){0};
}

char provider_separator(const char *url)
{
    return strchr(url, '?') ? '&' : '?';
}

void provider_take_url(struct buf *query, bool fits, struct provider_request *out)
{
    out->method = "GET";
    out->url = fits ? mem_strdup(buf_text(query)) : NULL;
    if (query->data)
        explicit_bzero(query->data, query->cap);
    buf_clear(query);
}

void provider_build(const struct provider *provider, const struct provider_input *input,
                    struct provider_request *out)
{
    if (provider->data)
        provider_data_build(provider, input, out);
    else
        provider->build(input, out);
}

static void judge_transport(const struct session_reply *reply, struct ddns_answer *out)
{
    bool cert = outcome_info(reply->outcome)->layer == LAYER_CERT;
    out->verdict = DDNS_TEMPORARY;
    out->cause = reply->outcome;
    str_append(out->text, sizeof(out->text), "%s%s%s%s",
               cert ? "THE PROVIDER'S CERTIFICATE DOES NOT VERIFY, nothing was sent: " : "",
               outcome_word(reply->outcome), reply->detail[0] ? ": " : "", reply->detail);
    if (reply->request_left)
        str_append(out->text, sizeof(out->text), " (the request may have arrived)");
}

static bool repeats_secret(const struct provider_input *input, const char *text, size_t len)
{
    return input && text && echo_is_in(input, text, len);
}

static void judge_redirect(const struct session_reply *reply, const struct provider_input *input,
                           struct ddns_answer *out)
{
    char where[96];
    const char *location = reply->location ? reply->location : "";
    if (repeats_secret(input, location, strlen(location)))
        location = "an address with our secret in it";
    str_printable(where, sizeof(where), location, strcspn(location, "?#"));
    out->verdict = DDNS_TEMPORARY;
    out->wait_ms = LONG_WAIT_MS;
    str_append(out->text, sizeof(out->text), "HTTP %d to %s: not followed; check url",
               reply->status, where[0] ? where : "nowhere");
}

static enum ddns_verdict verdict_of_status(int status)
{
    switch (status) {
    case 401:
    case 403:
    case 407:
        return DDNS_AUTH;
    case 404:
    case 410:
        return DDNS_CONFIG;
    default:
        return DDNS_TEMPORARY;
    }
}

/* Nothing in the body was recognised: the status alone speaks, and never of success. */
static void judge_status(const struct session_reply *reply, const struct provider_input *input,
                         struct ddns_answer *out)
{
    int status = reply->status;
    *out = (struct ddns_answer){.verdict = verdict_of_status(status)};
    out->account =
        status == 401 || status == 403 || status == 407 || status == 429 || status >= 500;
    bool speaks = out->account || out->verdict != DDNS_TEMPORARY;
    if (!speaks && status >= 400 && status != 408)
        out->wait_ms = LONG_WAIT_MS;
    if (speaks) {
        str_append(out->text, sizeof(out->text), "HTTP %d", status);
        return;
    }
    if (repeats_secret(input, reply->body, reply->body_len)) {
        str_append(out->text, sizeof(out->text),
                   "reply not understood (HTTP %d, %zu bytes, not shown: our secret is in it)",
                   status, reply->body_len);
        return;
    }
    char start[48];
    size_t len = strcspn(reply->body ? reply->body : "", "\r\n");
    str_printable(start, sizeof(start), reply->body ? reply->body : "",
                  len < reply->body_len ? len : reply->body_len);
    str_append(out->text, sizeof(out->text), "reply not understood (HTTP %d, %zu bytes: \"%s\")",
               status, reply->body_len, start);
}

static void judge_reply(const struct provider *provider, const struct session_reply *reply,
                        const struct provider_input *input, struct ddns_answer *out)
{
    const char *body = reply->body ? reply->body : "";
    if (reply->status >= 300 && reply->status < 400) {
        judge_redirect(reply, input, out);
        return;
    }
    bool good_status = reply->status >= 200 && reply->status < 300;
    size_t len = reply->body ? reply->body_len : 0;
    bool known = provider->data
                     ? provider_data_classify(provider->data, reply, input, out)
                     : provider->classify && provider->classify(reply->status, body, len, out);
    if (!known || (ddns_verdict_is_success(out->verdict) && !good_status)) {
        judge_status(reply, input, out);
        return;
    }
    if (!good_status)
        str_append(out->text, sizeof(out->text), ", HTTP %d", reply->status);
}

void provider_judge(const struct provider *provider, const struct session_reply *reply,
                    const struct provider_input *input, struct ddns_answer *out)
{
    *out = (struct ddns_answer){.verdict = DDNS_TEMPORARY};
    if (reply->outcome != OUTCOME_OK) {
        judge_transport(reply, out);
        return;
    }
    judge_reply(provider, reply, input, out);
    out->replied = true;
    if (out->verdict == DDNS_TEMPORARY && reply->retry_after_s > 0 &&
        out->wait_ms < reply->retry_after_s * 1000)
        out->wait_ms = reply->retry_after_s * 1000;
}
