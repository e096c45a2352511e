/* SPDX-License-Identifier: ISC */
#include "monitor/notice.h"
