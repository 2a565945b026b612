/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What guests see of time: vcpu_time_info in their vcpu_info (docs/interface/time.md), and copies
 * of it and of the runstate at virtual addresses of their choice. All follow the version protocol:
 * odd while it is being written.
 *
 * A vCPU's areas are written on the CPU it runs on, or while it doesn't run. The flag "TSC stable"
 * is never set: the base's rate is refined at run time, one vCPU after the other.
 */
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/hvm.h>
#include <asm/vtsc.h>
#include <public/vcpu.h>
#include <xen/arch.h>
#include <xen/domain.h>
#include <xen/softirq.h>
#include <xen/time.h>
#include <xen/usercopy.h>

#include "clock.h"

static struct vcpu_time_info time_info_now(const struct vcpu *v)
{
    uint64_t offset = is_hvm(v->domain) ? v->arch.hvm->tsc_offset : 0;
    struct time_base b;

    if (v->domain->arch.tsc.is_emulated) {
        struct vcpu_time_info t = vtsc_time_info(v->domain);

        t.tsc_timestamp += offset;
        return t;
    }
    time_base_get(&b);
    return (struct vcpu_time_info){
        .tsc_timestamp = b.tsc - (uint64_t)tsc_adjustment() + offset,
        .system_time = b.ns,
        .tsc_to_system_mul = b.to_ns.mul,
        .tsc_shift = b.to_ns.shift,
    };
}

static bool is_up_to_date(const struct vcpu_time_info *in_guest, const struct vcpu_time_info *t)
{
    return in_guest->tsc_timestamp == t->tsc_timestamp && in_guest->system_time == t->system_time &&
           in_guest->tsc_to_system_mul == t->tsc_to_system_mul &&
           in_guest->tsc_shift == t->tsc_shift && (in_guest->version & 1) == 0;
}

/* The copy at a guest virtual address. Where the guest has nothing mapped, nothing is written. */
static void write_time_area(const struct vcpu *v, struct vcpu_time_info t, uint32_t version)
{
    char *area = (char *)v->time_area;

    t.version = version | 1;
    if (copy_to_guest(area, &t.version, sizeof(t.version)) == 0 &&
        copy_to_guest(area, &t, sizeof(t)) == 0) {
        t.version = (version | 1) + 1;
        (void)!copy_to_guest(area, &t.version, sizeof(t.version));
    }
}

/*
 * In user mode the kernel's addresses are not there: it is done on the way to kernel mode. A
 * hardware-assisted guest's memory is looked up with interrupts on: it is done on the way in.
 */
static bool defer_areas(struct vcpu *v)
{
    if (is_hvm(v->domain) ? irq_is_enabled() : v->arch.kernel_mode) {
        return false;
    }
    v->arch.areas_due = true;
    return true;
}

static void update_time_area(struct vcpu *v)
{
    if (v->time_area != 0 && v->info != NULL && !defer_areas(v)) {
        write_time_area(v, time_info_now(v), READ_ONCE(v->info->time.version));
    }
}

void pvclock_update(struct vcpu *v)
{
    struct vcpu_time_info t = time_info_now(v);
    struct vcpu_time_info *to;
    uint32_t version;

    if (v->info == NULL) {
        return;
    }
    to = &v->info->time;
    if (is_up_to_date(to, &t)) {
        return;
    }
    version = READ_ONCE(to->version) | 1;
    WRITE_ONCE(to->version, version);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    t.version = version;
    *to = t;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    WRITE_ONCE(to->version, version + 1);
    if (v == current) {
        update_time_area(v);
    }
}

static void write_runstate_area(struct vcpu *v)
{
    struct vcpu_runstate_info info, *area = (struct vcpu_runstate_info *)v->runstate_area;
    bool flagged = v->domain->arch.vm_assist & (1U << VMASST_TYPE_runstate_update_flag);
    struct runstate r;

    vcpu_runstate_get_at_entry(v, &r);
    info = (struct vcpu_runstate_info){
        .state = r.state,
        .state_entry_time = (uint64_t)r.entry_time | (flagged ? XEN_RUNSTATE_UPDATE : 0),
        .time = { r.time[0], r.time[1], r.time[2], r.time[3] },
    };
    if (flagged && !write_guest(&area->state_entry_time, &info.state_entry_time)) {
        return;
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (write_guest(area, &info) && flagged) {
        info.state_entry_time = (uint64_t)r.entry_time;
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        (void)!write_guest(&area->state_entry_time, &info.state_entry_time);
    }
}

void arch_update_runstate_area(struct vcpu *v)
{
    if ((v->runstate_area != 0 || v->time_area != 0) && !defer_areas(v)) {
        if (v->runstate_area != 0) {
            write_runstate_area(v);
        }
        update_time_area(v);
    }
}

static void refresh_current(void)
{
    if (!current->is_idle) {
        pvclock_update(current);
    }
}

void pvclock_refresh_all(void)
{
    unsigned int cpu;

    softirq_register(SOFTIRQ_TIME_CALIBRATE, refresh_current);
    for_each_cpu(cpu, &cpu_online_map) {
        softirq_raise_cpu(cpu, SOFTIRQ_TIME_CALIBRATE);
    }
}
