/* SPDX-License-Identifier: ISC */
#include "probes/conn.h"
