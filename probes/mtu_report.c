/* SPDX-License-Identifier: ISC
 *
 * Words about a black hole. Owns: the lines for routers. The packets must be made smaller where the
 * narrow line begins, by the router that knows of it; a server can lower its own MTU instead.
 */
#include "probes/mtu_report.h"

#include <stdio.h>

#include "lib/doc.h"
#include "lib/str.h"

void mtu_report_detail(const struct mtu_report *report, char *out, size_t cap)
{
    uint32_t mtu = mtu_of_mss(report->family, report->passed);
    const char *line = mtu_line(mtu);
    bool exact = report->hung == report->passed + 1;
    out[0] = '\0';
    str_append(out, cap, "%s is lost in packets over %u bytes%s%s%s",
               report->outward ? "what we send" : "what the server sends", (unsigned)mtu,
               line ? " (" : "", line ? line : "", line ? ")" : "");
    str_append(out, cap, ": segments of %u pass, of %u hang", report->passed, report->hung);
    if (!exact)
        str_append(out, cap, ", between them is not known");
    str_append(out, cap, "; announced %u by us, %u by the server", report->announced,
               report->peer_announced);
}

const char *mtu_router_text(enum mtu_router router)
{
    switch (router) {
    case MTU_OPENWRT:
        return "OpenWrt";
    case MTU_NFTABLES:
        return "nftables";
    case MTU_YAMAHA:
        return "Yamaha";
    case MTU_ROUTER_COUNT:
        break;
    }
    return "";
}

/* RTX and NVR: "auto" follows the interface; a PPPoE interface is pp. OpenWrt's mtu_fix does the
 * same for a zone. nftables' own "set rt mtu" would too, on the router with the narrow interface
 * only; a number holds anywhere. It never makes a smaller size larger. */
const char *mtu_fix(const struct mtu_report *report, enum mtu_router router, char out[MTU_FIX_LEN])
{
    const char *four = report->family == FAMILY_IPV4 ? "ipv4" : "ipv6";
    out[0] = '\0';
    switch (router) {
    case MTU_OPENWRT:
        str_append(out, MTU_FIX_LEN,
                   "option mtu_fix '1'   in the zone of the line, /etc/config/firewall");
        break;
    case MTU_NFTABLES:
        str_append(out, MTU_FIX_LEN,
                   "nft add rule inet filter forward meta nfproto %s tcp flags syn tcp option "
                   "maxseg size set %u",
                   four, report->passed);
        break;
    case MTU_YAMAHA:
        str_append(out, MTU_FIX_LEN, "%s pp tcp mss limit auto",
                   report->family == FAMILY_IPV4 ? "ip" : "ipv6");
        break;
    case MTU_ROUTER_COUNT:
        break;
    }
    return out;
}

static json_t *fixes_json(const struct mtu_report *report)
{
    static const char *const keys[MTU_ROUTER_COUNT] = {"openwrt", "nftables", "yamaha"};
    char text[MTU_FIX_LEN];
    json_t *out = doc_object();
    for (int i = 0; i < MTU_ROUTER_COUNT; i++)
        doc_text(out, keys[i], mtu_fix(report, (enum mtu_router)i, text));
    return out;
}

json_t *mtu_report_json(const struct mtu_report *report)
{
    if (!report->proven)
        return json_null();
    uint32_t mtu = mtu_of_mss(report->family, report->passed);
    json_t *out = doc_object();
    doc_text(out, "direction", report->outward ? "out" : "in");
    doc_int(out, "mss_passed", report->passed);
    doc_int(out, "mss_hung", report->hung);
    doc_int(out, "mtu", mtu);
    doc_bool(out, "exact", report->hung == report->passed + 1);
    doc_text(out, "line", mtu_line(mtu));
    doc_int(out, "announced", report->announced);
    doc_int(out, "peer_announced", report->peer_announced);
    doc_value(out, "fix", fixes_json(report));
    return out;
}
