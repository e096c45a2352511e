/* SPDX-License-Identifier: ISC
 *
 * Amazon Route 53: the id of the hosted zone, unless it is configured, then one batch of UPSERTs
 * with all that is due of it, taken as a whole or not at all; or one DELETE. XML both ways,
 * requests signed.
 */
#include <string.h>

#include "ddns/api.h"
#include "ddns/providers/route53.h"
#include "ddns/sigv4.h"
#include "ddns/xml_scan.h"
#include "lib/clock.h"
#include "lib/str.h"
#include "probes/url.h"

#define USUAL_TTL 300
#define BATCH_MAX 65536
#define START     "/2013-04-01"

/* Global: it is signed for this region wherever one lives. */
#define REGION  "us-east-1"
#define SERVICE "route53"

/* As the session writes it. */
static bool host_of(const struct url *url, char *out, size_t cap)
{
    bool v6 = strchr(url->host, ':') != NULL;
    out[0] = '\0';
    return str_append(out, cap, v6 ? "[%s]" : "%s", url->host) &&
           (url->port == (url->tls ? 443 : 80) || str_append(out, cap, ":%u", url->port));
}

static bool headers(const struct provider_input *input, const struct api_request *request,
                    struct buf *out)
{
    char host[HOST_MAX + 16], when[SIGV4_WHEN_LEN];
    struct url url;
    struct buf value;
    if (url_parse(request->url, &url) != NULL || !host_of(&url, host, sizeof host))
        return false;
    const struct sigv4_header signed_headers[] = {
        {"host", host}, {"x-amz-date", sigv4_when(clock_wall_ms(), when)}};
    char *query = strchr(url.target, '?');
    if (query)
        *query++ = '\0';
    const struct sigv4_request canonical = {request->method, url.target, query ? query : "",
                                            signed_headers,  2,          request->body};
    const struct sigv4_scope scope = {when, REGION, SERVICE, input->user, input->password};
    buf_init(&value, PROVIDER_URL_MAX);
    bool good = sigv4_authorization(&canonical, &scope, &value) &&
                api_header(out, "X-Amz-Date", "", when) &&
                api_header(out, "Authorization", "", buf_text(&value));
    buf_clear(&value);
    return good;
}

static struct xml_span span_of(const struct api_reply *reply)
{
    return (struct xml_span){reply->body, reply->len};
}

/* The batch was taken; it reaches all name servers within a minute or so, which is looked for. */
static void on_changed(struct api *api, const struct api_reply *reply)
{
    struct xml_span info, content;
    char status[16];
    if (xml_find(span_of(reply), "ChangeInfo", &info) && xml_find(info, "Status", &content) &&
        xml_text(content, status, sizeof status) &&
        (strcmp(status, "PENDING") == 0 || strcmp(status, "INSYNC") == 0))
        api_end(api, DDNS_OK, "updated");
}

/* DELETE takes a set that has this very TTL and address, as the name servers show them. */
static bool add_change(struct buf *out, const struct api_set *set)
{
    return !strpbrk(set->fqdn, "<>&\"'") &&
           buf_printf(out,
                      "<Change><Action>%s</Action><ResourceRecordSet><Name>%s.</Name>"
                      "<Type>%s</Type><TTL>%u</TTL><ResourceRecords><ResourceRecord>"
                      "<Value>%s</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>"
                      "</Change>",
                      set->withdraw ? "DELETE" : "UPSERT", set->fqdn, set->type,
                      set->ttl > 0 ? set->ttl : USUAL_TTL, set->address);
}

static void send_batch(struct api *api, const char *zone)
{
    struct buf out;
    buf_init(&out, BATCH_MAX);
    bool good = buf_printf(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                                 "<ChangeResourceRecordSetsRequest "
                                 "xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">"
                                 "<ChangeBatch><Changes>");
    for (size_t i = 0; good && api_set(api, i); i++)
        good = add_change(&out, api_set(api, i));
    good = good && buf_printf(&out, "</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>");
    if (good)
        api_call_text(api, "POST", "application/xml", buf_text(&out), on_changed,
                      API_PATH(START "/hostedzone/", zone, "/rrset"));
    else
        api_end(api, DDNS_CONFIG, "the request can't be made of these values");
    buf_clear(&out);
}

/* "/hostedzone/Z0123" of a public zone of that very name. */
static bool is_zone(struct xml_span zone, const char *domain, char id[API_ID_LEN])
{
    static const char before[] = "/hostedzone/";
    struct xml_span content;
    char name[HOST_MAX + 1], private[8], text[API_ID_LEN];
    size_t len = strlen(domain);
    if (!xml_find(zone, "Name", &content) || !xml_text(content, name, sizeof name) ||
        strlen(name) != len + 1 || name[len] != '.' || strncmp(name, domain, len) != 0)
        return false;
    if (xml_find(zone, "PrivateZone", &content) && xml_text(content, private, sizeof private) &&
        strcmp(private, "true") == 0)
        return false;
    return xml_find(zone, "Id", &content) && xml_text(content, text, sizeof text) &&
           str_starts(text, before) && route53_id_is_valid(text + strlen(before)) &&
           str_copy(id, API_ID_LEN, text + strlen(before));
}

static void on_zones(struct api *api, const struct api_reply *reply)
{
    const char *domain = api_input(api)->domain;
    struct xml_span list, zone;
    char id[API_ID_LEN] = "", found[API_ID_LEN];
    size_t count = 0;
    if (!xml_find(span_of(reply), "HostedZones", &list))
        return;
    while (xml_next(&list, "HostedZone", &zone))
        if (is_zone(zone, domain, found) && count++ == 0)
            str_copy(id, sizeof id, found);
    if (count == 0)
        api_end(api, DDNS_CONFIG, "the key sees no public zone %s", domain);
    else if (count > 1)
        api_end(api, DDNS_CONFIG, "there are %zu public zones %s: say which with id", count,
                domain);
    else {
        api_keep(api, "zone", domain, id);
        send_batch(api, id);
    }
}

static void begin(struct api *api)
{
    const struct provider_input *input = api_input(api);
    const char *zone = input->id[0] ? input->id : api_cached(api, "zone", input->domain);
    if (zone)
        send_batch(api, zone);
    else
        api_call(api, "GET", NULL, on_zones,
                 API_PATH(START "/hostedzonesbyname?dnsname=", input->domain));
}

static const char *check(const struct provider_input *input)
{
    if (input->id[0] && !route53_id_is_valid(input->id))
        return "id is that of the hosted zone, like Z0123456789ABC";
    return NULL;
}

static void refine(const struct session_reply *reply, const struct provider_input *input,
                   const json_t *json, struct ddns_answer *out)
{
    (void)json;
    route53_judge(reply->status, reply->body, reply->body_len, input, out);
}

static const struct api_spec spec = {
    .headers = headers,
    .begin = begin,
    .refine = refine,
    .raw = true,
    .later_is_400 = true,
};

static const char *const aliases[] = {"route53-v1", "aws", NULL};

const struct provider provider_route53 = {
    .id = "route53",
    .aliases = aliases,
    .title = "Amazon Route 53 (API)",
    .url = "https://route53.amazonaws.com",
    .link = "https://docs.aws.amazon.com/Route53/latest/APIReference/",
    .families = {true, true},
    .needs_user = true,
    .needs_password = true,
    .gap_ms = 2000,
    .error_gap_ms = 30000,
    .form = PROVIDER_DUE,
    .withdraws = true,
    .secret = "the secret access key; user is its access key ID",
    .note =
        "the key needs ListHostedZonesByName and ChangeResourceRecordSets; with id = \"ZONE-ID\" "
        "only the latter. The clock of the machine must be right: requests are signed with it.",
    .check = check,
    .protocol = &api_protocol,
    .api = &spec,
};
