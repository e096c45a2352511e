/* SPDX-License-Identifier: ISC
 *
 * TLS over a connected non-blocking socket. Owns: SSL objects, verification, the end of a
 * handshake as an outcome. Not its job: waiting (no loop inside), the socket.
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
#include "probes/cert_error.h"
#include "probes/cert_judge.h"
#include "probes/chain.h"
#include "probes/first_bytes.h"
#include "probes/tcp.h"
#include "probes/tls_alert.h"
#include "probes/tls_error.h"

#define MAX_ERRORS 16
#define DETAIL_LEN 160
/* With what else there is in a ClientHello this makes more than 1500 bytes, in two packets.
 * Browsers are there since 2024 with X25519MLKEM768. The type is one that a server must pass over
 * (RFC 8701); OpenSSL keeps the padding extension to itself. */
#define FILLER_LEN  1400
#define FILLER_TYPE 0x7a7a

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
    bool full_size;
    int64_t cert_soon_ms;
    char first[FIRST_BYTES_LEN]; /* the peer's first bytes */
    size_t first_len;
    size_t turn_len; /* bytes that came in this call */
    bool finished;   /* the handshake is complete */
    bool asked;      /* the server asked for a certificate of ours */
    bool failed;     /* for good: outcome and detail stay */
    enum outcome outcome;
    char detail[DETAIL_LEN];
    struct cert_error errors[MAX_ERRORS]; /* as met */
    size_t error_count;
    struct cert_findings findings; /* once the handshake has ended */
    char *servername;
    STACK_OF(X509) * chain; /* as received; kept when verification ended the handshake */
};

/* --- setting up --- */

static void note_error(struct tls *tls, X509_STORE_CTX *store_ctx)
{
    struct cert_error met = {X509_STORE_CTX_get_error(store_ctx),
                             X509_STORE_CTX_get_current_cert(store_ctx)};
    for (size_t i = 0; i < tls->error_count; i++) {
        if (tls->errors[i].error == met.error && tls->errors[i].cert == met.cert)
            return;
    }
    if (tls->error_count == MAX_ERRORS)
        return;
    if (met.cert)
        X509_up_ref(met.cert);
    tls->errors[tls->error_count++] = met;
}

/* The lists that were given (--crl) need not be of this authority; and that one is out of date is
 * told of, but stops nobody who has something to say. */
static bool is_no_matter(const struct tls *tls, int error)
{
    return error == X509_V_ERR_UNABLE_TO_GET_CRL ||
           (tls->require_verified && cert_error_outcome(error) == OUTCOME_LOCAL_CRL);
}

static int on_verify(int ok, X509_STORE_CTX *store_ctx)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store_ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls *tls = SSL_get_app_data(ssl);
    if (ok)
        return 1;
    if (is_no_matter(tls, X509_STORE_CTX_get_error(store_ctx)))
        return 1;
    note_error(tls, store_ctx);
    if (!tls->require_verified)
        return 1;
    if (!tls->chain) /* OpenSSL forgets it when the handshake ends here */
        tls->chain = X509_chain_up_ref(X509_STORE_CTX_get0_untrusted(store_ctx));
    return 0;
}

/* In OpenSSL's place, for every connection of the context. Who is about to send a secret verifies
 * anew each time. */
static int on_chain(X509_STORE_CTX *store_ctx, void *arg)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store_ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls *tls = SSL_get_app_data(ssl);
    struct verified_now now = {.boot_ms = clock_boot_ms(), .wall_ms = clock_wall_ms()};
    (void)arg;
    if (tls->require_verified)
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

static int add_filler(SSL *ssl, unsigned type, unsigned context, const unsigned char **out,
                      size_t *len, X509 *cert, size_t index, int *alert, void *arg)
{
    static const unsigned char filler[FILLER_LEN];
    const struct tls *tls = SSL_get_app_data(ssl);
    (void)type;
    (void)context;
    (void)cert;
    (void)index;
    (void)alert;
    (void)arg;
    *out = filler;
    *len = sizeof filler;
    return tls && tls->full_size;
}

/* The extension belongs to the context that all share; each connection says whether it has it. */
static void allow_filler(SSL_CTX *ctx)
{
    if (!SSL_CTX_has_client_custom_ext(ctx, FILLER_TYPE))
        SSL_CTX_add_custom_ext(ctx, FILLER_TYPE, SSL_EXT_CLIENT_HELLO, add_filler, NULL, NULL, NULL,
                               NULL);
}

struct tls *tls_new(const struct tls_conf *conf, int fd)
{
    struct tls *tls = mem_zalloc(sizeof(*tls));
    tls->fd = fd;
    tls->require_verified = conf->require_verified;
    tls->trust = trust_ref(conf->trust);
    tls->full_size = conf->full_size;
    tls->cert_soon_ms = conf->cert_soon_ms;
    if (conf->full_size)
        allow_filler(trust_ssl_ctx(conf->trust));
    tls->ssl = SSL_new(trust_ssl_ctx(conf->trust));
    if (!tls->ssl || SSL_set_fd(tls->ssl, fd) != 1)
        log_fatal("tls", "cannot make a TLS connection");
    SSL_set_app_data(tls->ssl, tls);
    watch_reads(tls);
    SSL_set_verify(tls->ssl, SSL_VERIFY_PEER, on_verify);
    SSL_CTX_set_cert_verify_callback(trust_ssl_ctx(conf->trust), on_chain, NULL);
    SSL_set_cert_cb(tls->ssl, on_certificate_request, tls);
    tls->servername = mem_strdup(conf->servername);
    set_peer_name(tls, conf->servername);
    SSL_set_tlsext_status_type(tls->ssl, TLSEXT_STATUSTYPE_ocsp);
    if (conf->alpn)
        set_alpn(tls, conf->alpn);
    SSL_set_connect_state(tls->ssl);
    return tls;
}

void tls_free(struct tls *tls)
{
    if (!tls)
        return;
    for (size_t i = 0; i < tls->error_count; i++)
        X509_free(tls->errors[i].cert);
    cert_findings_clear(&tls->findings);
    free(tls->servername);
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

/* --- judging --- */

static const STACK_OF(X509) * sent_chain(const struct tls *tls)
{
    return tls->chain ? tls->chain : SSL_get_peer_cert_chain(tls->ssl);
}

static void read_staple(struct tls *tls, int64_t now_ms, struct cert_staple *staple)
{
    const unsigned char *der = NULL;
    long len = SSL_get_tlsext_status_ocsp_resp(tls->ssl, &der);
    if (der && len > 0)
        cert_staple_read(sent_chain(tls), SSL_CTX_get_cert_store(SSL_get_SSL_CTX(tls->ssl)), der,
                         (size_t)len, now_ms, staple);
}

/* The gravest with its evidence; the others by their words. */
static void tell_findings(struct tls *tls)
{
    const struct cert_findings *found = &tls->findings;
    if (cert_findings_outcome(found) == OUTCOME_OK)
        return;
    str_copy(tls->detail, sizeof tls->detail, found->list[0].detail);
    for (size_t i = 1; i < found->count && !cert_finding_is_remark(&found->list[i]); i++)
        str_append(tls->detail, sizeof tls->detail, "%s %s", i > 1 ? "," : "; also",
                   outcome_word(found->list[i].outcome));
}

static void judge(struct tls *tls)
{
    struct cert_staple staple = {.state = CERT_STAPLE_NONE};
    struct cert_case judged = {.sent = sent_chain(tls),
                               .errors = tls->errors,
                               .error_count = tls->error_count,
                               .name = tls->servername,
                               .staple = &staple,
                               .now_ms = clock_wall_ms(),
                               .soon_ms = tls->cert_soon_ms};
    if (!judged.sent)
        return;
    read_staple(tls, judged.now_ms, &staple);
    cert_judge(&judged, &tls->findings);
    tell_findings(tls);
}

/* --- translation --- */

/* A server that asked for a certificate and does not let us in without says so with the nearest
 * alert it knows. */
static bool is_refusal_without_cert(const struct tls *tls, int alert)
{
    return tls->asked && (alert == SSL_AD_HANDSHAKE_FAILURE || alert == SSL_AD_NO_CERTIFICATE ||
                          alert == SSL_AD_BAD_CERTIFICATE || alert == SSL_AD_CERTIFICATE_UNKNOWN);
}

static enum tls_io fail_alert(struct tls *tls, int alert)
{
    fail(tls,
         is_refusal_without_cert(tls, alert) ? OUTCOME_TLS_CLIENT_CERTIFICATE
                                             : tls_alert_outcome(alert),
         NULL);
    snprintf(tls->detail, sizeof tls->detail, "alert %d, %s", alert, tls_alert_name(alert));
    return TLS_IO_FAILED;
}

static enum tls_io fail_ssl(struct tls *tls, unsigned long error)
{
    int alert = tls_error_alert(error);
    const char *words = ERR_reason_error_string(error);
    if (alert >= 0)
        return fail_alert(tls, alert);
    if (ERR_GET_LIB(error) == ERR_LIB_SSL &&
        ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        judge(tls);
        return fail(tls, cert_findings_outcome(&tls->findings), NULL);
    }
    return fail(tls, tls_error_outcome(error), words ? words : "no reason given");
}

static bool is_closed(int what, int error, unsigned long queued)
{
    return what == SSL_ERROR_ZERO_RETURN || (what == SSL_ERROR_SYSCALL && error == 0) ||
           (what == SSL_ERROR_SSL && ERR_GET_LIB(queued) == ERR_LIB_SSL &&
            ERR_GET_REASON(queued) == SSL_R_UNEXPECTED_EOF_WHILE_READING);
}

/* The first error tells most; but the pieces that gave up below (OpenSSL 3.5 names more of them,
 * and RSA its padding) come before what that means for TLS. */
static unsigned long queued_error(void)
{
    unsigned long first = ERR_peek_error(), last = ERR_peek_last_error();
    int lib = ERR_GET_LIB(first);
    bool inner =
        lib == ERR_LIB_EVP || lib == ERR_LIB_PROV || lib == ERR_LIB_RSA || lib == ERR_LIB_EC;
    return inner && ERR_GET_LIB(last) == ERR_LIB_SSL ? last : first;
}

/* What a failed SSL call means; error is the errno it left. */
static enum tls_io after(struct tls *tls, int ret, int error)
{
    int what = SSL_get_error(tls->ssl, ret);
    unsigned long queued = queued_error();
    if (what == SSL_ERROR_WANT_READ)
        return TLS_IO_WANT_READ;
    if (what == SSL_ERROR_WANT_WRITE)
        return TLS_IO_WANT_WRITE;
    ERR_clear_error();
    if (is_closed(what, error, queued)) {
        if (!tls->finished)
            fail(tls, tls->asked ? OUTCOME_TLS_CLIENT_CERTIFICATE : OUTCOME_TLS_CLOSED,
                 tls->asked ? "closed after it asked for a client certificate" : NULL);
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
        judge(tls);
        tls->outcome = cert_findings_outcome(&tls->findings);
        if (tls->require_verified && tls->outcome != OUTCOME_OK)
            return fail(tls, tls->outcome, NULL);
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
    return cert_facts_new(sent_chain(tls), &tls->findings);
}
