/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vcpu_op: starting, stopping and timing of a domain's own vCPUs (docs/interface/vcpu_op.md).
 *
 * A vCPU is down until it's initialised and brought up. state_lock makes initialise exclusive,
 * without being held while guest memory is read: is_being_initialised marks the one who does it.
 */
#include <asm/acpi.h>
#include <asm/current.h>
#include <asm/lapic.h>
#include <asm/page.h>
#include <asm/pv.h>
#include <public/sched.h>
#include <public/vcpu.h>
#include <xen/arch.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/event.h>
#include <xen/hypercall.h>
#include <xen/string.h>
#include <xen/time.h>
#include <xen/usercopy.h>

#define PERIOD_MIN MILLISECS(1)
#define PERIOD_MAX (((stime_t)1 << 62) - 1)

static long op_initialise(struct vcpu *v, void *arg)
{
    long rc = 0;

    if (v->info == NULL) {
        return -EINVAL;
    }
    spin_lock(&v->state_lock);
    if (v->is_initialised) {
        rc = -EEXIST;
    } else if (v->is_being_initialised) {
        rc = -ERESTART;
    } else {
        v->is_being_initialised = true;
    }
    spin_unlock(&v->state_lock);
    if (rc != 0) {
        return rc;
    }
    rc = arch_vcpu_set_context(v, arg);
    spin_lock(&v->state_lock);
    v->is_being_initialised = false;
    if (rc == 0) {
        v->is_initialised = true;
    }
    spin_unlock(&v->state_lock);
    if (rc == 0) {
        vcpu_wake(v); /* the context may bring it up at once */
    }
    return rc;
}

static long op_up(struct vcpu *v)
{
    bool wake;

    spin_lock(&v->state_lock);
    if (!v->is_initialised) {
        spin_unlock(&v->state_lock);
        return -EINVAL;
    }
    wake = bit_test_and_clear_atomic(&v->pause_flags, VPF_DOWN);
    spin_unlock(&v->state_lock);
    if (wake) {
        vcpu_wake(v);
    }
    return 0;
}

static long op_get_runstate(struct vcpu *v, void *arg)
{
    struct runstate r;
    struct vcpu_runstate_info info;

    vcpu_runstate_get(v, &r);
    info = (struct vcpu_runstate_info){
        .state = r.state,
        .state_entry_time = (uint64_t)r.entry_time,
        .time = { r.time[0], r.time[1], r.time[2], r.time[3] },
    };
    return write_guest(arg, &info) ? 0 : -EFAULT;
}

/* An area that is not mapped is no error: it is written once it is. */
static long op_register_runstate_area(struct vcpu *v, void *arg)
{
    struct vcpu_register_runstate_memory_area op;

    if (!read_guest(&op, arg) ||
        !guest_range_ok(op.addr.p, sizeof(struct vcpu_runstate_info))) {
        return -EFAULT;
    }
    v->runstate_area = op.addr.p;
    if (v == current) {
        arch_update_runstate_area(v);
    }
    return 0;
}

static long op_register_time_area(struct vcpu *v, void *arg)
{
    struct vcpu_register_time_memory_area op;

    if (!read_guest(&op, arg) || !guest_range_ok(op.addr.p, sizeof(struct vcpu_time_info))) {
        return -EFAULT;
    }
    v->time_area = op.addr.p;
    if (v == current) {
        arch_update_runstate_area(v);
    }
    return 0;
}

static long op_set_periodic_timer(struct vcpu *v, void *arg)
{
    struct vcpu_set_periodic_timer op;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    if (op.period_ns < (uint64_t)PERIOD_MIN || op.period_ns > (uint64_t)PERIOD_MAX) {
        return -EINVAL;
    }
    vcpu_periodic_timer_set(v, (stime_t)op.period_ns);
    return 0;
}

/* The flag VCPU_SSHOTTMR_future changes nothing: a deadline in the past fires at once. */
static long op_set_singleshot_timer(struct vcpu *v, void *arg)
{
    struct vcpu_set_singleshot_timer op;

    if (v != current) {
        return -EINVAL;
    }
    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    timer_set(&v->singleshot_timer, (stime_t)op.timeout_abs_ns);
    return 0;
}

static long op_stop_singleshot_timer(struct vcpu *v)
{
    if (v != current) {
        return -EINVAL;
    }
    timer_stop(&v->singleshot_timer);
    return 0;
}

/*
 * Moves v's vcpu_info to @area of the frame @pg, for which the caller holds references that from
 * now on belong to the vCPU. Events that come meanwhile may be noted in either place:
 * the new one says that everything is to be looked at.
 */
static int move_vcpu_info(struct vcpu *v, struct page_info *pg, struct vcpu_info *area)
{
    spin_lock(&v->state_lock);
    if (!mfn_eq(v->info_mfn, INVALID_MFN) ||
        (v != current && !bit_test(&v->pause_flags, VPF_DOWN))) {
        spin_unlock(&v->state_lock);
        return -EINVAL;
    }
    if (v->info != NULL) {
        memcpy(area, v->info, sizeof(*area));
    } else {
        memset(area, 0, sizeof(*area));
        area->evtchn_upcall_mask = !arch_is_translated(v->domain);
    }
    v->info_mfn = page_to_mfn(pg);
    __atomic_store_n(&v->info, area, __ATOMIC_SEQ_CST);
    spin_unlock(&v->state_lock);
    __atomic_store_n(&area->evtchn_pending_sel, ~0UL, __ATOMIC_SEQ_CST);
    event_upcall_pending(v);
    pvclock_update(v);
    return 0;
}

static long op_register_vcpu_info(struct vcpu *v, void *arg)
{
    struct vcpu_register_vcpu_info op;
    struct page_info *pg;
    int rc;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    if (op.offset > PAGE_SIZE - sizeof(struct vcpu_info) || op.offset % 8 != 0) {
        return -ENXIO;
    }
    pg = arch_frame_get(v->domain, op.mfn, false);
    if (pg == NULL) {
        return -EINVAL;
    }
    rc = move_vcpu_info(v, pg, (struct vcpu_info *)((char *)page_to_virt(pg) + op.offset));
    if (rc != 0) {
        page_put_and_type(pg);
    }
    return rc;
}

static long op_send_nmi(struct vcpu *v)
{
    arch_vcpu_raise_nmi(v);
    return 0;
}

/* Where a vCPU of dom0 is that may run on one CPU only. */
static long op_get_physid(struct vcpu *v, void *arg)
{
    struct vcpu_get_physid op;
    cpumask_t hard, soft;
    unsigned int cpu;

    vcpu_get_affinity(v, &hard, &soft);
    cpu = cpumask_next(&hard, 0);
    if (!v->domain->is_hardware || cpumask_weight(&hard) != 1 ||
        !cpumask_test(&cpu_online_map, cpu)) {
        return -EINVAL;
    }
    op.phys_id = cpu_apic_id[cpu];
    for (unsigned int i = 0; i < acpi.nr_cpus; i++) {
        if (acpi.cpus[i].apic_id == cpu_apic_id[cpu]) {
            op.phys_id |= (uint64_t)acpi.cpus[i].acpi_id << 32;
            break;
        }
    }
    return write_guest(arg, &op) ? 0 : -EFAULT;
}

static long do_vcpu_op(int cmd, struct vcpu *v, void *arg)
{
    switch (cmd) {
    case VCPUOP_initialise:
        return op_initialise(v, arg);
    case VCPUOP_up:
        return op_up(v);
    case VCPUOP_down:
        vcpu_take_down(v);
        return 0;
    case VCPUOP_is_up:
        return !bit_test(&v->pause_flags, VPF_DOWN);
    case VCPUOP_get_runstate_info:
        return op_get_runstate(v, arg);
    case VCPUOP_register_runstate_memory_area:
        return op_register_runstate_area(v, arg);
    case VCPUOP_set_periodic_timer:
        return op_set_periodic_timer(v, arg);
    case VCPUOP_stop_periodic_timer:
        vcpu_periodic_timer_set(v, 0);
        return 0;
    case VCPUOP_set_singleshot_timer:
        return op_set_singleshot_timer(v, arg);
    case VCPUOP_stop_singleshot_timer:
        return op_stop_singleshot_timer(v);
    case VCPUOP_register_vcpu_info:
        return op_register_vcpu_info(v, arg);
    case VCPUOP_send_nmi:
        return op_send_nmi(v);
    case VCPUOP_get_physid:
        return op_get_physid(v, arg);
    case VCPUOP_register_vcpu_time_memory_area:
        return op_register_time_area(v, arg);
    default:
        return -ENOSYS;
    }
}

long hypercall_vcpu_op(int cmd, unsigned int vcpuid, void *arg)
{
    struct vcpu *v = domain_vcpu(current->domain, vcpuid);

    return v != NULL ? do_vcpu_op(cmd, v, arg) : -ENOENT;
}
