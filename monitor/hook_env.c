/* SPDX-License-Identifier: ISC */
#include "monitor/hook_env.h"
