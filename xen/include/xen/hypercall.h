/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypercall dispatcher and how long operations are continued.
 *
 * A handler is an ordinary function of up to five arguments returning a value or a negative
 * errno. A handler that wants to be preempted records its progress with hypercall_set_arg()
 * (or in the object it works on) and returns -ERESTART: only the dispatcher re-arms the call,
 * so that the guest re-executes it with the new arguments.
 */
#ifndef XEN_HYPERCALL_H
#define XEN_HYPERCALL_H

#include <xen/types.h>

/* Replaces argument @i (0-4) of the call in progress for its continuation. */
void hypercall_set_arg(unsigned int i, unsigned long value);
/* True if a softirq waits for this CPU: a long loop should stop at the next clean point. */
bool hypercall_preempt_check(void);

/* The handlers, one row each in dispatch.c. */
long hypercall_set_trap_table(void *traps);
long hypercall_mmu_update(void *reqs, unsigned int count, void *done, unsigned int domid);
long hypercall_set_gdt(void *frames, unsigned int entries);
long hypercall_stack_switch(unsigned long ss, unsigned long sp);
long hypercall_fpu_taskswitch(int set);
long hypercall_set_debugreg(int reg, unsigned long value);
long hypercall_get_debugreg(int reg);
long hypercall_update_descriptor(uint64_t maddr, uint64_t desc);
long hypercall_memory_op(unsigned long cmd, void *arg);
long hypercall_multicall(void *list, unsigned int count);
long hypercall_update_va_mapping(unsigned long va, uint64_t pte, unsigned long flags);
long hypercall_update_va_mapping_otherdomain(unsigned long va, uint64_t pte, unsigned long flags,
                                             domid_t domid);
long hypercall_set_timer_op(stime_t timeout);
long hypercall_xen_version(int cmd, void *arg);
long hypercall_console_io(unsigned int cmd, unsigned int count, void *buf);
long hypercall_iret(void);
long hypercall_vcpu_op(int cmd, unsigned int vcpuid, void *arg);
long hypercall_set_segment_base(unsigned int which, unsigned long base);
long hypercall_mmuext_op(void *ops, unsigned int count, void *done, unsigned int domid);
long hypercall_sched_op(int cmd, void *arg);
long hypercall_callback_op(int cmd, void *arg);
long hypercall_physdev_op(int cmd, void *arg);
long hypercall_platform_op(void *op);
long hypercall_mca(void *op);
long hypercall_vm_assist(unsigned int cmd, unsigned int type);
long hypercall_sysctl(void *op);
long hypercall_hvm_op(unsigned long cmd, void *arg);
long hypercall_domctl(void *op);

#endif
