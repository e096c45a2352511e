/* SPDX-License-Identifier: ISC
 *
 * What a server answers to a signed update, from its bytes to the verdict: nobody without the key
 * makes it a success.
 */
#include "ddns/providers/rfc2136.h"
#include "ddns/tsig.h"
#include "probes/dns_exchange.h"
#include "tests/fuzz/fuzz.h"

#define NOW_S 1700000000

static void judge(const uint8_t *data, size_t size, const struct tsig_key *key)
{
    struct tsig_mac mac = {.len = DIGEST_MAC_MAX / 2};
    struct ddns_answer answer, again;
    memset(mac.bytes, 0xab, sizeof mac.bytes);
    const struct rfc2136_reply reply = {data, size, key, &mac, NOW_S};
    memset(&answer, 0x11, sizeof answer);
    bool proven = rfc2136_judge(&reply, &answer);
    MUST(answer.replied && answer.text[0]);
    MUST(fuzz_is_clean(answer.text, sizeof answer.text));
    MUST(proven || !ddns_verdict_is_success(answer.verdict));
    MUST(answer.wait_ms >= 0);
    MUST(rfc2136_judge(&reply, &again) == proven && again.verdict == answer.verdict);
    if (!key)
        return;
    struct tsig_check check = tsig_verify(data, size, key, &mac, NOW_S);
    MUST(check.result != TSIG_GOOD || check.proven);
    MUST(ddns_verdict_is_success(answer.verdict) <= (check.result == TSIG_GOOD));
    mac.bytes[0] ^= 1; /* whoever saw another request */
    MUST(tsig_verify(data, size, key, &mac, NOW_S).result != TSIG_GOOD || !proven);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"hmac-sha256:key.home.example",
                                        "hmac-sha1:key.home.example",
                                        "hmac-sha512:key.home.example"};
    const uint8_t sent[12] = {size > 0 ? data[0] : 0, size > 1 ? data[1] : 0, 0x28};
    struct tsig_key key;
    if (!dns_answers(sent, data, size))
        return 0;
    judge(data, size, NULL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        MUST(!tsig_key_parse(names[i], "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", &key));
        judge(data, size, &key);
    }
    return 0;
}
