/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * domctl: a domain's memory as its tools see it: the limit, the types of its frames, the page of
 * call stubs.
 */
#include "domctl.h"

#include <asm/hypercall_page.h>
#include <xen/arch.h>
#include <xen/errno.h>
#include <xen/mm.h>
#include <xen/usercopy.h>

#define MAX_FRAME_INFOS 1024
#define CHUNK           64

int domctl_max_mem(struct domain *d, struct xen_domctl *op)
{
    uint64_t pages = op->u.max_mem.max_memkb >> (PAGE_SHIFT - 10);

    spin_lock(&d->memory.lock);
    d->memory.max_pages = MIN(pages, (uint64_t)UINT32_MAX);
    spin_unlock(&d->memory.lock);
    return 0;
}

static uint64_t table_info(const struct page_info *pg)
{
    uint64_t t = READ_ONCE(pg->type), info;

    /* A frame that is no table now may still carry the type it had. */
    if ((t & PGT_COUNT_MASK) == 0) {
        return XEN_DOMCTL_PFINFO_NOTAB;
    }
    switch (t & PGT_TYPE_MASK) {
    case PGT_L1:
        info = XEN_DOMCTL_PFINFO_L1TAB;
        break;
    case PGT_L2:
        info = XEN_DOMCTL_PFINFO_L2TAB;
        break;
    case PGT_L3:
        info = XEN_DOMCTL_PFINFO_L3TAB;
        break;
    case PGT_L4:
        info = XEN_DOMCTL_PFINFO_L4TAB;
        break;
    default:
        return XEN_DOMCTL_PFINFO_NOTAB;
    }
    return info | (t & PGT_PINNED ? XEN_DOMCTL_PFINFO_LPINTAB : 0);
}

static uint64_t frame_info(const struct domain *d, uint64_t frame)
{
    mfn_t m = arch_machine_frame(d, frame);
    struct page_info *pg = mfn_to_page(m);
    uint64_t info;

    if (!mfn_is_ram(m) || !page_get(pg, d)) {
        return XEN_DOMCTL_PFINFO_XTAB;
    }
    info = table_info(pg);
    page_put(pg);
    return info;
}

int domctl_getpageframeinfo3(struct domain *d, struct xen_domctl *op)
{
    uint64_t nr = op->u.getpageframeinfo3.num, list[CHUNK];

    if (nr > MAX_FRAME_INFOS) {
        return -E2BIG;
    }
    for (uint64_t done = 0; done < nr; done += CHUNK) {
        uint64_t n = MIN(nr - done, (uint64_t)CHUNK);
        uint64_t *guest = (uint64_t *)op->u.getpageframeinfo3.array + done;

        if (copy_from_guest(list, guest, n * sizeof(list[0])) != 0) {
            return -EFAULT;
        }
        for (uint64_t i = 0; i < n; i++) {
            list[i] = frame_info(d, list[i]);
        }
        if (copy_to_guest(guest, list, n * sizeof(list[0])) != 0) {
            return -EFAULT;
        }
    }
    return 0;
}

int domctl_hypercall_init(struct domain *d, struct xen_domctl *op)
{
    mfn_t m = mfn(op->u.hypercall_init.gmfn);
    struct page_info *pg = mfn_to_page(m);
    int rc = -EPERM;

    if (!mfn_is_ram(m) || !page_get(pg, d)) {
        return -EINVAL;
    }
    if (page_get_type(pg, PGT_WRITABLE, false) == 0) {
        hypercall_page_fill(page_to_virt(pg));
        (void)page_put_type(pg, false);
        rc = 0;
    }
    page_put(pg);
    return rc;
}

/*
 * Tracking of written pages, for the migration of running domains, doesn't exist: there is
 * nothing to switch off.
 */
int domctl_shadow_op(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    switch (op->u.shadow_op.op) {
    case XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY:
        return -EOPNOTSUPP;
    default:
        return -EINVAL;
    }
}
