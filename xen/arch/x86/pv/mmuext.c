/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mmuext_op call: pins, root tables, TLB flushes, LDT, page clearing (docs/interface/mmu.md).
 *
 * Each operation is checked and done on its own; the first that fails ends the list. An operation
 * that is preempted is called again with the same arguments: what it did so far is in the state of
 * the page (PARTIAL), which makes repeating it harmless.
 */
#include <asm/current.h>
#include <asm/own_pt.h>
#include <asm/pv_mm.h>
#include <public/xen.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/hypercall.h>
#include <xen/iocaps.h>
#include <xen/string.h>
#include <xen/tlb.h>
#include <xen/usercopy.h>

#include "pt_update.h"

/* ------------------------------------------------------------------------ */
/* Root tables */

static int get_root(struct vcpu *v, mfn_t m)
{
    struct page_info *pg = mfn_to_page(m);
    int rc;

    if (!mfn_is_ram(m)) {
        return -EINVAL;
    }
    rc = page_get_type_owned(pg, v->domain->id, PGT_L4, true);
    if (unlikely(rc != 0) && rc != -ERESTART) {
        pv_keep_old_table(v, pg);
    }
    return rc;
}

static void put_root(struct vcpu *v, mfn_t m)
{
    if (!mfn_eq(m, INVALID_MFN)) {
        pv_put_table_ref(v, mfn_to_page(m));
    }
}

static void show_m2p(mfn_t root, bool show)
{
    ((pte_t *)mfn_to_virt(root))[L4_SLOT_M2P_RO] = show ? hv_l4_template[L4_SLOT_M2P_RO] : 0;
}

/*
 * A kernel's root table shows the M2P from its first use as one on. A table that is only ever a
 * user's never does; one that was both does, unless the guest asked for strictness.
 */
int pv_set_baseptr(struct vcpu *v, mfn_t m)
{
    mfn_t old = v->arch.guest_table;
    int rc = pv_settle_old_table(v);

    if (unlikely(rc != 0)) {
        return rc;
    }
    if (!mfn_eq(m, old)) {
        rc = get_root(v, m);
        if (unlikely(rc != 0)) {
            return rc;
        }
        show_m2p(m, true);
        v->arch.guest_table = m;
    }
    /* What the LDT's addresses mean may have changed with the tables. */
    if (v->arch.ldt_mapped != 0) {
        pv_drop_ldt_pages(v);
    }
    pv_load_cr3(v);
    if (!mfn_eq(m, old)) {
        put_root(v, old);
    }
    return 0;
}

int pv_set_user_baseptr(struct vcpu *v, mfn_t m)
{
    mfn_t old = v->arch.guest_table_user;
    int rc = pv_settle_old_table(v);

    if (unlikely(rc != 0) || mfn_eq(m, old)) {
        return rc;
    }
    if (!mfn_eq(m, INVALID_MFN)) {
        rc = get_root(v, m);
        if (unlikely(rc != 0)) {
            return rc;
        }
    }
    if ((v->domain->arch.vm_assist & (1UL << VMASST_TYPE_m2p_strict)) && !mfn_eq(m, INVALID_MFN) &&
        !mfn_eq(m, v->arch.guest_table)) {
        show_m2p(m, false);
    }
    v->arch.guest_table_user = m;
    if (!v->arch.kernel_mode) {
        pv_load_cr3(v);
    }
    put_root(v, old);
    return 0;
}

int pv_drop_tables(struct vcpu *v)
{
    mfn_t m;
    int rc = pv_settle_old_table(v);

    if (rc != 0) {
        return rc;
    }
    pv_drop_ldt_pages(v);
    v->arch.ldt_entries = 0;
    rc = pv_set_gdt(v, NULL, 0);
    BUG_ON(rc != 0);

    m = v->arch.guest_table_user;
    v->arch.guest_table_user = INVALID_MFN;
    put_root(v, m);
    rc = pv_settle_old_table(v);
    if (rc == 0) {
        m = v->arch.guest_table;
        v->arch.guest_table = INVALID_MFN;
        put_root(v, m);
        rc = pv_settle_old_table(v);
    }
    return rc;
}

/* ------------------------------------------------------------------------ */
/* Single operations: each gets the request and the owner of the frames */

typedef int op_fn(struct vcpu *v, struct domain *owner, const struct mmuext_op *op);

static int do_pin(struct vcpu *v, struct domain *owner, const struct mmuext_op *op)
{
    mfn_t m = mfn(op->arg1.mfn);
    struct page_info *pg = mfn_to_page(m);
    uint64_t type = PT_TYPE(op->cmd - MMUEXT_PIN_L1_TABLE + 1);
    int rc;

    if (!mfn_is_ram(m) || !page_get_owned(pg, owner->id)) {
        return -EINVAL;
    }
    rc = page_pin(pg, type);
    if (unlikely(rc != 0) && rc != -ERESTART) {
        if ((READ_ONCE(pg->type) & PGT_TYPE_MASK) == type) {
            pv_keep_old_table(v, pg);
        }
    } else if (unlikely(READ_ONCE(owner->state) != DOMAIN_ALIVE) && rc == 0) {
        /* Whoever gives back the memory of a dying domain has perhaps passed this page. */
        if (page_unpin(pg) == -ERESTART) {
            pv_keep_old_table(v, pg);
        }
        rc = -EINVAL;
    }
    page_put_fast(pg);
    return rc;
}

static int do_unpin(struct vcpu *v, struct domain *owner, const struct mmuext_op *op)
{
    mfn_t m = mfn(op->arg1.mfn);
    struct page_info *pg = mfn_to_page(m);
    int rc;

    (void)v;
    if (!mfn_is_ram(m) || !page_get_owned(pg, owner->id)) {
        return -EINVAL;
    }
    rc = page_unpin(pg);
    page_put_fast(pg);
    return rc;
}

static int do_new_baseptr(struct vcpu *v, struct domain *owner, const struct mmuext_op *op)
{
    return owner == v->domain ? pv_set_baseptr(v, mfn(op->arg1.mfn)) : -EPERM;
}

static int do_new_user_baseptr(struct vcpu *v, struct domain *owner, const struct mmuext_op *op)
{
    if (owner != v->domain) {
        return -EPERM;
    }
    return pv_set_user_baseptr(v, op->arg1.mfn != 0 ? mfn(op->arg1.mfn) : INVALID_MFN);
}

static int do_flush_local(struct vcpu *v, struct domain *owner, const struct mmuext_op *op)
{
    if (owner != v->domain) {
        return -EPERM;
    }
    if (op->cmd == MMUEXT_TLB_FLUSH_LOCAL) {
        tlb_flush_local();
    } else {
        tlb_flush_page_local(op->arg1.linear_addr);
    }
    return 0;
}

static int do_flush_multi(struct vcpu *v, struct domain *owner, const struct mmuext_op *op)
{
    cpumask_t mask;

    if (owner != v->domain) {
        return -EPERM;
    }
    if (pv_vcpu_bitmap_to_cpus(v->domain, op->arg2.vcpumask, &mask) != 0) {
        return -EINVAL;
    }
    if (op->cmd == MMUEXT_TLB_FLUSH_MULTI) {
        tlb_flush_mask(&mask);
    } else {
        tlb_flush_page_mask(&mask, op->arg1.linear_addr);
    }
    return 0;
}

static int do_flush_all(struct vcpu *v, struct domain *owner, const struct mmuext_op *op)
{
    if (owner != v->domain) {
        return -EPERM;
    }
    if (op->cmd == MMUEXT_TLB_FLUSH_ALL) {
        tlb_flush_mask(&v->domain->dirty_cpus);
    } else {
        tlb_flush_page_mask(&v->domain->dirty_cpus, op->arg1.linear_addr);
    }
    return 0;
}

static int do_flush_cache(struct vcpu *v, struct domain *owner, const struct mmuext_op *op)
{
    cpumask_t mask;

    if (owner != v->domain) {
        return -EPERM;
    }
    if (!iocaps_has_devices(v->domain)) {
        return op->cmd == MMUEXT_FLUSH_CACHE ? -EACCES : -EINVAL;
    }
    mask = op->cmd == MMUEXT_FLUSH_CACHE ? cpumask_of(smp_processor_id()) : cpu_online_map;
    cache_flush_mask(&mask);
    return 0;
}

static int do_set_ldt(struct vcpu *v, struct domain *owner, const struct mmuext_op *op)
{
    uint64_t base = op->arg1.linear_addr;
    unsigned int entries = op->arg2.nr_ents;

    if (owner != v->domain) {
        return -EPERM;
    }
    if ((base & (PAGE_SIZE - 1)) != 0 || entries > 8192 || !guest_range_ok(base, entries * 8UL)) {
        return -EINVAL;
    }
    if (base != v->arch.ldt_base || entries != v->arch.ldt_entries) {
        pv_drop_ldt_pages(v);
        v->arch.ldt_base = base;
        v->arch.ldt_entries = entries;
        pv_load_ldt(v);
    }
    return 0;
}

/* A frame that may be written, or NULL. */
static struct page_info *get_writable(const struct domain *owner, mfn_t m)
{
    struct page_info *pg = mfn_to_page(m);

    return mfn_is_ram(m) && page_get_type_owned(pg, owner->id, PGT_WRITABLE, false) == 0 ? pg
                                                                                        : NULL;
}

static int do_clear_page(struct vcpu *v, struct domain *owner, const struct mmuext_op *op)
{
    struct page_info *pg = get_writable(owner, mfn(op->arg1.mfn));

    (void)v;
    if (pg == NULL) {
        return -EINVAL;
    }
    memset(page_to_virt(pg), 0, PAGE_SIZE);
    (void)page_put_type_fast(pg, false);
    return 0;
}

static int do_copy_page(struct vcpu *v, struct domain *owner, const struct mmuext_op *op)
{
    mfn_t src = mfn(op->arg2.src_mfn);
    struct page_info *pg;

    (void)v;
    if (!mfn_is_ram(src) || !page_get_owned(mfn_to_page(src), owner->id)) {
        return -EINVAL;
    }
    pg = get_writable(owner, mfn(op->arg1.mfn));
    if (pg != NULL) {
        memmove(page_to_virt(pg), mfn_to_virt(src), PAGE_SIZE);
        (void)page_put_type_fast(pg, false);
    }
    page_put_fast(mfn_to_page(src));
    return pg != NULL ? 0 : -EINVAL;
}

static int do_refuse_super(struct vcpu *v, struct domain *owner, const struct mmuext_op *op)
{
    (void)v;
    (void)owner;
    (void)op;
    return -EOPNOTSUPP;
}

static op_fn *const ops[] = {
    [MMUEXT_PIN_L1_TABLE] = do_pin,
    [MMUEXT_PIN_L2_TABLE] = do_pin,
    [MMUEXT_PIN_L3_TABLE] = do_pin,
    [MMUEXT_PIN_L4_TABLE] = do_pin,
    [MMUEXT_UNPIN_TABLE] = do_unpin,
    [MMUEXT_NEW_BASEPTR] = do_new_baseptr,
    [MMUEXT_TLB_FLUSH_LOCAL] = do_flush_local,
    [MMUEXT_INVLPG_LOCAL] = do_flush_local,
    [MMUEXT_TLB_FLUSH_MULTI] = do_flush_multi,
    [MMUEXT_INVLPG_MULTI] = do_flush_multi,
    [MMUEXT_TLB_FLUSH_ALL] = do_flush_all,
    [MMUEXT_INVLPG_ALL] = do_flush_all,
    [MMUEXT_FLUSH_CACHE] = do_flush_cache,
    [MMUEXT_SET_LDT] = do_set_ldt,
    [MMUEXT_NEW_USER_BASEPTR] = do_new_user_baseptr,
    [MMUEXT_CLEAR_PAGE] = do_clear_page,
    [MMUEXT_COPY_PAGE] = do_copy_page,
    [MMUEXT_FLUSH_CACHE_GLOBAL] = do_flush_cache,
    [MMUEXT_MARK_SUPER] = do_refuse_super,
    [MMUEXT_UNMARK_SUPER] = do_refuse_super,
};

static int run_ops(struct vcpu *v, struct domain *owner, const struct mmuext_op *list,
                   unsigned int count, unsigned int *done)
{
    int rc = 0;

    for (*done = 0; *done < count; ++*done) {
        struct mmuext_op op;

        if (unlikely(*done % 16 == 15) && hypercall_preempt_check()) {
            return -ERESTART;
        }
        if (!read_guest(&op, list + *done)) {
            return -EFAULT;
        }
        if (op.cmd >= ARRAY_SIZE(ops) || ops[op.cmd] == NULL) {
            return -ENOSYS;
        }
        rc = ops[op.cmd](v, owner, &op);
        if (rc != 0) {
            return rc;
        }
        if (unlikely(v->arch.old_table != NULL)) {
            rc = pv_settle_old_table(v);
            if (rc != 0) {
                ++*done;
                return rc;
            }
        }
    }
    return 0;
}

long hypercall_mmuext_op(void *list, unsigned int count, void *done, unsigned int domid)
{
    struct vcpu *v = current;
    struct domain *owner;
    unsigned int i, before = 0;
    int rc = pv_settle_old_table(v);

    if (unlikely(rc != 0)) {
        return rc;
    }
    if (unlikely(count & CALL_CONTINUED)) {
        count &= ~CALL_CONTINUED;
        before = pv_done_before(done);
    }
    rc = pv_get_owner(domid, &owner);
    if (rc == 0 && (owner == dom_io || owner == dom_xen)) {
        rc = -EPERM;
    }
    if (rc != 0) {
        return rc;
    }
    rc = run_ops(v, owner, list, count, &i);
    pv_put_owner(owner);
    if (rc == -ERESTART) {
        return pv_continue_list((const struct mmuext_op *)list + i, count - i, done, before + i);
    }
    pv_write_done(done, before + i);
    return rc;
}
