/* SPDX-License-Identifier: ISC */
#include "monitor/clockwatch.h"
