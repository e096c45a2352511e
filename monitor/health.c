/* SPDX-License-Identifier: ISC */
#include "monitor/health.h"
