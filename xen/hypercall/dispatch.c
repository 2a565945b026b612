/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypercall table. The entry code indexes it directly (trap/entry.S): registers carry the
 * arguments as C has them. What is not in it is -ENOSYS.
 */
#include <asm/current.h>
#include <asm/pv.h>
#include <public/xen.h>
#include <xen/errno.h>
#include <xen/event.h>
#include <xen/grant.h>
#include <xen/hypercall.h>
#include <xen/hypercall_table.h>
#include <xen/softirq.h>

static long no_such_hypercall(void)
{
    return -ENOSYS;
}

static long no_performance_counters(void)
{
    return -EOPNOTSUPP;
}

/* Handlers have their natural arguments: each is an integer or a pointer, so all fit one call. */
#define ROW(nr, fn)  [nr] = (hypercall_fn)(void (*)(void))(fn)
#define REFUSED(nr)  ROW(nr, no_such_hypercall)

const hypercall_fn hypercall_table[NR_HYPERCALLS] = {
    ROW(__HYPERVISOR_set_trap_table, hypercall_set_trap_table),
    ROW(__HYPERVISOR_mmu_update, hypercall_mmu_update),
    ROW(__HYPERVISOR_set_gdt, hypercall_set_gdt),
    ROW(__HYPERVISOR_stack_switch, hypercall_stack_switch),
    ROW(__HYPERVISOR_fpu_taskswitch, hypercall_fpu_taskswitch),
    ROW(__HYPERVISOR_platform_op, hypercall_platform_op),
    ROW(__HYPERVISOR_set_debugreg, hypercall_set_debugreg),
    ROW(__HYPERVISOR_get_debugreg, hypercall_get_debugreg),
    ROW(__HYPERVISOR_update_descriptor, hypercall_update_descriptor),
    ROW(__HYPERVISOR_memory_op, hypercall_memory_op),
    ROW(__HYPERVISOR_multicall, hypercall_multicall),
    ROW(__HYPERVISOR_update_va_mapping, hypercall_update_va_mapping),
    ROW(__HYPERVISOR_set_timer_op, hypercall_set_timer_op),
    ROW(__HYPERVISOR_xen_version, hypercall_xen_version),
    ROW(__HYPERVISOR_console_io, hypercall_console_io),
    ROW(__HYPERVISOR_grant_table_op, hypercall_grant_table_op),
    ROW(__HYPERVISOR_vm_assist, hypercall_vm_assist),
    ROW(__HYPERVISOR_update_va_mapping_otherdomain, hypercall_update_va_mapping_otherdomain),
    ROW(__HYPERVISOR_iret, hypercall_iret_entry),
    ROW(__HYPERVISOR_vcpu_op, hypercall_vcpu_op),
    ROW(__HYPERVISOR_set_segment_base, hypercall_set_segment_base),
    ROW(__HYPERVISOR_mmuext_op, hypercall_mmuext_op),
    ROW(__HYPERVISOR_sched_op, hypercall_sched_op),
    ROW(__HYPERVISOR_callback_op, hypercall_callback_op),
    ROW(__HYPERVISOR_event_channel_op, hypercall_event_channel_op),
    ROW(__HYPERVISOR_physdev_op, hypercall_physdev_op),
    ROW(__HYPERVISOR_hvm_op, hypercall_hvm_op),
    ROW(__HYPERVISOR_sysctl, hypercall_sysctl),
    ROW(__HYPERVISOR_domctl, hypercall_domctl),
    ROW(__HYPERVISOR_mca, hypercall_mca),
    ROW(__HYPERVISOR_xenpmu_op, no_performance_counters),

    /* Obsolete forms, which no 64-bit kernel of today needs. */
    REFUSED(__HYPERVISOR_set_callbacks),
    REFUSED(__HYPERVISOR_sched_op_compat),
    REFUSED(__HYPERVISOR_event_channel_op_compat),
    REFUSED(__HYPERVISOR_physdev_op_compat),
    REFUSED(__HYPERVISOR_nmi_op),
    REFUSED(__HYPERVISOR_tmem_op),
    REFUSED(11),
    /* Not offered. */
    REFUSED(__HYPERVISOR_xsm_op),
    REFUSED(__HYPERVISOR_xenoprof_op),
    REFUSED(__HYPERVISOR_kexec_op),
    REFUSED(__HYPERVISOR_argo_op),
    REFUSED(__HYPERVISOR_dm_op),
    REFUSED(__HYPERVISOR_hypfs_op),
    [43 ... __HYPERVISOR_mca - 1] = (hypercall_fn)(void (*)(void))no_such_hypercall,
    [__HYPERVISOR_mca + 1 ... NR_HYPERCALLS - 1] =
        (hypercall_fn)(void (*)(void))no_such_hypercall,
};

bool hypercall_preempt_check(void)
{
    return softirq_is_pending(smp_processor_id());
}
