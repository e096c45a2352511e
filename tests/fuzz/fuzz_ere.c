/* SPDX-License-Identifier: ISC
 *
 * A regular expression, a NUL, and the text that is searched.
 */
#include "lib/ere.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *problem = NULL;
    char *expression = fuzz_text(data, size);
    size_t len = strlen(expression);
    struct ere *ere = ere_new(expression, &problem);
    MUST((ere == NULL) == (problem != NULL));
    if (ere) {
        const char *text = len < size ? (const char *)data + len + 1 : "";
        size_t text_len = len < size ? size - len - 1 : 0;
        ere_search(ere, text, text_len);
        ere_search(ere, text, text_len / 2); /* cut within a character, perhaps */
    }
    ere_free(ere);
    free(expression);
    return 0;
}
