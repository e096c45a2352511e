/* SPDX-License-Identifier: ISC */
#include "monitor/status.h"
