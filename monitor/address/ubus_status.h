/* SPDX-License-Identifier: ISC
 *
 * What OpenWrt's netifd says of an interface ("ubus call network.interface.wan status"), read into
 * a set of addresses, so that the same policy judges them as those of the kernel. Pure; bounded.
 */
#ifndef REACHD_MONITOR_ADDRESS_UBUS_STATUS_H
#define REACHD_MONITOR_ADDRESS_UBUS_STATUS_H

#include <net/if.h>

#include "monitor/address/addrset.h"

#define UBUS_STATUS_MAX 65536

/* Fills an empty set: the addresses of the interface, and those that it has in prefixes assigned to
 * it; link is its device. False with a printable sentence in why when the reply is none, or the
 * interface is not up. */
bool ubus_status_read(const char *json, size_t len, struct addrset *set, char link[IF_NAMESIZE],
                      char *why, size_t cap);

#endif
