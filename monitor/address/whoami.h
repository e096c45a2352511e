/* SPDX-License-Identifier: ISC
 *
 * DNS names whose answer is the address of who asks: the known services, and one of the
 * configuration. Pure: what is to be asked of whom, the question in bytes, the answer read. The
 * bytes of an answer are hostile.
 */
#ifndef REACHD_MONITOR_ADDRESS_WHOAMI_H
#define REACHD_MONITOR_ADDRESS_WHOAMI_H

#include "lib/buf.h"
#include "monitor/config/config.h"

#define WHOAMI_MAX 16 /* questions of a section */

struct whoami {
    const char *service; /* word of a known one; NULL: of the configuration */
    struct addr server;
    uint16_t port;
    const char *name;
    unsigned type;  /* DNS_TYPE_A, DNS_TYPE_AAAA or DNS_TYPE_TXT */
    unsigned class; /* DNS_CLASS_IN or DNS_CLASS_CH */
};

/* NULL when there is a service of that word that answers over the family, else what is wrong (in
 * buf). */
const char *whoami_check_service(const char *word, enum family family, char *buf, size_t cap);
/* "opendns, google, …": those that answer over the family. Returns buf. */
const char *whoami_services(enum family family, char *buf, size_t cap);

/* What the section asks, in its order; without services and name: every service that answers over
 * its family. Their strings are the section's. */
size_t whoami_list(const struct config_address *section, struct whoami out[WHOAMI_MAX]);
/* "opendns (208.67.222.222)", "whoami.example at 192.0.2.53". Returns buf. */
const char *whoami_label(const struct whoami *whoami, char *buf, size_t cap);

/* Appends the message, without EDNS: no server is to guess from a client subnet. */
bool whoami_write(const struct whoami *whoami, unsigned id, struct buf *out);
/* The one address that the records of an answer to this question hold, if the section may take it
 * (monitor/address/addr_answer.h). Else false with a sentence in why. The header is known to fit
 * (dns_answers). */
bool whoami_read(const struct whoami *whoami, const void *data, size_t len,
                 const struct config_address *section, struct addr *out, char *why, size_t cap);

#endif
