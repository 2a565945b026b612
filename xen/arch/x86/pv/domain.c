/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The x86 side of a paravirtual domain and its vCPUs: what is allocated, and the window (slot 257)
 * through which the CPU reads a vCPU's GDT and LDT. Each vCPU's window is 32 pages; one L1 table
 * holds those of 16 vCPUs.
 */
#include <asm/cpuid.h>
#include <asm/fpu.h>
#include <asm/hvm.h>
#include <asm/irq.h>
#include <asm/pv.h>
#include <asm/pv_mm.h>
#include <asm/trap.h>
#include <asm/vtsc.h>
#include <public/xen.h>
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/iocaps.h>

#define WINDOW_ENTRIES   32
#define WINDOWS_PER_L1   (PT_ENTRIES / WINDOW_ENTRIES)

#define WINDOW_TABLE_FLAGS (PTE_P | PTE_RW | PTE_US | PTE_A)

/* The table below *entry, made if there is none; NULL without memory. */
static pte_t *window_table(pte_t *entry)
{
    if (!(*entry & PTE_P)) {
        pte_t *t = hv_page_alloc();

        if (t == NULL) {
            return NULL;
        }
        *entry = pte_make(virt_to_mfn(t), WINDOW_TABLE_FLAGS);
    }
    return mfn_to_virt(pte_mfn(*entry));
}

static int window_init(struct vcpu *v)
{
    pte_t *l2 = window_table(&v->domain->arch.window_l3[0]);
    pte_t *l1 = l2 != NULL ? window_table(&l2[v->id / WINDOWS_PER_L1]) : NULL;

    if (l1 == NULL) {
        return -ENOMEM;
    }
    v->arch.window_l1 = &l1[v->id % WINDOWS_PER_L1 * WINDOW_ENTRIES];
    return 0;
}

static void window_free(struct domain *d)
{
    pte_t *l3 = d->arch.window_l3;

    if (l3 == NULL) {
        return;
    }
    if (l3[0] & PTE_P) {
        pte_t *l2 = mfn_to_virt(pte_mfn(l3[0]));

        for (unsigned int i = 0; i < PT_ENTRIES; i++) {
            if (l2[i] & PTE_P) {
                hv_page_free(mfn_to_virt(pte_mfn(l2[i])));
            }
        }
        hv_page_free(l2);
    }
    hv_page_free(l3);
}

static int window_domain_init(struct domain *d)
{
    d->arch.window_l3 = hv_page_alloc();
    return d->arch.window_l3 != NULL ? 0 : -ENOMEM;
}

int arch_domain_init(struct domain *d, const struct domain_config *cfg)
{
    int rc;

    d->arch.pirq_eoi_map = INVALID_MFN;
    if (!d->is_hardware) {
        vtsc_set(d, TSC_MODE_DEFAULT, 0, 0, 0);
    }
    rc = cfg->is_hvm ? hvm_domain_init(d) : window_domain_init(d);
    if (rc != 0) {
        return rc;
    }
    rc = iocaps_domain_init(d);
    if (rc != 0) {
        goto free_kind;
    }
    rc = cpuid_domain_init(d);
    if (rc != 0) {
        goto fini_iocaps;
    }
    rc = pirq_domain_init(d);
    if (rc != 0) {
        goto fini_cpuid;
    }
    return 0;

fini_cpuid:
    cpuid_domain_fini(d);
fini_iocaps:
    iocaps_domain_fini(d);
free_kind:
    hvm_domain_fini(d);
    window_free(d);
    return rc;
}

int arch_domain_relinquish(struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    pirq_domain_relinquish(d);
    if (is_hvm(d)) {
        return hvm_domain_relinquish(d);
    }
    for_each_vcpu (d, v, i) {
        int rc = arch_vcpu_reset(v);

        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}

void arch_domain_fini(struct domain *d)
{
    pirq_domain_fini(d);
    cpuid_domain_fini(d);
    iocaps_domain_fini(d);
    hvm_domain_fini(d);
    window_free(d);
}

static int pv_vcpu_init(struct vcpu *v)
{
    struct arch_vcpu *a = &v->arch;
    int rc;

    a->traps = hv_page_alloc();
    if (a->traps == NULL) {
        return -ENOMEM;
    }
    rc = window_init(v);
    if (rc != 0) {
        goto free_traps;
    }
    rc = pv_descriptors_init(v);
    if (rc != 0) {
        goto free_traps;
    }
    return 0;

free_traps:
    hv_page_free(a->traps);
    a->traps = NULL;
    return rc;
}

int arch_vcpu_init(struct vcpu *v)
{
    struct arch_vcpu *a = &v->arch;
    int rc;

    a->guest_table = INVALID_MFN;
    a->guest_table_user = INVALID_MFN;
    a->kernel_mode = true;
    a->xcr0 = 1;
    a->dr[6] = 0xffff0ff0;
    a->dr[7] = 0x400;
    rc = fpu_vcpu_init(v);
    if (rc == 0) {
        rc = is_hvm(v->domain) ? hvm_vcpu_init(v) : pv_vcpu_init(v);
        if (rc != 0) {
            fpu_vcpu_fini(v);
        }
    }
    return rc;
}

int arch_vcpu_reset(struct vcpu *v)
{
    return pv_drop_tables(v);
}

void arch_vcpu_fini(struct vcpu *v)
{
    hvm_vcpu_fini(v);
    fpu_vcpu_fini(v);
    if (v->arch.traps != NULL) {
        hv_page_free(v->arch.traps);
        v->arch.traps = NULL;
    }
}

/* Byte offset in @v's own window, or UINT64_MAX for any other address. */
static uint64_t window_offset(const struct vcpu *v, uint64_t va)
{
    uint64_t start = VCPU_WINDOW_START + ((uint64_t)v->id << VCPU_WINDOW_SHIFT);

    return va - start < (1UL << VCPU_WINDOW_SHIFT) ? va - start : UINT64_MAX;
}

bool pv_window_fault(struct vcpu *v, uint64_t va)
{
    uint64_t off = window_offset(v, va);

    return off != UINT64_MAX && off >= VCPU_WINDOW_LDT && pv_ldt_fault(v, off - VCPU_WINDOW_LDT);
}

uint64_t pv_window_to_guest(const struct vcpu *v, uint64_t va)
{
    uint64_t off = window_offset(v, va);

    return off != UINT64_MAX && off >= VCPU_WINDOW_LDT ? v->arch.ldt_base + (off - VCPU_WINDOW_LDT)
                                                       : va;
}

void pv_load_ldt(struct vcpu *v)
{
    ldt_load(VCPU_WINDOW_START + ((uint64_t)v->id << VCPU_WINDOW_SHIFT) + VCPU_WINDOW_LDT,
             v->arch.ldt_entries);
}
