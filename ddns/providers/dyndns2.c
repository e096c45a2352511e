/* SPDX-License-Identifier: ISC
 *
 * The dyndns2 protocol, spoken by many: GET with hostname and myip, HTTP Basic, and a reply whose
 * first word is a return code. One host and one family per request. Data in the program itself:
 * many files of ddns/providers.d build on its return codes.
 */
#include "ddns/provider_data.h"

#define MINUTE_MS INT64_C(60000)

const struct reply_rule dyndns2_rules[] = {
    {DDNS_TEMPORARY, REPLY_WAIT, NULL, false, false, 0, "the provider asks to wait"},
    {DDNS_CONFIG, REPLY_WORD, "good 127.0.0.1", true, false, 0, "the provider ignored the request"},
    {DDNS_OK, REPLY_WORD, "good", false, false, 0, "updated"},
    {DDNS_NOCHANGE, REPLY_WORD, "nochg", false, false, 0, "unchanged"},
    {DDNS_AUTH, REPLY_WORD, "badauth", true, false, 0, "user or password wrong"},
    {DDNS_CONFIG, REPLY_WORD, "!donator", true, false, 0,
     "an option that the account does not have"},
    {DDNS_CONFIG, REPLY_WORD, "!yours", false, false, 0, "the host belongs to another user"},
    {DDNS_CONFIG, REPLY_WORD, "!active", false, false, 0, "the host is not activated"},
    {DDNS_CONFIG, REPLY_WORD, "notfqdn", false, false, 0, "not a full host name"},
    {DDNS_CONFIG, REPLY_WORD, "nofqdn", false, false, 0, "not a full host name"},
    {DDNS_CONFIG, REPLY_WORD, "nohost", false, false, 0, "no such host in this account"},
    {DDNS_CONFIG, REPLY_WORD, "numhost", false, false, 0, "too many hosts"},
    {DDNS_ABUSE, REPLY_WORD, "abuse", false, false, 0, "the host is blocked for abuse"},
    {DDNS_ABUSE, REPLY_WORD, "badagent", true, false, 0, "the provider refuses this program"},
    {DDNS_CONFIG, REPLY_WORD, "badsys", false, false, 0, "bad system parameter"},
    {DDNS_CONFIG, REPLY_WORD, "badrequest", false, false, 0, "bad request"},
    {DDNS_TEMPORARY, REPLY_WORD, "dnserr", false, false, 30 * MINUTE_MS,
     "DNS error at the provider"},
    {DDNS_TEMPORARY, REPLY_WORD, "911", true, false, 30 * MINUTE_MS, "outage at the provider"},
    {DDNS_TEMPORARY, REPLY_WORD, "servererror", true, false, 10 * MINUTE_MS,
     "error at the provider"},
    {DDNS_TEMPORARY, REPLY_WORD, "unknown", false, false, 10 * MINUTE_MS,
     "unknown error at the provider"},
};
const size_t dyndns2_rule_count = sizeof(dyndns2_rules) / sizeof(dyndns2_rules[0]);

#define URL "https://members.dyndns.org/v3/update"

static const struct provider_data data = {
    .url = {URL "?hostname={fqdn}&myip={ip}", URL "?hostname={fqdn}&myip={ip}"},
    .basic = true,
    .base = dyndns2_rules,
    .base_count = sizeof(dyndns2_rules) / sizeof(dyndns2_rules[0]),
};

const struct provider provider_dyndns2 = {
    .id = "dyndns2",
    .title = "dyndns2 (Dyn and compatible)",
    .url = URL,
    .link = "https://help.dyn.com/remote-access-api/",
    .families = {true, true},
    .needs_user = true,
    .needs_password = true,
    .gap_ms = 60000,
    .error_gap_ms = 300000,
    .data = &data,
};
