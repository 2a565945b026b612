/* SPDX-License-Identifier: BSD-2-Clause */
/* domctl: what only hardware-assisted domains have. For others: -EINVAL. */
#include "domctl.h"

#include <asm/hvm.h>
#include <xen/alloc.h>
#include <xen/errno.h>
#include <xen/sched.h>
#include <xen/usercopy.h>

#define MAX_CONTEXT (1U << 20)

int domctl_gethvmcontext(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_hvmcontext *c = &op->u.hvmcontext;
    size_t size;
    char *buffer;
    int rc = 0;

    if (!is_hvm(d)) {
        return -EINVAL;
    }
    size = hvm_context_size(d);
    if (c->buffer == NULL) {
        c->size = (uint32_t)size;
        return 0;
    }
    if (c->size < size) {
        return -ENOSPC;
    }
    buffer = heap_alloc(size);
    if (buffer == NULL) {
        return -ENOMEM;
    }
    domain_pause_sync(d);
    size = hvm_context_save(d, buffer);
    domain_unpause(d);
    if (copy_to_guest(c->buffer, buffer, size) == 0) {
        c->size = (uint32_t)size;
    } else {
        rc = -EFAULT;
    }
    heap_free(buffer);
    return rc;
}

int domctl_sethvmcontext(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_hvmcontext *c = &op->u.hvmcontext;
    char *buffer;
    int rc = -EFAULT;

    if (!is_hvm(d) || c->size == 0 || c->size > MAX_CONTEXT) {
        return -EINVAL;
    }
    buffer = heap_alloc(c->size);
    if (buffer == NULL) {
        return -ENOMEM;
    }
    if (copy_from_guest(buffer, c->buffer, c->size) == 0) {
        domain_pause_sync(d);
        rc = hvm_context_load(d, buffer, c->size);
        domain_unpause(d);
    }
    heap_free(buffer);
    return rc;
}

/* The map's tables come from the hypervisor's own memory: the size is kept, and limits nothing. */
int domctl_set_paging_mempool_size(struct domain *d, struct xen_domctl *op)
{
    if (!is_hvm(d)) {
        return -EOPNOTSUPP;
    }
    d->arch.hvm->mempool_bytes = op->u.paging_mempool.size;
    return 0;
}

int domctl_get_paging_mempool_size(struct domain *d, struct xen_domctl *op)
{
    if (!is_hvm(d)) {
        return -EOPNOTSUPP;
    }
    op->u.paging_mempool.size = d->arch.hvm->mempool_bytes;
    return 0;
}
