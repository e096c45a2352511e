/* SPDX-License-Identifier: ISC
 *
 * The text of a zone: whatever it holds, only the one record changes, and what was written is found
 * again.
 */
#include "ddns/zone_text.h"
#include "tests/fuzz/fuzz.h"

#define ADDRESS "203.0.113.27"

/* All but one piece is what it was: the two share a beginning and an end that make up the text, or
 * all of it but the value that was replaced. */
static void check_rest(const char *before, const char *after, bool added)
{
    size_t len = strlen(before), head = 0, tail = 0;
    while (head < len && before[head] == after[head])
        head++;
    size_t after_len = strlen(after);
    while (tail < len - head && tail < after_len - head &&
           before[len - 1 - tail] == after[after_len - 1 - tail])
        tail++;
    if (added)
        MUST(head == len);
    for (size_t i = head; i < len - tail; i++) /* one word of one line */
        MUST(!strchr(" \t\r\n", before[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct buf out;
    buf_init(&out, 1 << 20);
    size_t count = zone_text_count(text);
    enum zone_text_found found = zone_text_find(text, "A", "www", ADDRESS);
    if (found == ZONE_TEXT_ABSENT || found == ZONE_TEXT_OTHER) {
        bool added = found == ZONE_TEXT_ABSENT;
        MUST(zone_text_set(text, "A", "www", ADDRESS, &out));
        MUST(zone_text_find(buf_text(&out), "A", "www", ADDRESS) == ZONE_TEXT_SAME);
        MUST(zone_text_count(buf_text(&out)) == count + added);
        check_rest(text, buf_text(&out), added);
    }
    buf_clear(&out);
    if (found == ZONE_TEXT_SAME) {
        MUST(zone_text_remove(text, "A", "www", &out));
        MUST(zone_text_find(buf_text(&out), "A", "www", ADDRESS) == ZONE_TEXT_ABSENT);
        MUST(zone_text_count(buf_text(&out)) == count - 1);
    }
    buf_clear(&out);
    free(text);
    return 0;
}
