/* SPDX-License-Identifier: ISC
 *
 * The plan of a record whose address is gone: shall it be withdrawn, so that clients do not hang on
 * a dead address? Pure. Only when the configuration asks for it, and then only
 *
 * - when this machine has had no such address for `withdraw_ms` without a break: over restarts, by
 *   the boot clock, whatever the wall clock says; a reboot begins anew, since after one no clock
 *   can be trusted;
 * - and this run has seen that with its own eyes for ten minutes (or withdraw_ms, if that is less),
 *   suspends not counted: a line comes up late after a start or a resume;
 * - while clients find the name by its other family: the last address of a name stays, as a name
 *   without any is no better than one that does not answer, and a machine that has lost both is
 *   offline;
 * - and DNS shows the very address that was published here last: what somebody else has put there
 *   is theirs. It is looked at just before.
 */
#ifndef REACHD_DDNS_PLAN_WITHDRAW_H
#define REACHD_DDNS_PLAN_WITHDRAW_H

#include "ddns/plan.h"

#define DDNS_WITHDRAW_LEAST_MS INT64_C(600000) /* less is for labs */

/* For a record without a wanted address, that is neither halted nor busy. */
struct ddns_step ddns_plan_withdraw(const struct ddns_record_state *record,
                                    const struct ddns_account_state *account,
                                    const struct ddns_plan_conf *conf, const struct stamp *now);
/* How long the record stays at the least; INT64_MAX: it is never withdrawn, or nobody has said yet
 * that the address is gone. */
int64_t ddns_withdraw_left(const struct ddns_record_state *record,
                           const struct ddns_plan_conf *conf, const struct stamp *now);
/* A withdrawal was accepted, and DNS has still to show it. */
bool ddns_is_withdrawing(const struct ddns_record_state *record);

#endif
