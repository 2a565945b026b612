/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VT-x on each CPU: what it can do, and switching it on (Intel SDM vol. 3, 24.6 to 24.8). The
 * engine needs nested paging and unrestricted guests, which CPUs since 2010 have.
 */
#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <xen/alloc.h>
#include <xen/console.h>
#include <xen/string.h>

#include "controls.h"
#include "vmx.h"

#define CR4_VMXE (1UL << 13)

struct vmx_features vmx_features;

static const struct {
    uint32_t msr; /* counted from MSR_VMX_PIN, or the true ones */
    uint32_t needed;
    uint32_t *place;
    const char *name;
} controls[] = {
    { 0, PIN_EXTERNAL_INTERRUPT | PIN_NMI | PIN_VIRTUAL_NMIS, &vmx_features.pin, "pin" },
    { 1, PRIMARY_TSC_OFFSET | PRIMARY_HLT | PRIMARY_MWAIT | PRIMARY_RDPMC | PRIMARY_CR8_LOAD |
         PRIMARY_CR8_STORE | PRIMARY_ALL_PORTS | PRIMARY_MSR_BITMAP | PRIMARY_MONITOR |
         PRIMARY_SECONDARY, &vmx_features.primary, "primary" },
    { 2, EXIT_SAVE_DEBUG | EXIT_HOST_64 | EXIT_SAVE_PAT | EXIT_LOAD_PAT | EXIT_LOAD_EFER,
         &vmx_features.exit, "exit" },
    { 3, ENTRY_LOAD_DEBUG | ENTRY_LOAD_PAT | ENTRY_LOAD_EFER, &vmx_features.entry, "entry" },
};

/* Exits that the paravirtual predecessors of nested paging needed, and that must not be. */
#define NEVER_PRIMARY (PRIMARY_INVLPG | PRIMARY_RDTSC | PRIMARY_CR3_LOAD | PRIMARY_CR3_STORE | \
                       PRIMARY_MOV_DR | PRIMARY_PAUSE)

static const char *find_controls(uint64_t basic)
{
    uint32_t first = basic & VMX_BASIC_TRUE ? MSR_VMX_TRUE_PIN : MSR_VMX_PIN;

    for (unsigned int i = 0; i < ARRAY_SIZE(controls); i++) {
        if (!vmx_controls_adjust(rdmsr(first + controls[i].msr), controls[i].needed, 0,
                                 controls[i].place)) {
            return controls[i].name;
        }
    }
    if (vmx_features.primary & NEVER_PRIMARY) {
        return "primary";
    }
    return vmx_controls_adjust(rdmsr(MSR_VMX_SECONDARY),
                               SECONDARY_EPT | SECONDARY_UNRESTRICTED | SECONDARY_WBINVD,
                               SECONDARY_RDTSCP | SECONDARY_VPID | SECONDARY_INVPCID,
                               &vmx_features.secondary) ? NULL : "secondary";
}

static bool has_paging(uint64_t caps)
{
    uint64_t needed = EPT_CAP_WALK_4 | EPT_CAP_WRITE_BACK | EPT_CAP_INVEPT;

    return (caps & needed) == needed && (caps & (EPT_CAP_INVEPT_SINGLE | EPT_CAP_INVEPT_ALL));
}

static bool find_features(void)
{
    uint64_t basic = rdmsr(MSR_VMX_BASIC);
    const char *lacks = find_controls(basic);

    if (lacks != NULL) {
        log_warn("VT-x is there, but this CPU lacks controls that guests need (%s).\n", lacks);
        return false;
    }
    vmx_features.ept_vpid = rdmsr(MSR_VMX_EPT_VPID);
    if (!(basic & VMX_BASIC_INS_OUTS) || !has_paging(vmx_features.ept_vpid)) {
        log_warn("VT-x is there, but this CPU's nested paging is not what guests need.\n");
        return false;
    }
    vmx_features.has_vpid = (vmx_features.secondary & SECONDARY_VPID) &&
                            (vmx_features.ept_vpid & VPID_CAP_INVVPID) &&
                            (vmx_features.ept_vpid & VPID_CAP_INVVPID_ALL);
    if (!vmx_features.has_vpid) {
        vmx_features.secondary &= ~SECONDARY_VPID;
    }
    vmx_features.cr4_fixed = rdmsr(MSR_VMX_CR4_FIXED0);
    vmx_features.revision = (uint32_t)basic & VMX_BASIC_REVISION;
    return true;
}

/* Firmware chooses, and locks its choice; what it left open is ours to choose. */
static bool is_unlocked(void)
{
    uint64_t control = rdmsr(MSR_FEATURE_CONTROL);

    if (!(control & FEATURE_CONTROL_LOCKED)) {
        wrmsr(MSR_FEATURE_CONTROL, control | FEATURE_CONTROL_LOCKED | FEATURE_CONTROL_VMXON);
    } else if (!(control & FEATURE_CONTROL_VMXON)) {
        log_warn("VT-x is there, but the firmware has locked it off. Switch it on in the "
                 "firmware's setup.\n");
        return false;
    }
    return true;
}

static bool vmxon(uint64_t region)
{
    bool failed;

    __asm__ __volatile__("vmxon %1; setna %0" : "=qm"(failed) : "m"(region) : "cc", "memory");
    return !failed;
}

bool vmx_start_cpu(void)
{
    bool is_first = vmx_features.revision == 0;
    uint32_t *region;

    if (!is_unlocked() || (is_first && !find_features())) {
        return false;
    }
    region = hv_page_alloc();
    if (region == NULL || (is_first && !vmx_make_msr_bitmap())) {
        log_err("Not enough memory for VT-x.\n");
        return false;
    }
    *region = vmx_features.revision;
    write_cr0(read_cr0() | rdmsr(MSR_VMX_CR0_FIXED0));
    write_cr4(read_cr4() | vmx_features.cr4_fixed | CR4_VMXE);
    if (!vmxon(virt_to_maddr(region).a)) {
        write_cr4(read_cr4() & ~CR4_VMXE);
        hv_page_free(region);
        log_err("VT-x is there, but this CPU refused to switch it on.\n");
        return false;
    }
    return true;
}
