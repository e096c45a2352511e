/* SPDX-License-Identifier: ISC */
#include "monitor/sdnotify.h"
