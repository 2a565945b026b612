/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * grant_table_op: dispatch by command, and the operations on a table as a whole.
 * Page: docs/interface/grant_table.md. Tables are of version 1.
 */
#include <asm/current.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/usercopy.h>

#include "table.h"

long grant_op_continue(void *guest, size_t size, unsigned int done, unsigned int count)
{
    hypercall_set_arg(1, (unsigned long)((char *)guest + done * size));
    hypercall_set_arg(2, count - done);
    return -ERESTART;
}

/* bad_domain, permission_denied. */
static int16_t target_get(domid_t id, struct domain **target)
{
    int rc = domain_get_target(id, target);

    return rc == 0 ? GNTST_okay : rc == -ESRCH ? GNTST_bad_domain : GNTST_permission_denied;
}

/* Writes the machine frames of the first @nr table pages to the guest's list. 0 or -EFAULT. */
static long frames_out(const struct domain *d, unsigned int nr, xen_pfn_t *list)
{
    for (unsigned int i = 0; i < nr; i++) {
        xen_pfn_t frame = virt_to_mfn(d->grants->shared[i]).n;

        if (!write_guest(&list[i], &frame)) {
            return -EFAULT;
        }
    }
    return 0;
}

static long op_setup_table(void *arg, unsigned int count)
{
    struct gnttab_setup_table op;
    struct domain *d;
    long rc = 0;

    if (count != 1) {
        return -EINVAL;
    }
    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    op.status = target_get(op.dom, &d);
    if (op.status == GNTST_okay) {
        if (grant_table_grow(d, op.nr_frames) != 0) {
            op.status = GNTST_general_error;
        } else {
            rc = frames_out(d, op.nr_frames, op.frame_list);
        }
        domain_put(d);
    }
    return rc != 0 ? rc : write_guest(arg, &op) ? 0 : -EFAULT;
}

static long op_query_size(void *arg, unsigned int count)
{
    struct gnttab_query_size op;
    struct domain *d;

    if (count != 1) {
        return -EINVAL;
    }
    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    op.status = target_get(op.dom, &d);
    if (op.status == GNTST_okay) {
        op.nr_frames = READ_ONCE(d->grants->nr_frames);
        op.max_nr_frames = d->grants->max_frames;
        domain_put(d);
    }
    return write_guest(arg, &op) ? 0 : -EFAULT;
}

static long op_set_version(void *arg, unsigned int count)
{
    struct gnttab_set_version op;

    (void)count;
    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    switch (op.version) {
    case 1:
        return write_guest(arg, &op) ? 0 : -EFAULT;
    case 2:
        return -ENOSYS;
    default:
        return -EINVAL;
    }
}

static long op_get_version(void *arg, unsigned int count)
{
    struct gnttab_get_version op;
    struct domain *d;
    int rc;

    (void)count;
    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    rc = domain_get_target(op.dom, &d);
    if (rc != 0) {
        return rc;
    }
    domain_put(d);
    op.version = 1;
    return write_guest(arg, &op) ? 0 : -EFAULT;
}

/* Status frames come with version 2. */
static long op_get_status_frames(void *arg, unsigned int count)
{
    struct gnttab_get_status_frames op;

    if (count != 1) {
        return -EINVAL;
    }
    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    op.status = GNTST_general_error;
    return write_guest(arg, &op) ? 0 : -EFAULT;
}

static noinline long table_op(unsigned int cmd, void *arg, unsigned int count)
{
    switch (cmd) {
    case GNTTABOP_setup_table:
        return op_setup_table(arg, count);
    case GNTTABOP_query_size:
        return op_query_size(arg, count);
    case GNTTABOP_set_version:
        return op_set_version(arg, count);
    case GNTTABOP_get_version:
        return op_get_version(arg, count);
    case GNTTABOP_get_status_frames:
        return op_get_status_frames(arg, count);
    default:
        return -ENOSYS;
    }
}

long hypercall_grant_table_op(unsigned int cmd, void *arg, unsigned int count)
{
    if ((int)count < 0) {
        return -EINVAL;
    }
    /* These are the ones whose speed matters. */
    if (cmd == GNTTABOP_map_grant_ref) {
        return grant_op_map(arg, count);
    }
    if (cmd == GNTTABOP_unmap_grant_ref) {
        return grant_op_unmap(arg, count);
    }
    if (cmd == GNTTABOP_copy) {
        return grant_op_copy(arg, count);
    }
    return table_op(cmd, arg, count);
}
