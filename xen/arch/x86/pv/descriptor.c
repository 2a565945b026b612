/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vCPU's GDT and LDT (docs/interface/mmu.md).
 *
 * The CPU reads descriptors from the vCPU's window: the guest's frames, mapped where the guest
 * can't reach them (entries 0-13 of window_l1: GDT; 16-31: LDT; 14 is the running CPU's own page).
 * The frames have type PGT_SEG_DESC, so the guest changes them by update_descriptor only, and each
 * descriptor was checked. GDT pages that the guest didn't give show null descriptors. LDT pages are
 * mapped when they are first used, since many are never.
 *
 * The window is the vCPU's own: changed by the vCPU itself, or while it doesn't run.
 */
#include <asm/current.h>
#include <asm/pv_mm.h>
#include <public/xen.h>
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/hypercall.h>
#include <xen/tlb.h>
#include <xen/usercopy.h>

#include "pt_entry.h"
#include "seg_desc.h"

#define DESC_PER_PAGE  512
#define GDT_MAX        (GDT_GUEST_PAGES * DESC_PER_PAGE)
#define LDT_WINDOW     16
#define LDT_PAGES      16

#define DESC_PRESENT   (1UL << 47)
#define DESC_CODE_DATA (1UL << 44)
#define DESC_DPL       (3UL << 45)
#define DESC_TYPE(d)   (((d) >> 40) & 15)
#define DESC_TYPE_CALL_GATE 12
#define GATE_SELECTOR_RPL (3UL << 16)

/* Null descriptors for what a guest's GDT doesn't cover. Never written. */
static mfn_t null_page = { ~0UL };

static uint64_t *window_slot(const struct vcpu *v, unsigned int i)
{
    return &v->arch.window_l1[i];
}

static uint64_t window_va(const struct vcpu *v, unsigned int i)
{
    return VCPU_WINDOW_START + ((uint64_t)v->id << VCPU_WINDOW_SHIFT) + i * PAGE_SIZE;
}

static void set_window(struct vcpu *v, unsigned int i, uint64_t entry)
{
    uint64_t old = *window_slot(v, i);

    WRITE_ONCE(*window_slot(v, i), entry);
    if (old != entry && v == current) {
        tlb_flush_page_local(window_va(v, i));
    }
}

static uint64_t nx(void)
{
    return cpu_has(HAS_NX) ? PTE_NX : 0;
}

static uint64_t null_entry(void)
{
    return pte_make(null_page, PTE_P | PTE_A | nx());
}

/* Writable, since the CPU sets accessed bits in descriptors. */
static uint64_t frame_entry(mfn_t m)
{
    return pte_make(m, PTE_P | PTE_RW | PTE_A | PTE_D | nx());
}

int pv_descriptors_init(struct vcpu *v)
{
    if (mfn_eq(null_page, INVALID_MFN)) {
        void *p = hv_page_alloc();

        if (p == NULL) {
            return -ENOMEM;
        }
        null_page = virt_to_mfn(p);
    }
    for (unsigned int i = 0; i < GDT_GUEST_PAGES; i++) {
        v->arch.gdt_frames[i] = INVALID_MFN;
        *window_slot(v, i) = null_entry();
    }
    v->arch.gdt_entries = 0;
    v->arch.ldt_mapped = 0;
    return 0;
}

/*
 * Guest kernel and user run at privilege 3, so every segment must be usable there. Call gates lead
 * into guest code with a privilege they can't have; with DPL 0 their use faults, and the guest
 * may emulate it. Other system descriptors would give the guest the CPU.
 */
bool pv_fix_descriptor(uint64_t *desc)
{
    uint64_t d = *desc;

    if (!(d & DESC_PRESENT)) {
        return true;
    }
    if (d & DESC_CODE_DATA) {
        *desc = d | DESC_DPL;
        return true;
    }
    if (DESC_TYPE(d) == 0) {
        return true;
    }
    if (DESC_TYPE(d) == DESC_TYPE_CALL_GATE) {
        *desc = (d & ~DESC_DPL) | GATE_SELECTOR_RPL;
        return true;
    }
    return false;
}

int pv_validate_seg_desc(struct page_info *pg)
{
    uint64_t *t = page_to_virt(pg);

    for (unsigned int i = 0; i < DESC_PER_PAGE; i++) {
        uint64_t d = t[i];

        if (!pv_fix_descriptor(&d)) {
            return -EINVAL;
        }
        if (d != t[i]) {
            t[i] = d;
        }
    }
    return 0;
}

/* References to the frames, all or none. */
static int get_gdt_frames(const struct domain *d, const uint64_t *frames, unsigned int nr)
{
    for (unsigned int i = 0; i < nr; i++) {
        mfn_t m = mfn(frames[i]);

        if (!mfn_is_ram(m) ||
            page_get_type_owned(mfn_to_page(m), d->id, PGT_SEG_DESC, false) != 0) {
            while (i-- > 0) {
                (void)page_put_type_fast(mfn_to_page(mfn(frames[i])), false);
            }
            return -EINVAL;
        }
    }
    return 0;
}

int pv_set_gdt(struct vcpu *v, const uint64_t *frames, unsigned int entries)
{
    unsigned int nr = DIV_ROUND_UP(entries, DESC_PER_PAGE);
    int rc;

    if (entries > GDT_MAX) {
        return -EINVAL;
    }
    rc = get_gdt_frames(v->domain, frames, nr);
    if (rc != 0) {
        return rc;
    }
    for (unsigned int i = 0; i < GDT_GUEST_PAGES; i++) {
        mfn_t old = v->arch.gdt_frames[i];

        v->arch.gdt_frames[i] = i < nr ? mfn(frames[i]) : INVALID_MFN;
        set_window(v, i, i < nr ? frame_entry(mfn(frames[i])) : null_entry());
        if (!mfn_eq(old, INVALID_MFN)) {
            (void)page_put_type_fast(mfn_to_page(old), false);
        }
    }
    v->arch.gdt_entries = entries;
    return 0;
}

long hypercall_set_gdt(void *frames, unsigned int entries)
{
    uint64_t list[GDT_GUEST_PAGES];

    if (entries > GDT_MAX) {
        return -EINVAL;
    }
    if (copy_from_guest(list, frames, DIV_ROUND_UP(entries, DESC_PER_PAGE) * sizeof(list[0]))) {
        return -EFAULT;
    }
    return pv_set_gdt(current, list, entries);
}

void pv_drop_ldt_pages(struct vcpu *v)
{
    for (unsigned int i = 0; v->arch.ldt_mapped != 0; i++) {
        if (v->arch.ldt_mapped & (1U << i)) {
            mfn_t m = pte_mfn(*window_slot(v, LDT_WINDOW + i));

            set_window(v, LDT_WINDOW + i, 0);
            v->arch.ldt_mapped &= (uint16_t)~(1U << i);
            (void)page_put_type_fast(mfn_to_page(m), false);
        }
    }
}

bool pv_ldt_fault(struct vcpu *v, uint64_t offset)
{
    unsigned int i = (unsigned int)(offset >> PAGE_SHIFT);
    uint64_t va = v->arch.ldt_base + ROUND_DOWN(offset, PAGE_SIZE);
    struct page_info *l1;
    pte_t e;

    if (i >= LDT_PAGES || offset / 8 >= v->arch.ldt_entries || (v->arch.ldt_mapped & (1U << i))) {
        return false;
    }
    l1 = pv_get_l1_of(v, va);
    if (l1 == NULL) {
        return false;
    }
    e = READ_ONCE(((const pte_t *)page_to_virt(l1))[l1_index(va)]);
    (void)page_put_type_fast(l1, false);
    if (!(e & PTE_P) || !mfn_is_ram(pte_mfn(e)) ||
        page_get_type_owned(mfn_to_page(pte_mfn(e)), v->domain->id, PGT_SEG_DESC, false) != 0) {
        return false;
    }
    set_window(v, LDT_WINDOW + i, frame_entry(pte_mfn(e)));
    v->arch.ldt_mapped |= (uint16_t)(1U << i);
    return true;
}

long hypercall_update_descriptor(uint64_t maddr, uint64_t desc)
{
    mfn_t m = mfn(maddr >> PAGE_SHIFT);
    struct page_info *pg = mfn_to_page(m);
    domid_t self = current->domain->id;
    uint64_t type = PGT_WRITABLE;

    if ((maddr & 7) != 0 || !mfn_is_ram(m) || !pv_fix_descriptor(&desc)) {
        return -EINVAL;
    }
    if ((READ_ONCE(pg->type) & (PGT_TYPE_MASK | PGT_VALIDATED)) == (PGT_SEG_DESC | PGT_VALIDATED)) {
        type = PGT_SEG_DESC;
    }
    if (page_get_type_owned(pg, self, type, false) != 0) {
        return -EINVAL;
    }
    WRITE_ONCE(((uint64_t *)page_to_virt(pg))[(maddr & (PAGE_SIZE - 1)) / 8], desc);
    (void)page_put_type_fast(pg, false);
    return 0;
}
