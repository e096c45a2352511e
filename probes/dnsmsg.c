/* SPDX-License-Identifier: ISC */
#include "probes/dnsmsg.h"
