/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two counts of a frame, and its types. Everything that keeps guests apart rests on this file.
 *
 * A guest writes machine frames into its own page tables, which the CPU walks. It must never reach
 * a frame that isn't its own, and never write to a frame that the CPU walks. So each present entry
 * of a table in use holds a reference to what it points to:
 *
 *   general   (page_info.count) the frame exists and keeps its owner. Held by read-only entries.
 *   type      (page_info.type)  the frame is also used as one thing only. Held by writable entries
 *             (PGT_WRITABLE), entries of L2-L4 tables (PGT_L1-PGT_L3), CR3 and pins
 *             (PGT_L4), GDT and LDT windows (PGT_SEG_DESC).
 *
 * Types exclude each other while the type count isn't zero: no table is mapped writable anywhere.
 * A table gets its type by validation of all its entries (arch_validate_page), which takes their
 * references; when its last type reference goes, devalidation drops them.
 *
 * A type reference implies a general one: while the type count isn't zero, the type as a whole
 * holds one general reference. So one atomic operation takes or drops a reference of either kind.
 *
 * States of page_info.type, with the count c, and the functions that move between them:
 *
 *   FREE       c == 0; the type bits tell the former type, for the sake of stale TLB entries
 *   BUSY       c == 1, neither VALIDATED nor PARTIAL: one CPU validates or devalidates. It alone
 *              writes the word. Others who want the type wait.
 *   VALIDATED  c >= 1, PGT_VALIDATED
 *   PARTIAL    c == 1, PGT_PARTIAL: nobody works on it; entries [0, nr_validated) hold their
 *              references. The state itself owns the reference: anybody may take it over, to go
 *              on validating (page_get_type) or to devalidate (page_settle).
 *
 *   FREE -> BUSY -> VALIDATED             type_begin, validate (PGT_WRITABLE: FREE -> VALIDATED)
 *   VALIDATED -> VALIDATED                c + 1, c - 1; page_pin, page_unpin
 *   VALIDATED -> BUSY -> FREE             page_type_put_last, devalidate (PGT_WRITABLE: -> FREE)
 *   BUSY -> PARTIAL                       preempted; or refused, where the rest is long
 *   PARTIAL -> BUSY                       take_over
 *
 * Since a partial page belongs to nobody, its parent needs no note of it: a parent that was
 * stopped at entry n settles the child of entry n (which may have left it partial) before
 * entries n-1 ... 0 are dropped. If the child isn't partial, that does nothing.
 *
 * Frames that a hypervisor-owned page shares read-only have type PGT_NONE with a count of one,
 * which no request matches.
 *
 * TLB: when the count goes to zero the time is noted. When the type changes, CPUs that haven't
 * flushed since then flush: they might still write to the frame by an old writable mapping, or
 * walk it by a cached upper level as the table it was.
 *
 * No lock. Editing entries of a validated table needs a type reference and an atomic exchange:
 * what the exchange returns is what the editor must drop (arch/x86/pv/pt_update.c).
 */
#include <asm/cpu.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/mm_inline.h>
#include <xen/tlb.h>

static bool type_cmpxchg(struct page_info *pg, uint64_t *old, uint64_t new)
{
    return __atomic_compare_exchange_n(&pg->type, old, new, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_RELAXED);
}

/* Only the CPU that made the state BUSY. */
static void type_store(struct page_info *pg, uint64_t t)
{
    __atomic_store_n(&pg->type, t, __ATOMIC_RELEASE);
}

/* Whether validation reads the contents; the other types are just counted. */
static bool type_has_entries(uint64_t type)
{
    return type >= PGT_L1 && type <= PGT_L4;
}

/* BUSY -> FREE or PARTIAL. */
static int devalidate(struct page_info *pg, uint64_t type, bool preemptible)
{
    if (type_has_entries(type) && arch_devalidate_page(pg, type, preemptible) != 0) {
        type_store(pg, type | PGT_PARTIAL | 1);
        return -ERESTART;
    }
    pg->tlb_stamp = tlb_stamp();
    type_store(pg, type);
    page_put_fast(pg);
    return 0;
}

/* BUSY -> VALIDATED, PARTIAL or FREE. */
static int validate(struct page_info *pg, uint64_t type, bool preemptible)
{
    int rc = arch_validate_page(pg, type, preemptible);

    if (likely(rc == 0)) {
        type_store(pg, type | PGT_VALIDATED | 1);
    } else if (preemptible && type >= PGT_L2 && type <= PGT_L4) {
        /* Undoing may be long, too. */
        type_store(pg, type | PGT_PARTIAL | 1);
    } else {
        (void)devalidate(pg, type, false);
    }
    return rc;
}

/* Before a frame of type @old begins as something else. */
static void flush_for_new_type(struct page_info *pg, uint64_t old, uint64_t type, uint32_t stamp)
{
    const struct domain *d;

    if (old != PGT_NONE && old != type && (d = page_owner(pg)) != NULL) {
        tlb_flush_since(&d->dirty_cpus, stamp);
    }
}

/* BUSY, just made so from FREE, where @old was the type. */
static int type_begin(struct page_info *pg, uint64_t old, uint64_t type, bool preemptible)
{
    flush_for_new_type(pg, old, type, pg->tlb_stamp);
    if (type == PGT_WRITABLE) {
        type_store(pg, PGT_WRITABLE | PGT_VALIDATED | 1);
        return 0;
    }
    pg->nr_validated = 0;
    pg->linear = 0;
    return validate(pg, type, preemptible);
}

/*
 * The slow part of taking a type reference. The caller's general reference becomes the type's if
 * it is the first, and is dropped otherwise.
 */
int page_type_get_first(struct page_info *pg, uint64_t type, bool preemptible)
{
    uint64_t t = READ_ONCE(pg->type);
    int rc = 0;

    for (;;) {
        if ((t & PGT_COUNT_MASK) == 0) {
            if (type_cmpxchg(pg, &t, type | 1)) {
                return type_begin(pg, t & PGT_TYPE_MASK, type, preemptible);
            }
        } else if ((t & PGT_TYPE_MASK) != type) {
            rc = -EINVAL;
            break;
        } else if (t & PGT_VALIDATED) {
            if (type_cmpxchg(pg, &t, t + 1)) {
                break;
            }
        } else if (t & PGT_PARTIAL) {
            if (type_cmpxchg(pg, &t, t & ~PGT_PARTIAL)) {
                rc = validate(pg, type, preemptible);
                break;
            }
        } else if (preemptible && hypercall_preempt_check()) {
            rc = -ERESTART;
            break;
        } else {
            cpu_relax();
            t = READ_ONCE(pg->type);
        }
    }
    page_put_fast(pg);
    return rc;
}

int page_type_put_last(struct page_info *pg, bool preemptible)
{
    uint64_t t = READ_ONCE(pg->type);

    for (;;) {
        uint64_t type = t & PGT_TYPE_MASK;

        BUG_ON((t & PGT_COUNT_MASK) == 0 || (t & PGT_PARTIAL));
        if ((t & PGT_COUNT_MASK) > 1) {
            if (type_cmpxchg(pg, &t, t - 1)) {
                return 0;
            }
        } else if (type_has_entries(type)) {
            BUG_ON((t & (PGT_VALIDATED | PGT_PINNED)) != PGT_VALIDATED);
            if (type_cmpxchg(pg, &t, type | 1)) {
                return devalidate(pg, type, preemptible);
            }
        } else {
            /* Others can only add to the count while we hold one, so the stamp's place is free. */
            pg->tlb_stamp = tlb_stamp();
            if (type_cmpxchg(pg, &t, type)) {
                page_put_fast(pg);
                return 0;
            }
        }
    }
}

int page_get_type(struct page_info *pg, uint64_t type, bool preemptible)
{
    if (page_type_try_get(pg, type)) {
        return 0;
    }
    /* The caller keeps its own. */
    __atomic_fetch_add(&pg->count, 1, __ATOMIC_SEQ_CST);
    return page_type_get_first(pg, type, preemptible);
}

int page_put_type(struct page_info *pg, bool preemptible)
{
    return page_put_type_fast(pg, preemptible);
}

int page_settle(struct page_info *pg, bool preemptible)
{
    uint64_t t = READ_ONCE(pg->type);

    while (t & PGT_PARTIAL) {
        if (type_cmpxchg(pg, &t, t & ~PGT_PARTIAL)) {
            return devalidate(pg, t & PGT_TYPE_MASK, preemptible);
        }
    }
    return 0;
}

int page_get_and_type(struct page_info *pg, const struct domain *d, uint64_t type)
{
    return page_get_type_owned(pg, d->id, type, false);
}

void page_put_and_type(struct page_info *pg)
{
    (void)page_put_type_fast(pg, false);
}

bool page_get_same_type(struct page_info *pg, uint64_t type)
{
    return page_type_try_get(pg, type);
}

int page_pin(struct page_info *pg, uint64_t type)
{
    uint64_t t;
    int rc = page_get_type(pg, type, true);

    if (rc != 0) {
        return rc;
    }
    t = READ_ONCE(pg->type);
    do {
        if (t & PGT_PINNED) {
            (void)page_put_type_fast(pg, false);
            return -EINVAL;
        }
    } while (!type_cmpxchg(pg, &t, t | PGT_PINNED));
    return 0;
}

int page_unpin(struct page_info *pg)
{
    uint64_t t = READ_ONCE(pg->type);

    do {
        if (t & PGT_PARTIAL) {
            /* An unpin that was preempted, called again. */
            return page_settle(pg, true);
        }
        if (!(t & PGT_PINNED)) {
            return -EINVAL;
        }
    } while (!type_cmpxchg(pg, &t, t & ~PGT_PINNED));
    return page_put_type_fast(pg, true);
}

#ifdef XENIOS_DEBUG
void page_check(const struct page_info *pg)
{
    uint64_t t = READ_ONCE(pg->type), c = READ_ONCE(pg->count);
    uint64_t n = t & PGT_COUNT_MASK, type = t & PGT_TYPE_MASK;

    ASSERT(n == 0 || (c & PGC_COUNT_MASK) != 0);
    ASSERT(!(t & PGT_PINNED) || (t & PGT_VALIDATED));
    ASSERT(!(t & PGT_VALIDATED) || n != 0);
    ASSERT(!(t & PGT_PARTIAL) || (n == 1 && !(t & PGT_VALIDATED)));
    ASSERT(!(t & PGT_PINNED) || type_has_entries(type));
    ASSERT(type <= PGT_SEG_DESC || type == PGT_WRITABLE);
    ASSERT(!type_has_entries(type) || n == 0 || pg->nr_validated <= 512);
    ASSERT(!type_has_entries(type) || !(t & PGT_VALIDATED) || pg->nr_validated == 512);
    ASSERT(!(c & PGC_FREE) || (c & ~PGC_FREE) == 0);
    ASSERT(!(c & PGC_ALLOCATED) || (c & PGC_COUNT_MASK) != 0);
}
#else
void page_check(const struct page_info *pg)
{
    (void)pg;
}
#endif
