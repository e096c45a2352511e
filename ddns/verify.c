/* SPDX-License-Identifier: ISC */
#include "ddns/verify.h"
