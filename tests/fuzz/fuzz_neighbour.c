/* SPDX-License-Identifier: ISC
 *
 * The kernel's table of neighbours, as netlink messages.
 */
#include "probes/neighbour.h"
#include "tests/fuzz/fuzz.h"

static void on_neighbour(const struct addr *addr, void *arg)
{
    size_t *count = arg;
    char text[ADDR_STRLEN];
    MUST(addr_is_set(addr));
    MUST(fuzz_is_clean(addr_format(addr, text), sizeof text));
    (*count)++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t count = 0;
    neighbour_parse(data, size, on_neighbour, &count);
    MUST(count <= size / 16); /* each needs a header */
    return 0;
}
