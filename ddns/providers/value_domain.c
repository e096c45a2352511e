/* SPDX-License-Identifier: ISC */
#include "ddns/provider.h"

extern const struct provider provider_value_domain;
