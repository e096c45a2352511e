/* SPDX-License-Identifier: ISC
 *
 * From answers to a sentence (see evidence.h).
 */
#include "ddns/evidence.h"

#include <inttypes.h>

#include "lib/addr_special.h"
#include "lib/duration.h"
#include "lib/str.h"

#define SERVER_LEN (HOST_MAX + ADDR_STRLEN + 3)

static const char *const rr_words[FAMILY_COUNT] = {"A", "AAAA"};

/* --- words ------------------------------------------------------------------------------------ */

/* Names are cut: evidence has room for two of them. */
static const char *server_text(const struct verify_server *server, char text[SERVER_LEN])
{
    char addr[ADDR_STRLEN];
    text[0] = '\0';
    str_append(text, SERVER_LEN, "%.40s (%s)", server->name, addr_format(&server->addr, addr));
    return text;
}

/* "203.0.113.7", "203.0.113.7 and 2 more", "no A record", "no such name" */
static void append_said(char *text, const struct verify_server *server, enum family family)
{
    char addr[ADDR_STRLEN];
    if (server->count > 0)
        str_append(text, EVIDENCE_LEN, "%s", addr_format(&server->values[0], addr));
    else if (server->outcome == OUTCOME_DNS_NXDOMAIN)
        str_append(text, EVIDENCE_LEN, "no such name");
    else
        str_append(text, EVIDENCE_LEN, "no %s record", rr_words[family]);
    if (server->count > 1)
        str_append(text, EVIDENCE_LEN, " and %zu more", server->count - 1);
}

static void append_serial(char *text, const struct verify_server *server)
{
    if (server->has_serial)
        str_append(text, EVIDENCE_LEN, " (zone serial %" PRIu32 ")", server->serial);
}

static void append_for(char *text, const char *before, uint32_t seconds)
{
    char left[DURATION_LEN];
    if (seconds > 0)
        str_append(text, EVIDENCE_LEN, "%s%s", before,
                   duration_format((int64_t)seconds * 1000, left));
}

/* --- what the servers say --------------------------------------------------------------------- */

static const struct verify_server *first_answer(const struct verify_look *look)
{
    for (size_t i = 0; i < look->count; i++)
        if (verify_has_answered(&look->servers[i]))
            return &look->servers[i];
    return NULL;
}

static bool has_wanted(const struct verify_server *server, const struct addr *wanted)
{
    return server->count == 1 && addr_equal(&server->values[0], wanted);
}

/* They do not agree: one that has not what is wanted, and one that has, or has something else. */
static void say_differs(const struct verify_look *look, const struct addr *wanted,
                        enum family family, char *text)
{
    const struct verify_server *bad = NULL, *good = NULL, *third = NULL;
    char name[SERVER_LEN];
    for (size_t i = 0; i < look->count; i++) {
        const struct verify_server *server = &look->servers[i];
        if (!verify_has_answered(server))
            continue;
        if (has_wanted(server, wanted))
            good = good ? good : server;
        else if (!bad)
            bad = server;
        else if (!verify_same_set(bad, server))
            third = third ? third : server;
    }
    good = good ? good : third;
    if (!bad || !good)
        return;
    str_append(text, EVIDENCE_LEN, "%s has ", server_text(bad, name));
    append_said(text, bad, family);
    append_serial(text, bad);
    str_append(text, EVIDENCE_LEN, ", %s has ", server_text(good, name));
    append_said(text, good, family);
    append_serial(text, good);
}

static enum evidence say_absent(const struct verify_server *first, enum family family, char *text)
{
    str_append(text, EVIDENCE_LEN, "DNS has ");
    append_said(text, first, family);
    append_for(text, "; caches may keep that for ", first->ttl);
    return EVIDENCE_ABSENT;
}

static enum evidence say_wrong(const struct verify_look *look, const struct verify_server *first,
                               const struct addr *wanted, enum family family, char *text)
{
    char addr[ADDR_STRLEN];
    str_append(text, EVIDENCE_LEN, "DNS shows ");
    append_said(text, first, family);
    str_append(text, EVIDENCE_LEN, " instead of %s", addr_format(wanted, addr));
    append_serial(text, first);
    if (look->wildcard)
        str_append(text, EVIDENCE_LEN,
                   ", and the same for any other name beside it: a wildcard record");
    append_for(text, "; caches may keep that for ", first->ttl);
    return look->wildcard     ? EVIDENCE_WILDCARD
           : first->count > 1 ? EVIDENCE_SEVERAL
                              : EVIDENCE_OTHER;
}

/* --- what is odd though they have it ---------------------------------------------------------- */

static void say_lame(const struct verify_look *look, char *text)
{
    char name[SERVER_LEN];
    for (size_t i = 0; i < look->count; i++)
        if (verify_is_lame(&look->servers[i])) {
            str_append(text, EVIDENCE_LEN, "%s does not serve the zone: %s",
                       server_text(&look->servers[i], name), verify_state_text(&look->servers[i]));
            return;
        }
}

/* A resolver that serves the zone itself, or gives an address that the world can't reach, means it
 * so; another one has what it heard before. */
static void say_resolver(const struct verify_look *look, const struct addr *wanted, char *text)
{
    const struct verify_server *said = &look->resolver;
    char addr[ADDR_STRLEN], from[ADDR_STRLEN];
    if (said->outcome != OUTCOME_OK || said->count == 0 || has_wanted(said, wanted))
        return;
    bool meant =
        said->authoritative || (addr_special_find(&said->values[0]) && !addr_special_find(wanted));
    str_append(text, EVIDENCE_LEN, "%s%s the resolver %s %s %s", *text ? "; " : "",
               meant ? "split horizon:" : "the world sees it, but", addr_format(&said->addr, from),
               meant ? "gives" : "still gives", addr_format(&said->values[0], addr));
    if (!meant)
        append_for(text, ", for another ", said->ttl);
}

/* ---------------------------------------------------------------------------------------------- */

enum evidence evidence_judge(const struct verify_look *look, const struct addr *wanted,
                             enum family family, char text[EVIDENCE_LEN])
{
    const struct verify_server *first = first_answer(look);
    text[0] = '\0';
    if (!first) {
        str_append(text, EVIDENCE_LEN, "no authoritative server answers: %s", look->detail);
        return EVIDENCE_SILENT;
    }
    if (first->cname[0]) {
        str_append(text, EVIDENCE_LEN, "the name is an alias (CNAME) of %.120s", first->cname);
        return EVIDENCE_ALIAS;
    }
    if (!look->agree) {
        say_differs(look, wanted, family, text);
        return EVIDENCE_DIFFERS;
    }
    if (first->count == 0)
        return say_absent(first, family, text);
    if (!has_wanted(first, wanted))
        return say_wrong(look, first, wanted, family, text);
    say_lame(look, text);
    if (look->wildcard)
        str_append(text, EVIDENCE_LEN, "%sa wildcard record gives it, the name has none of its own",
                   *text ? "; " : "");
    say_resolver(look, wanted, text);
    return EVIDENCE_FINE;
}

const char *evidence_advice(enum evidence evidence)
{
    switch (evidence) {
    case EVIDENCE_FINE:
        return "";
    case EVIDENCE_SILENT:
        return "Check that this machine reaches the zone's name servers (UDP and TCP port 53).";
    case EVIDENCE_ALIAS:
        return "An alias has no addresses of its own: delete the CNAME at the DNS provider, or let "
               "the record be the name it leads to.";
    case EVIDENCE_DIFFERS:
        return "Look at the zone's serial on each name server: one does not get the changes.";
    case EVIDENCE_ABSENT:
        return "Create the record at the DNS provider: some change only what exists. Then look "
               "whether host and domain are those of the account.";
    case EVIDENCE_WILDCARD:
        return "Create a record of this very name at the DNS provider: the wildcard answers for "
               "it until there is one.";
    case EVIDENCE_SEVERAL:
    case EVIDENCE_OTHER:
        break;
    }
    return "It is repaired within the provider's limits; if it comes back, something else writes "
           "this record.";
}
