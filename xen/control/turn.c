/* SPDX-License-Identifier: BSD-2-Clause */
/* The control turn, and forms that the control calls share. */
#include <asm/hvm.h>
#include <public/domctl.h>
#include <public/sysctl.h>
#include <xen/bug.h>
#include <xen/control.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/string.h>
#include <xen/usercopy.h>

static bool is_taken;

bool control_try_enter(void)
{
    return !__atomic_exchange_n(&is_taken, true, __ATOMIC_ACQUIRE);
}

void control_leave(void)
{
    BUG_ON(!is_taken);
    __atomic_store_n(&is_taken, false, __ATOMIC_RELEASE);
}

int bitmap_read_cpus(const struct xenctl_bitmap *from, cpumask_t *cpus)
{
    uint32_t bits = MIN(from->nr_bits, (uint32_t)NR_CPUS);
    cpumask_t m = { { 0 } };

    if (copy_from_guest(m.bits, from->bitmap, DIV_ROUND_UP(bits, 8U)) != 0) {
        return -EFAULT;
    }
    for (unsigned int cpu = bits; cpu < ROUND_UP(bits, 8U); cpu++) {
        bit_clear(m.bits, cpu);
    }
    *cpus = m;
    return 0;
}

unsigned int control_nr_cpu_ids(void)
{
    unsigned int cpu, nr = 0;

    for_each_cpu (cpu, &cpu_online_map) {
        nr = cpu + 1;
    }
    return nr;
}

/* @max: how many bits there are. */
static int bitmap_write(const struct xenctl_bitmap *to, const cpumask_t *cpus, uint32_t max)
{
    uint32_t bits = MIN(to->nr_bits, max);
    uint32_t bytes = DIV_ROUND_UP(bits, 8U);
    uint32_t wanted = to->nr_bits / 8 + (to->nr_bits % 8 != 0);
    cpumask_t m = *cpus;

    for (unsigned int cpu = bits; cpu < ROUND_UP(bits, 8U); cpu++) {
        bit_clear(m.bits, cpu);
    }
    if (copy_to_guest(to->bitmap, m.bits, bytes) != 0) {
        return -EFAULT;
    }
    /* A reasonable caller has no room for more than this; anybody else needn't be served. */
    wanted = MIN(wanted, 4096U);
    if (wanted > bytes && clear_guest((uint8_t *)to->bitmap + bytes, wanted - bytes) != 0) {
        return -EFAULT;
    }
    return 0;
}

int bitmap_write_cpus(const struct xenctl_bitmap *to, const cpumask_t *cpus)
{
    return bitmap_write(to, cpus, control_nr_cpu_ids());
}

int bitmap_write_nodes(const struct xenctl_bitmap *to, uint64_t nodes)
{
    cpumask_t m = { { nodes } };

    return bitmap_write(to, &m, 64);
}

static uint32_t describe_vcpus(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
    uint32_t flags = XEN_DOMINF_blocked;
    struct vcpu *v;
    unsigned int i;

    info->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
    for_each_vcpu (d, v, i) {
        info->cpu_time += vcpu_cpu_time(v);
        info->max_vcpu_id = i;
        if (bit_test(&v->pause_flags, VPF_DOWN)) {
            continue;
        }
        info->nr_online_vcpus++;
        if (!bit_test(&v->pause_flags, VPF_BLOCKED)) {
            flags &= ~XEN_DOMINF_blocked;
        }
        if (READ_ONCE(v->is_running)) {
            flags |= XEN_DOMINF_running;
        }
    }
    return info->nr_online_vcpus > 0 ? flags : 0;
}

void domain_describe(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
    memset(info, 0, sizeof(*info));
    info->domain = d->id;
    info->flags = describe_vcpus(d, info) |
                  (d->state == DOMAIN_DEAD ? XEN_DOMINF_dying : 0) |
                  (d->is_shut_down ? XEN_DOMINF_shutdown : 0) |
                  (is_hvm(d) ? XEN_DOMINF_hvm_guest | XEN_DOMINF_hap : 0) |
                  (d->controller_pause_count > 0 ? XEN_DOMINF_paused : 0) |
                  (d->is_debugged ? XEN_DOMINF_debugged : 0) |
                  (d->is_xenstore ? XEN_DOMINF_xs_domain : 0) |
                  (d->is_shut_down ? d->shutdown_code : ~0U) << XEN_DOMINF_shutdownshift;
    info->tot_pages = READ_ONCE(d->memory.tot_pages);
    info->outstanding_pages = READ_ONCE(d->memory.claimed);
    info->max_pages = READ_ONCE(d->memory.max_pages);
    info->shared_info_frame = virt_to_mfn(d->shared_info).n;
    info->cpupool = d->cpupool;
    memcpy(info->handle, d->handle, sizeof(info->handle));
}
