/* SPDX-License-Identifier: ISC
 *
 * Guessing a protocol from its greeting.
 */
#include "probes/first_bytes.h"

#include <stdio.h>

#include "lib/str.h"

bool first_bytes_are_tls(const char *data, size_t len)
{
    return data[0] >= 0x14 && data[0] <= 0x17 && (len < 2 || data[1] == 3);
}

static const char *protocol_guess(const char *text)
{
    static const struct {
        const char *start, *name;
    } known[] = {
        {"HTTP/", "HTTP"},      {"<", "HTTP"},           {"SSH-", "SSH"},
        {"220", "SMTP or FTP"}, {"* OK", "IMAP"},        {"+OK", "POP3"},
        {"RFB ", "VNC"},        {"421 ", "SMTP or FTP"}, {"554 ", "SMTP"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (str_starts(text, known[i].start))
            return known[i].name;
    }
    return NULL;
}

void first_bytes_describe(const char *data, size_t len, char *out, size_t cap)
{
    char text[FIRST_BYTES_LEN + 1];
    size_t line = 0;
    while (line < len && data[line] != '\r' && data[line] != '\n')
        line++;
    str_printable(text, sizeof text, data, line);
    const char *guess = protocol_guess(text);
    if (guess)
        snprintf(out, cap, "it speaks %s: \"%s\"", guess, text);
    else
        snprintf(out, cap, "its first bytes are \"%s\"", text);
}
