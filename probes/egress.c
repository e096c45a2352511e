/* SPDX-License-Identifier: ISC
 *
 * Sending a socket out by a chosen way. Owns: SO_BINDTODEVICE, SO_MARK, bind to a source, and what
 * a refusal means. Not its job: routes and rules, which are the system's.
 */
#include "probes/egress.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/str.h"

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

bool egress_is_set(const struct egress *egress)
{
    return addr_is_set(&egress->source) || *egress->interface || egress->mark != 0;
}

const char *egress_parse_interface(const char *text, char out[IF_NAMESIZE])
{
    if (!*text || strlen(text) >= IF_NAMESIZE || strpbrk(text, "/: \t\n") ||
        strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
        return "the name of a network interface is needed (1 to 15 characters)";
    str_copy(out, IF_NAMESIZE, text);
    return NULL;
}

bool egress_equal(const struct egress *a, const struct egress *b)
{
    return addr_equal(&a->source, &b->source) && strcmp(a->interface, b->interface) == 0 &&
           a->mark == b->mark;
}

static int digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
    return at ? (int)(at - digits) : -1;
}

const char *egress_parse_mark(const char *text, uint32_t *out)
{
    static const char wrong[] = "a mark is a number from 1 to 0xffffffff, like 300 or 0x12c";
    bool hex = str_starts(text, "0x") || str_starts(text, "0X");
    int base = hex ? 16 : 10;
    uint64_t mark = 0;
    text += hex ? 2 : 0;
    if (strlen(text) > 10)
        return wrong;
    for (; *text; text++) {
        int digit = digit_of(*text);
        if (digit < 0 || digit >= base)
            return wrong;
        mark = mark * (uint64_t)base + (uint64_t)digit;
    }
    if (mark == 0 || mark > UINT32_MAX)
        return wrong;
    *out = (uint32_t)mark;
    return NULL;
}

static enum outcome refuse_interface(const char *name, int error, char *detail, size_t cap)
{
    if (error == EPERM) {
        snprintf(detail, cap, "binding to interface %s needs CAP_NET_RAW here", name);
        return OUTCOME_LOCAL_PERMISSION;
    }
    snprintf(detail, cap, error == ENODEV ? "there is no interface %s" : "interface %s: %s", name,
             strerror(error));
    return OUTCOME_LOCAL_SOURCE;
}

static enum outcome refuse_mark(uint32_t mark, int error, char *detail, size_t cap)
{
    snprintf(detail, cap, "mark 0x%x needs CAP_NET_ADMIN, or CAP_NET_RAW from Linux 5.17 on%s%s",
             (unsigned)mark, error == EPERM ? "" : ": ", error == EPERM ? "" : strerror(error));
    return OUTCOME_LOCAL_PERMISSION;
}

static enum outcome refuse_source(const struct addr *source, int error, char *detail, size_t cap)
{
    char text[ADDR_STRLEN];
    snprintf(detail, cap,
             error == EADDRNOTAVAIL ? "%s is no address of this machine" : "source %s: %s",
             addr_format(source, text), strerror(error));
    return OUTCOME_LOCAL_SOURCE;
}

enum outcome egress_apply(const struct egress *egress, int fd, int af, char *detail, size_t cap)
{
    struct sockaddr_storage ss;
    int on = 1;
    if (*egress->interface && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, egress->interface,
                                         (socklen_t)strlen(egress->interface)) != 0)
        return refuse_interface(egress->interface, errno, detail, cap);
    if (egress->mark != 0 &&
        setsockopt(fd, SOL_SOCKET, SO_MARK, &egress->mark, sizeof egress->mark) != 0)
        return refuse_mark(egress->mark, errno, detail, cap);
    if (egress->source.af != af)
        return OUTCOME_OK;
    socklen_t len = addr_to_sockaddr(&egress->source, 0, &ss);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&ss, len) != 0)
        return refuse_source(&egress->source, errno, detail, cap);
    return OUTCOME_OK;
}

enum outcome egress_try(const struct egress *egress, int af, char *detail, size_t cap)
{
    int fd = socket(af, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        bool none_left = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        return none_left ? OUTCOME_LOCAL_RESOURCES : OUTCOME_OK;
    }
    enum outcome outcome = egress_apply(egress, fd, af, detail, cap);
    close(fd);
    return outcome;
}
