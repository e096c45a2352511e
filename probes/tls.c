/* SPDX-License-Identifier: ISC */
#include "probes/tls.h"
