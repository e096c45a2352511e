/* SPDX-License-Identifier: ISC */
#include "monitor/addrset.h"
