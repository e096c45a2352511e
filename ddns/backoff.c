/* SPDX-License-Identifier: ISC */
#include "ddns/backoff.h"
