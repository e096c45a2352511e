/* SPDX-License-Identifier: ISC */
#include "monitor/addrwatch.h"
