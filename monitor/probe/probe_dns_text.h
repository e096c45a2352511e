/* SPDX-License-Identifier: ISC
 *
 * Who says what of a name, as lines for people: the resolver, then each server of the zone.
 */
#ifndef REACHD_MONITOR_PROBE_PROBE_DNS_TEXT_H
#define REACHD_MONITOR_PROBE_PROBE_DNS_TEXT_H

#include "monitor/probe/probe_text.h"

void probe_dns_text_print(FILE *out, const struct probe_text_style *style,
                          const struct dns_report *report);

#endif
