/* SPDX-License-Identifier: ISC */
#include "ddns/updater.h"
