/* SPDX-License-Identifier: ISC
 *
 * Value Domain's DNS API: it knows no single record, so the zone is read, changed and written back
 * as a whole, with all that is due in it. What the reply does not let us understand is never
 * written: an empty zone, one that has fewer records than last time (until a second look says the
 * same), one without its kind of name servers.
 *
 * Its trap: the TTL is one for the zone and comes with each write; one below 120 s silently becomes
 * 3600 s, and clients that send none or their own have left 3600 s behind. So the one that was read
 * goes back, but that 3600, where DNS was seen with less, is mended.
 */
#include <stdlib.h>
#include <string.h>

#include "ddns/api.h"
#include "ddns/zone_text.h"
#include "lib/doc.h"
#include "lib/mem.h"
#include "lib/str.h"

#define LEAST_TTL 120
#define TRAP_TTL  3600
#define MOST_TTL  604800

struct zone {
    const char *records, *ns_type; /* borrowed */
    uint32_t ttl;
};

static bool headers(const struct provider_input *input, const struct api_request *request,
                    struct buf *out)
{
    (void)request;
    return api_header(out, "Authorization", "Bearer ", input->password);
}

/* A string where it is read, an integer where it is written. */
static bool parse_ttl(const json_t *value, uint32_t *ttl)
{
    char text[API_ID_LEN];
    uint64_t number;
    if (!api_id(value, text) || !str_to_uint(text, UINT32_MAX, &number))
        return false;
    *ttl = (uint32_t)number;
    return true;
}

static bool parse_zone(const struct api_reply *reply, struct zone *zone)
{
    const json_t *results = json_object_get(reply->json, "results");
    zone->records = api_text(results, "records");
    zone->ns_type = api_text(results, "ns_type");
    return zone->ns_type[0] && parse_ttl(json_object_get(results, "ttl"), &zone->ttl) &&
           json_is_string(json_object_get(results, "records"));
}

/* The least that a record of the update asks for; else as above. */
static uint32_t ttl_to_write(const struct api *api, uint32_t shown)
{
    uint32_t given = 0, usual = 0, ttl = shown;
    const struct api_set *set;
    for (size_t i = 0; (set = api_set(api, i)); i++) {
        uint32_t *least = set->ttl_given ? &given : &usual;
        if (set->ttl > 0 && (*least == 0 || set->ttl < *least))
            *least = set->ttl;
    }
    if (given > 0)
        ttl = given;
    else if (shown == TRAP_TTL && usual > 0 && usual < TRAP_TTL)
        ttl = usual;
    return ttl < LEAST_TTL ? LEAST_TTL : ttl > MOST_TTL ? MOST_TTL : ttl;
}

static void keep_count(struct api *api, const char *kind, size_t count)
{
    char text[24] = "";
    str_append(text, sizeof text, "%zu", count);
    api_keep(api, kind, api_input(api)->domain, text);
}

static size_t kept_count(struct api *api, const char *kind)
{
    const char *text = api_noted(api, kind, api_input(api)->domain);
    return text ? strtoul(text, NULL, 10) : 0;
}

/* A zone that is cut short would be cut short for good by writing it back. */
static bool is_whole(struct api *api, const char *records)
{
    size_t count = zone_text_count(records), before = kept_count(api, "lines");
    if (count == 0)
        api_end(api, DDNS_TEMPORARY, "the API shows an empty zone: nothing is written into it");
    else if (count < before && count != kept_count(api, "fewer lines")) {
        keep_count(api, "fewer lines", count);
        api_end(api, DDNS_TEMPORARY,
                "the zone had %zu records and now %zu: not written before it is seen so twice",
                before, count);
    } else {
        keep_count(api, "lines", count);
        return true;
    }
    api_end_concerns_all(api);
    return false;
}

/* True when *text (owned) is now as `out` has it; false when the update has ended: it is too large.
 */
static bool take_text(struct api *api, char **text, struct buf *out, bool good)
{
    if (good) {
        free(*text);
        *text = mem_strdup(buf_text(out));
    } else
        api_end(api, DDNS_CONFIG, "the zone is too large");
    buf_clear(out);
    return good;
}

/* What shows another address, or several, was not put there by us. */
static bool remove_set(struct api *api, const struct api_set *set, char **text)
{
    enum zone_text_found found = zone_text_find(*text, set->type, api_label(set), set->address);
    struct buf out;
    if (found == ZONE_TEXT_ABSENT || found == ZONE_TEXT_ALIAS)
        return true;
    if (found != ZONE_TEXT_SAME) {
        api_end_foreign(api);
        return false;
    }
    buf_init(&out, API_BODY_MAX);
    bool good = zone_text_remove(*text, set->type, api_label(set), &out);
    return take_text(api, text, &out, good);
}

/* Puts one record into *text (owned); false when the update has ended with why it can't be. */
static bool put_set(struct api *api, const struct api_set *set, char **text)
{
    enum zone_text_found found = zone_text_find(*text, set->type, api_label(set), set->address);
    struct buf out;
    if (found == ZONE_TEXT_SAME)
        return true;
    if (found == ZONE_TEXT_SEVERAL)
        api_end(api, DDNS_CONFIG, "%s has several %s records: leave one", set->fqdn, set->type);
    if (found == ZONE_TEXT_ALIAS)
        api_end(api, DDNS_CONFIG, "%s is an alias (CNAME): it can have no address", set->fqdn);
    if (found == ZONE_TEXT_SEVERAL || found == ZONE_TEXT_ALIAS ||
        (found == ZONE_TEXT_ABSENT && !api_may_create(api, set)))
        return false;
    buf_init(&out, API_BODY_MAX);
    bool good = zone_text_set(*text, set->type, api_label(set), set->address, &out);
    return take_text(api, text, &out, good);
}

static bool is_done(const struct zone *zone, const struct api_set *set)
{
    enum zone_text_found found =
        zone_text_find(zone->records, set->type, api_label(set), set->address);
    return set->withdraw ? found == ZONE_TEXT_ABSENT || found == ZONE_TEXT_ALIAS
                         : found == ZONE_TEXT_SAME;
}

/* The reply repeats the zone as it is now. */
static void on_put(struct api *api, const struct api_reply *reply)
{
    struct zone zone;
    const struct api_set *set;
    if (!parse_zone(reply, &zone))
        return;
    for (size_t i = 0; (set = api_set(api, i)); i++)
        if (!is_done(&zone, set))
            return;
    keep_count(api, "lines", zone_text_count(zone.records));
    if (zone.ttl == kept_count(api, "ttl"))
        api_end(api, DDNS_OK, "updated");
    else
        api_end(api, DDNS_OK, "updated, but the zone's TTL became %u s instead of %zu s", zone.ttl,
                kept_count(api, "ttl"));
}

static void put_zone(struct api *api, const struct zone *zone, const char *records, uint32_t ttl)
{
    json_t *body = doc_object();
    doc_value(body, "ns_type", json_string(zone->ns_type)); /* as they are: doc_text cleans */
    doc_value(body, "records", json_string(records));
    doc_int(body, "ttl", ttl);
    keep_count(api, "ttl", ttl);
    api_call(api, "PUT", body, on_put, API_PATH("/domains/", api_input(api)->domain, "/dns"));
}

static void on_zone(struct api *api, const struct api_reply *reply)
{
    struct zone zone;
    const struct api_set *set;
    if (!parse_zone(reply, &zone) || !is_whole(api, zone.records))
        return;
    uint32_t ttl = ttl_to_write(api, zone.ttl);
    char *records = mem_strdup(zone.records);
    bool good = true;
    for (size_t i = 0; good && (set = api_set(api, i)); i++)
        good = set->withdraw ? remove_set(api, set, &records) : put_set(api, set, &records);
    if (good && ttl == zone.ttl && strcmp(records, zone.records) == 0)
        api_end(api, DDNS_NOCHANGE, "was so already");
    else if (good)
        put_zone(api, &zone, records, ttl);
    free(records);
}

static void begin(struct api *api)
{
    api_call(api, "GET", NULL, on_zone, API_PATH("/domains/", api_input(api)->domain, "/dns"));
}

static const struct api_spec spec = {.headers = headers, .begin = begin, .busy_wait_ms = 60000};

const struct provider provider_value_domain_api = {
    .id = "value-domain-api",
    .title = "Value Domain (API)",
    .url = "https://api.value-domain.com/v1",
    .link = "https://www.value-domain.com/api/doc/domain/",
    .families = {true, true},
    .needs_password = true,
    .gap_ms = 5000,
    .error_gap_ms = 60000,
    .form = PROVIDER_DUE,
    .withdraws = true,
    .asks_first = true,
    .secret = "an API token, from https://www.value-domain.com/vdapi/",
    .note =
        "the zone is written as a whole: do not let other programs write it in the same second. "
        "Its TTL is one for all names; ttl = 2m is the least.",
    .protocol = &api_protocol,
    .api = &spec,
};
