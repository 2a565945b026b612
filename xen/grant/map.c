/* SPDX-License-Identifier: BSD-2-Clause */
/* GNTTABOP_map_grant_ref. */
#include <asm/current.h>
#include <asm/page.h>
#include <xen/arch.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/mm.h>
#include <xen/usercopy.h>

#include "table.h"

static pte_t pte_for(mfn_t m, uint32_t flags)
{
    uint64_t bits = PTE_P | PTE_A | PTE_D | PTE_NX;

    if (!(flags & GNTMAP_readonly)) {
        bits |= PTE_RW;
    }
    if (flags & GNTMAP_application_map) {
        bits |= PTE_US;
    }
    bits |= ((uint64_t)(flags >> _GNTMAP_guest_avail0) << 9) & PTE_AVL;
    return pte_make(m, bits);
}

/* Installs the page-table entry, which takes a reference of its own, of the same kind. */
static int16_t host_map(const struct gnttab_map_grant_ref *op, const struct grant_use *use)
{
    bool has_ref = use->writable ? page_get_same_type(use->pg, PGT_WRITABLE)
                                 : page_get(use->pg, use->granter);
    int rc;

    if (!has_ref) {
        return GNTST_general_error;
    }
    rc = arch_grant_map_pte(current, op->host_addr, pte_for(page_to_mfn(use->pg), op->flags),
                            (op->flags & GNTMAP_contains_pte) != 0);
    if (rc != 0) {
        grant_page_put(use->pg, use->writable);
        return GNTST_general_error;
    }
    return GNTST_okay;
}

/* Everything after the granter is found. On success the mapping keeps the granter's reference. */
static int16_t map_from(struct domain *granter, struct gnttab_map_grant_ref *op)
{
    struct grant_table *t = current->domain->grants;
    struct grant_use use = {
        .granter = granter,
        .ref = op->ref,
        .writable = !(op->flags & GNTMAP_readonly),
    };
    grant_handle_t handle;
    int16_t status;

    status = grant_use_begin(&use, current->domain->id);
    if (status != GNTST_okay) {
        return status;
    }
    handle = grant_maptrack_reserve(t);
    if (handle == NO_MAPPING) {
        grant_use_end(&use);
        return GNTST_no_space;
    }
    if (op->flags & GNTMAP_host_map) {
        status = host_map(op, &use);
        if (status != GNTST_okay) {
            grant_maptrack_cancel(t, handle);
            grant_use_end(&use);
            return status;
        }
    }
    op->handle = handle;
    op->dev_bus_addr = mfn_to_maddr(page_to_mfn(use.pg)).a;
    grant_maptrack_publish(t, handle, &(struct grant_mapping){
        .granter = granter,
        .ref = op->ref,
        .kinds = op->flags & (KIND_MASK | GNTMAP_readonly | GNTMAP_contains_pte),
    });
    return GNTST_okay;
}

static int16_t map_one(struct gnttab_map_grant_ref *op)
{
    struct domain *granter;
    int16_t status;

    if (!(op->flags & KIND_MASK)) {
        return GNTST_bad_gntref;
    }
    granter = domain_get(op->dom);
    if (granter == NULL) {
        return GNTST_bad_domain;
    }
    status = map_from(granter, op);
    if (status != GNTST_okay) {
        domain_put(granter);
    }
    return status;
}

long grant_op_map(struct gnttab_map_grant_ref *guest, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        struct gnttab_map_grant_ref op;

        if (i > 0 && hypercall_preempt_check()) {
            return grant_op_continue(guest, sizeof(op), i, count);
        }
        if (!read_guest(&op, &guest[i])) {
            return -EFAULT;
        }
        op.status = map_one(&op);
        if (!write_guest(&guest[i], &op)) {
            return -EFAULT;
        }
    }
    return 0;
}
