/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * platform_op: the control domain's hand on the machine: wallclock, firmware, power, what
 * there is of CPUs. Page: docs/interface/platform_op.md. The structure is copied in once, and
 * copied out whole when the operation succeeded.
 */
#include <asm/cpufeature.h>
#include <asm/acpi.h>
#include <asm/efi.h>
#include <asm/current.h>
#include <asm/lapic.h>
#include <asm/power.h>
#include <public/platform.h>
#include <xen/arch.h>
#include <xen/console.h>
#include <xen/cpumask.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/string.h>
#include <xen/time.h>
#include <xen/usercopy.h>

#define NANOSECONDS 1000000000U

#define MSR_MTRR_CAP     0xfe
#define MSR_MTRR_BASE(n) (0x200 + 2 * (n))
#define MSR_MTRR_MASK(n) (0x201 + 2 * (n))
#define MTRR_VALID       0x800
#define HAS_MTRR         CPU_BIT(WORD_1_EDX, 12)

#define ACPI_S3 3
#define ACPI_S5 5

static long set_time(uint64_t secs, uint32_t nsecs, uint32_t mbz, uint64_t system_time)
{
    if (mbz || nsecs >= NANOSECONDS) {
        return -EINVAL;
    }
    wallclock_set(secs, nsecs, (stime_t)system_time);
    return 0;
}

/* One variable memory type range register. An unused one has size 0. */
static long read_memtype(struct xenpf_read_memtype *op)
{
    uint64_t base, mask, address_bits = (1UL << boot_cpu.phys_bits) - 1;

    if (!cpu_has(HAS_MTRR) || op->reg >= (rdmsr(MSR_MTRR_CAP) & 0xff)) {
        return -EINVAL;
    }
    base = rdmsr(MSR_MTRR_BASE(op->reg));
    mask = rdmsr(MSR_MTRR_MASK(op->reg));
    op->mfn = 0;
    op->nr_mfns = 0;
    op->type = 0;
    if (mask & MTRR_VALID) {
        op->mfn = (base & address_bits) >> PAGE_SHIFT;
        op->nr_mfns = (address_bits >> PAGE_SHIFT) - ((mask & address_bits) >> PAGE_SHIFT) + 1;
        op->type = base & 0xff;
    }
    return 0;
}

static long copy_vendor(union xenpf_efi_info *info)
{
    uint32_t n = MIN(info->vendor.bufsz / (uint32_t)sizeof(efi.vendor[0]),
                     (uint32_t)EFI_VENDOR_MAX);

    info->vendor.revision = efi.vendor_revision;
    return copy_to_guest(info->vendor.name, efi.vendor, n * sizeof(efi.vendor[0])) ? -EFAULT : 0;
}

static long efi_info(uint32_t index, union xenpf_efi_info *info)
{
    if (!efi.present) {
        return -ENOSYS;
    }
    switch (index) {
    case XEN_FW_EFI_VERSION:
        info->version = efi.version;
        return 0;
    case XEN_FW_EFI_CONFIG_TABLE:
        info->cfg.addr = efi.config_table;
        info->cfg.nent = efi.config_entries;
        return 0;
    case XEN_FW_EFI_VENDOR:
        return copy_vendor(info);
    case XEN_FW_EFI_RT_VERSION:
        info->version = efi.runtime_version;
        return efi.runtime_version ? 0 : -EOPNOTSUPP;
    default:
        return -EINVAL;
    }
}

static long firmware_info(struct xenpf_firmware_info *op)
{
    switch (op->type) {
    case XEN_FW_DISK_INFO:
    case XEN_FW_DISK_MBR_SIGNATURE:
    case XEN_FW_VBEDDC_INFO:
        return -ESRCH; /* only code in real mode could ask the BIOS; none runs */
    case XEN_FW_EFI_INFO:
        return efi_info(op->index, &op->u.efi_info);
    case XEN_FW_KBD_SHIFT_FLAGS:
        if (op->index) {
            return -ESRCH;
        }
        op->u.kbd_shift_flags = 0;
        return 0;
    default:
        return -EINVAL;
    }
}

static long enter_sleep(const struct xenpf_enter_acpi_sleep *op)
{
    switch (op->sleep_state) {
    case ACPI_S5:
        if (op->flags & ~(uint32_t)XENPF_ACPI_SLEEP_EXTENDED) {
            return -EINVAL;
        }
        if (op->flags) {
            machine_power_off();
        }
        return power_enter_s5(op->val_a, op->val_b);
    case ACPI_S3:
        log_warn("Suspend to memory (ACPI S3) is not supported\n");
        return -EOPNOTSUPP;
    default:
        return -EINVAL;
    }
}

/* The hypervisor uses no power states, so it wants no capability beyond what dom0 has set. */
static long set_pminfo(const struct xenpf_set_processor_pminfo *op)
{
    uint32_t pdc[3]; /* revision, count, capabilities */

    switch (op->type) {
    case XEN_PM_PDC:
        return copy_from_guest(pdc, op->u.pdc, sizeof(pdc)) ? -EFAULT : 0;
    case XEN_PM_CX:
    case XEN_PM_PX:
    case XEN_PM_TX:
        return -ENOSYS;
    default:
        return -EINVAL;
    }
}

static bool is_cpu_online(uint32_t cpu)
{
    return cpu < NR_CPUS && cpumask_test(&cpu_online_map, cpu);
}

static uint32_t last_cpu(void)
{
    uint32_t last = 0;
    unsigned int cpu;

    for_each_cpu(cpu, &cpu_online_map) {
        last = cpu;
    }
    return last;
}

static uint32_t acpi_id_of(uint32_t apic_id)
{
    for (unsigned int i = 0; i < acpi.nr_cpus; i++) {
        if (acpi.cpus[i].apic_id == apic_id) {
            return acpi.cpus[i].acpi_id;
        }
    }
    return UINT32_MAX;
}

static long get_cpuinfo(struct xenpf_pcpuinfo *op)
{
    op->max_present = last_cpu();
    op->flags = XEN_PCPU_FLAGS_INVALID;
    op->apic_id = 0;
    op->acpi_id = 0;
    if (is_cpu_online(op->xen_cpuid)) {
        op->flags = XEN_PCPU_FLAGS_ONLINE;
        op->apic_id = cpu_apic_id[op->xen_cpuid];
        op->acpi_id = acpi_id_of(op->apic_id);
    }
    return 0;
}

/* All CPUs are alike: the boot CPU speaks for them. */
static long get_cpu_version(struct xenpf_pcpu_version *op)
{
    op->max_present = last_cpu();
    memset(op->vendor_id, 0, sizeof(op->vendor_id));
    op->family = op->model = op->stepping = 0;
    if (is_cpu_online(op->xen_cpuid)) {
        memcpy(op->vendor_id, boot_cpu.vendor_name, sizeof(boot_cpu.vendor_name));
        op->family = boot_cpu.family;
        op->model = boot_cpu.model;
        op->stepping = boot_cpu.stepping;
    }
    return 0;
}

static long dispatch(struct xen_platform_op *op)
{
    switch (op->cmd) {
    case XENPF_settime32:
        return set_time(op->u.settime32.secs, op->u.settime32.nsecs, 0,
                        op->u.settime32.system_time);
    case XENPF_settime64:
        return set_time(op->u.settime64.secs, op->u.settime64.nsecs, op->u.settime64.mbz,
                        op->u.settime64.system_time);
    case XENPF_read_memtype:
        return read_memtype(&op->u.read_memtype);
    case XENPF_firmware_info:
        return firmware_info(&op->u.firmware_info);
    case XENPF_enter_acpi_sleep:
        return enter_sleep(&op->u.enter_acpi_sleep);
    case XENPF_set_processor_pminfo:
        return set_pminfo(&op->u.set_pminfo);
    case XENPF_get_cpuinfo:
        return get_cpuinfo(&op->u.pcpu_info);
    case XENPF_get_cpu_version:
        return get_cpu_version(&op->u.pcpu_version);
    default:
        return -ENOSYS;
    }
}

long hypercall_platform_op(void *arg)
{
    struct xen_platform_op op;
    long rc;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    if (op.interface_version != XENPF_INTERFACE_VERSION) {
        return -EACCES;
    }
    if (!current->domain->is_control) {
        return -EPERM;
    }
    rc = dispatch(&op);
    if (!rc && !write_guest(arg, &op)) {
        rc = -EFAULT;
    }
    return rc;
}
