/* SPDX-License-Identifier: ISC */
#include "probes/http.h"
