/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain's vCPUs. -ESRCH: no such domain, or a vCPU that was not made; -EINVAL: a vCPU number
 * the domain cannot have.
 */
#ifndef LIBCTRL_VCPU_H
#define LIBCTRL_VCPU_H

#include <libctrl/cpumap.h>
#include <libctrl/ctrl.h>

struct ctrl_vcpu_info {
    uint32_t vcpu;
    bool online;
    bool blocked;
    bool running;
    uint64_t cpu_time_ns;
    uint32_t cpu;           /* that it ran on last */
};

int ctrl_vcpu_info(struct ctrl *ctrl, uint32_t domid, uint32_t vcpu, struct ctrl_vcpu_info *info);

/*
 * Where a vCPU may run (hard) and where it runs best (soft); NULL leaves or skips one. set writes
 * back what is in force within the domain's pool. Maps that come back have nr_cpus of the host.
 * -EINVAL: none of the pool's CPUs.
 */
int ctrl_vcpu_set_affinity(struct ctrl *ctrl, uint32_t domid, uint32_t vcpu,
                           struct ctrl_cpumap *hard, struct ctrl_cpumap *soft);
/* The same, also for a vCPU that is pinned by itself. */
int ctrl_vcpu_force_affinity(struct ctrl *ctrl, uint32_t domid, uint32_t vcpu,
                             struct ctrl_cpumap *hard, struct ctrl_cpumap *soft);
int ctrl_vcpu_get_affinity(struct ctrl *ctrl, uint32_t domid, uint32_t vcpu,
                           struct ctrl_cpumap *hard, struct ctrl_cpumap *soft);

/* The registers of a 64-bit PV vCPU. */
struct ctrl_vcpu_regs {
    uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
    uint64_t rip, rflags, rsp;
    uint16_t cs, ss, ds, es, fs, gs;
    uint64_t fs_base, gs_base_kernel, gs_base_user;
    uint64_t cr0, cr2, cr3, cr4;    /* cr3: the machine address of the root table */
    uint64_t dr[8];
    uint64_t kernel_rsp;
    bool in_kernel;
    bool online;
};

/* Size of the interface's own form, as it stands in a core file. */
#define CTRL_VCPU_CONTEXT_SIZE 5168u

/* A domain that was never given a context: -ENODATA. The domain should be paused. */
int ctrl_vcpu_get_regs(struct ctrl *ctrl, uint32_t domid, uint32_t vcpu,
                       struct ctrl_vcpu_regs *regs);
/* struct vcpu_guest_context, CTRL_VCPU_CONTEXT_SIZE bytes, as it is. */
int ctrl_vcpu_get_context(struct ctrl *ctrl, uint32_t domid, uint32_t vcpu, void *context);
int ctrl_vcpu_set_context(struct ctrl *ctrl, uint32_t domid, uint32_t vcpu, const void *context);

#endif
