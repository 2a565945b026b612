/* SPDX-License-Identifier: BSD-2-Clause */
/* "xl info -n": CPUs, PCI devices and memory of each NUMA node. */
#ifndef XL_INFO_NUMA_H
#define XL_INFO_NUMA_H

#include "json.h"
#include "xl.h"

/* As tables, or as members of the JSON map that is open. */
void info_numa_print(struct xl *xl, struct json *json);

#endif
