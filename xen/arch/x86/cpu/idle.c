/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for interrupts. */
#include <xen/arch.h>

void arch_idle(void)
{
    /* STI takes effect after the next instruction, so no interrupt slips in between. */
    __asm__ __volatile__("sti; hlt" ::: "memory");
}
