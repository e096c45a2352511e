/* SPDX-License-Identifier: ISC */
#include "monitor/addr_policy.h"
