/* SPDX-License-Identifier: ISC
 *
 * What a certificate says and what is wrong with it. Owns: reading X.509.
 * Not its job: verifying (OpenSSL does, driven by probes/tls.h), judging (probes/cert_judge.h).
 */
#include "probes/cert.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/addr.h"
#include "lib/buf.h"
#include "lib/doc.h"
#include "lib/mem.h"
#include "lib/str.h"

#define NAMES_MAX   2048
#define NAME_MAX_DN 256

/* --- reading --- */

int64_t cert_time_ms(const ASN1_TIME *time)
{
    struct tm tm;
    if (!time || ASN1_TIME_to_tm(time, &tm) != 1)
        return 0;
    return (int64_t)timegm(&tm) * 1000;
}

/* "C=US, O=Let's Encrypt, CN=R3", as encoded in order; printable and bounded. */
char *cert_name_text(const X509_NAME *name)
{
    char text[NAME_MAX_DN] = "";
    int count = X509_NAME_entry_count(name);
    for (int i = 0; i < count; i++) {
        const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
        const ASN1_OBJECT *object = X509_NAME_ENTRY_get_object(entry);
        const char *key = OBJ_nid2sn(OBJ_obj2nid(object));
        unsigned char *value = NULL;
        int len = ASN1_STRING_to_UTF8(&value, X509_NAME_ENTRY_get_data(entry));
        char clean[128];
        if (len < 0)
            continue;
        str_printable(clean, sizeof clean, (const char *)value, (size_t)len);
        OPENSSL_free(value);
        str_append(text, sizeof text, "%s%s=%s", *text ? ", " : "", key, clean);
    }
    char clean[NAME_MAX_DN]; /* str_append may have cut inside a character */
    return mem_strdup(str_printable(clean, sizeof clean, text, strlen(text)));
}

/* A comma inside a name would pass for two names. */
static bool append_name(struct buf *names, const char *text, size_t len)
{
    char clean[300];
    str_printable(clean, sizeof clean, text, len);
    for (char *comma = clean; (comma = strchr(comma, ','));)
        *comma = '?';
    return buf_printf(names, "%s%s", names->len ? ", " : "", clean);
}

static bool append_general_name(struct buf *names, const GENERAL_NAME *name)
{
    if (name->type == GEN_DNS) {
        const ASN1_STRING *s = name->d.dNSName;
        return append_name(names, (const char *)ASN1_STRING_get0_data(s),
                           (size_t)ASN1_STRING_length(s));
    }
    if (name->type == GEN_IPADD) {
        const ASN1_STRING *s = name->d.iPAddress;
        int len = ASN1_STRING_length(s);
        if (len != 4 && len != 16)
            return true;
        struct addr addr =
            len == 4 ? addr_v4(ASN1_STRING_get0_data(s)) : addr_v6(ASN1_STRING_get0_data(s));
        char text[ADDR_STRLEN];
        addr_format(&addr, text);
        return append_name(names, text, strlen(text));
    }
    return true;
}

char *cert_names_text(const X509 *leaf)
{
    struct buf names;
    buf_init(&names, NAMES_MAX);
    GENERAL_NAMES *list = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(list); i++) {
        if (!append_general_name(&names, sk_GENERAL_NAME_value(list, i)))
            break;
    }
    GENERAL_NAMES_free(list);
    char *text = mem_strdup(buf_text(&names));
    buf_clear(&names);
    return text;
}

/* NIST's names are the ones people know the curves by. */
static const char *group_text(const char *group)
{
    return strcmp(group, "prime256v1") == 0  ? "P-256"
           : strcmp(group, "secp384r1") == 0 ? "P-384"
           : strcmp(group, "secp521r1") == 0 ? "P-521"
                                             : group;
}

char *cert_key_text(const X509 *leaf)
{
    EVP_PKEY *key = X509_get0_pubkey(leaf);
    const char *type = key ? EVP_PKEY_get0_type_name(key) : NULL;
    char group[48] = "", text[96], clean[96];
    if (!type)
        return mem_strdup("");
    str_copy(text, sizeof text, type);
    if (strcmp(type, "EC") == 0 && EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1)
        str_append(text, sizeof text, " %s", group_text(group));
    else if (strncmp(type, "ED", 2) != 0) /* Ed25519 and Ed448 carry it in the name */
        str_append(text, sizeof text, " %d", EVP_PKEY_get_bits(key));
    return mem_strdup(str_printable(clean, sizeof clean, text, strlen(text)));
}

static void set_fingerprint(struct cert_facts *facts, const X509 *leaf)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (X509_digest(leaf, EVP_sha256(), digest, &len) != 1 || len != 32)
        return;
    for (unsigned i = 0; i < len; i++) {
        facts->fingerprint[2 * i] = digits[digest[i] >> 4];
        facts->fingerprint[2 * i + 1] = digits[digest[i] & 15];
    }
}

struct cert_facts *cert_facts_new(const struct stack_st_X509 *chain,
                                  const struct cert_findings *findings)
{
    int sent = chain ? sk_X509_num(chain) : 0;
    if (sent <= 0)
        return NULL;
    struct cert_facts *facts = mem_zalloc(sizeof(*facts));
    const X509 *leaf = sk_X509_value(chain, 0);
    facts->names = cert_names_text(leaf);
    facts->key = cert_key_text(leaf);
    set_fingerprint(facts, leaf);
    facts->chain_cut = sent > CERT_MAX_CHAIN;
    facts->chain_count = facts->chain_cut ? CERT_MAX_CHAIN : (size_t)sent;
    for (size_t i = 0; i < facts->chain_count; i++) {
        const X509 *cert = sk_X509_value(chain, (int)i);
        facts->chain[i].subject = cert_name_text(X509_get_subject_name(cert));
        facts->chain[i].issuer = cert_name_text(X509_get_issuer_name(cert));
        facts->chain[i].not_before_ms = cert_time_ms(X509_get0_notBefore(cert));
        facts->chain[i].not_after_ms = cert_time_ms(X509_get0_notAfter(cert));
    }
    cert_findings_copy(&facts->findings, findings);
    ERR_clear_error(); /* an odd certificate leaves its complaints in the queue */
    return facts;
}

void cert_facts_free(struct cert_facts *facts)
{
    if (!facts)
        return;
    for (size_t i = 0; i < facts->chain_count; i++) {
        free(facts->chain[i].subject);
        free(facts->chain[i].issuer);
    }
    cert_findings_clear(&facts->findings);
    free(facts->names);
    free(facts->key);
    free(facts);
}

int64_t cert_facts_ends_ms(const struct cert_facts *facts)
{
    int64_t leaf_ms = facts->chain[0].not_after_ms, first_ms = facts->findings.ends_ms;
    return first_ms != 0 && first_ms < leaf_ms ? first_ms : leaf_ms;
}

/* --- telling --- */

/* Whole days, rounded down: -1 from the first second after the end. */
static int64_t days_left(int64_t not_after_ms, int64_t now_ms)
{
    const int64_t day = INT64_C(86400000);
    int64_t left = not_after_ms - now_ms;
    return left >= 0 ? left / day : -((-left + day - 1) / day);
}

static json_t *names_json(const char *names)
{
    json_t *out = doc_array();
    while (*names) {
        size_t len = strcspn(names, ",");
        doc_push(out, json_stringn(names, len));
        names += len;
        names += strspn(names, ", ");
    }
    return out;
}

json_t *cert_facts_json(const struct cert_facts *facts, int64_t now_ms)
{
    if (!facts)
        return json_null();
    json_t *out = doc_object();
    json_t *chain = doc_array();
    doc_value(out, "names", names_json(facts->names));
    doc_text(out, "subject", facts->chain[0].subject);
    doc_text(out, "issuer", facts->chain[0].issuer);
    doc_time(out, "not_before", facts->chain[0].not_before_ms);
    doc_time(out, "not_after", facts->chain[0].not_after_ms);
    doc_int(out, "days_left", days_left(facts->chain[0].not_after_ms, now_ms));
    doc_text(out, "key", facts->key);
    doc_text(out, "sha256", facts->fingerprint);
    doc_value(out, "problems", cert_findings_json(&facts->findings, false));
    doc_value(out, "remarks", cert_findings_json(&facts->findings, true));
    for (size_t i = 0; i < facts->chain_count; i++) {
        json_t *link = doc_object();
        doc_text(link, "subject", facts->chain[i].subject);
        doc_text(link, "issuer", facts->chain[i].issuer);
        doc_time(link, "not_before", facts->chain[i].not_before_ms);
        doc_time(link, "not_after", facts->chain[i].not_after_ms);
        doc_push(chain, link);
    }
    doc_value(out, "chain", chain);
    doc_bool(out, "chain_cut", facts->chain_cut);
    return out;
}
