/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Validation of whole page tables, and the rules for their entries (docs/interface/mmu.md).
 *
 * While a table is validated or devalidated its frame belongs to one CPU (state BUSY in
 * mm/page_type.c): no CPU walks it and no guest writes to it, so plain stores adjust it.
 *
 * A root table gets the hypervisor's slots at the end. The slot of the read-only M2P stays empty
 * until the table is used as a kernel's (pv/mmuext.c): a user's must not show it.
 *
 * Linear tables: an entry of an L2-L4 table may map, read-only, a table of the same level. A table
 * that maps itself holds no reference for it, or it could never be freed. Others are counted in
 * page_info.linear, and a table never both maps and is mapped: chains would make devalidation deep,
 * and rings would keep themselves alive.
 */
#include <asm/mmio.h>
#include <asm/own_pt.h>
#include <asm/pv_mm.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/hypercall.h>
#include <xen/iocaps.h>

#include "pt_entry.h"
#include "seg_desc.h"

/*
 * A frame outside RAM. The attributes must keep it uncached, whatever the guest thinks (PAT entries
 * 0, 1, 4-5: see the value of MSR 0x277 in docs/interface/cpu.md).
 */
static int get_mmio(pte_t *e, const struct domain *l1_owner, const struct domain *pg_owner)
{
    pte_t v = *e;

    if (!iocaps_mfn_permitted(l1_owner, pte_mfn(v)) ||
        (pg_owner->id != DOMID_IO && !iocaps_mfn_permitted(pg_owner, pte_mfn(v)))) {
        return -EPERM;
    }
    switch (v & PTE_CACHE_L1) {
    case 0: /* write-back */
    case PTE_PWT: /* write-through */
        v |= PTE_PWT | PTE_PCD;
        break;
    case PTE_PAT | PTE_PWT: /* write-protected */
        v |= PTE_PCD;
        break;
    default:
        break;
    }
    if ((v & PTE_RW) && (iocaps_mfn_readonly(pte_mfn(v)) || mmio_is_read_only(pte_mfn(v)))) {
        v &= ~PTE_RW;
    }
    *e = pt_adjust_l1(v);
    return 0;
}

int pt_get_l1_slow(pte_t *e, const struct domain *l1_owner, const struct domain *pg_owner)
{
    pte_t v = *e;
    mfn_t m = pte_mfn(v);
    struct page_info *pg = mfn_to_page(m);

    if (!pt_nx_ok(v) || ((v & PTE_CACHE_L1) && !iocaps_has_devices(l1_owner))) {
        return -EINVAL;
    }
    if (!mfn_is_ram(m)) {
        return get_mmio(e, l1_owner, pg_owner);
    }
    if (v & PTE_RW) {
        if (page_get_type_owned(pg, pg_owner->id, PGT_WRITABLE, false) != 0) {
            return -EBUSY;
        }
    } else if (!page_get_owned(pg, pg_owner->id)) {
        return -EBUSY;
    }
    *e = pt_adjust_l1(v);
    return 0;
}

/* Counts in page_info.linear: @step is +1 (is mapped) or -1 (maps); both of one sign only. */
static bool linear_get(struct page_info *pg, int step)
{
    int16_t n = READ_ONCE(pg->linear);

    do {
        if (n * step < 0 || n == INT16_MAX || n == INT16_MIN) {
            return false;
        }
    } while (!__atomic_compare_exchange_n(&pg->linear, &n, (int16_t)(n + step), false,
                                          __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    return true;
}

static void linear_put(struct page_info *pg, int step)
{
    int16_t n = __atomic_fetch_sub(&pg->linear, (int16_t)step, __ATOMIC_SEQ_CST);

    BUG_ON(n * step <= 0);
}

static int get_linear(pte_t e, unsigned int level, struct page_info *table, const struct domain *d)
{
    struct page_info *pg = mfn_to_page(pte_mfn(e));

    if (e & PTE_RW) {
        return -EINVAL;
    }
    if (pg == table) {
        return 0;
    }
    if (READ_ONCE(pg->owner) != d->id || !page_type_try_get(pg, PT_TYPE(level))) {
        return -EINVAL;
    }
    if (READ_ONCE(pg->owner) == d->id && linear_get(pg, 1)) {
        if (linear_get(table, -1)) {
            return 0;
        }
        linear_put(pg, 1);
    }
    (void)page_put_type(pg, false);
    return -EINVAL;
}

int pt_get_table(pte_t *e, unsigned int level, struct page_info *table, const struct domain *d,
                 bool preemptible)
{
    pte_t v = *e;
    mfn_t m = pte_mfn(v);
    struct page_info *pg = mfn_to_page(m);
    int rc;

    if (unlikely((v & PTE_REFUSED_TABLE) || !pt_nx_ok(v) || !mfn_is_ram(m))) {
        return -EINVAL;
    }
    if (unlikely(pg == table || (pg->type & PGT_TYPE_MASK) == PT_TYPE(level))) {
        rc = get_linear(v, level, table, d);
        if (rc == 0) {
            *e = v | PTE_US;
            return 0;
        }
    }
    rc = page_get_type_owned(pg, d->id, PT_TYPE(level - 1), preemptible);
    if (likely(rc == 0)) {
        *e = v | PTE_US;
    }
    return rc;
}

int pt_put_table(pte_t e, unsigned int level, struct page_info *table, bool preemptible)
{
    struct page_info *pg = mfn_to_page(pte_mfn(e));

    if (!(e & PTE_P)) {
        return 0;
    }
    /* The entry's own reference keeps the type as it is. */
    if (unlikely((READ_ONCE(pg->type) & PGT_TYPE_MASK) == PT_TYPE(level))) {
        if (pg == table) {
            return 0;
        }
        linear_put(pg, 1);
        linear_put(table, -1);
    }
    return page_put_type_fast(pg, preemptible);
}

/* Eight entries, one cache line: most of most tables is empty. */
static always_inline bool line_is_empty(const pte_t *t)
{
    return !((t[0] | t[1] | t[2] | t[3] | t[4] | t[5] | t[6] | t[7]) & PTE_P);
}

static int validate_l1(struct page_info *pg, const struct domain *d)
{
    pte_t *t = page_to_virt(pg);

    for (unsigned int line = 0; line < PT_ENTRIES; line += 8) {
        if (line_is_empty(t + line)) {
            continue;
        }
        for (unsigned int i = line; i < line + 8; i++) {
            pte_t e = t[i];
            int rc;

            if (!(e & PTE_P)) {
                continue;
            }
            rc = pt_get_l1(&e, d, d);
            if (unlikely(rc != 0)) {
                pg->nr_validated = (uint16_t)i;
                return rc;
            }
            if (e != t[i]) {
                t[i] = e;
            }
        }
    }
    pg->nr_validated = PT_ENTRIES;
    return 0;
}

static void devalidate_l1(struct page_info *pg)
{
    const pte_t *t = page_to_virt(pg);
    unsigned int i = pg->nr_validated;

    while (i > 0) {
        if (i % 8 == 0 && line_is_empty(t + i - 8)) {
            i -= 8;
            continue;
        }
        pt_put_l1(t[--i]);
    }
    pg->nr_validated = 0;
}

static bool is_hv_slot(unsigned int level, unsigned int i)
{
    return level == 4 && i >= L4_SLOT_FIRST_HV && i <= L4_SLOT_LAST_HV;
}

static void fill_hv_slots(pte_t *t, const struct domain *d)
{
    for (unsigned int i = L4_SLOT_FIRST_HV; i <= L4_SLOT_LAST_HV; i++) {
        t[i] = hv_l4_template[i];
    }
    t[L4_SLOT_M2P_RO] = 0;
    t[L4_SLOT_DOMAIN] = 0;
    if (d->arch.window_l3 != NULL) {
        t[L4_SLOT_DOMAIN] = pte_make(virt_to_mfn(d->arch.window_l3), PTE_P | PTE_RW | PTE_A);
    }
}

static int validate_table(struct page_info *pg, unsigned int level, const struct domain *d,
                          bool preemptible)
{
    pte_t *t = page_to_virt(pg);
    unsigned int i = pg->nr_validated;

    while (i < PT_ENTRIES) {
        pte_t e = t[i];
        int rc;

        if (i % 8 == 0 && line_is_empty(t + i)) {
            i += 8;
            continue;
        }
        if (!(e & PTE_P) || is_hv_slot(level, i)) {
            i++;
            continue;
        }
        rc = pt_get_table(&e, level, pg, d, preemptible);
        if (unlikely(rc != 0)) {
            pg->nr_validated = (uint16_t)i;
            return rc;
        }
        if (e != t[i]) {
            t[i] = e;
        }
        i++;
        if (preemptible && i < PT_ENTRIES && hypercall_preempt_check()) {
            pg->nr_validated = (uint16_t)i;
            return -ERESTART;
        }
    }
    if (level == 4) {
        fill_hv_slots(t, d);
    }
    pg->nr_validated = PT_ENTRIES;
    return 0;
}

/* The child of the entry at which a table stopped may have been left partial. */
static int settle_child(const struct page_info *pg, unsigned int level, const struct domain *d,
                        bool preemptible)
{
    const pte_t *t = page_to_virt(pg);
    unsigned int i = pg->nr_validated;
    struct page_info *child;
    int rc;

    if (i >= PT_ENTRIES || !(t[i] & PTE_P) || is_hv_slot(level, i) || !mfn_is_ram(pte_mfn(t[i]))) {
        return 0;
    }
    child = mfn_to_page(pte_mfn(t[i]));
    if (child == pg || !page_get_owned(child, d->id)) {
        return 0;
    }
    rc = page_settle(child, preemptible);
    page_put_fast(child);
    return rc;
}

static int devalidate_table(struct page_info *pg, unsigned int level, const struct domain *d,
                            bool preemptible)
{
    const pte_t *t = page_to_virt(pg);
    unsigned int i = pg->nr_validated;
    int rc = settle_child(pg, level, d, preemptible);

    while (rc == 0 && i > 0) {
        if (i % 8 == 0 && line_is_empty(t + i - 8)) {
            i -= 8;
            continue;
        }
        i--;
        if (!(t[i] & PTE_P) || is_hv_slot(level, i)) {
            continue;
        }
        rc = pt_put_table(t[i], level, pg, preemptible);
        if (rc == 0 && preemptible && i > 0 && hypercall_preempt_check()) {
            rc = -ERESTART;
        }
    }
    pg->nr_validated = (uint16_t)i;
    return rc;
}

int arch_validate_page(struct page_info *pg, uint64_t type, bool preemptible)
{
    const struct domain *d = page_owner(pg);

    switch (type) {
    case PGT_L1:
        return validate_l1(pg, d);
    case PGT_L2:
    case PGT_L3:
    case PGT_L4:
        return validate_table(pg, (unsigned int)(type >> 60), d, preemptible);
    case PGT_SEG_DESC:
        return pv_validate_seg_desc(pg);
    default:
        BUG();
    }
}

int arch_devalidate_page(struct page_info *pg, uint64_t type, bool preemptible)
{
    if (type == PGT_L1) {
        devalidate_l1(pg);
        return 0;
    }
    return devalidate_table(pg, (unsigned int)(type >> 60), page_owner(pg), preemptible);
}
