/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GNTTABOP_copy: bytes from one page to another, each named by a grant or, for the caller's own,
 * by frame number.
 */
#include <asm/current.h>
#include <asm/page.h>
#include <xen/arch.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/string.h>
#include <xen/usercopy.h>

#include "table.h"

/* One side of a copy. */
struct side {
    struct grant_use use;
    bool by_ref;
};

/* Another domain's frames are not to be had by number. */
static int16_t refuse_foreign(domid_t id)
{
    struct domain *d = domain_get(id);

    if (d == NULL) {
        return GNTST_bad_domain;
    }
    domain_put(d);
    return GNTST_permission_denied;
}

static int16_t side_begin(struct side *s, const struct gnttab_copy_ptr *ptr, bool by_ref,
                          bool writable)
{
    struct domain *self = current->domain, *d;
    int16_t status;

    s->by_ref = by_ref;
    s->use.writable = writable;
    if (!by_ref) {
        if (ptr->domid != DOMID_SELF) {
            return refuse_foreign(ptr->domid);
        }
        return grant_page_get(self, arch_machine_frame(self, ptr->u.gmfn).n, writable, &s->use.pg);
    }
    d = domain_get(ptr->domid == DOMID_SELF ? self->id : ptr->domid);
    if (d == NULL) {
        return GNTST_bad_domain;
    }
    s->use.granter = d;
    s->use.ref = ptr->u.ref;
    status = grant_use_begin(&s->use, self->id);
    if (status != GNTST_okay) {
        domain_put(d);
    }
    return status;
}

static void side_end(struct side *s)
{
    if (s->by_ref) {
        grant_use_end(&s->use);
        domain_put(s->use.granter);
    } else {
        grant_page_put(s->use.pg, s->use.writable);
    }
}

static int16_t copy_one(const struct gnttab_copy *op)
{
    struct side src, dst;
    int16_t status;

    if (op->source.offset + op->len > PAGE_SIZE || op->dest.offset + op->len > PAGE_SIZE) {
        return GNTST_bad_copy_arg;
    }
    status = side_begin(&src, &op->source, (op->flags & GNTCOPY_source_gref) != 0, false);
    if (status != GNTST_okay) {
        return status;
    }
    status = side_begin(&dst, &op->dest, (op->flags & GNTCOPY_dest_gref) != 0, true);
    if (status == GNTST_okay) {
        /* The pages may be one and the same. */
        memmove((char *)page_to_virt(dst.use.pg) + op->dest.offset,
                (char *)page_to_virt(src.use.pg) + op->source.offset, op->len);
        side_end(&dst);
    }
    side_end(&src);
    return status;
}

long grant_op_copy(struct gnttab_copy *guest, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        struct gnttab_copy op;

        if (i > 0 && hypercall_preempt_check()) {
            return grant_op_continue(guest, sizeof(op), i, count);
        }
        if (!read_guest(&op, &guest[i])) {
            return -EFAULT;
        }
        op.status = copy_one(&op);
        if (copy_to_guest(&guest[i].status, &op.status, sizeof(op.status)) != 0) {
            return -EFAULT;
        }
    }
    return 0;
}
