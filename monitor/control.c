/* SPDX-License-Identifier: ISC */
#include "monitor/control.h"
