/* SPDX-License-Identifier: ISC
 *
 * A provider as written, in a section of the configuration or in a file of its own, made into a
 * struct provider. Owns: its memory and its checks. Not its job: where the files are
 * (monitor/config/catalog.h). Internal to config*.c and catalog.c.
 */
#ifndef REACHD_MONITOR_CONFIG_CONFIG_PROVIDER_H
#define REACHD_MONITOR_CONFIG_CONFIG_PROVIDER_H

#include "ddns/provider_data.h"
#include "lib/digest.h"
#include "monitor/config/config_tree.h"

/* What the rows of the schema set. */
struct provider_text {
    char *title, *link, *note, *secret, *zone, *defunct, *successor;
    char **aliases;
    bool families[FAMILY_COUNT];
    enum provider_form form;
    unsigned names;
    char *url, *url_ipv4, *url_ipv6, *url_both;
    int method; /* into the words GET, POST, … */
    char *body, *content_type;
    char **headers;
    char *keep, *apex;
    int login; /* 1: HTTP Basic */
    int codes; /* 1: the return codes of dyndns2 count too */
    int queue; /* 1: one for the whole service */
    bool source_decides, in_dns;
    char **replies[DDNS_TEMPORARY + 1]; /* patterns, by verdict */
    int64_t gap_ms, error_gap_ms, refresh_ms;
};

struct config_provider {
    struct provider_text text;
    char *id;
    struct provider provider; /* not for use when it is defunct */
    struct provider_data data;
    struct reply_rule *rules; /* their texts are in text.replies */
    char *base;
    char fingerprint[DIGEST_HEX_LEN];
    struct config_provider *next;
};

/* Never NULL; what is wrong is reported. */
struct config_provider *config_provider_new(const struct config_section *section,
                                            struct config_report *report);
void config_provider_free(struct config_provider *provider);
bool config_provider_is_id(const char *text); /* a-z, 0-9, "-" and "." inside */

#endif
