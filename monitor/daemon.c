/* SPDX-License-Identifier: ISC */
#include "monitor/daemon.h"
