/* SPDX-License-Identifier: ISC */
#include "ddns/plan.h"
