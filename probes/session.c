/* SPDX-License-Identifier: ISC */
#include "probes/session.h"
