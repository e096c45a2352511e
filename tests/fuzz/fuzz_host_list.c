/* SPDX-License-Identifier: ISC
 *
 * A list of hosts from standard input, in pieces of all sizes: the same hosts come out, each is
 * bounded and of one line, and what a target is made of them parses or is refused.
 */
#include "monitor/probe/host_list.h"
#include "monitor/target/target_text.h"
#include "tests/fuzz/fuzz.h"

/* A sum over what came out, so that two ways of feeding can be compared. */
static uint64_t run(const uint8_t *data, size_t size, size_t step)
{
    struct host_list list = {0};
    uint64_t sum = 0;
    size_t at = 0, line = 0;
    const char *text;
    for (size_t i = 0; i < 3 * size + 10; i++) {
        enum host_list_step next = host_list_next(&list, &text);
        if (next == HOST_LIST_END)
            return sum;
        if (next == HOST_LIST_MORE) {
            size_t len = size - at < step ? size - at : step;
            if (len == 0)
                host_list_end(&list);
            host_list_add(&list, (const char *)data + at, len);
            at += len;
            continue;
        }
        MUST(list.line > line && *text);
        line = list.line;
        sum = sum * 31 + line * 2 + (next == HOST_LIST_WRONG);
        if (next == HOST_LIST_WRONG)
            continue;
        struct target_text target;
        MUST(strlen(text) <= HOST_LIST_LINE_MAX && !strchr(text, '\n'));
        for (const char *c = text; *c; c++)
            sum = sum * 31 + (unsigned char)*c;
        if (target_text_parse(text, NULL, &target) == NULL)
            MUST(fuzz_is_clean(target.at.host, sizeof target.at.host));
    }
    MUST(false); /* it ends */
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t sum = run(data, size, HOST_LIST_CHUNK);
    MUST(run(data, size, 1) == sum);
    MUST(run(data, size, 1 + size % 977) == sum);
    return 0;
}
