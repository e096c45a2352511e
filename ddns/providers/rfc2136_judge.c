/* SPDX-License-Identifier: ISC
 *
 * RCODEs and TSIG errors as verdicts (see rfc2136.h).
 */
#include "ddns/dns_update.h"
#include "ddns/providers/rfc2136.h"
#include "lib/duration.h"
#include "lib/str.h"
#include "probes/dnsmsg.h"

#define UNSIGNED_WAIT_MS INT64_C(300000)

static const struct rcode_row {
    unsigned rcode;
    enum ddns_verdict verdict;
    const char *word;
    const char *meaning;
} rcode_rows[] = {
    {RCODE_NOERROR, DDNS_OK, "NOERROR", "updated"},
    {RCODE_FORMERR, DDNS_CONFIG, "FORMERR", "the server does not understand updates"},
    {RCODE_SERVFAIL, DDNS_TEMPORARY, "SERVFAIL", "the server failed; its log says why"},
    {RCODE_NXDOMAIN, DDNS_TEMPORARY, "NXDOMAIN", "a name that must exist does not"},
    {RCODE_NOTIMP, DDNS_CONFIG, "NOTIMP", "the server takes no updates"},
    {RCODE_REFUSED, DDNS_AUTH, "REFUSED",
     "the server's update policy does not let this key change this name"},
    {DNS_RCODE_YXDOMAIN, DDNS_CONFIG, "YXDOMAIN", "a name that must not exist does"},
    {DNS_RCODE_YXRRSET, DDNS_CONFIG, "YXRRSET",
     "the name is an alias (CNAME), which can't have addresses"},
    {DNS_RCODE_NXRRSET, DDNS_TEMPORARY, "NXRRSET", "the record is not what it was, and stays"},
    {DNS_RCODE_NOTAUTH, DDNS_CONFIG, "NOTAUTH", "the server is not the primary of this domain"},
    {DNS_RCODE_NOTZONE, DDNS_CONFIG, "NOTZONE", "the name is not in the zone: domain is wrong"},
};

static void judge_rcode(unsigned rcode, bool with_key, struct ddns_answer *out)
{
    for (size_t i = 0; i < sizeof rcode_rows / sizeof *rcode_rows; i++) {
        const struct rcode_row *row = &rcode_rows[i];
        if (row->rcode != rcode)
            continue;
        bool keyless = rcode == RCODE_REFUSED && !with_key;
        out->verdict = row->verdict;
        str_append(out->text, sizeof out->text, "%s (%s)", row->word,
                   keyless ? "the server takes no updates from this address without a key"
                           : row->meaning);
        return;
    }
    out->verdict = DDNS_TEMPORARY;
    str_append(out->text, sizeof out->text, "rcode %u", rcode);
}

/* The fudge is 5 minutes: less than that is not what the server minds. */
static void tell_clock(const struct tsig_check *check, struct ddns_answer *out)
{
    char off[DURATION_LEN];
    int64_t off_s = check->server_off_s;
    if (off_s == 0) {
        str_append(out->text, sizeof out->text,
                   "BADTIME (this machine's clock and the server's differ: set them by NTP)");
        return;
    }
    duration_format((off_s < 0 ? -off_s : off_s) * 1000, off);
    str_append(out->text, sizeof out->text,
               "BADTIME (this machine's clock is %s %s the server's: set it by NTP)", off,
               off_s > 0 ? "behind" : "ahead of");
}

static void judge_tsig(const struct tsig_check *check, struct ddns_answer *out)
{
    out->verdict = DDNS_AUTH;
    out->account = true; /* it is the same key for all */
    switch (check->error) {
    case TSIG_BADKEY:
        str_append(out->text, sizeof out->text,
                   "BADKEY (the server has no key of this name and algorithm)");
        return;
    case TSIG_BADSIG:
        str_append(out->text, sizeof out->text,
                   "BADSIG (the server has another secret for this key)");
        return;
    case TSIG_BADTIME:
        out->verdict = DDNS_TEMPORARY;
        out->cause = OUTCOME_LOCAL_CLOCK;
        tell_clock(check, out);
        return;
    case TSIG_BADTRUNC:
        str_append(out->text, sizeof out->text, "BADTRUNC (the server wants longer signatures)");
        return;
    default:
        out->verdict = DDNS_TEMPORARY;
        str_append(out->text, sizeof out->text, "TSIG error %u", check->error);
    }
}

/* Some servers say no more than this of a wrong key, and of a wrong clock too; and a router that
 * has just started may have a wrong clock for a while. So it is no reason to stop for good. */
static void judge_unsigned(unsigned rcode, struct ddns_answer *out)
{
    judge_rcode(rcode, true, out);
    bool success = ddns_verdict_is_success(out->verdict);
    if (rcode == RCODE_REFUSED) {
        out->text[0] = '\0';
        str_append(
            out->text, sizeof out->text,
            "REFUSED, unsigned: the key, its secret, the clock, or what this key may change; "
            "the server's log says which");
    } else {
        str_append(out->text, sizeof out->text,
                   success ? ", but the answer is not signed: not believed" : ", unsigned");
    }
    out->verdict = DDNS_TEMPORARY;
    out->wait_ms = UNSIGNED_WAIT_MS;
}

bool rfc2136_judge(const struct rfc2136_reply *reply, struct ddns_answer *out)
{
    const uint8_t *data = reply->data;
    unsigned rcode = data[3] & 0x0f;
    *out = (struct ddns_answer){.verdict = DDNS_TEMPORARY, .replied = true};
    if (!reply->key) {
        judge_rcode(rcode, false, out);
        return true;
    }
    struct tsig_check check =
        tsig_verify(reply->data, reply->len, reply->key, reply->mac, reply->now_s);
    switch (check.result) {
    case TSIG_GOOD:
        judge_rcode(rcode, true, out);
        return true;
    case TSIG_REFUSED:
        judge_tsig(&check, out);
        return check.proven;
    case TSIG_UNSIGNED:
        judge_unsigned(rcode, out);
        return false;
    case TSIG_FORGED:
        break;
    }
    str_append(out->text, sizeof out->text,
               "the answer's signature is wrong: not believed (whoever is at this address does not "
               "know the key)");
    return false;
}
