/* SPDX-License-Identifier: ISC
 *
 * The verdicts' words and classes. Owns: that table. Not its job: reading replies
 * (ddns/provider.h).
 */
#include "ddns/verdict.h"

#include <string.h>

enum verdict_class {
    CLASS_SUCCESS,
    CLASS_PERMANENT,
    CLASS_TEMPORARY,
};

struct row {
    const char *word;
    enum verdict_class class;
    const char *advice;
};

static const struct row rows[] = {
    [DDNS_OK] = {"ok", CLASS_SUCCESS, ""},
    [DDNS_NOCHANGE] = {"nochange", CLASS_SUCCESS, ""},
    [DDNS_AUTH] = {"auth", CLASS_PERMANENT,
                   "Correct user or password of this record (some providers have a password of "
                   "their own for dynamic DNS), then reload."},
    [DDNS_CONFIG] = {"config", CLASS_PERMANENT,
                     "Correct host, domain or url of this record and reload. If it was missing at "
                     "the provider, create it there, give this section another title, and reload."},
    [DDNS_ABUSE] = {"abuse", CLASS_PERMANENT,
                    "The provider has blocked this host: clear that with them, then give this "
                    "section another title and reload."},
    [DDNS_TEMPORARY] = {"temporary", CLASS_TEMPORARY,
                        "Nothing to do: it is tried again, in growing intervals."},
};

static const size_t row_count = sizeof(rows) / sizeof(rows[0]);

const char *ddns_verdict_word(enum ddns_verdict verdict)
{
    return (size_t)verdict < row_count ? rows[verdict].word : "unknown";
}

bool ddns_verdict_from_word(const char *word, enum ddns_verdict *out)
{
    for (size_t i = 0; i < row_count; i++)
        if (strcmp(rows[i].word, word) == 0) {
            *out = (enum ddns_verdict)i;
            return true;
        }
    return false;
}

bool ddns_verdict_is_success(enum ddns_verdict verdict)
{
    return (size_t)verdict < row_count && rows[verdict].class == CLASS_SUCCESS;
}

bool ddns_verdict_is_permanent(enum ddns_verdict verdict)
{
    return (size_t)verdict < row_count && rows[verdict].class == CLASS_PERMANENT;
}

const char *ddns_verdict_advice(enum ddns_verdict verdict)
{
    return (size_t)verdict < row_count ? rows[verdict].advice : "";
}
