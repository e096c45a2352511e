/* SPDX-License-Identifier: ISC */
#include "monitor/spawner.h"
