/* SPDX-License-Identifier: ISC
 *
 * Reads netifd's status. Owns: which of its members are addresses of the router, and what their
 * lifetimes mean in the kernel's terms.
 */
#include "monitor/address/ubus_status.h"

#include <jansson.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "lib/doc.h"
#include "lib/str.h"

#define LINK_INDEX 1
#define MAX_ADDRS  256 /* of one array */

/* Remaining seconds; none is for ever. */
static uint32_t lifetime_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        return UINT32_MAX;
    json_int_t seconds = json_integer_value(value);
    return seconds < 0 ? 0 : seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}

/* named: the object with "address" and "mask"; timed: the one with the lifetimes. */
static bool read_addr(const json_t *named, const json_t *timed, struct rtnl_addr *out)
{
    const json_t *mask = json_object_get(named, "mask");
    *out = (struct rtnl_addr){.index = LINK_INDEX, .scope = RT_SCOPE_UNIVERSE};
    if (!addr_parse(doc_get_text(named, "address"), &out->addr) || !json_is_integer(mask) ||
        json_integer_value(mask) < 0 ||
        json_integer_value(mask) > (json_int_t)(8 * addr_len(&out->addr)))
        return false;
    out->prefix_len = (uint8_t)json_integer_value(mask);
    addr_parse(doc_get_text(named, "ptpaddress"), &out->peer);
    out->preferred_s = lifetime_of(timed, "preferred");
    out->valid_s = lifetime_of(timed, "valid");
    if (out->valid_s == UINT32_MAX)
        out->flags = IFA_F_PERMANENT;
    return out->valid_s > 0;
}

static void feed_array(const json_t *status, const char *key, const char *inner,
                       struct addrset *set)
{
    const json_t *array = json_object_get(status, key), *entry;
    size_t i;
    json_array_foreach(array, i, entry)
    {
        struct rtnl_event event = {.kind = RTNL_ADDR};
        if (i < MAX_ADDRS &&
            read_addr(inner ? json_object_get(entry, inner) : entry, entry, &event.addr))
            addrset_feed(set, &event, 0);
    }
}

static void feed(const json_t *status, struct addrset *set, char link[IF_NAMESIZE])
{
    struct rtnl_event event = {.kind = RTNL_LINK, .link = {.index = LINK_INDEX, .up = true}};
    const char *name = doc_get_text(status, "l3_device");
    str_printable(link, IF_NAMESIZE, name, strlen(name));
    str_copy(event.link.name, sizeof event.link.name, link);
    addrset_sync_begin(set);
    addrset_feed(set, &event, 0);
    feed_array(status, "ipv4-address", NULL, set);
    feed_array(status, "ipv6-address", NULL, set);
    feed_array(status, "ipv6-prefix-assignment", "local-address", set);
    addrset_synced(set);
}

/* "pppoe: AUTH_FAILED", of the first of netifd's errors. */
static void say_down(const json_t *status, char *why, size_t cap)
{
    const json_t *error = json_array_get(json_object_get(status, "errors"), 0);
    const char *code = doc_get_text(error, "code"), *part = doc_get_text(error, "subsystem");
    char shown[64];
    snprintf(why, cap, "the interface %s",
             json_is_true(json_object_get(status, "pending")) ? "is coming up (pending)"
                                                              : "is down");
    if (!*code)
        return;
    str_append(why, cap, ": %s", str_printable(shown, sizeof shown, part, strlen(part)));
    str_append(why, cap, " %s", str_printable(shown, sizeof shown, code, strlen(code)));
}

static bool read_status(const json_t *status, struct addrset *set, char link[IF_NAMESIZE],
                        char *why, size_t cap)
{
    const json_t *up = json_object_get(status, "up");
    if (!json_is_boolean(up)) {
        str_copy(why, cap, "no status of an interface: there is no \"up\" in it");
        return false;
    }
    if (!json_is_true(up)) {
        say_down(status, why, cap);
        return false;
    }
    if (!*doc_get_text(status, "l3_device")) {
        str_copy(why, cap, "no status of an interface: there is no \"l3_device\" in it");
        return false;
    }
    feed(status, set, link);
    return true;
}

bool ubus_status_read(const char *json, size_t len, struct addrset *set, char link[IF_NAMESIZE],
                      char *why, size_t cap)
{
    json_error_t error;
    json_t *status = len <= UBUS_STATUS_MAX ? json_loadb(json, len, 0, &error) : NULL;
    if (!status) {
        snprintf(why, cap, "no JSON%s", len > UBUS_STATUS_MAX ? ": too long" : "");
        return false;
    }
    bool good = read_status(status, set, link, why, cap);
    json_decref(status);
    return good;
}
