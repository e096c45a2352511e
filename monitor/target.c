/* SPDX-License-Identifier: ISC */
#include "monitor/target.h"
