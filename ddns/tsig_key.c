/* SPDX-License-Identifier: ISC
 *
 * Reading keys (see tsig_key.h). Not its job: what is done with them (ddns/tsig.h).
 */
#include "ddns/tsig_key.h"

#include <string.h>

#include "lib/base64.h"
#include "lib/str.h"

#define WORD_MAX (TSIG_SECRET_MAX / 3 * 4 + 8)

static const struct {
    const char *algorithm;
    const char *hash;
} algorithms[] = {
    {"hmac-sha256", "SHA256"}, /* the first is the default */
    {"hmac-sha512", "SHA512"},
    {"hmac-sha384", "SHA384"},
    {"hmac-sha1", "SHA1"},
};

static const char *take_algorithm(const char *word, struct tsig_key *out)
{
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        if (str_equal_nocase(word, algorithms[i].algorithm)) {
            out->algorithm = algorithms[i].algorithm;
            out->hash = algorithms[i].hash;
            return NULL;
        }
    }
    return "the algorithm of a key is hmac-sha256, hmac-sha512, hmac-sha384 or hmac-sha1";
}

static const char *take_name(const char *name, struct tsig_key *out)
{
    char word[32];
    const char *colon = strchr(name, ':');
    const char *problem = NULL;
    str_ncopy(word, sizeof word, colon ? name : "", colon ? (size_t)(colon - name) : 0);
    if (colon)
        problem = take_algorithm(word, out);
    name = colon ? colon + 1 : name;
    size_t len = strlen(name);
    len -= len > 0 && name[len - 1] == '.';
    bool fits = str_ncopy(out->name, sizeof out->name, name, len);
    if (!problem && (!fits || !host_is_valid(out->name)))
        problem = "the name of a key is written like a host name";
    return problem;
}

static const char *take_secret(const char *text, struct tsig_key *out)
{
    struct buf bytes;
    buf_init(&bytes, sizeof out->secret);
    size_t len = strcspn(text, " \t\r\n");
    bool alone = text[len + strspn(text + len, " \t\r\n")] == '\0';
    bool good = alone && base64_decode(&bytes, text, len) && bytes.len > 0;
    if (good)
        memcpy(out->secret, bytes.data, bytes.len);
    out->secret_len = bytes.len;
    if (bytes.data)
        explicit_bzero(bytes.data, bytes.cap);
    buf_clear(&bytes);
    return good ? NULL : "the secret of a key is base64, as tsig-keygen prints it";
}

/* --- the syntax of BIND ----------------------------------------------------------------------- */

static const char *skip_blank(const char *at)
{
    for (;;) {
        at += strspn(at, " \t\r\n");
        if (*at != '#' && !str_starts(at, "//"))
            return at;
        at += strcspn(at, "\n");
    }
}

/* The next word, quoted or not, or one of "{", "}" and ";"; "" at the end and when it is too long.
 */
static void next_word(const char **at, char word[WORD_MAX])
{
    const char *start = skip_blank(*at);
    size_t len = strcspn(start, " \t\r\n{};\"");
    word[0] = '\0';
    *at = start + len;
    if (*start == '"') {
        len = strcspn(++start, "\"");
        *at = start + len + (start[len] == '"');
    } else if (len == 0 && *start) {
        len = 1;
        *at = start + 1;
    }
    if (!str_ncopy(word, WORD_MAX, start, len))
        word[0] = '\0';
}

static bool take_sign(const char **at, const char *sign)
{
    char word[WORD_MAX];
    next_word(at, word);
    return strcmp(word, sign) == 0;
}

static const char *take_statement(const char **at, const char *word, struct tsig_key *out)
{
    char value[WORD_MAX];
    const char *problem = "a key holds algorithm and secret only";
    next_word(at, value);
    if (str_equal_nocase(word, "algorithm"))
        problem = take_algorithm(value, out);
    else if (str_equal_nocase(word, "secret"))
        problem = take_secret(value, out);
    explicit_bzero(value, sizeof value);
    if (!problem && !take_sign(at, ";"))
        problem = "a \";\" is missing in the key";
    return problem;
}

static const char *take_file(const char *at, struct tsig_key *out)
{
    static const char malformed[] =
        "the key is not one as tsig-keygen prints it: key \"NAME\" { algorithm …; secret \"…\"; };";
    char word[WORD_MAX];
    next_word(&at, word);
    next_word(&at, word);
    const char *problem = strchr(word, ':') ? malformed : take_name(word, out);
    if (!problem && !take_sign(&at, "{"))
        problem = malformed;
    while (!problem) {
        next_word(&at, word);
        if (strcmp(word, "}") == 0)
            break;
        problem = word[0] ? take_statement(&at, word, out) : malformed;
    }
    if (!problem &&
        (!take_sign(&at, ";") || *skip_blank(at) || !out->algorithm || out->secret_len == 0))
        problem = malformed;
    return problem;
}

static bool is_file(const char *secret)
{
    const char *at = skip_blank(secret);
    return str_starts(at, "key") && strspn(at + 3, " \t\r\n\"") > 0;
}

const char *tsig_key_parse(const char *name, const char *secret, struct tsig_key *out)
{
    static const char other[] = "user and the key in the file are two: leave user out";
    const char *problem;
    memset(out, 0, sizeof *out);
    if (is_file(secret)) {
        problem = take_file(secret, out);
        if (!problem && name[0] && !str_equal_nocase(name, out->name))
            problem = other;
    } else {
        take_algorithm(algorithms[0].algorithm, out);
        problem = take_name(name, out);
        if (!problem)
            problem = take_secret(secret, out);
    }
    if (problem)
        tsig_key_wipe(out);
    return problem;
}

void tsig_key_wipe(struct tsig_key *key)
{
    explicit_bzero(key, sizeof *key);
}
