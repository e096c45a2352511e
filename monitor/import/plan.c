/* SPDX-License-Identifier: ISC
 *
 * What the names of a file mean together: which provider and zone, what a provider needs, the two
 * families of one name in one record, no name twice, one section for each address, one file for
 * each password. Internal to this folder.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/hostport.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/import/model.h"

#define TITLE_MAX 100

/* --- zones ------------------------------------------------------------------------------------ */

/* Whole labels at the end of name. */
static const char *last_labels(const char *name, size_t count)
{
    const char *from = name + strlen(name);
    while (from > name) {
        if (from[-1] == '.' && --count == 0)
            break;
        from--;
    }
    return from;
}

/* "co" of "co.uk": registries below many country codes have these. */
static bool is_second_level(const char *label, size_t len)
{
    static const char *const labels[] = {"co", "com", "net", "org",  "ac",  "gov", "edu", "ne",
                                         "or", "go",  "ad",  "ed",   "gr",  "lg",  "ltd", "plc",
                                         "me", "nom", "gob", "gouv", "sch", "mil"};
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
        if (strlen(labels[i]) == len && memcmp(label, labels[i], len) == 0)
            return true;
    return false;
}

const char *import_guess_zone(const char *fqdn)
{
    const char *name = str_starts(fqdn, "*.") ? fqdn + 2 : fqdn;
    const char *top = last_labels(name, 1), *two = last_labels(name, 2);
    bool below = strlen(top) == 2 && is_second_level(two, strcspn(two, "."));
    /* deSEC makes each name below dedyn.io a zone. */
    if (below || strcmp(two, "dedyn.io") == 0)
        return last_labels(name, 3);
    return two;
}

/* --- names ------------------------------------------------------------------------------------ */

static bool ends_with_zone(const char *fqdn, const char *zone)
{
    size_t len = strlen(fqdn), zone_len = strlen(zone);
    return len >= zone_len && str_equal_nocase(fqdn + len - zone_len, zone) &&
           (len == zone_len || fqdn[len - zone_len - 1] == '.');
}

/* "host@example.com", "@example.com" and "@.example.com" tell the zone. */
static void split_sign(struct import *im, struct import_name *name)
{
    const char *sign = strchr(name->fqdn, '@');
    if (!sign || !sign[1])
        return;
    const char *zone = sign[1] == '.' ? sign + 2 : sign + 1;
    size_t len = (size_t)(sign - name->fqdn);
    name->zone = zone;
    name->fqdn = len ? import_printf(im, "%.*s.%s", (int)len, name->fqdn, zone) : zone;
}

static const char *lower(struct import *im, const char *text)
{
    char *copy = mem_strdup(text);
    for (char *c = copy; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    const char *kept = import_text(im, copy, strlen(copy));
    free(copy);
    return kept;
}

static void set_label(struct import *im, struct import_name *name, const char *label,
                      const char *zone)
{
    label = lower(im, label);
    zone = lower(im, zone);
    name->zone = zone;
    if (!label[0] || strcmp(label, "@") == 0)
        name->fqdn = zone;
    else if (!ends_with_zone(label, zone))
        name->fqdn = import_printf(im, "%s.%s", label, zone);
    else
        name->fqdn = label;
}

static bool is_domain(const char *text)
{
    return text && strchr(text, '.') && !strchr(text, '*') && host_is_valid(text);
}

static void shape_user(struct import *im, struct import_name *name,
                       const struct import_shape *shape)
{
    const char *user = name->user;
    if (!user)
        return;
    if (shape->user_is_secret)
        name->secret = user;
    else if (shape->user_is_label)
        set_label(im, name, user, name->fqdn);
    else if (shape->user_is_zone && shape->domain_is_label)
        set_label(im, name, name->fqdn, user);
    else if (shape->user_is_zone && is_domain(user))
        name->zone = lower(im, user);
    if (shape->user_is_secret || shape->user_is_label || shape->user_is_zone ||
        shape->user_is_nothing)
        name->user = NULL;
}

/* ddns-scripts takes the label and the whole name, the others the label only. */
static bool stands_below(const struct import *im, const char *label, const char *zone)
{
    return im->format != IMPORT_UCI || !strchr(label, '.') || ends_with_zone(label, zone);
}

static void shape_host(struct import *im, struct import_name *name,
                       const struct import_shape *shape)
{
    if (shape->host_is_id && shape->under) {
        name->id = name->written;
        set_label(im, name, import_printf(im, "id-%s", name->id), shape->under);
    } else if (shape->host_is_id) {
        name->id = name->written;
        name->fqdn = "fill-in.example.com";
        name->zone = "example.com";
        name->off = "the file tells the number of the record and not its name: fill in host and "
                    "domain, then take out the signs";
    } else if (shape->host_is_label && stands_below(im, name->fqdn, shape->under)) {
        set_label(im, name, name->fqdn, shape->under);
    } else if (shape->domain_is_id) {
        name->id = name->written;
        name->fqdn = name->lookup ? name->lookup : "";
    }
}

static void apply_shape(struct import *im, struct import_name *name)
{
    const struct import_shape *shape = import_shape_of(im, name->provider);
    uint64_t ttl;
    shape_user(im, name, shape);
    shape_host(im, name, shape);
    if (shape->param_is_url || shape->server_is_url)
        name->url = name->param;
    if (shape->param_is_ttl && name->param && str_to_uint(name->param, 604800, &ttl))
        name->ttl = (int64_t)ttl;
    if (shape->note)
        import_note(im, &name->notes, &name->at, "%s", shape->note);
    if (shape->url) {
        name->provider = &provider_generic;
        name->url = shape->url;
        name->ok[0] = shape->ok;
    }
}

/* Of OpenWrt's domain = www, lookup_host = www.example.com the second is the name. */
static bool is_label_of(const char *label, const char *full)
{
    size_t len = strlen(label);
    return len > 0 && !strchr(label, '.') && is_domain(full) &&
           strncasecmp(full, label, len) == 0 && full[len] == '.';
}

/* Below a zone that is known otherwise: "www" and "@" of a service that wants the labels. */
static void complete_name(struct import *im, struct import_name *name)
{
    const char *zone = name->zone ? name->zone : is_domain(name->user) ? name->user : NULL;
    if (!strchr(name->fqdn, '.') && zone)
        set_label(im, name, name->fqdn, zone);
    if (is_label_of(name->fqdn, name->lookup))
        name->fqdn = lower(im, name->lookup);
    if (name->zone && !ends_with_zone(name->fqdn, name->zone))
        name->zone = NULL;
    if (!name->zone && name->provider->zone && ends_with_zone(name->fqdn, name->provider->zone))
        name->zone = name->provider->zone;
    if (name->zone)
        return;
    name->zone = import_guess_zone(name->fqdn);
    name->zone_guessed = true;
}

static void check_name(struct import *im, struct import_name *name)
{
    if (!strchr(name->fqdn, '.') || !host_is_valid(name->fqdn) || !host_is_valid(name->zone))
        name->problem = import_printf(im, "\"%s\" is not a full name in DNS", name->fqdn);
}

/* --- what the provider needs ------------------------------------------------------------------ */

static bool takes_user(const struct provider *provider)
{
    return provider->needs_user || provider == &provider_cloudflare ||
           provider == &provider_rfc2136 || provider == &provider_generic;
}

static void check_families(struct import *im, struct import_name *name)
{
    bool any = false;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        if (name->source[f].from != IMPORT_NOWHERE && !name->provider->families[f]) {
            import_note(im, &name->notes, &name->at, "%s can't publish %s addresses",
                        name->provider->id, family_text((enum family)f));
            name->source[f].from = IMPORT_NOWHERE;
        }
        any = any || name->source[f].from != IMPORT_NOWHERE;
    }
    if (!any)
        name->problem = "nothing is left to be published";
}

static void check_needs(struct import *im, struct import_name *name)
{
    const struct provider *provider = name->provider;
    if (name->user && !name->user[0])
        name->user = NULL;
    if (name->secret && !name->secret[0])
        name->secret = NULL;
    bool secret = name->secret || name->secret_env || name->secret_file;
    if (name->user && !takes_user(provider)) {
        import_note(im, &name->notes, &name->at, "%s needs no user", provider->id);
        name->user = NULL;
    }
    if (name->ttl > 0 && provider->data)
        import_note(im, &name->notes, &name->at, "%s takes no TTL", provider->id);
    if (provider->data || name->ttl <= 1)
        name->ttl = 0;
    if (provider->needs_user && !name->user)
        name->problem =
            import_printf(im, "provider %s needs a user, and none is told there", provider->id);
    else if (provider->needs_id && !name->id)
        name->off = "the provider needs id, its own name of the record";
    else if (provider->needs_password && !secret)
        name->off = "no password is told there: add password-file, then take out the signs";
    if (secret && !provider->needs_password && !provider->takes_password &&
        provider != &provider_generic) {
        import_note(im, &name->notes, &name->at, "%s needs no password", provider->id);
        name->secret = name->secret_env = name->secret_file = NULL;
    }
}

static void settle(struct import *im, struct import_name *name)
{
    if (!name->provider && !name->problem)
        import_find_provider(im, name);
    if (name->problem)
        return;
    split_sign(im, name);
    apply_shape(im, name);
    complete_name(im, name);
    check_name(im, name);
    if (!name->problem)
        check_families(im, name);
    if (!name->problem)
        check_needs(im, name);
}

/* --- several names ---------------------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_record(const struct import_name *name)
{
    return !name->problem && !name->off && !name->merged;
}

static bool overlaps(const struct import_name *a, const struct import_name *b)
{
    for (int f = 0; f < FAMILY_COUNT; f++)
        if (a->source[f].from != IMPORT_NOWHERE && b->source[f].from != IMPORT_NOWHERE)
            return true;
    return false;
}

static bool same_account(const struct import_name *a, const struct import_name *b)
{
    return a->provider == b->provider && same(a->user, b->user) && same(a->secret, b->secret) &&
           same(a->secret_env, b->secret_env) && same(a->secret_file, b->secret_file) &&
           same(a->id, b->id) && same(a->url, b->url) && same(a->zone, b->zone) &&
           same(a->egress, b->egress) && a->ttl == b->ttl;
}

/* Two sections for two families are one record here. */
static void merge(struct import_name *into, struct import_name *from)
{
    for (int f = 0; f < FAMILY_COUNT; f++)
        if (from->source[f].from != IMPORT_NOWHERE)
            into->source[f] = from->source[f];
    if (from->notes.first) {
        if (!into->notes.last)
            into->notes.last = &into->notes.first;
        *into->notes.last = from->notes.first;
        into->notes.last = from->notes.last;
        from->notes = (struct import_notes){0};
    }
    from->merged = true;
}

/* Of the names before, the one that fits; NULL: none. */
static struct import_name *earlier(const struct import *im, const struct import_name *name,
                                   bool overlapping)
{
    for (struct import_name *other = im->names; other != name; other = other->next)
        if (!other->problem && !other->merged && strcmp(other->fqdn, name->fqdn) == 0 &&
            !other->off == !name->off && overlaps(other, name) == overlapping &&
            (overlapping || same_account(other, name)))
            return other;
    return NULL;
}

static void join(struct import *im, struct import_name *name)
{
    const struct import_name *rival = name->off ? NULL : earlier(im, name, true);
    struct import_name *partner = rival ? NULL : earlier(im, name, false);
    if (rival)
        name->off = import_printf(im,
                                  "%s%sline %u publishes the same name already: two that write "
                                  "one record would fight over it",
                                  rival->at.file ? rival->at.file : "", rival->at.file ? ", " : "",
                                  rival->at.line);
    else if (partner)
        merge(partner, name);
}

/* --- addresses, passwords, titles ------------------------------------------------------------- */

static bool same_source(const struct import_source *a, const struct import_source *b)
{
    return a->from == b->from && a->loose == b->loose && a->every_ms == b->every_ms &&
           same(a->value, b->value);
}

static const char *address_word(const struct import_source *source)
{
    static const char *const words[] = {
        [IMPORT_NOWHERE] = "none", [IMPORT_INTERFACE] = "interface", [IMPORT_UBUS] = "network",
        [IMPORT_WEB] = "web",      [IMPORT_COMMAND] = "command",     [IMPORT_STATIC] = "static"};
    return source->from == IMPORT_INTERFACE && source->value[0] ? source->value
                                                                : words[source->from];
}

static struct import_address *address_of(struct import *im, const struct import_source *source,
                                         enum family family)
{
    struct import_address **end = &im->addresses;
    const char *word = address_word(source); /* an interface may have any name, "web" too */
    unsigned count = 1;
    for (; *end; end = &(*end)->next) {
        struct import_address *address = *end;
        if (address->family == family && same_source(address->source, source))
            return address;
        count += address->family == family && strcmp(address_word(address->source), word) == 0;
    }
    struct import_address *address = mem_zalloc(sizeof(*address));
    const char *short_family = family == FAMILY_IPV4 ? "v4" : "v6";
    address->title = count > 1 ? import_printf(im, "%s-%s-%u", word, short_family, count)
                               : import_printf(im, "%s-%s", word, short_family);
    address->family = family;
    address->source = source;
    *end = address;
    return address;
}

static void set_addresses(struct import *im, struct import_name *name)
{
    for (int f = 0; f < FAMILY_COUNT; f++) {
        if (name->source[f].from == IMPORT_NOWHERE)
            continue;
        struct import_address *address = address_of(im, &name->source[f], (enum family)f);
        name->address[f] = address->title;
        address->live = address->live || is_record(name);
    }
}

static void set_secret(struct import *im, struct import_name *name)
{
    struct import_secret **end = &im->secrets;
    unsigned count = 1;
    if (!name->secret)
        return;
    for (; *end; end = &(*end)->next) {
        if ((*end)->name->provider != name->provider)
            continue;
        if (strcmp((*end)->text, name->secret) == 0) {
            name->secret_path = (*end)->path;
            return;
        }
        count++;
    }
    struct import_secret *secret = mem_zalloc(sizeof(*secret));
    secret->name = name;
    secret->text = name->secret;
    secret->path =
        count > 1
            ? import_printf(im, "%s/%s-%u.secret", im->asked->secrets, name->provider->id, count)
            : import_printf(im, "%s/%s.secret", im->asked->secrets, name->provider->id);
    name->secret_path = secret->path;
    *end = secret;
}

static const char *title_base(const struct import_name *name)
{
    return strlen(name->fqdn) <= TITLE_MAX - 10 ? name->fqdn : "name";
}

static void set_title(struct import *im, struct import_name *name)
{
    const char *base = title_base(name);
    unsigned count = 1;
    for (const struct import_name *other = im->names; other != name; other = other->next)
        count += other->title && strcmp(title_base(other), base) == 0;
    name->title = base;
    if (count > 1 || base != name->fqdn)
        name->title = import_printf(im, "%s %u", base, count);
}

void import_plan(struct import *im)
{
    for (struct import_name *name = im->names; name; name = name->next)
        settle(im, name);
    for (struct import_name *name = im->names; name; name = name->next) {
        if (!name->problem)
            name->problem = import_trial(im, name);
        if (!name->problem)
            join(im, name);
    }
    for (struct import_name *name = im->names; name; name = name->next) {
        if (name->problem || name->merged)
            continue;
        set_title(im, name);
        set_secret(im, name);
        set_addresses(im, name);
    }
    import_share_notes(im);
}
