/* SPDX-License-Identifier: ISC
 *
 * From a change of a target's health to a notice with full sentences. Pure. Not its job: when
 * (monitor/target/health.h), to whom (monitor/hooks/hook.h).
 */
#ifndef REACHD_MONITOR_TARGET_TARGET_NOTICE_H
#define REACHD_MONITOR_TARGET_TARGET_NOTICE_H

#include "monitor/config/config.h"
#include "monitor/target/health.h"
#include "monitor/target/target_cert.h"
#include "probes/round.h"

/* A family of a target after a round. */
struct target_change {
    const struct config_target *target;
    enum family family;
    enum health_move move;
    const struct health *before;
    const struct health *after;
    const struct round_family *seen;
    int64_t wall_ms;
};

/* False when the move is no news for a person. */
bool target_notice(const struct target_change *change, struct notice *out);
/* The certificate that was received over `family` ends at not_after_ms. */
void target_notice_cert(const struct config_target *target, enum family family,
                        int64_t not_after_ms, int64_t wall_ms, struct notice *out);

/* What such notices said, in a former run, put back where it keeps them from being said again. */
void target_recall_health(const struct notice *told, int64_t mono_ms, struct health *health);
void target_recall_cert(const struct notice *told, int64_t cert_warn_ms, struct cert_told *cert);

/* "www.example.com:443", "[2001:db8::1]:8443". Returns buf. */
#define TARGET_HOST_LEN (HOST_MAX + 8)
const char *target_host(const struct config_target *target, char buf[TARGET_HOST_LEN]);
/* What people read: "www.example.com:443", or "mail (www.example.com:443)" when the section has a
 * name of its own, or another one watches the same host and port; what says the host itself, a URL
 * say, stands alone. Returns buf. */
#define TARGET_LABEL_LEN (128 + TARGET_HOST_LEN + 4)
const char *target_label(const struct config_target *target, char buf[TARGET_LABEL_LEN]);
/* The address that stands for a family's outcome: the first with that outcome. NULL: none. */
const struct probe_result *target_telling(const struct round_family *family);

#endif
