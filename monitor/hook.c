/* SPDX-License-Identifier: ISC */
#include "monitor/hook.h"
