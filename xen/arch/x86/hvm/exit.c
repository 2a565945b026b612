/* SPDX-License-Identifier: BSD-2-Clause */
/* What guests' exits have in common, whatever the engine (engine.h). */
#include <asm/cpu.h>
#include <asm/cpuid.h>
#include <asm/current.h>
#include <asm/fpu.h>
#include <asm/hvm.h>
#include <public/sched.h>
#include <public/xen.h>
#include <xen/console.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/hypercall_table.h>

#include "engine.h"
#include "hvm_msr.h"

/* Hypercalls that hardware-assisted domains have: those without page tables and traps in them. */
static const uint64_t offered =
    1UL << __HYPERVISOR_memory_op | 1UL << __HYPERVISOR_set_timer_op |
    1UL << __HYPERVISOR_xen_version | 1UL << __HYPERVISOR_console_io |
    1UL << __HYPERVISOR_grant_table_op | 1UL << __HYPERVISOR_vm_assist |
    1UL << __HYPERVISOR_vcpu_op | 1UL << __HYPERVISOR_sched_op |
    1UL << __HYPERVISOR_event_channel_op | 1UL << __HYPERVISOR_physdev_op |
    1UL << __HYPERVISOR_hvm_op | 1UL << __HYPERVISOR_sysctl | 1UL << __HYPERVISOR_domctl |
    1UL << __HYPERVISOR_multicall;

static unsigned int privilege(const struct vcpu *v)
{
    struct hvm_segment ss;

    hvm_engine->get_segment(v, HVM_SS, &ss);
    return ss.attr >> 5 & 3;
}

void hvm_exit_cpuid(struct vcpu *v, struct cpu_regs *r, unsigned int length)
{
    struct cpuid_regs out;

    hvm_cpuid(v, (uint32_t)r->rax, (uint32_t)r->rcx, &out);
    r->rax = out.a;
    r->rbx = out.b;
    r->rcx = out.c;
    r->rdx = out.d;
    hvm_skip(v, r, length);
}

void hvm_exit_msr(struct vcpu *v, struct cpu_regs *r, bool write, unsigned int length)
{
    uint64_t value = (uint32_t)r->rax | r->rdx << 32;
    bool ok = write ? hvm_msr_write(v, (uint32_t)r->rcx, value)
                    : hvm_msr_read(v, (uint32_t)r->rcx, &value);

    if (!ok) {
        hvm_inject(v, TRAP_GP, true, 0);
        return;
    }
    if (!write) {
        r->rax = (uint32_t)value;
        r->rdx = value >> 32;
    }
    hvm_skip(v, r, length);
}

void hvm_exit_read_tsc(struct vcpu *v, struct cpu_regs *r, bool with_aux, unsigned int length)
{
    uint64_t t = hvm_tsc(v);

    r->rax = (uint32_t)t;
    r->rdx = t >> 32;
    if (with_aux) {
        r->rcx = v->arch.tsc_aux;
    }
    hvm_skip(v, r, length);
}

static long call_32(const struct vcpu *v, const struct cpu_regs *r)
{
    const uint32_t args[5] = { (uint32_t)r->rbx, (uint32_t)r->rcx, (uint32_t)r->rdx,
                               (uint32_t)r->rsi, (uint32_t)r->rdi };

    if (!(hvm_engine->get_reg(v, HVM_CR0) & CR0_PE)) {
        return -ENOSYS;
    }
    return (uint32_t)hypercall_32((uint32_t)r->rax, args);
}

/* Restarted calls find RIP still on the instruction. */
void hvm_exit_hypercall(struct vcpu *v, struct cpu_regs *r, unsigned int length)
{
    uint64_t nr = (uint32_t)r->rax;
    long rc;

    if (privilege(v) != 0) {
        rc = -EPERM;
    } else if (!hvm_in_long_mode(v)) {
        rc = call_32(v, r);
    } else if (nr >= NR_HYPERCALLS || !(offered >> nr & 1)) {
        rc = -ENOSYS;
    } else {
        rc = hypercall_table[nr](r->rdi, r->rsi, r->rdx, r->r10, r->r8);
    }
    if (rc != -ERESTART) {
        r->rax = (uint64_t)rc;
        hvm_skip(v, r, length);
    }
}

/* With interrupts off nothing will ever wake it: the guest means to switch the vCPU off. */
void hvm_exit_halt(struct vcpu *v, struct cpu_regs *r, unsigned int length)
{
    hvm_skip(v, r, length);
    if (r->rflags & RFLAGS_IF) {
        vcpu_block_current();
    } else if (!v->arch.hvm->nmi_pending) {
        vcpu_take_down(v);
    }
}

void hvm_exit_xsetbv(struct vcpu *v, struct cpu_regs *r, unsigned int length)
{
    uint64_t value = (uint32_t)r->rax | r->rdx << 32;

    if (privilege(v) != 0 || !fpu_set_xcr0(v, (uint32_t)r->rcx, value)) {
        hvm_inject(v, TRAP_GP, true, 0);
    } else {
        hvm_skip(v, r, length);
    }
}

void hvm_exit_triple_fault(struct vcpu *v)
{
    uint64_t reason = v->domain->arch.hvm->param[HVM_PARAM_TRIPLE_FAULT_REASON];

    log_guest(LOG_ERR, "Domain %u: vCPU %u: triple fault at rip %#lx.\n", v->domain->id, v->id,
              guest_regs()->rip);
    domain_shutdown(v->domain, (unsigned int)reason);
}

void hvm_exit_unexpected(struct vcpu *v, const char *what, uint64_t info)
{
    domain_crash(v->domain, "vCPU %u left the guest for a reason that is not expected: %s %#lx "
                 "(rip %#lx).", v->id, what, info, guest_regs()->rip);
}
