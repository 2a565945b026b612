/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One entry of a guest's page tables: what it may contain, how it is adjusted, and the references
 * it holds. Shared by validation of whole tables and by single updates.
 */
#ifndef PV_PT_ENTRY_H
#define PV_PT_ENTRY_H

#include <asm/cpufeature.h>
#include <asm/page.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/mm_inline.h>

#define PT_TYPE(level) ((uint64_t)(level) << 60)
_Static_assert(PT_TYPE(1) == PGT_L1 && PT_TYPE(4) == PGT_L4, "a table's type is its level");

#define PTE_CACHE_L1   (PTE_PWT | PTE_PCD | PTE_PAT)
#define PTE_AVL_HIGH   (0x7ffUL << 52)
/* Bits that change no reference. */
#define PTE_FLAGS_ONLY (PTE_A | PTE_D | PTE_G | PTE_US | PTE_NX | PTE_AVL | PTE_AVL_HIGH)
/* Of L2-L4 entries: no large pages, and the hypervisor's cache attributes for tables. */
#define PTE_REFUSED_TABLE (PTE_PWT | PTE_PCD | PTE_PS | PTE_G)

/* What leaves the fast path: MMIO, cache attributes. In pt_validate.c. */
int pt_get_l1_slow(pte_t *e, const struct domain *l1_owner, const struct domain *pg_owner);
/* References of an L2-L4 entry in @table. In pt_validate.c. */
int pt_get_table(pte_t *e, unsigned int level, struct page_info *table, const struct domain *d,
                 bool preemptible);
int pt_put_table(pte_t e, unsigned int level, struct page_info *table, bool preemptible);

/*
 * Guest kernel and guest user both run unprivileged: every page is a user page to the CPU. A
 * kernel's page is marked; a user's stays in the TLB while the kernel runs.
 */
static always_inline pte_t pt_adjust_l1(pte_t e)
{
    if (!(e & PTE_US)) {
        return e | PTE_US | PTE_GUEST_KERNEL;
    }
    return e & PTE_GUEST_KERNEL ? e : e | PTE_G;
}

static always_inline bool pt_nx_ok(pte_t e)
{
    return !(e & PTE_NX) || cpu_has(HAS_NX);
}

/* Takes the reference of a present L1 entry, and adjusts it. -EINVAL, -EBUSY, -EPERM. */
static always_inline int pt_get_l1(pte_t *e, const struct domain *l1_owner,
                                   const struct domain *pg_owner)
{
    pte_t v = *e;
    mfn_t m = pte_mfn(v);
    struct page_info *pg = mfn_to_page(m);

    if (unlikely((v & PTE_CACHE_L1) || !pt_nx_ok(v) || !mfn_is_ram(m))) {
        return pt_get_l1_slow(e, l1_owner, pg_owner);
    }
    if (v & PTE_RW) {
        if (unlikely(page_get_type_owned(pg, pg_owner->id, PGT_WRITABLE, false) != 0)) {
            return -EBUSY;
        }
    } else if (unlikely(!page_get_owned(pg, pg_owner->id))) {
        return -EBUSY;
    }
    *e = pt_adjust_l1(v);
    return 0;
}

/* Drops what a former L1 entry held; any content. */
static always_inline void pt_put_l1(pte_t e)
{
    mfn_t m = pte_mfn(e);

    if (!(e & PTE_P) || unlikely(!mfn_is_ram(m))) {
        return;
    }
    if (e & PTE_RW) {
        (void)page_put_type_fast(mfn_to_page(m), false);
    } else {
        page_put_fast(mfn_to_page(m));
    }
}

#endif
