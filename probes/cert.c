/* SPDX-License-Identifier: ISC */
#include "probes/cert.h"
