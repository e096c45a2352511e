/* SPDX-License-Identifier: ISC */
#include "probes/resolver.h"
const char *resolver_version(void)
{
    return "";
}
