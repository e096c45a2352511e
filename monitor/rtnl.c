/* SPDX-License-Identifier: ISC */
#include "monitor/rtnl.h"
