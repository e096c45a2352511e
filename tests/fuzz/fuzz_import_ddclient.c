/* SPDX-License-Identifier: ISC
 *
 * An import of a file in the format of ddclient: see fuzz_import.h.
 */
#include "tests/fuzz/fuzz_import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_import(IMPORT_DDCLIENT, data, size);
}
