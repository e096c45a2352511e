/* SPDX-License-Identifier: ISC
 *
 * UCI files (see import_uci.h).
 */
#include "monitor/import/uci.h"

#include <stdlib.h>
#include <string.h>

#include "lib/fsio.h"
#include "lib/mem.h"
#include "lib/str.h"

#define WORD_MAX 4096
#define MAX_HOPS 4

struct lexer {
    struct import *im;
    const char *text;
    size_t len, pos;
    unsigned line;
    char word[WORD_MAX];
    bool bad;
};

static void fail(struct lexer *lex, const char *what)
{
    import_fail(lex->im, &(struct import_at){NULL, lex->line}, "%s", what);
    lex->bad = true;
}

static void add_char(struct lexer *lex, size_t *len, char c)
{
    if (*len + 1 >= WORD_MAX)
        fail(lex, "a word is too long");
    else
        lex->word[(*len)++] = c;
}

/* Quoted parts may go over several lines; a backslash counts in double quotes and outside. */
static void read_quoted(struct lexer *lex, size_t *len)
{
    char quote = lex->text[lex->pos++];
    while (lex->pos < lex->len && lex->text[lex->pos] != quote && !lex->bad) {
        char c = lex->text[lex->pos++];
        if (c == '\\' && quote == '"' && lex->pos < lex->len)
            c = lex->text[lex->pos++];
        lex->line += c == '\n';
        add_char(lex, len, c);
    }
    if (lex->pos >= lex->len && !lex->bad)
        fail(lex, "a quote has no end");
    lex->pos++;
}

/* False: there is no further word on the line. */
static bool read_word(struct lexer *lex)
{
    size_t len = 0;
    while (lex->pos < lex->len && strchr(" \t\r", lex->text[lex->pos]))
        lex->pos++;
    if (lex->pos >= lex->len || lex->text[lex->pos] == '\n' || lex->text[lex->pos] == '#')
        return false;
    while (lex->pos < lex->len && !strchr(" \t\r\n", lex->text[lex->pos]) && !lex->bad) {
        char c = lex->text[lex->pos];
        if (c == '\'' || c == '"') {
            read_quoted(lex, &len);
            continue;
        }
        lex->pos++;
        if (c == '\\' && lex->pos < lex->len && lex->text[lex->pos] != '\n')
            c = lex->text[lex->pos++];
        add_char(lex, &len, c);
    }
    lex->word[len] = '\0';
    return !lex->bad;
}

static void end_line(struct lexer *lex)
{
    while (lex->pos < lex->len && lex->text[lex->pos] != '\n')
        lex->pos++;
    lex->pos++;
    lex->line++;
}

static const char *kept_word(struct lexer *lex)
{
    return import_text(lex->im, lex->word, strlen(lex->word));
}

/* After "config". */
static struct import_block *read_section(struct lexer *lex, const struct import_at *at)
{
    if (!read_word(lex)) {
        if (!lex->bad)
            fail(lex, "config without a type");
        return NULL;
    }
    const char *type = kept_word(lex);
    const char *title = read_word(lex) ? kept_word(lex) : NULL;
    return import_block_add(lex->im, type, title, at);
}

/* After "option" or "list". */
static void read_option(struct lexer *lex, struct import_block *block, const struct import_at *at)
{
    if (!block || !read_word(lex)) {
        if (!lex->bad)
            fail(lex, block ? "an option without a name" : "an option before any section");
        return;
    }
    const char *key = kept_word(lex);
    if (read_word(lex))
        import_option_add(lex->im, block, key, lex->word, at);
    else if (!lex->bad)
        fail(lex, "an option without a value");
}

/* False: the line is none of UCI's. */
static bool read_line(struct lexer *lex, struct import_block **block)
{
    struct import_at at = {NULL, lex->line};
    if (!read_word(lex))
        return !lex->bad;
    if (strcmp(lex->word, "config") == 0)
        return (*block = read_section(lex, &at)) != NULL;
    if (strcmp(lex->word, "option") == 0 || strcmp(lex->word, "list") == 0)
        read_option(lex, *block, &at);
    else if (strcmp(lex->word, "package") != 0)
        import_note(lex->im, &lex->im->notes, &at, "this line is none of UCI's");
    return !lex->bad;
}

void import_uci_file(struct import *im, const char *text, size_t len)
{
    struct lexer *lex = mem_zalloc(sizeof(*lex));
    struct import_block *block = NULL;
    *lex = (struct lexer){.im = im, .text = text, .len = len, .line = 1};
    while (lex->pos < lex->len && !im->error && read_line(lex, &block))
        end_line(lex);
    explicit_bzero(lex, sizeof(*lex));
    free(lex);
}

/* --- networks --------------------------------------------------------------------------------- */

static const struct import_block *section_of(const struct import *networks, const char *name)
{
    for (const struct import_block *b = networks->blocks; b; b = b->next)
        if (strcmp(b->type, "interface") == 0 && b->title && strcmp(b->title, name) == 0)
            return b;
    return NULL;
}

static const char *value_of(const struct import_block *block, const char *key)
{
    const char *value = NULL;
    for (size_t i = 0; i < block->count; i++)
        if (strcmp(block->options[i].key, key) == 0)
            value = block->options[i].value;
    return value;
}

/* netifd calls the devices of these protocols PROTOCOL-NETWORK. */
static bool is_own_device(const char *proto)
{
    static const char *const protos[] = {"pppoe", "pppoa", "pptp", "l2tp", "3g",
                                         "6in4",  "6to4",  "6rd",  "map",  NULL};
    for (size_t i = 0; proto && protos[i]; i++)
        if (strcmp(proto, protos[i]) == 0)
            return true;
    return false;
}

/* "@wan" is the device of another network. */
static const char *device_of(struct import *im, const struct import *networks, const char *network)
{
    for (int hop = 0; hop < MAX_HOPS; hop++) {
        const struct import_block *section = section_of(networks, network);
        if (!section)
            return NULL;
        const char *proto = value_of(section, "proto");
        if (is_own_device(proto))
            return import_printf(im, "%s-%s", proto, network);
        if (proto && strcmp(proto, "wireguard") == 0)
            return import_printf(im, "%s", network);
        const char *device = value_of(section, "device");
        device = device ? device : value_of(section, "ifname");
        if (!device || device[0] != '@')
            return device && !strchr(device, ' ') ? import_printf(im, "%s", device) : NULL;
        network = device + 1;
    }
    return NULL;
}

const char *import_uci_device(struct import *im, const char *network)
{
    char error[FSIO_ERROR_LEN];
    size_t len;
    const char *slash = strrchr(im->asked->path, '/');
    if (im->asked->closed)
        return NULL;
    char *path = slash ? mem_printf("%.*s/network", (int)(slash - im->asked->path), im->asked->path)
                       : mem_strdup("network");
    char *text = fsio_read(path, IMPORT_FILE_MAX, &len, error);
    const char *device = NULL;
    free(path);
    if (!text)
        return NULL;
    struct import *networks = import_empty(im->asked);
    if (!memchr(text, '\0', len))
        import_uci_file(networks, text, len);
    device = device_of(im, networks, network);
    import_free(networks);
    mem_free_secret(text);
    return device;
}
