/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Speculative execution: what the CPU says it is open to, and the one barrier that is worth its
 * cost between any two guests. Nothing is executed on a CPU that lacks the means.
 */
#include <asm/cpu.h>
#include <asm/cpu_init.h>
#include <asm/cpufeature.h>
#include <xen/console.h>
#include <xen/domain.h>
#include <xen/init.h>
#include <xen/percpu.h>

#define MSR_PRED_CMD   0x49
#define PRED_CMD_IBPB  1UL
#define MSR_ARCH_CAPS  0x10a

#define ARCH_CAPS_RDCL_NO (1UL << 0)
#define ARCH_CAPS_MDS_NO  (1UL << 5)

static bool has_ibpb;

/* Whether an Intel CPU lacks the bit that says it is safe. Others are not affected. */
static bool __init is_open(uint64_t safe)
{
    uint64_t caps = 0;

    if (boot_cpu.vendor != VENDOR_INTEL) {
        return false;
    }
    return !cpu_has(HAS_ARCH_CAPS) || !rdmsr_safe(MSR_ARCH_CAPS, &caps) || !(caps & safe);
}

void __init mitigations_report(void)
{
    static const char safe[] __initconst = "not affected";

    has_ibpb = cpu_has(HAS_IBRSB) || cpu_has(HAS_AMD_IBPB);
    log_info("Speculative execution: branch predictor %s; Meltdown: %s; MDS: %s\n",
             has_ibpb ? "flushed between guests (IBPB)" : "not flushed (no IBPB)",
             is_open(ARCH_CAPS_RDCL_NO) ? "vulnerable, no page-table isolation yet" : safe,
             is_open(ARCH_CAPS_MDS_NO) ? "vulnerable, buffers not cleared" : safe);
}

/* The domain whose vCPU ran here last, though the CPU may have idled since. */
static DEFINE_PER_CPU(const struct domain *, last_domain);

void mitigations_switch(const struct vcpu *next)
{
    if (!has_ibpb || next->is_idle || this_cpu(last_domain) == next->domain) {
        return;
    }
    this_cpu(last_domain) = next->domain;
    wrmsr(MSR_PRED_CMD, PRED_CMD_IBPB);
}
