/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mca: what the control domain's machine check log asks for. Page: docs/interface/platform_op.md.
 * Machine checks end in the hypervisor, which prints them: there are no records to fetch.
 */
#include <asm/cpufeature.h>
#include <asm/cputopo.h>
#include <asm/current.h>
#include <asm/lapic.h>
#include <public/mca.h>
#include <xen/cpumask.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/string.h>
#include <xen/usercopy.h>

#define MSR_MCG_CAP 0x179

/* Places in mc_cpu_caps, and numbers of vendors. */
enum { CAPS_1_EDX = 0, CAPS_E1_EDX = 1, CAPS_1_ECX = 4, CAPS_E1_ECX = 6 };

static uint32_t vendor_number(void)
{
    switch (boot_cpu.vendor) {
    case VENDOR_INTEL:
        return 1;
    case VENDOR_AMD:
        return 2;
    case VENDOR_HYGON:
        return 16;
    default:
        return 0;
    }
}

/* KiB of the last level. */
static uint32_t cache_size(void)
{
    struct cpuid_regs r;

    if (boot_cpu.max_ext_leaf < 0x80000006) {
        return 0;
    }
    r = cpuid(0x80000006, 0);
    return r.d >> 18 != 0 ? (r.d >> 18) * 512 : r.c >> 16;
}

static void read_names(struct mcinfo_logical_cpu *info)
{
    memcpy(info->mc_vendorid, boot_cpu.vendor_name, sizeof(boot_cpu.vendor_name));
    for (uint32_t i = 0; i < 3 && boot_cpu.max_ext_leaf >= 0x80000004; i++) {
        struct cpuid_regs r = cpuid(0x80000002 + i, 0);

        memcpy(info->mc_brandid + i * sizeof(r), &r, sizeof(r));
    }
}

/* All CPUs are alike, but for their places: the one we run on speaks for them. */
static void read_common(struct mcinfo_logical_cpu *info)
{
    *info = (struct mcinfo_logical_cpu){
        .mc_cpuid_level = (int32_t)boot_cpu.max_leaf,
        .mc_family = boot_cpu.family,
        .mc_vendor = vendor_number(),
        .mc_model = boot_cpu.model,
        .mc_step = boot_cpu.stepping,
        .mc_cpu_caps = {
            [CAPS_1_EDX] = boot_cpu.word[WORD_1_EDX], [CAPS_E1_EDX] = boot_cpu.word[WORD_E1_EDX],
            [CAPS_1_ECX] = boot_cpu.word[WORD_1_ECX], [CAPS_E1_ECX] = boot_cpu.word[WORD_E1_ECX],
        },
        .mc_cache_size = cache_size(),
        .mc_cache_alignment = (cpuid(1, 0).b >> 8 & 0xff) * 8,
    };
    read_names(info);
    if (cpu_has(HAS_MCA)) {
        info->mc_nmsrvals = 1;
        info->mc_msrvalues[0] = (struct mcinfo_msr){ MSR_MCG_CAP, rdmsr(MSR_MCG_CAP) };
    }
}

static void set_place(struct mcinfo_logical_cpu *info, unsigned int cpu)
{
    struct cpu_topology t = cputopo_of(cpu);

    info->mc_cpunr = cpu;
    info->mc_chipid = t.socket;
    info->mc_coreid = (uint16_t)t.core;
    info->mc_threadid = (uint16_t)(cpu_apic_id[cpu] & (t.threads_per_core - 1));
    info->mc_apicid = info->mc_clusterid = cpu_apic_id[cpu];
    info->mc_ncores = info->mc_ncores_active = t.cores_per_socket;
    info->mc_nthreads = t.threads_per_core;
}

static long physcpuinfo(struct xen_mc_physcpuinfo *op)
{
    struct mcinfo_logical_cpu info;
    unsigned int cpu;
    uint32_t nr = 0;

    if (op->info == NULL) {
        op->ncpus = nr_cpus_online;
        return 0;
    }
    if (op->ncpus == 0) {
        return -EINVAL;
    }
    read_common(&info);
    for_each_cpu(cpu, &cpu_online_map) {
        if (nr == op->ncpus) {
            break;
        }
        set_place(&info, cpu);
        if (!write_guest(op->info + nr, &info)) {
            return -EFAULT;
        }
        nr++;
    }
    op->ncpus = nr;
    return 0;
}

long hypercall_mca(void *arg)
{
    struct xen_mc op;
    long rc;

    if (!current->domain->is_control) {
        return -EPERM;
    }
    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    if (op.interface_version != XEN_MCA_INTERFACE_VERSION) {
        return -EACCES;
    }
    switch (op.cmd) {
    case XEN_MC_physcpuinfo:
        rc = physcpuinfo(&op.u.mc_physcpuinfo);
        return rc == 0 && !write_guest((struct xen_mc *)arg, &op) ? -EFAULT : rc;
    case XEN_MC_fetch:
    case XEN_MC_msrinject:
    case XEN_MC_mceinject:
    case XEN_MC_inject_v2:
        return -ENOSYS;
    default:
        return -EINVAL;
    }
}
