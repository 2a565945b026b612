/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The environment that user-space code expects (unpack.h): SSE, a stack canary
 * at %fs:0x28, and a red zone, which is safe here because interrupts are off and
 * NMI and machine check have stacks of their own. No FPU state of a guest exists
 * yet, so none is saved. One CPU, no nesting.
 */
#include <asm/cpu.h>
#include <asm/current.h>

#include <xen/alloc.h>
#include <xen/errno.h>
#include <xen/init.h>
#include <xen/string.h>
#include <xen/unpack.h>

/* Where the x86-64 ABI for user space keeps the canary, from FS base. */
#define CANARY_OFFSET 0x28

/* unpack_switch.S: calls fn(arg) on this stack. */
int unpack_switch(int (*fn)(void *), void *arg, void *stack);

/* All exceptions masked, round to nearest: the state after reset. */
static void __init unpack_fpu_reset(void)
{
    static const uint32_t mxcsr = 0x1f80;

    __asm__ __volatile__("fninit; ldmxcsr %0" :: "m"(mxcsr));
}

int __init unpack_run(int (*fn)(void *), void *arg)
{
    /* The FS block at the bottom; cpu_info() must work on this stack, so a copy at the top. */
    char *area = hv_pages_alloc(STACK_ORDER);
    struct cpu_info *info = (struct cpu_info *)(area + STACK_SIZE) - 1;
    unsigned long flags, cr0, cr4;
    uint64_t fs_base, canary;
    int rc;

    if (!area) {
        return -ENOMEM;
    }
    flags = irq_save();
    cr0 = read_cr0();
    cr4 = read_cr4();
    fs_base = rdmsr(MSR_FS_BASE);

    memcpy(info, cpu_info(), sizeof(*info));
    /* A zero byte keeps the canary from being read or written as text. */
    canary = rdtsc() << 8;
    memcpy(area + CANARY_OFFSET, &canary, sizeof(canary));
    write_cr4(cr4 | CR4_OSFXSR | CR4_OSXMMEXCPT);
    write_cr0((cr0 | CR0_MP) & ~(CR0_EM | CR0_TS));
    unpack_fpu_reset();
    wrmsr(MSR_FS_BASE, (uint64_t)area);

    /* The ABI wants 16 bytes of alignment at a call; SSE code relies on it. */
    rc = unpack_switch(fn, arg, (void *)ROUND_DOWN((uint64_t)info, 16));

    wrmsr(MSR_FS_BASE, fs_base);
    write_cr0(cr0);
    write_cr4(cr4);
    irq_restore(flags);
    hv_pages_free(area, STACK_ORDER);
    return rc;
}
