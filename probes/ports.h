/* SPDX-License-Identifier: ISC
 *
 * Sets of ports, for probes of kind closed. Pure.
 */
#ifndef REACHD_PROBES_PORTS_H
#define REACHD_PROBES_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PORT_RANGES_MAX 32
#define PORTS_TEXT_LEN  128

struct port_range {
    uint16_t low, high;
};

struct port_set {
    size_t range_count;
    struct port_range ranges[PORT_RANGES_MAX]; /* ascending, none touches another */
};

/* Adds "80", "8000:8999", or several with commas or spaces between. NULL, or what is wrong
 * (static).
 */
const char *port_set_add(struct port_set *set, const char *text);
size_t port_set_count(const struct port_set *set);
uint16_t port_set_at(const struct port_set *set, size_t index); /* index below the count */
bool port_set_equal(const struct port_set *a, const struct port_set *b);
/* "80 443 8000:8999", cut with "...". Returns buf. */
const char *port_set_text(const struct port_set *set, char buf[PORTS_TEXT_LEN]);

#endif
