/* SPDX-License-Identifier: ISC
 *
 * TLS over a connected non-blocking socket. Owns: SSL objects, verification, the translation of
 * OpenSSL's errors and of alerts to outcomes. Not its job: waiting (no loop inside), the socket.
 *
 * In diagnosis mode the verify callback notes every problem and goes on, because OpenSSL keeps only
 * the last one by itself: an expired certificate for another name shall be told as both.
 */
#include "probes/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/addr.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/chain.h"
#include "probes/first_bytes.h"
#include "probes/tcp.h"

#define MAX_ERRORS 16
#define DETAIL_LEN 160

/* OpenSSL reads on within one call while there is something that it skips: a server may repeat
 * HelloRequest (RFC 5246, 7.4.1.1) or session tickets for ever, and 40 Mbit/s of it are enough that
 * the call never returns. So a call sees no more than this, and then nothing until the next turn of
 * the loop, in which the deadline gets its chance. */
#define TURN_MAX 32768
/* Certificates make up the most of a handshake, and OpenSSL allows them 100 kB. */
#define HANDSHAKE_MAX 524288

struct tls {
    struct trust *trust;
    SSL *ssl;
    int fd;
    bool require_verified;
    char first[FIRST_BYTES_LEN]; /* the peer's first bytes */
    size_t first_len;
    size_t turn_len; /* bytes that came in this call */
    bool finished;   /* the handshake is complete */
    bool asked;      /* the server asked for a certificate of ours */
    bool failed;     /* for good: outcome and detail stay */
    enum outcome outcome;
    char detail[DETAIL_LEN];
    int errors[MAX_ERRORS]; /* X509_V_ERR_* as met */
    size_t error_count;
    STACK_OF(X509) * chain; /* as received; kept when verification ended the handshake */
};

/* --- setting up --- */

/* OpenSSL meets an unknown issuer up to three times in a row; it is told once. */
static void note_error(struct tls *tls, X509_STORE_CTX *store_ctx)
{
    int error = X509_STORE_CTX_get_error(store_ctx);
    int depth = X509_STORE_CTX_get_error_depth(store_ctx);
    bool told = false;
    for (size_t i = 0; i < tls->error_count; i++) {
        if (tls->errors[i] == error)
            return;
        told = told || cert_outcome(tls->errors[i]) == cert_outcome(error);
    }
    if (tls->error_count < MAX_ERRORS)
        tls->errors[tls->error_count++] = error;
    if (told)
        return;
    str_append(tls->detail, sizeof tls->detail, "%s%s", *tls->detail ? "; " : "",
               X509_verify_cert_error_string(error));
    if (depth > 0)
        str_append(tls->detail, sizeof tls->detail, " (certificate %d of the chain)", depth + 1);
}

static int on_verify(int ok, X509_STORE_CTX *store_ctx)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store_ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls *tls = SSL_get_app_data(ssl);
    if (ok)
        return 1;
    note_error(tls, store_ctx);
    if (!tls->require_verified)
        return 1;
    if (!tls->chain) /* OpenSSL forgets it when the handshake ends here */
        tls->chain = X509_chain_up_ref(X509_STORE_CTX_get0_untrusted(store_ctx));
    return 0;
}

/* A stapled answer about revocation speaks about the chain as it was built now. TLS 1.2 sends it
 * only after the chain: there may be one. */
static bool may_have_staple(SSL *ssl)
{
    const unsigned char *staple;
    return SSL_get_tlsext_status_type(ssl) != -1 &&
           (SSL_version(ssl) < TLS1_3_VERSION || SSL_get_tlsext_status_ocsp_resp(ssl, &staple) > 0);
}

/* In OpenSSL's place, for every connection of the context. Who is about to send a secret verifies
 * anew each time. */
static int on_chain(X509_STORE_CTX *store_ctx, void *arg)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store_ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls *tls = SSL_get_app_data(ssl);
    struct verified_now now = {.boot_ms = clock_boot_ms(), .wall_ms = clock_wall_ms()};
    (void)arg;
    if (tls->require_verified || may_have_staple(ssl))
        return X509_verify_cert(store_ctx);
    return chain_verify(store_ctx, trust_verified(tls->trust), &tls->error_count, &now);
}

static int on_certificate_request(SSL *ssl, void *arg)
{
    struct tls *tls = arg;
    (void)ssl;
    tls->asked = true;
    return 1; /* go on without one */
}

/* Names in the subject and partial wildcards (w*.example) are no longer names for anybody else. */
static void set_peer_name(struct tls *tls, const char *servername)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(tls->ssl);
    struct addr literal;
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                               X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (addr_parse(servername, &literal)) {
        X509_VERIFY_PARAM_set1_ip(param, literal.bytes, addr_len(&literal));
        return;
    }
    char *sni = mem_strdup(servername); /* OpenSSL copies it, but its macro takes no const */
    if (X509_VERIFY_PARAM_set1_host(param, servername, 0) != 1 ||
        SSL_set_tlsext_host_name(tls->ssl, sni) != 1)
        log_fatal("tls", "cannot set the name of the peer");
    free(sni);
}

/* From OpenSSL 3.2 on the first read takes no more than a record's header, with read-ahead too. */
static void peek_at_more(struct tls *tls)
{
    ssize_t more = recv(tls->fd, tls->first + tls->first_len, FIRST_BYTES_LEN - tls->first_len,
                        MSG_PEEK | MSG_DONTWAIT);
    if (more > 0)
        tls->first_len += (size_t)more;
}

/* Keeps what the first read brings: of a peer that speaks another protocol OpenSSL says no more
 * than "wrong version number". */
static void note_first(struct tls *tls, const char *data, size_t len)
{
    tls->first_len = len < FIRST_BYTES_LEN ? len : FIRST_BYTES_LEN;
    memcpy(tls->first, data, tls->first_len);
    if (!first_bytes_are_tls(tls->first, tls->first_len))
        peek_at_more(tls);
}

static long on_bio(BIO *bio, int operation, const char *data, size_t cap, int argi, long argl,
                   int ret, size_t *count)
{
    struct tls *tls = (struct tls *)(void *)BIO_get_callback_arg(bio);
    (void)cap;
    (void)argi;
    (void)argl;
    if (operation == BIO_CB_READ && tls->turn_len >= TURN_MAX) {
        BIO_set_retry_read(bio);
        return -1;
    }
    if (operation == (BIO_CB_READ | BIO_CB_RETURN) && ret > 0 && count && *count > 0) {
        if (tls->first_len == 0)
            note_first(tls, data, *count);
        tls->turn_len += *count;
    }
    return ret;
}

static void watch_reads(struct tls *tls)
{
    BIO *bio = SSL_get_rbio(tls->ssl);
    BIO_set_callback_arg(bio, (char *)(void *)tls);
    BIO_set_callback_ex(bio, on_bio);
}

static void set_alpn(struct tls *tls, const char *alpn)
{
    unsigned char wire[256];
    size_t len = strlen(alpn);
    if (len == 0 || len >= sizeof wire)
        return;
    wire[0] = (unsigned char)len;
    memcpy(wire + 1, alpn, len);
    SSL_set_alpn_protos(tls->ssl, wire, (unsigned)len + 1); /* 0 on success */
}

struct tls *tls_new(const struct tls_conf *conf, int fd)
{
    struct tls *tls = mem_zalloc(sizeof(*tls));
    tls->fd = fd;
    tls->require_verified = conf->require_verified;
    tls->trust = trust_ref(conf->trust);
    tls->ssl = SSL_new(trust_ssl_ctx(conf->trust));
    if (!tls->ssl || SSL_set_fd(tls->ssl, fd) != 1)
        log_fatal("tls", "cannot make a TLS connection");
    SSL_set_app_data(tls->ssl, tls);
    watch_reads(tls);
    SSL_set_verify(tls->ssl, SSL_VERIFY_PEER, on_verify);
    SSL_CTX_set_cert_verify_callback(trust_ssl_ctx(conf->trust), on_chain, NULL);
    SSL_set_cert_cb(tls->ssl, on_certificate_request, tls);
    set_peer_name(tls, conf->servername);
    if (conf->alpn)
        set_alpn(tls, conf->alpn);
    SSL_set_connect_state(tls->ssl);
    return tls;
}

void tls_free(struct tls *tls)
{
    if (!tls)
        return;
    sk_X509_pop_free(tls->chain, X509_free);
    SSL_free(tls->ssl);
    trust_free(tls->trust);
    free(tls);
}

/* --- failing --- */

static enum tls_io fail(struct tls *tls, enum outcome outcome, const char *detail)
{
    tls->failed = true;
    tls->outcome = outcome;
    if (detail)
        str_copy(tls->detail, sizeof tls->detail, detail);
    return TLS_IO_FAILED;
}

/* False: the peer speaks, but not TLS, and the handshake is over. */
static bool check_first_bytes(struct tls *tls)
{
    if (tls->first_len == 0 || first_bytes_are_tls(tls->first, tls->first_len))
        return true;
    fail(tls, OUTCOME_TLS_NOT_TLS, NULL);
    first_bytes_describe(tls->first, tls->first_len, tls->detail, sizeof tls->detail);
    return false;
}

/* A peer that speaks first and hangs up makes our writing fail; its words may still be there. */
static void look_for_last_words(struct tls *tls)
{
    if (tls->first_len != 0)
        return;
    ssize_t len = recv(tls->fd, tls->first, sizeof tls->first, MSG_PEEK | MSG_DONTWAIT);
    if (len > 0)
        tls->first_len = (size_t)len;
}

/* --- translation --- */

static enum outcome alert_outcome(int alert)
{
    switch (alert) {
    case SSL_AD_HANDSHAKE_FAILURE:
        return OUTCOME_TLS_ALERT_HANDSHAKE_FAILURE;
    case SSL_AD_PROTOCOL_VERSION:
        return OUTCOME_TLS_ALERT_PROTOCOL_VERSION;
    case SSL_AD_UNRECOGNIZED_NAME:
        return OUTCOME_TLS_ALERT_UNRECOGNIZED_NAME;
    case SSL_AD_INTERNAL_ERROR:
        return OUTCOME_TLS_ALERT_INTERNAL_ERROR;
    case SSL_AD_CERTIFICATE_REQUIRED:
        return OUTCOME_TLS_ALERT_CERTIFICATE_REQUIRED;
    case SSL_AD_NO_APPLICATION_PROTOCOL:
        return OUTCOME_TLS_ALERT_NO_APPLICATION_PROTOCOL;
    case SSL_AD_ACCESS_DENIED:
        return OUTCOME_TLS_ALERT_ACCESS_DENIED;
    case SSL_AD_INSUFFICIENT_SECURITY:
        return OUTCOME_TLS_ALERT_INSUFFICIENT_SECURITY;
    case SSL_AD_DECODE_ERROR:
        return OUTCOME_TLS_ALERT_DECODE_ERROR;
    case SSL_AD_ILLEGAL_PARAMETER:
        return OUTCOME_TLS_ALERT_ILLEGAL_PARAMETER;
    default:
        return OUTCOME_TLS_ALERT_OTHER;
    }
}

static enum tls_io fail_ssl(struct tls *tls, unsigned long error)
{
    int reason = ERR_GET_REASON(error);
    const char *words = ERR_reason_error_string(error);
    if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET) {
        int alert = reason - SSL_AD_REASON_OFFSET;
        fail(tls, alert_outcome(alert), NULL);
        snprintf(tls->detail, sizeof tls->detail, "alert %d, %s", alert,
                 SSL_alert_desc_string_long(alert));
        return TLS_IO_FAILED;
    }
    if (ERR_GET_LIB(error) == ERR_LIB_SSL) {
        switch (reason) {
        case SSL_R_CERTIFICATE_VERIFY_FAILED: /* the detail was noted when it was met */
            return fail(tls, cert_gravest(tls->errors, tls->error_count), NULL);
        case SSL_R_UNSUPPORTED_PROTOCOL:
        case SSL_R_WRONG_SSL_VERSION:
            return fail(tls, OUTCOME_TLS_OLD_VERSION, words);
        default:
            break;
        }
    }
    return fail(tls, OUTCOME_TLS_ERROR, words ? words : "no reason given");
}

static bool is_closed(int what, int error, unsigned long queued)
{
    return what == SSL_ERROR_ZERO_RETURN || (what == SSL_ERROR_SYSCALL && error == 0) ||
           (what == SSL_ERROR_SSL && ERR_GET_LIB(queued) == ERR_LIB_SSL &&
            ERR_GET_REASON(queued) == SSL_R_UNEXPECTED_EOF_WHILE_READING);
}

/* What a failed SSL call means; error is the errno it left. */
static enum tls_io after(struct tls *tls, int ret, int error)
{
    int what = SSL_get_error(tls->ssl, ret);
    unsigned long queued = ERR_peek_error();
    if (what == SSL_ERROR_WANT_READ)
        return TLS_IO_WANT_READ;
    if (what == SSL_ERROR_WANT_WRITE)
        return TLS_IO_WANT_WRITE;
    ERR_clear_error();
    if (is_closed(what, error, queued)) {
        if (!tls->finished)
            fail(tls, OUTCOME_TLS_CLOSED, NULL);
        return tls->finished ? TLS_IO_CLOSED : TLS_IO_FAILED;
    }
    if (what != SSL_ERROR_SYSCALL)
        return fail_ssl(tls, queued);
    return fail(tls, tcp_outcome(error), strerror(error));
}

/* --- running --- */

static void begin(struct tls *tls)
{
    tls->turn_len = 0;
    ERR_clear_error();
    errno = 0;
}

enum tls_io tls_handshake(struct tls *tls)
{
    if (tls->failed)
        return TLS_IO_FAILED;
    begin(tls);
    int ret = SSL_do_handshake(tls->ssl);
    if (ret == 1) {
        tls->finished = true;
        tls->outcome = cert_gravest(tls->errors, tls->error_count);
        return TLS_IO_OK;
    }
    enum tls_io io = after(tls, ret, errno);
    if (io != TLS_IO_FAILED && tls_received(tls) > HANDSHAKE_MAX)
        return fail(tls, OUTCOME_TLS_ERROR, "the server goes on and on and comes to no end");
    if (io == TLS_IO_FAILED)
        look_for_last_words(tls);
    return check_first_bytes(tls) ? io : TLS_IO_FAILED;
}

enum tls_io tls_read(struct tls *tls, void *data, size_t cap, size_t *got)
{
    *got = 0;
    if (tls->failed)
        return TLS_IO_FAILED;
    begin(tls);
    int ret = SSL_read_ex(tls->ssl, data, cap, got);
    return ret == 1 ? TLS_IO_OK : after(tls, ret, errno);
}

enum tls_io tls_write(struct tls *tls, const void *data, size_t len, size_t *put)
{
    *put = 0;
    if (tls->failed)
        return TLS_IO_FAILED;
    begin(tls);
    int ret = SSL_write_ex(tls->ssl, data, len, put);
    return ret == 1 ? TLS_IO_OK : after(tls, ret, errno);
}

void tls_close(struct tls *tls)
{
    /* After a fatal error OpenSSL forbids it; before the end of the handshake it makes no sense. */
    if (tls->finished && !tls->failed) {
        ERR_clear_error();
        SSL_shutdown(tls->ssl);
        ERR_clear_error();
    }
}

/* --- asking --- */

enum outcome tls_outcome(const struct tls *tls)
{
    return tls->outcome;
}

const char *tls_detail(const struct tls *tls)
{
    return tls->detail;
}

const char *tls_protocol(const struct tls *tls)
{
    return tls->finished ? SSL_get_version(tls->ssl) : "";
}

const char *tls_cipher(const struct tls *tls)
{
    const char *name = tls->finished ? SSL_get_cipher_name(tls->ssl) : NULL;
    return name ? name : "";
}

bool tls_may_be_refused(const struct tls *tls)
{
    return tls->asked && tls->finished && SSL_version(tls->ssl) >= TLS1_3_VERSION;
}

size_t tls_received(const struct tls *tls)
{
    return (size_t)BIO_number_read(SSL_get_rbio(tls->ssl));
}

struct cert_facts *tls_cert(const struct tls *tls)
{
    const STACK_OF(X509) *chain = tls->chain ? tls->chain : SSL_get_peer_cert_chain(tls->ssl);
    return cert_facts_new(chain, tls->errors, tls->error_count);
}
