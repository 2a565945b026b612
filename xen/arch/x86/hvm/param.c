/* SPDX-License-Identifier: BSD-2-Clause */
/* Parameters of a hardware-assisted domain: who may set and read which (docs/interface/hvm.md). */
#include <asm/current.h>
#include <asm/hvm.h>
#include <public/sched.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/sched.h>

enum access {
    NONE = 0,
    GUEST_READ = 1,
    GUEST_WRITE = 2,
    TOOLS = 4,      /* the tools write and read it */
    ONCE = 8,       /* and write it once */
};

/* Numbers that have no row do not exist here: -EINVAL. */
static const uint8_t rows[HVM_NR_PARAMS] = {
    [HVM_PARAM_CALLBACK_IRQ] = GUEST_READ | GUEST_WRITE | TOOLS,
    [HVM_PARAM_STORE_PFN] = GUEST_READ | TOOLS,
    [HVM_PARAM_STORE_EVTCHN] = GUEST_READ | TOOLS,
    [HVM_PARAM_PAE_ENABLED] = GUEST_READ | TOOLS,
    [HVM_PARAM_CONSOLE_PFN] = GUEST_READ | TOOLS,
    [HVM_PARAM_CONSOLE_EVTCHN] = GUEST_READ | TOOLS,
    [HVM_PARAM_TIMER_MODE] = TOOLS | GUEST_READ,
    [HVM_PARAM_IDENT_PT] = TOOLS,
    [HVM_PARAM_VM86_TSS_SIZED] = TOOLS,
    [HVM_PARAM_NESTEDHVM] = TOOLS,
    [HVM_PARAM_ALTP2M] = TOOLS | GUEST_READ,
    [HVM_PARAM_TRIPLE_FAULT_REASON] = TOOLS,
    [HVM_PARAM_X87_FIP_WIDTH] = TOOLS,
    [HVM_PARAM_ACPI_S_STATE] = TOOLS | GUEST_READ,
    [HVM_PARAM_VM_GENERATION_ID_ADDR] = TOOLS,
    [HVM_PARAM_SHARING_RING_PFN] = TOOLS,
    [HVM_PARAM_PAGING_RING_PFN] = TOOLS,
    [HVM_PARAM_MONITOR_RING_PFN] = TOOLS,
    [HVM_PARAM_VIRIDIAN] = TOOLS,
    [HVM_PARAM_HPET_ENABLED] = TOOLS,
    [HVM_PARAM_VPT_ALIGN] = TOOLS,
};

/* Things that are not built can only be switched off. */
static bool is_acceptable(uint32_t index, uint64_t value)
{
    switch (index) {
    case HVM_PARAM_NESTEDHVM:
    case HVM_PARAM_ALTP2M:
    case HVM_PARAM_VIRIDIAN:
        return value == 0;
    case HVM_PARAM_TRIPLE_FAULT_REASON:
        return value <= SHUTDOWN_MAX;
    case HVM_PARAM_CALLBACK_IRQ:
        /* 1 is what Linux writes beside vectors of its vCPUs' own. */
        return value >> 56 != HVM_PARAM_CALLBACK_TYPE_VECTOR || (uint8_t)value >= 16;
    default:
        return true;
    }
}

int hvm_param_set(struct domain *d, uint32_t index, uint64_t value)
{
    uint8_t access = index < HVM_NR_PARAMS ? rows[index] : (uint8_t)NONE;
    uint8_t needed = d == current->domain ? GUEST_WRITE : TOOLS;

    if (access == NONE) {
        return -EINVAL;
    }
    if (!(access & needed)) {
        return -EPERM;
    }
    if (!is_acceptable(index, value)) {
        return -EINVAL;
    }
    WRITE_ONCE(d->arch.hvm->param[index], value);
    return 0;
}

int hvm_param_get(const struct domain *d, uint32_t index, uint64_t *value)
{
    uint8_t access = index < HVM_NR_PARAMS ? rows[index] : (uint8_t)NONE;
    uint8_t needed = d == current->domain ? GUEST_READ : TOOLS;

    if (access == NONE) {
        return -EINVAL;
    }
    if (!(access & needed)) {
        return -EPERM;
    }
    *value = READ_ONCE(d->arch.hvm->param[index]);
    return 0;
}
