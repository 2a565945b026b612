/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the CPUs' TLBs hold of guests (Intel SDM vol. 3, 29.4).
 *
 * Translations are tagged with a VPID and with the map's root. Each CPU gives out VPIDs in order, a
 * new one whenever a vCPU comes from elsewhere, since it may have invalidated translations there,
 * or an emulated change of its paging asks for it. When they are used up all go, and with them
 * everything that was given before (a new epoch). The map's changes need INVEPT, once on each CPU
 * that the vCPU comes to: there may be what went while it was elsewhere, or of a former map with
 * the same root.
 */
#include <asm/current.h>

#include "vmx.h"

#define LAST_VPID 0xffffU

static DEFINE_PER_CPU(uint64_t, vpid_epoch);
static DEFINE_PER_CPU(uint32_t, vpid_used);

struct invalidation {
    uint64_t what, address;
};

static void invept(uint64_t type, uint64_t root)
{
    struct invalidation d = { .what = root };
    bool failed;

    __asm__ __volatile__("invept %1, %2; setna %0" : "=qm"(failed) : "m"(d), "r"(type)
                         : "cc", "memory");
    BUG_ON(failed);
}

static void invvpid_all(void)
{
    struct invalidation d = { .what = 0 };
    bool failed;

    __asm__ __volatile__("invvpid %1, %2; setna %0" : "=qm"(failed) : "m"(d), "r"(INVVPID_ALL)
                         : "cc", "memory");
    BUG_ON(failed);
}

static void new_vpid(struct vmx_vcpu *s)
{
    if (this_cpu(vpid_used) == LAST_VPID || this_cpu(vpid_epoch) == 0) {
        this_cpu(vpid_epoch)++;
        this_cpu(vpid_used) = 0;
        invvpid_all();
    }
    vmwrite(VMCS_VPID, ++this_cpu(vpid_used));
    s->vpid_epoch = this_cpu(vpid_epoch);
}

void vmx_flush_tlb(struct vcpu *v)
{
    vmx_of(v)->map_changes++;
}

void vmx_settle_tlb(struct vmx_vcpu *s)
{
    uint32_t *seen = &s->map_seen[smp_processor_id()];

    if (*seen != s->map_changes) {
        *seen = s->map_changes;
        invept(vmx_features.ept_vpid & EPT_CAP_INVEPT_SINGLE ? INVEPT_SINGLE : INVEPT_ALL,
               vmread(VMCS_EPTP));
    }
    if (vmx_features.has_vpid &&
        (s->is_vpid_stale || s->vpid_epoch != this_cpu(vpid_epoch))) {
        new_vpid(s);
    }
    s->is_vpid_stale = false;
}
