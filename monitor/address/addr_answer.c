/* SPDX-License-Identifier: ISC
 *
 * Reads what a source says our address is (see addr_answer.h).
 */
#include "monitor/address/addr_answer.h"

#include <stdio.h>
#include <string.h>

#include "lib/str.h"
#include "monitor/address/addr_policy.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void trim(const char **text, size_t *len)
{
    while (*len > 0 && is_space((*text)[0])) {
        (*text)++;
        (*len)--;
    }
    while (*len > 0 && is_space((*text)[*len - 1]))
        (*len)--;
}

bool addr_answer_fits(const struct addr *addr, const struct config_address *section, char *why,
                      size_t cap)
{
    char word[ADDR_STRLEN];
    char reason[128];
    addr_format(addr, word);
    if (addr_family(addr) != section->family) {
        snprintf(why, cap, "%s, where %s is asked for", word, family_text(section->family));
        return false;
    }
    if (addr_reject_reason(addr, section->accept, section->accept_count, reason, sizeof(reason))) {
        snprintf(why, cap, "%s, which is not to be published: %s", word, reason);
        return false;
    }
    return true;
}

bool addr_answer_read(const char *text, size_t len, const struct config_address *section,
                      struct addr *out, char *why, size_t cap)
{
    char word[ADDR_STRLEN];
    struct addr addr;
    trim(&text, &len);
    if (len == 0) {
        snprintf(why, cap, "an empty answer");
        return false;
    }
    if (len >= sizeof(word) || memchr(text, '\0', len) ||
        !str_ncopy(word, sizeof(word), text, len) || !addr_parse(word, &addr)) {
        char shown[48];
        str_printable(shown, sizeof(shown), text, len < 40 ? len : 40);
        snprintf(why, cap, "no address: \"%s\"%s", shown, len > 40 ? "..." : "");
        return false;
    }
    if (!addr_answer_fits(&addr, section, why, cap))
        return false;
    *out = addr;
    return true;
}
