/* SPDX-License-Identifier: ISC
 *
 * Notes that several names have of one option: said once. Internal to this folder.
 */
#include <stdlib.h>
#include <string.h>

#include "monitor/import/model.h"

static bool same_file(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool has_note(const struct import_notes *notes, const struct import_note *wanted)
{
    for (const struct import_note *note = notes->first; note; note = note->next)
        if (note->at.line == wanted->at.line && same_file(note->at.file, wanted->at.file) &&
            strcmp(note->text, wanted->text) == 0)
            return true;
    return false;
}

/* Moves the note to the file's notes, or away when it is there. */
static void move_note(struct import *im, struct import_notes *from, struct import_note **link)
{
    struct import_note *note = *link;
    *link = note->next;
    if (from->last == &note->next)
        from->last = from->first ? link : NULL;
    if (has_note(&im->notes, note)) {
        free(note);
        return;
    }
    if (!im->notes.last)
        im->notes.last = &im->notes.first;
    note->next = NULL;
    *im->notes.last = note;
    im->notes.last = &note->next;
}

static bool is_said_again(const struct import_name *name, const struct import_note *note)
{
    for (const struct import_name *later = name->next; later; later = later->next)
        if (has_note(&later->notes, note))
            return true;
    return false;
}

void import_share_notes(struct import *im)
{
    for (struct import_name *name = im->names; name; name = name->next)
        for (struct import_note **link = &name->notes.first; *link;) {
            const struct import_note *note = *link;
            if (note->at.line > 0 && note->at.line != name->at.line &&
                (has_note(&im->notes, note) || is_said_again(name, note)))
                move_note(im, &name->notes, link);
            else
                link = &(*link)->next;
        }
}
