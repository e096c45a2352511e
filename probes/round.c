/* SPDX-License-Identifier: ISC */
#include "probes/round.h"
