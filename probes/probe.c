/* SPDX-License-Identifier: ISC */
#include "probes/probe.h"
