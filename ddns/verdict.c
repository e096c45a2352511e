/* SPDX-License-Identifier: ISC */
#include "ddns/verdict.h"
