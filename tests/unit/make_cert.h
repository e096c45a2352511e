/* SPDX-License-Identifier: ISC
 *
 * Keys and certificates made in memory, for the tests that need a TLS peer. Included by those
 * tests.
 */
#ifndef REACHD_TESTS_MAKE_CERT_H
#define REACHD_TESTS_MAKE_CERT_H

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct made_cert {
    EVP_PKEY *key;
    X509 *cert;
};

static inline void made_cert_free(struct made_cert *made)
{
    EVP_PKEY_free(made->key);
    X509_free(made->cert);
    *made = (struct made_cert){0};
}

static inline void add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    assert_non_null(ext);
    X509_add_ext(cert, ext, -1);
    X509_EXTENSION_free(ext);
}

/* issuer NULL: self-signed. names: the value of subjectAltName, NULL for none. Days are counted
 * from now. */
static inline struct made_cert make_cert(const char *cn, const char *names,
                                         const struct made_cert *issuer, bool is_ca, int from_days,
                                         int to_days)
{
    static long serial = 1;
    struct made_cert made = {.key = EVP_EC_gen("P-256"), .cert = X509_new()};
    X509_NAME *subject = X509_get_subject_name(made.cert);
    const struct made_cert *signer = issuer ? issuer : &made;
    assert_non_null(made.key);
    X509_set_version(made.cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.cert), serial++);
    X509_time_adj_ex(X509_getm_notBefore(made.cert), from_days, 0, NULL);
    X509_time_adj_ex(X509_getm_notAfter(made.cert), to_days, 0, NULL);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
    X509_set_issuer_name(made.cert, X509_get_subject_name(signer->cert));
    X509_set_pubkey(made.cert, made.key);
    add_extension(made.cert, signer->cert, NID_basic_constraints,
                  is_ca ? "critical,CA:TRUE" : "CA:FALSE");
    if (names)
        add_extension(made.cert, signer->cert, NID_subject_alt_name, names);
    assert_true(X509_sign(made.cert, signer->key, EVP_sha256()) > 0);
    return made;
}

/* With another extension, signed again. */
static inline void extend_cert(struct made_cert *made, const struct made_cert *issuer, int nid,
                               const char *value)
{
    const struct made_cert *signer = issuer ? issuer : made;
    add_extension(made->cert, signer->cert, nid, value);
    assert_true(X509_sign(made->cert, signer->key, EVP_sha256()) > 0);
    X509 *fresh = X509_dup(made->cert); /* nothing of it is remembered */
    X509_free(made->cert);
    made->cert = fresh;
}

/* Writes a PEM file; the path is a mkstemp template, filled in. */
static inline void write_pem(char *path, X509 *cert)
{
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, cert), 1);
    assert_int_equal(fclose(file), 0);
}

#endif
