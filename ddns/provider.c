/* SPDX-License-Identifier: ISC */
#include "ddns/provider.h"
