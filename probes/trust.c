/* SPDX-License-Identifier: ISC
 *
 * The trust store and the SSL_CTX that all connections of one kind share. Owns: which roots are
 * trusted, the TLS versions and options. Not its job: a single connection (probes/tls.h).
 */
#include "probes/trust.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "probes/cert.h"
#include "probes/crypto.h"

/* Keys of RSA 2048 and EC 224 bits, no SHA-1: what browsers ask for, whatever the library was built
 * with. A distribution may ask for more. */
#define MIN_SECURITY_LEVEL 2

struct trust {
    SSL_CTX *ctx; /* NULL: the system's store waits for its first use */
    struct verified *verified;
    unsigned holders;
};

/* Of certificates, before anything is known of who sends them; curl and Chromium take as many. */
#define MAX_CERTS_BYTES 102400

/* No session is ever resumed: a resumed one would say nothing about the certificate. The first
 * cipher is the one that costs both sides least; the server still chooses. Read-ahead takes the
 * whole flight of the server with one system call. */
static SSL_CTX *new_ctx(void)
{
    SSL_CTX *ctx = SSL_CTX_new_ex(crypto_context(), NULL, TLS_client_method());
    if (!ctx || SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                                      "TLS_CHACHA20_POLY1305_SHA256") != 1)
        log_fatal("tls", "cannot set up OpenSSL");
    if (SSL_CTX_get_security_level(ctx) < MIN_SECURITY_LEVEL)
        SSL_CTX_set_security_level(ctx, MIN_SECURITY_LEVEL);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_TICKET |
                                 SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_max_cert_list(ctx, MAX_CERTS_BYTES);
    SSL_CTX_set_verify_depth(ctx, CERT_MAX_ISSUERS);
    return ctx;
}

/* OpenSSL finds a root by a file name made of its name's hash: 8 hex digits, a dot, a number. */
static bool is_hash_name(const char *name)
{
    for (int i = 0; i < 8; i++) {
        if (!isxdigit((unsigned char)name[i]))
            return false;
    }
    return name[8] == '.' && isdigit((unsigned char)name[9]);
}

static bool has_hash_names(DIR *dir)
{
    bool found = false;
    for (struct dirent *entry; !found && (entry = readdir(dir));)
        found = is_hash_name(entry->d_name);
    return found;
}

static bool load_folder(SSL_CTX *ctx, const char *path, char *error, size_t cap)
{
    DIR *dir = opendir(path);
    if (!dir) {
        snprintf(error, cap, "cannot read %s: %s", path, strerror(errno));
        return false;
    }
    bool found = has_hash_names(dir);
    closedir(dir);
    if (!found) {
        snprintf(error, cap, "%s holds no hashed certificates; run: openssl rehash %s", path, path);
        return false;
    }
    return SSL_CTX_load_verify_dir(ctx, path) == 1;
}

static bool load_path(SSL_CTX *ctx, const char *path, char *error, size_t cap)
{
    struct stat st;
    if (stat(path, &st) != 0 || access(path, R_OK) != 0) {
        snprintf(error, cap, "cannot read %s: %s", path, strerror(errno));
        return false;
    }
    if (S_ISDIR(st.st_mode))
        return load_folder(ctx, path, error, cap);
    if (SSL_CTX_load_verify_file(ctx, path) == 1)
        return true;
    snprintf(error, cap, "%s holds no certificate in PEM form", path);
    return false;
}

struct trust *trust_new(const char *path, char *error, size_t cap)
{
    struct trust *trust = mem_zalloc(sizeof(*trust));
    trust->holders = 1;
    trust->verified = verified_new();
    if (!path || !*path)
        return trust;
    trust->ctx = new_ctx();
    bool loaded = load_path(trust->ctx, path, error, cap);
    ERR_clear_error();
    if (loaded)
        return trust;
    trust_free(trust);
    return NULL;
}

struct trust *trust_ref(struct trust *trust)
{
    trust->holders++;
    return trust;
}

void trust_free(struct trust *trust)
{
    if (!trust || --trust->holders > 0)
        return;
    SSL_CTX_free(trust->ctx);
    verified_free(trust->verified);
    free(trust);
}

/* Where the system has both, a hashed folder and a bundle, they hold the same and the folder is
 * much quicker, unless somebody named a bundle. */
static bool system_folder_is_enough(void)
{
    const char *path = getenv(X509_get_default_cert_dir_env());
    DIR *dir = opendir(path ? path : X509_get_default_cert_dir());
    bool found = dir && has_hash_names(dir);
    if (dir)
        closedir(dir);
    return found && !getenv(X509_get_default_cert_file_env());
}

static void load_system(SSL_CTX *ctx)
{
    int ok = system_folder_is_enough() ? SSL_CTX_set_default_verify_dir(ctx)
                                       : SSL_CTX_set_default_verify_paths(ctx);
    /* Without any roots nothing verifies, and the outcomes will say so. */
    if (ok != 1)
        log_warn("tls", "cannot read the system's trust store");
    ERR_clear_error();
}

void trust_prepare(struct trust *trust)
{
    if (trust->ctx)
        return;
    trust->ctx = new_ctx();
    load_system(trust->ctx);
}

bool trust_add_crls(struct trust *trust, const char *path, char *error, size_t cap)
{
    trust_prepare(trust);
    X509_STORE *store = SSL_CTX_get_cert_store(trust->ctx);
    X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    bool loaded = lookup && X509_load_crl_file(lookup, path, X509_FILETYPE_PEM) > 0;
    ERR_clear_error();
    if (loaded)
        X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    else if (access(path, R_OK) != 0)
        snprintf(error, cap, "cannot read %s: %s", path, strerror(errno));
    else
        snprintf(error, cap, "%s holds no revocation list in PEM form", path);
    return loaded;
}

struct ssl_ctx_st *trust_ssl_ctx(struct trust *trust)
{
    trust_prepare(trust);
    return trust->ctx;
}

struct verified *trust_verified(struct trust *trust)
{
    return trust->verified;
}

const char *trust_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}
