/* SPDX-License-Identifier: BSD-2-Clause */
#include "kit.h"

#include "mm.h"
#include "trap.h"

void kit_init(void)
{
    mm_init();
    trap_init();
}
