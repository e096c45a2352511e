/* SPDX-License-Identifier: ISC
 *
 * Signature Version 4 (see sigv4.h). Owns: the canonical request and the derived key, which is
 * wiped.
 */
#include "ddns/sigv4.h"

#include <string.h>
#include <time.h>

#include "lib/digest.h"
#include "lib/str.h"

#define CANONICAL_MAX 16384
#define KEY_LEN       32
#define SECRET_MAX    128

const char *sigv4_when(int64_t wall_ms, char out[SIGV4_WHEN_LEN])
{
    struct tm tm;
    time_t at = (time_t)(wall_ms / 1000);
    out[0] = '\0';
    if (gmtime_r(&at, &tm))
        strftime(out, SIGV4_WHEN_LEN, "%Y%m%dT%H%M%SZ", &tm);
    return out;
}

static bool add(struct buf *buf, const char *text)
{
    return buf_append(buf, text, strlen(text));
}

static bool add_header_names(struct buf *buf, const struct sigv4_request *request)
{
    bool good = true;
    for (size_t i = 0; good && i < request->header_count; i++)
        good = (i == 0 || add(buf, ";")) && add(buf, request->headers[i].name);
    return good;
}

static bool add_headers(struct buf *buf, const struct sigv4_request *request)
{
    bool good = true;
    for (size_t i = 0; good && i < request->header_count; i++)
        good = add(buf, request->headers[i].name) && add(buf, ":") &&
               add(buf, request->headers[i].value) && add(buf, "\n");
    return good;
}

/* The hash of the request in its canonical form. */
static bool hash_request(const struct sigv4_request *request, char out[DIGEST_HEX_LEN])
{
    struct buf buf;
    char body[DIGEST_HEX_LEN];
    buf_init(&buf, CANONICAL_MAX);
    bool good = add(&buf, request->method) && add(&buf, "\n") && add(&buf, request->path) &&
                add(&buf, "\n") && add(&buf, request->query) && add(&buf, "\n") &&
                add_headers(&buf, request) && add(&buf, "\n") && add_header_names(&buf, request) &&
                add(&buf, "\n") &&
                add(&buf, digest_sha256_hex(request->body, strlen(request->body), body));
    if (good)
        digest_sha256_hex(buf.data, buf.len, out);
    buf_clear(&buf);
    return good;
}

/* key becomes the MAC of text with it. */
static bool step(uint8_t key[DIGEST_MAC_MAX], size_t *len, const char *text, size_t text_len)
{
    uint8_t mac[DIGEST_MAC_MAX];
    size_t mac_len = digest_hmac("SHA256", key, *len, text, text_len, mac);
    memcpy(key, mac, sizeof mac);
    explicit_bzero(mac, sizeof mac);
    *len = mac_len;
    return mac_len == KEY_LEN;
}

static bool sign(const struct sigv4_scope *scope, const char *text, size_t len,
                 uint8_t key[DIGEST_MAC_MAX])
{
    char start[SECRET_MAX] = "AWS4";
    uint8_t first[DIGEST_MAC_MAX];
    if (!str_append(start, sizeof start, "%s", scope->secret))
        return false;
    /* The first key may be longer than a MAC. */
    size_t key_len = digest_hmac("SHA256", start, strlen(start), scope->when, 8, first);
    explicit_bzero(start, sizeof start);
    memcpy(key, first, sizeof first);
    explicit_bzero(first, sizeof first);
    return key_len == KEY_LEN && step(key, &key_len, scope->region, strlen(scope->region)) &&
           step(key, &key_len, scope->service, strlen(scope->service)) &&
           step(key, &key_len, "aws4_request", strlen("aws4_request")) &&
           step(key, &key_len, text, len);
}

static bool add_scope(struct buf *buf, const struct sigv4_scope *scope)
{
    return buf_append(buf, scope->when, 8) && add(buf, "/") && add(buf, scope->region) &&
           add(buf, "/") && add(buf, scope->service) && add(buf, "/aws4_request");
}

static bool add_hex(struct buf *buf, const uint8_t *data, size_t len)
{
    bool good = true;
    for (size_t i = 0; good && i < len; i++)
        good = buf_printf(buf, "%02x", data[i]);
    return good;
}

bool sigv4_authorization(const struct sigv4_request *request, const struct sigv4_scope *scope,
                         struct buf *out)
{
    char hash[DIGEST_HEX_LEN];
    uint8_t key[DIGEST_MAC_MAX] = {0};
    struct buf text;
    if (strlen(scope->when) != SIGV4_WHEN_LEN - 1 || !hash_request(request, hash))
        return false;
    buf_init(&text, CANONICAL_MAX);
    bool good = add(&text, "AWS4-HMAC-SHA256\n") && add(&text, scope->when) && add(&text, "\n") &&
                add_scope(&text, scope) && add(&text, "\n") && add(&text, hash) &&
                sign(scope, (const char *)text.data, text.len, key) &&
                add(out, "AWS4-HMAC-SHA256 Credential=") && add(out, scope->key_id) &&
                add(out, "/") && add_scope(out, scope) && add(out, ", SignedHeaders=") &&
                add_header_names(out, request) && add(out, ", Signature=") &&
                add_hex(out, key, KEY_LEN);
    explicit_bzero(key, sizeof key);
    buf_clear(&text);
    return good;
}
