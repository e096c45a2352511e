/* SPDX-License-Identifier: ISC
 *
 * The provider whose template and replies stand in the record. What is here is its name; the rest
 * is made for each record by the configuration (monitor/config/catalog.h).
 */
#include "ddns/provider_data.h"

static const struct provider_data nothing = {0};

const struct provider provider_generic = {
    .id = "generic",
    .title = "any service of one request",
    .url = "",
    .link = "",
    .families = {true, true},
    .gap_ms = 60000,
    .error_gap_ms = 300000,
    .note = "url is a template like \"https://ddns.example/?h={fqdn}&ip={ip}\", ok a list of reply "
            "patterns: see TEMPLATES AND REPLY PATTERNS in reachd.conf(5)",
    .data = &nothing,
};
