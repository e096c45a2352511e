/* SPDX-License-Identifier: ISC */
#include "monitor/cmd.h"

#include <stddef.h>

const struct cmd cmd_probe = {"probe", "", NULL};
