/* SPDX-License-Identifier: ISC
 *
 * The syntax of OpenWrt's UCI files, and what /etc/config/network beside one tells of networks.
 * Internal to this folder.
 */
#ifndef REACHD_MONITOR_IMPORT_UCI_H
#define REACHD_MONITOR_IMPORT_UCI_H

#include "monitor/import/model.h"

/* Each section is a block of its type; what can't be followed fails the import. */
void import_uci_file(struct import *im, const char *text, size_t len);

/* "wan" to "pppoe-wan" or "eth0.2", by the file "network" beside the one that is imported. NULL:
 * not known. */
const char *import_uci_device(struct import *im, const char *network);

#endif
