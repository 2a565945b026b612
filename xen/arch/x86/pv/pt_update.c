/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changes of single page-table entries, and the mmu_update call (docs/interface/mmu.md).
 *
 * An update takes the references of the new entry first, then exchanges the entries atomically,
 * then drops what the exchange returned. So two CPUs that change one entry each drop exactly what
 * the other, or the CPU's A and D bits, left there. No lock is needed: the type reference to the
 * table keeps it from being devalidated meanwhile.
 *
 * Dropping an L2-L4 entry may devalidate a whole tree. If that is preempted, the update itself is
 * done; the rest is noted in v->arch.old_table, and finished before the vCPU's next page-table
 * call.
 */
#include <asm/current.h>
#include <asm/hvm.h>
#include <asm/pv_mm.h>
#include <public/xen.h>
#include <xen/arch.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/hypercall.h>
#include <xen/m2p.h>
#include <xen/usercopy.h>

#include "pt_update.h"

#define PTE_AD     (PTE_A | PTE_D)
#define CHUNK      32 /* requests that are copied in at a time */

/* ------------------------------------------------------------------------ */
/* Entries */

static always_inline bool pte_cmpxchg(pte_t *slot, pte_t *old, pte_t new)
{
    return __atomic_compare_exchange_n(slot, old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* Stores @new; returns the entry that it replaced. */
static always_inline pte_t pte_replace(pte_t *slot, pte_t old, pte_t new, bool preserve_ad)
{
    if (!preserve_ad) {
        return __atomic_exchange_n(slot, new, __ATOMIC_SEQ_CST);
    }
    while (!pte_cmpxchg(slot, &old, new | (old & PTE_AD))) {
    }
    return old;
}

/* Whether the entries differ in bits that hold no reference only. */
static always_inline bool same_references(pte_t a, pte_t b)
{
    return ((a ^ b) & ~PTE_FLAGS_ONLY) == 0;
}

int pt_update_l1(pte_t *slot, pte_t new, const struct domain *pt_owner,
                 const struct domain *pg_owner, bool preserve_ad)
{
    pte_t old = READ_ONCE(*slot);
    int rc;

    if (new & PTE_P) {
        while (same_references(old, new) && pt_nx_ok(new)) {
            pte_t v = pt_adjust_l1(new);

            if (pte_cmpxchg(slot, &old, preserve_ad ? v | (old & PTE_AD) : v)) {
                return 0;
            }
        }
        rc = pt_get_l1(&new, pt_owner, pg_owner);
        if (unlikely(rc != 0)) {
            return rc;
        }
    }
    pt_put_l1(pte_replace(slot, old, new, preserve_ad));
    return 0;
}

int pv_l1_emulate_write(struct vcpu *v, struct page_info *l1pg, unsigned int index, uint64_t old,
                        uint64_t new, bool cmpxchg)
{
    const struct domain *d = v->domain;
    pte_t *slot = (pte_t *)page_to_virt(l1pg) + index;
    pte_t before = old;
    int rc;

    if (!cmpxchg) {
        return pt_update_l1(slot, new, d, d, false);
    }
    if ((new & PTE_P) && same_references(old, new) && pt_nx_ok(new)) {
        return pte_cmpxchg(slot, &before, pt_adjust_l1(new)) ? 0 : -EAGAIN;
    }
    if (new & PTE_P) {
        if (READ_ONCE(*slot) != old) {
            return -EAGAIN;
        }
        rc = pt_get_l1(&new, d, d);
        if (rc != 0) {
            return rc;
        }
    }
    if (!pte_cmpxchg(slot, &before, new)) {
        pt_put_l1(new);
        return -EAGAIN;
    }
    pt_put_l1(old);
    return 0;
}

/* The same for L2-L4. -ERESTART only before anything was changed. */
static int update_table(struct page_info *table, unsigned int index, pte_t new,
                        const struct domain *d, bool preserve_ad)
{
    unsigned int level = (unsigned int)((table->type & PGT_TYPE_MASK) >> 60);
    pte_t *slot = (pte_t *)page_to_virt(table) + index;
    pte_t old = READ_ONCE(*slot);
    int rc;

    if (level == 4 && index >= L4_SLOT_FIRST_HV && index <= L4_SLOT_LAST_HV) {
        return -EINVAL;
    }
    if (new & PTE_P) {
        while (same_references(old, new)) {
            if ((new & PTE_REFUSED_TABLE) || !pt_nx_ok(new)) {
                return -EINVAL;
            }
            if (pte_cmpxchg(slot, &old,
                            preserve_ad ? new | PTE_US | (old & PTE_AD) : new | PTE_US)) {
                return 0;
            }
        }
        rc = pt_get_table(&new, level, table, d, true);
        if (rc != 0) {
            if (rc != -ERESTART && mfn_is_ram(pte_mfn(new))) {
                pv_keep_old_table(current, mfn_to_page(pte_mfn(new)));
            }
            return rc;
        }
    }
    old = pte_replace(slot, old, new, preserve_ad);
    if (pt_put_table(old, level, table, true) == -ERESTART) {
        pv_keep_old_table(current, mfn_to_page(pte_mfn(old)));
    }
    return 0;
}

/* ------------------------------------------------------------------------ */
/* What preemption left */

int pv_settle_old_table(struct vcpu *v)
{
    struct page_info *pg = v->arch.old_table;
    int rc = pg != NULL ? page_settle(pg, true) : 0;

    if (rc == 0 && pg != NULL) {
        v->arch.old_table = NULL;
        page_put(pg);
    }
    return rc;
}

void pv_keep_old_table(struct vcpu *v, struct page_info *pg)
{
    /* A partial page belongs to nobody, so it may be gone by now: then there is nothing to do. */
    if ((READ_ONCE(pg->type) & PGT_PARTIAL) && page_try_get(pg)) {
        BUG_ON(v->arch.old_table != NULL);
        v->arch.old_table = pg;
    }
}

void pv_put_table_ref(struct vcpu *v, struct page_info *pg)
{
    if (page_put_type_fast(pg, true) == -ERESTART) {
        pv_keep_old_table(v, pg);
    }
}

void pv_write_done(void *done, unsigned int n)
{
    /* A bad pointer loses the guest its own count, nothing else. */
    bool copied = done == NULL || write_guest(done, &n);

    (void)copied;
}

long pv_continue_list(const void *next, unsigned int left, void *done, unsigned int so_far)
{
    pv_write_done(done, so_far);
    hypercall_set_arg(0, (unsigned long)next);
    hypercall_set_arg(1, left | CALL_CONTINUED);
    return -ERESTART;
}

unsigned int pv_done_before(const void *done)
{
    unsigned int before;

    return done != NULL && read_guest(&before, done) ? before : 0;
}

/* ------------------------------------------------------------------------ */
/* mmu_update */

struct batch {
    struct vcpu *v;
    struct domain *pt_owner; /* of the tables */
    struct domain *pg_owner; /* of the frames that they are to map */
    struct page_info *l1;    /* the L1 table of the last request, with a type reference; or NULL */
};

static void batch_drop_l1(struct batch *b)
{
    if (b->l1 != NULL) {
        (void)page_put_type_fast(b->l1, false);
        b->l1 = NULL;
    }
}

/* A write to a frame that isn't a table in use. */
static int store_plain(struct batch *b, struct page_info *pg, unsigned int index, uint64_t val)
{
    int rc = page_get_type_owned(pg, b->pt_owner->id, PGT_WRITABLE, false);

    if (rc == 0) {
        WRITE_ONCE(((uint64_t *)page_to_virt(pg))[index], val);
        (void)page_put_type_fast(pg, false);
    }
    return rc;
}

static int update_higher(struct batch *b, struct page_info *pg, unsigned int index, uint64_t val,
                         bool preserve_ad)
{
    uint64_t type = READ_ONCE(pg->type) & PGT_TYPE_MASK;
    int rc = -EINVAL;

    /* Frames of others are mapped by L1 entries only. */
    if (READ_ONCE(pg->owner) != b->pt_owner->id || !page_type_try_get(pg, type)) {
        return -EINVAL;
    }
    if (READ_ONCE(pg->owner) == b->pt_owner->id &&
        (b->pg_owner == b->pt_owner || !(val & PTE_P))) {
        rc = update_table(pg, index, val, b->pt_owner, preserve_ad);
    }
    if (page_put_type_fast(pg, true) == -ERESTART && b->v->arch.old_table == NULL) {
        pv_keep_old_table(b->v, pg);
    }
    return rc;
}

/* An entry at machine address @ptr. Keeps a reference to its L1 table for the next request. */
static int update_entry(struct batch *b, uint64_t ptr, uint64_t val, bool preserve_ad)
{
    mfn_t m = mfn(ptr >> PAGE_SHIFT);
    unsigned int index = (ptr >> 3) & (PT_ENTRIES - 1);
    struct page_info *pg = mfn_to_page(m);

    if (pg != b->l1) {
        uint64_t type;

        if (!mfn_is_ram(m)) {
            return -EINVAL;
        }
        type = READ_ONCE(pg->type) & (PGT_TYPE_MASK | PGT_VALIDATED);
        if (type > (PGT_L1 | PGT_VALIDATED) && type <= (PGT_L4 | PGT_VALIDATED) &&
            (type & PGT_VALIDATED)) {
            return update_higher(b, pg, index, val, preserve_ad);
        }
        if (type != (PGT_L1 | PGT_VALIDATED)) {
            return store_plain(b, pg, index, val);
        }
        batch_drop_l1(b);
        if (READ_ONCE(pg->owner) != b->pt_owner->id || !page_type_try_get(pg, PGT_L1)) {
            return -EINVAL;
        }
        b->l1 = pg;
        if (READ_ONCE(pg->owner) != b->pt_owner->id) {
            batch_drop_l1(b);
            return -EINVAL;
        }
    }
    return pt_update_l1((pte_t *)page_to_virt(pg) + index, val, b->pt_owner, b->pg_owner,
                        preserve_ad);
}

static int update_m2p(struct batch *b, uint64_t ptr, uint64_t val)
{
    mfn_t m = mfn(ptr >> PAGE_SHIFT);

    if (!mfn_is_ram(m) || !page_get(mfn_to_page(m), b->pg_owner)) {
        return -EINVAL;
    }
    m2p_set(m, val);
    page_put(mfn_to_page(m));
    return 0;
}

/* An entry for a frame of a translated domain names the guest's frame. -EINVAL: nothing there. */
int pt_translate(const struct domain *pg_owner, uint64_t *pte)
{
    mfn_t m;

    if (likely(!is_hvm(pg_owner)) || !(*pte & PTE_P)) {
        return 0;
    }
    m = arch_machine_frame(pg_owner, pte_mfn(*pte).n);
    if (mfn_eq(m, INVALID_MFN)) {
        return -EINVAL;
    }
    *pte = (*pte & ~PTE_ADDR) | m.n << PAGE_SHIFT;
    return 0;
}

static int update_translated(struct batch *b, uint64_t ptr, uint64_t val, bool preserve_ad)
{
    int rc = pt_translate(b->pg_owner, &val);

    return rc == 0 ? update_entry(b, ptr, val, preserve_ad) : rc;
}

static int update_one(struct batch *b, const struct mmu_update *req)
{
    uint64_t ptr = req->ptr & ~7UL;

    switch (req->ptr & 7) {
    case MMU_PT_UPDATE_NO_TRANSLATE:
        return update_entry(b, ptr, req->val, false);
    case MMU_NORMAL_PT_UPDATE:
        return update_translated(b, ptr, req->val, false);
    case MMU_PT_UPDATE_PRESERVE_AD:
        return update_translated(b, ptr, req->val, true);
    case MMU_MACHPHYS_UPDATE:
        return update_m2p(b, ptr, req->val);
    default:
        return -ENOSYS;
    }
}

/* Works through the list; *done requests succeeded. */
static int run_batch(struct batch *b, const struct mmu_update *reqs, unsigned int count,
                     unsigned int *done)
{
    struct mmu_update chunk[CHUNK];
    unsigned int i = 0;
    int rc = 0;

    while (rc == 0 && i < count) {
        unsigned int n = MIN(count - i, CHUNK), bytes = n * (unsigned int)sizeof(chunk[0]);
        unsigned int got = (bytes - (unsigned int)copy_from_guest(chunk, reqs + i, bytes)) /
                           (unsigned int)sizeof(chunk[0]);

        for (unsigned int k = 0; k < got; k++) {
            rc = update_one(b, &chunk[k]);
            if (rc != 0) {
                break;
            }
            i++;
            if (unlikely(b->v->arch.old_table != NULL)) {
                rc = pv_settle_old_table(b->v);
                if (rc != 0) {
                    break;
                }
            }
        }
        if (rc == 0 && got < n) {
            rc = -EFAULT;
        } else if (rc == 0 && i < count && hypercall_preempt_check()) {
            rc = -ERESTART;
        }
    }
    *done = i;
    return rc;
}

int pv_get_owner(unsigned int domid, struct domain **out)
{
    struct domain *self = current->domain;

    switch (domid) {
    case DOMID_SELF:
        *out = self;
        return 0;
    case DOMID_IO:
        *out = dom_io;
        return 0;
    case DOMID_XEN:
        if (!self->is_control) {
            return -EPERM;
        }
        *out = dom_xen;
        return 0;
    default:
        break;
    }
    if (domid == self->id) {
        return -ESRCH;
    }
    return domain_get_target((domid_t)domid, out);
}

void pv_put_owner(struct domain *d)
{
    if (d != current->domain && d != dom_io && d != dom_xen) {
        domain_put(d);
    }
}

/* Bits 16-31 of the call's last argument: whose tables, plus one, or 0 for the caller's. */
static int get_table_owner(unsigned int domids, struct batch *b)
{
    unsigned int id = (domids >> 16) - 1;

    b->pt_owner = b->v->domain;
    if (domids >> 16 == 0 || id == b->pt_owner->id) {
        return 0;
    }
    return id < DOMID_FIRST_RESERVED ? domain_get_target((domid_t)id, &b->pt_owner) : -ESRCH;
}

long hypercall_mmu_update(void *reqs, unsigned int count, void *done, unsigned int domid)
{
    struct batch b = { .v = current };
    unsigned int i = 0, before = 0;
    int rc = 0;

    if (unlikely(b.v->arch.old_table != NULL)) {
        rc = pv_settle_old_table(b.v);
        if (rc != 0) {
            return rc;
        }
    }
    if (unlikely(count & CALL_CONTINUED)) {
        count &= ~CALL_CONTINUED;
        before = pv_done_before(done);
    }
    rc = get_table_owner(domid, &b);
    if (rc != 0) {
        return rc;
    }
    rc = pv_get_owner(domid & 0xffff, &b.pg_owner);
    if (likely(rc == 0)) {
        rc = run_batch(&b, reqs, count, &i);
        batch_drop_l1(&b);
        pv_put_owner(b.pg_owner);
    }
    pv_put_owner(b.pt_owner);
    if (rc == -ERESTART) {
        return pv_continue_list((const struct mmu_update *)reqs + i, count - i, done, before + i);
    }
    pv_write_done(done, before + i);
    return rc;
}
