/* SPDX-License-Identifier: ISC
 *
 * Building requests. Owns: which header lines are always there.
 */
#include "probes/http_request.h"

#include <string.h>

#include "lib/base64.h"
#include "lib/hostport.h"

static bool add_basic(struct buf *out, const char *user, const char *password)
{
    struct buf pair;
    buf_init(&pair, HTTP_REQUEST_MAX);
    bool good = !strchr(user, ':') && buf_append(&pair, user, strlen(user)) &&
                buf_append(&pair, ":", 1) && buf_append(&pair, password, strlen(password)) &&
                buf_printf(out, "Authorization: Basic ") &&
                base64_encode(out, pair.data, pair.len) && buf_append(out, "\r\n", 2);
    if (pair.data)
        explicit_bzero(pair.data, pair.cap);
    buf_clear(&pair);
    return good;
}

static bool add_host(struct buf *out, const struct http_request *request)
{
    bool v6 = strchr(request->host, ':') != NULL;
    if (request->host_header)
        return buf_printf(out, "Host: %s\r\n", request->host_header);
    if (!buf_printf(out, "Host: %s%s%s", v6 ? "[" : "", request->host, v6 ? "]" : ""))
        return false;
    if (request->port != (request->tls ? 443 : 80) && !buf_printf(out, ":%u", request->port))
        return false;
    return buf_append(out, "\r\n", 2);
}

/* A method with a meaning for a body says that there is none. */
static bool add_length(struct buf *out, const struct http_request *request)
{
    static const char *const with_body[] = {"POST", "PUT", "PATCH"};
    bool wanted = request->body != NULL;
    for (size_t i = 0; i < sizeof with_body / sizeof *with_body; i++)
        wanted |= strcmp(request->method, with_body[i]) == 0;
    return !wanted || buf_printf(out, "Content-Length: %zu\r\n",
                                 request->body ? strlen(request->body) : (size_t)0);
}

bool http_request_build(const struct http_request *request, struct buf *out)
{
    const char *headers = request->headers ? request->headers : "";
    const char *password = request->password ? request->password : "";
    size_t body_len = request->body ? strlen(request->body) : 0;
    size_t secret = request->user ? (strlen(request->user) + strlen(password)) * 2 : 0;
    buf_init(out, HTTP_REQUEST_MAX);
    if (!buf_room(out, strlen(request->method) + strlen(request->target) + HOST_MAX + 512 + secret +
                           strlen(headers) + body_len))
        return false;
    if (!buf_printf(out, "%s ", request->method) ||
        !buf_append(out, request->target, strlen(request->target)) ||
        !buf_printf(out, " HTTP/1.1\r\n") || !add_host(out, request) ||
        !buf_printf(out, "User-Agent: reachd/%s\r\nAccept: */*\r\nConnection: close\r\n",
                    PACKAGE_VERSION))
        return false;
    if (request->user && !add_basic(out, request->user, password))
        return false;
    return add_length(out, request) && buf_append(out, headers, strlen(headers)) &&
           buf_append(out, "\r\n", 2) && buf_append(out, request->body, body_len);
}
