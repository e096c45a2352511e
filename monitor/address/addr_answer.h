/* SPDX-License-Identifier: ISC
 *
 * What a source outside says our address is, read: the one place that decides whether an answer
 * may be taken. Pure; the bytes are hostile.
 */
#ifndef REACHD_MONITOR_ADDRESS_ADDR_ANSWER_H
#define REACHD_MONITOR_ADDRESS_ADDR_ANSWER_H

#include "monitor/config/config.h"

/* An address literal of the section's family with nothing but white space around it, that
 * addr_answer_fits lets pass. Else false with a sentence in why. */
bool addr_answer_read(const char *text, size_t len, const struct config_address *section,
                      struct addr *out, char *why, size_t cap);
/* Whether the address is of the section's family and may be published (addr_reject_reason). Else
 * false with a sentence in why. */
bool addr_answer_fits(const struct addr *addr, const struct config_address *section, char *why,
                      size_t cap);

#endif
