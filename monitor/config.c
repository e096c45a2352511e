/* SPDX-License-Identifier: ISC */
#include "monitor/config.h"
