/* SPDX-License-Identifier: ISC */
#include "monitor/store.h"
const char *store_version(void)
{
    return "";
}
