/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GNTTABOP_unmap_grant_ref. A batch of entries is cleared in the page tables, then TLBs are
 * flushed once, and only then the granters see their entries fall out of use.
 */
#include <asm/current.h>
#include <asm/page.h>
#include <xen/arch.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/tlb.h>
#include <xen/usercopy.h>

#include "table.h"

#define BATCH 32

/* A handle that is claimed, with what remains of it. */
struct unmapping {
    struct grant_use use;
    grant_handle_t handle;
    uint8_t kinds;
    bool is_claimed;
    pte_t held; /* the entry that was cleared: its reference is now ours; 0: none */
};

/*
 * Clears the page-table entry at @addr if it maps the page as the mapping does. An entry of other
 * permission belongs to another mapping: were it taken instead, a writable one could stay behind
 * when the granter thinks that writing is over.
 */
static int16_t clear_entry(struct unmapping *u, uint64_t addr)
{
    bool by_pte = (u->kinds & GNTMAP_contains_pte) != 0;
    pte_t held;

    if (arch_grant_unmap_pte(current, addr, page_to_mfn(u->use.pg), by_pte, &held) != 0) {
        return GNTST_general_error;
    }
    if (((held & PTE_RW) != 0) != u->use.writable) {
        if (arch_grant_map_pte(current, addr, held, by_pte) != 0) {
            u->held = held; /* the table went away meanwhile */
        }
        return GNTST_general_error;
    }
    u->held = held;
    return GNTST_okay;
}

/* Clears the page-table entry. On any error the mapping stays as it was. */
static int16_t unmap_begin(const struct gnttab_unmap_grant_ref *op, struct unmapping *u)
{
    struct grant_table *t = current->domain->grants;
    struct grant_mapping m;

    if (!grant_maptrack_claim(t, op->handle, &m)) {
        return GNTST_bad_handle;
    }
    u->is_claimed = true;
    u->handle = op->handle;
    u->kinds = m.kinds;
    u->use = grant_use_of(&m);

    if (op->dev_bus_addr != 0 &&
        op->dev_bus_addr != mfn_to_maddr(page_to_mfn(u->use.pg)).a) {
        return GNTST_bad_dev_addr;
    }
    if (op->host_addr != 0 && (u->kinds & GNTMAP_host_map)) {
        int16_t status = clear_entry(u, op->host_addr);

        if (status != GNTST_okay) {
            return status;
        }
        u->kinds &= (uint8_t)~GNTMAP_host_map;
    }
    if (op->dev_bus_addr != 0) {
        u->kinds &= (uint8_t)~GNTMAP_device_map;
    }
    return GNTST_okay;
}

static void unmap_end(const struct unmapping *u)
{
    if (u->held != 0) {
        arch_grant_put_pte(u->held);
    }
    if (!u->is_claimed) {
        return;
    }
    if (u->kinds & KIND_MASK) {
        grant_maptrack_release(current->domain->grants, u->handle, u->kinds);
        return;
    }
    grant_use_end(&u->use);
    grant_maptrack_release(current->domain->grants, u->handle, 0);
    domain_put(u->use.granter);
}

/* Unmaps up to BATCH. Returns how many, or -EFAULT. */
static long unmap_batch(struct gnttab_unmap_grant_ref *guest, unsigned int count)
{
    struct unmapping u[BATCH];
    unsigned int i, nr = MIN(count, (unsigned int)BATCH);
    bool must_flush = false;
    long rc = 0;

    for (i = 0; i < nr; i++) {
        struct gnttab_unmap_grant_ref op;

        u[i].is_claimed = false;
        u[i].held = 0;
        if (!read_guest(&op, &guest[i])) {
            rc = -EFAULT;
            break;
        }
        op.status = unmap_begin(&op, &u[i]);
        must_flush = must_flush || u[i].held != 0;
        if (!write_guest(&guest[i], &op)) {
            rc = -EFAULT;
            i++;
            break;
        }
    }
    if (must_flush) {
        tlb_flush_mask(&current->domain->dirty_cpus);
    }
    for (unsigned int k = 0; k < i; k++) {
        unmap_end(&u[k]);
    }
    return rc != 0 ? rc : (long)nr;
}

long grant_op_unmap(struct gnttab_unmap_grant_ref *guest, unsigned int count)
{
    unsigned int done = 0;

    while (done < count) {
        long nr = unmap_batch(&guest[done], count - done);

        if (nr < 0) {
            return nr;
        }
        done += (unsigned int)nr;
        if (done < count && hypercall_preempt_check()) {
            return grant_op_continue(guest, sizeof(*guest), done, count);
        }
    }
    return 0;
}
