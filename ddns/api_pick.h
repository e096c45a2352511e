/* SPDX-License-Identifier: ISC
 *
 * The record that an update is about, among those that an API lists. Not its job: to write it.
 */
#ifndef REACHD_DDNS_API_PICK_H
#define REACHD_DDNS_API_PICK_H

#include "ddns/api.h"

/* What the members of a listed record are called; id NULL: it has none. */
struct api_columns {
    const char *name, *type, *value, *id;
};

enum api_pick {
    API_PICK_NONE,  /* there is no such record */
    API_PICK_OTHER, /* there is one, id is its id, and it shows another address */
    API_PICK_OVER,  /* return: the update has ended, or the list is not as documented */
};

/* Looks for the first record set of the update under a name as the API writes it (either case, a
 * dot at the end or not). One that shows the address ends the update; so does more than one,
 * because it is not ours to choose. */
enum api_pick api_pick(struct api *api, const json_t *list, const struct api_columns *columns,
                       const char *name, char id[API_ID_LEN]);

/* The id of the update's zone in a list of {"name", "id"}; it is kept. NULL when there is none, and
 * then the update has ended, or when it is no list. */
const char *api_pick_zone(struct api *api, const json_t *list);

#endif
