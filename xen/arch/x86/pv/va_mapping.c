/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entries found by virtual address: update_va_mapping, the write faults on L1 tables, and the grant
 * module's edits. Interface: docs/interface/mmu.md.
 *
 * The tables are read without a lock while other CPUs of the guest may change them and give their
 * frames away. So each frame that an entry names is looked up as RAM before it is read, and the
 * result counts only once a reference proves that it is an L1 table of this domain. What is read
 * on the way may be nonsense, which hurts nobody but the guest that caused it.
 */
#include <asm/current.h>
#include <asm/pv_mm.h>
#include <public/xen.h>
#include <xen/arch.h>
#include <xen/domain.h>
#include <xen/hypercall.h>
#include <xen/tlb.h>
#include <xen/usercopy.h>

#include "pt_update.h"

/* The frame of the L1 table for @va; false: none. */
static always_inline bool find_l1(const struct vcpu *v, uint64_t va, mfn_t *l1)
{
    const pte_t *t = mfn_to_virt(v->arch.guest_table);
    pte_t e = READ_ONCE(t[l4_index(va)]);

    if (unlikely(!(e & PTE_P) || !mfn_is_ram(pte_mfn(e)))) {
        return false;
    }
    t = mfn_to_virt(pte_mfn(e));
    e = READ_ONCE(t[l3_index(va)]);
    if (unlikely(!(e & PTE_P) || !mfn_is_ram(pte_mfn(e)))) {
        return false;
    }
    t = mfn_to_virt(pte_mfn(e));
    e = READ_ONCE(t[l2_index(va)]);
    *l1 = pte_mfn(e);
    return likely((e & PTE_P) && mfn_is_ram(*l1));
}

static always_inline struct page_info *get_l1(const struct domain *d, mfn_t m)
{
    struct page_info *pg = mfn_to_page(m);

    if (unlikely(READ_ONCE(pg->owner) != d->id || !page_type_try_get(pg, PGT_L1))) {
        return NULL;
    }
    if (unlikely(READ_ONCE(pg->owner) != d->id)) {
        (void)page_put_type_fast(pg, false);
        return NULL;
    }
    return pg;
}

struct page_info *pv_get_l1_of(struct vcpu *v, uint64_t va)
{
    mfn_t l1;

    if (unlikely(!guest_range_ok(va, 1) || !find_l1(v, va, &l1))) {
        return NULL;
    }
    return get_l1(v->domain, l1);
}

bool pv_l1_page_of_fault(uint64_t va, struct page_info **l1pg, unsigned int *index)
{
    struct vcpu *v = current;
    struct page_info *pg;
    pte_t e;
    mfn_t l1;

    if (!guest_range_ok(va, 1) || !find_l1(v, va, &l1)) {
        return false;
    }
    e = READ_ONCE(((const pte_t *)mfn_to_virt(l1))[l1_index(va)]);
    if ((e & (PTE_P | PTE_RW)) != PTE_P || !mfn_is_ram(pte_mfn(e))) {
        return false;
    }
    pg = get_l1(v->domain, pte_mfn(e));
    if (pg == NULL) {
        return false;
    }
    *l1pg = pg;
    *index = (va & (PAGE_SIZE - 1)) / sizeof(pte_t);
    return true;
}

int pv_vcpu_bitmap_to_cpus(const struct domain *d, const void *bitmap, cpumask_t *cpus)
{
    uint8_t bits[DIV_ROUND_UP(MAX_VCPUS, 8)] = { 0 };
    struct vcpu *v;
    unsigned int i;

    if (copy_from_guest(bits, bitmap, DIV_ROUND_UP(d->max_vcpus, 8)) != 0) {
        return -EFAULT;
    }
    cpumask_zero(cpus);
    for_each_vcpu(d, v, i) {
        if (bits[i / 8] & (1U << (i % 8))) {
            unsigned int cpu = READ_ONCE(v->cpu);

            /* A vCPU that moves flushes on the way. */
            if (cpumask_test(&d->dirty_cpus, cpu)) {
                bit_set(cpus->bits, cpu);
            }
        }
    }
    return 0;
}

/* What update_va_mapping's flags ask for. 0 or -EFAULT. */
static int flush_after_update(const struct domain *d, uint64_t va, unsigned long flags)
{
    unsigned int kind = flags & UVMF_FLUSHTYPE_MASK;
    unsigned long where = flags & ~(unsigned long)UVMF_FLUSHTYPE_MASK;
    const cpumask_t *mask = &d->dirty_cpus;
    cpumask_t some;

    if (kind != UVMF_TLB_FLUSH && kind != UVMF_INVLPG) {
        return 0;
    }
    if (where == UVMF_LOCAL) {
        if (kind == UVMF_INVLPG) {
            tlb_flush_page_local(va);
        } else {
            tlb_flush_local();
        }
        return 0;
    }
    if (where != UVMF_ALL) {
        int rc = pv_vcpu_bitmap_to_cpus(d, (const void *)where, &some);

        if (rc != 0) {
            return rc;
        }
        mask = &some;
    }
    if (kind == UVMF_INVLPG) {
        tlb_flush_page_mask(mask, va);
    } else {
        tlb_flush_mask(mask);
    }
    return 0;
}

static always_inline int update_va(struct vcpu *v, unsigned long va, uint64_t pte,
                                   const struct domain *pg_owner)
{
    struct page_info *pg = pv_get_l1_of(v, va);
    int rc;

    if (unlikely(pg == NULL)) {
        return -EINVAL;
    }
    rc = pt_update_l1((pte_t *)page_to_virt(pg) + l1_index(va), pte, v->domain, pg_owner, false);
    (void)page_put_type_fast(pg, false);
    return rc;
}

long hypercall_update_va_mapping(unsigned long va, uint64_t pte, unsigned long flags)
{
    struct vcpu *v = current;
    int rc = update_va(v, va, pte, v->domain);

    if (likely(rc == 0) && flags != 0) {
        rc = flush_after_update(v->domain, va, flags);
    }
    return rc;
}

long hypercall_update_va_mapping_otherdomain(unsigned long va, uint64_t pte, unsigned long flags,
                                             domid_t domid)
{
    struct vcpu *v = current;
    struct domain *pg_owner;
    int rc = pv_get_owner(domid, &pg_owner);

    if (rc != 0) {
        return rc;
    }
    rc = pt_translate(pg_owner, &pte);
    if (rc == 0) {
        rc = update_va(v, va, pte, pg_owner);
    }
    pv_put_owner(pg_owner);
    return rc != 0 ? rc : flush_after_update(v->domain, va, flags);
}

/* The entry that a grant call names, in an L1 table that is referenced. NULL: there is none. */
static pte_t *get_grant_slot(struct vcpu *v, uint64_t addr, bool by_pte, struct page_info **pg)
{
    unsigned int index;

    if (by_pte) {
        mfn_t m = mfn(addr >> PAGE_SHIFT);

        *pg = (addr & 7) == 0 && mfn_is_ram(m) ? get_l1(v->domain, m) : NULL;
        index = (addr & (PAGE_SIZE - 1)) / sizeof(pte_t);
    } else {
        *pg = pv_get_l1_of(v, addr);
        index = l1_index(addr);
    }
    return *pg != NULL ? (pte_t *)page_to_virt(*pg) + index : NULL;
}

int arch_grant_map_pte(struct vcpu *v, uint64_t addr, uint64_t pte, bool by_pte)
{
    struct page_info *pg;
    pte_t *slot = get_grant_slot(v, addr, by_pte, &pg);

    if (slot == NULL) {
        return -EINVAL;
    }
    pt_put_l1(__atomic_exchange_n(slot, pt_adjust_l1(pte), __ATOMIC_SEQ_CST));
    (void)page_put_type_fast(pg, false);
    return 0;
}

int arch_grant_unmap_pte(struct vcpu *v, uint64_t addr, mfn_t frame, bool by_pte, uint64_t *held)
{
    struct page_info *pg;
    pte_t *slot = get_grant_slot(v, addr, by_pte, &pg);
    int rc = -EINVAL;
    pte_t e;

    if (slot == NULL) {
        return rc;
    }
    e = READ_ONCE(*slot);
    while ((e & PTE_P) && mfn_eq(pte_mfn(e), frame)) {
        if (__atomic_compare_exchange_n(slot, &e, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
            *held = e;
            rc = 0;
            break;
        }
    }
    (void)page_put_type_fast(pg, false);
    return rc;
}

void arch_grant_put_pte(uint64_t held)
{
    pt_put_l1(held);
}
