/* SPDX-License-Identifier: ISC
 *
 * Errors of Route 53 (see route53.h): <Code> and <Message>. Throttling, and a change that is under
 * way in the same zone, come as 400 and are no fault of the request.
 */
#include <string.h>

#include "ddns/echo.h"
#include "ddns/providers/route53.h"
#include "ddns/xml_scan.h"
#include "lib/str.h"

#define CLOCK_WAIT_MS 300000 /* a wrong clock is not right a moment later */

static const struct {
    const char *code;
    enum ddns_verdict verdict;
    bool account;
    int64_t wait_ms;
} codes[] = {
    {"Throttling", DDNS_TEMPORARY, true, 0},
    {"ThrottlingException", DDNS_TEMPORARY, true, 0},
    {"PriorRequestNotComplete", DDNS_TEMPORARY, false, 0},
    {"ServiceUnavailable", DDNS_TEMPORARY, true, 0},
    {"RequestExpired", DDNS_TEMPORARY, true, 0},
    {"InvalidClientTokenId", DDNS_AUTH, true, 0},
    {"SignatureDoesNotMatch", DDNS_AUTH, true, 0},
    {"AccessDenied", DDNS_AUTH, true, 0},
    {"NoSuchHostedZone", DDNS_CONFIG, false, 0},
    {"InvalidChangeBatch", DDNS_CONFIG, false, 0},
};

bool route53_id_is_valid(const char *id)
{
    size_t len = strlen(id);
    return len > 0 && len <= 32 && strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == len;
}

static bool text_of(struct xml_span in, const char *name, char *out, size_t cap)
{
    struct xml_span content;
    out[0] = '\0';
    return xml_find(in, name, &content) && xml_text(content, out, cap);
}

/* A signature that is refused for its time says so in words only, under the code of a wrong key. */
static bool is_clock(const char *code, const char *message)
{
    return strcmp(code, "RequestExpired") == 0 || strstr(message, "Signature expired") ||
           strstr(message, "Signature not yet current");
}

void route53_judge(int status, const char *body, size_t len, const struct provider_input *input,
                   struct ddns_answer *out)
{
    const struct xml_span in = {body ? body : "", body ? len : 0};
    char code[64], message[512], shown[DDNS_TEXT_LEN];
    if (!text_of(in, "Code", code, sizeof code))
        return;
    text_of(in, "Message", message, sizeof message);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strcmp(code, codes[i].code) == 0) {
            out->verdict = codes[i].verdict;
            out->account = codes[i].account;
            out->wait_ms = codes[i].wait_ms > out->wait_ms ? codes[i].wait_ms : out->wait_ms;
        }
    if (is_clock(code, message)) {
        out->verdict = DDNS_TEMPORARY;
        out->account = true;
        out->cause = OUTCOME_LOCAL_CLOCK;
        out->wait_ms = CLOCK_WAIT_MS > out->wait_ms ? CLOCK_WAIT_MS : out->wait_ms;
        str_copy(message, sizeof message, "the signature's time is refused: this machine's clock?");
    }
    if (input && body && echo_is_in(input, body, len)) {
        str_copy(code, sizeof code, "refused");
        str_copy(message, sizeof message, "a message with our secret in it");
    }
    str_append(code, sizeof code, ": ");
    out->text[0] = '\0';
    str_append(out->text, sizeof out->text, "HTTP %d (", status);
    str_append(out->text, sizeof out->text, "%s",
               str_printable(shown, sizeof shown, code, strlen(code)));
    str_append(out->text, sizeof out->text, "%s)",
               str_printable(shown, sizeof shown, message, strlen(message)));
}
