/* SPDX-License-Identifier: ISC */
#include "probes/tcp.h"
