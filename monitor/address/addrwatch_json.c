/* SPDX-License-Identifier: ISC
 *
 * The address watch for status (see addrwatch.h).
 */
#include "lib/clock.h"
#include "lib/doc.h"
#include "monitor/address/addr_view.h"
#include "monitor/address/addrwatch_priv.h"
#include "monitor/address/neigh_choice.h"

/* What the other section says, and whether that is a finding. */
static json_t *cross_json(struct section_watch *w)
{
    struct section_watch *other = section_crossed(w);
    if (!other)
        return json_null();
    json_t *object = doc_object();
    bool differs = w->cross.remark.told;
    struct addr_cross_side theirs = section_side(other, clock_mono_ms());
    struct addr_cross_side ours = section_side(w, clock_mono_ms());
    enum addr_line line = section_cross_line(w, &ours.now);
    doc_text(object, "with", other->conf->name);
    doc_addr(object, "says", &theirs.now);
    doc_bool(object, "differs", differs);
    doc_time(object, "since", differs ? w->cross_since_wall_ms : 0);
    doc_text(object, "cause", differs ? addr_cross_word(line) : NULL);
    doc_text(object, "advice", differs ? addr_cross_advice(line) : NULL);
    return object;
}

/* NULL: none is looked for. */
static const char *neighbour_text(const struct config_address *conf, char text[MAC_TEXT_LEN])
{
    return conf->by_neighbour ? neigh_mac_format(conf->neighbour, text) : NULL;
}

static json_t *section_json(struct section_watch *w)
{
    char mac[MAC_TEXT_LEN];
    json_t *object = doc_object();
    doc_text(object, "name", w->conf->name);
    doc_text(object, "family", family_word(w->conf->family));
    doc_text(object, "source", address_source_word(w->conf->source));
    doc_text(object, "interface", w->conf->interface);
    doc_text(object, "neighbour", neighbour_text(w->conf, mac));
    doc_addr(object, "chosen", &w->now);
    doc_time(object, "since", w->since_wall_ms);
    doc_text(object, "reason", w->reason);
    doc_text(object, "advice", addr_line_advice(w->line));
    doc_value(object, "cross_check", cross_json(w));
    if (w->conf->source != SOURCE_INTERFACE)
        return object;
    struct addr_choice choice;
    section_choose(w, &choice);
    json_t *judged = addr_view_json(&choice);
    doc_value(object, "candidates", json_incref(json_object_get(judged, "candidates")));
    json_decref(judged);
    return object;
}

json_t *addrwatch_json(const struct addrwatch *watch)
{
    json_t *array = doc_array();
    for (size_t i = 0; i < watch->count; i++)
        doc_push(array, section_json(watch->watches[i]));
    return array;
}
