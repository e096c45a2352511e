/* SPDX-License-Identifier: ISC
 *
 * A scanner of tags (see xml_scan.h). Owns: what is a tag, and what only looks like one in a
 * comment, an instruction or a CDATA section.
 */
#include "ddns/xml_scan.h"

#include <string.h>

struct tag {
    const char *from; /* its '<' */
    struct xml_span name;
    bool closes, empty;
};

static bool starts(const struct xml_span *in, const char *text)
{
    size_t len = strlen(text);
    return in->len >= len && memcmp(in->at, text, len) == 0;
}

static void drop(struct xml_span *in, size_t len)
{
    in->at += len;
    in->len -= len;
}

/* Moves behind text; to the end, and false, when it does not come. */
static bool skip_past(struct xml_span *in, const char *text)
{
    while (in->len > 0 && !starts(in, text))
        drop(in, 1);
    if (in->len == 0)
        return false;
    drop(in, strlen(text));
    return true;
}

static bool is_name_end(char c)
{
    return c == '>' || c == '/' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* From behind the name to behind the '>', which may stand in an attribute's value, too. */
static bool skip_attributes(struct xml_span *in, bool *empty)
{
    char quote = '\0';
    *empty = false;
    for (; in->len > 0; drop(in, 1)) {
        char c = *in->at;
        if (quote) {
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>') {
            drop(in, 1);
            return true;
        }
        *empty = c == '/' && !quote;
    }
    return false;
}

static bool read_tag(struct xml_span *in, struct tag *tag)
{
    tag->from = in->at;
    drop(in, 1);
    tag->closes = starts(in, "/");
    drop(in, tag->closes);
    tag->name.at = in->at;
    while (in->len > 0 && !is_name_end(*in->at))
        drop(in, 1);
    tag->name.len = (size_t)(in->at - tag->name.at);
    return skip_attributes(in, &tag->empty);
}

static bool next_tag(struct xml_span *in, struct tag *tag)
{
    for (;;) {
        while (in->len > 0 && *in->at != '<')
            drop(in, 1);
        if (in->len == 0)
            return false;
        if (starts(in, "<!--")) {
            if (!skip_past(in, "-->"))
                return false;
        } else if (starts(in, "<![CDATA[")) {
            if (!skip_past(in, "]]>"))
                return false;
        } else if (starts(in, "<?")) {
            if (!skip_past(in, "?>"))
                return false;
        } else {
            return !starts(in, "<!") && read_tag(in, tag);
        }
    }
}

static bool is_named(const struct tag *tag, const char *name)
{
    return tag->name.len == strlen(name) && memcmp(tag->name.at, name, tag->name.len) == 0;
}

bool xml_next(struct xml_span *in, const char *name, struct xml_span *content)
{
    struct tag tag;
    size_t depth = 0;
    while (next_tag(in, &tag)) {
        if (!is_named(&tag, name))
            continue;
        if (depth == 0 && !tag.closes) {
            *content = (struct xml_span){in->at, 0};
            if (tag.empty)
                return true;
        }
        if (!tag.empty && !tag.closes)
            depth++;
        if (tag.closes && depth > 0 && --depth == 0) {
            content->len = (size_t)(tag.from - content->at);
            return true;
        }
    }
    return false;
}

bool xml_find(struct xml_span in, const char *name, struct xml_span *content)
{
    return xml_next(&in, name, content);
}

/* One entity at the front; 0: none that is known. */
static char take_entity(struct xml_span *in)
{
    static const struct {
        const char *text;
        char is;
    } entities[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (starts(in, entities[i].text)) {
            drop(in, strlen(entities[i].text));
            return entities[i].is;
        }
    return '\0';
}

bool xml_text(struct xml_span content, char *out, size_t cap)
{
    size_t used = 0;
    while (content.len > 0 && used + 1 < cap) {
        char c = *content.at;
        if (c == '<' || c == '\0')
            break;
        if (c == '&') {
            c = take_entity(&content);
            if (!c)
                break;
        } else
            drop(&content, 1);
        out[used++] = c;
    }
    if (cap > 0)
        out[used] = '\0';
    return content.len == 0;
}
