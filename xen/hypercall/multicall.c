/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * multicall: a list of hypercalls in one entry. Also where a preempted call leaves its updated
 * arguments: in the guest's registers, or in the list's entry.
 */
#include <asm/current.h>
#include <public/xen.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/hypercall_table.h>
#include <xen/percpu.h>
#include <xen/usercopy.h>

/* The entry that this CPU is executing; NULL outside a multicall. */
DEFINE_PER_CPU(struct multicall_entry *, multicall_entry);

void hypercall_set_arg(unsigned int i, unsigned long value)
{
    struct multicall_entry *e = this_cpu(multicall_entry);
    struct cpu_regs *r = guest_regs();
    uint64_t *const reg[] = { &r->rdi, &r->rsi, &r->rdx, &r->r10, &r->r8 };

    if (e != NULL) {
        e->args[i] = value;
    } else {
        *reg[i] = value;
    }
}

static long call_one(struct multicall_entry *e)
{
    long rc;

    if (e->op >= NR_HYPERCALLS) {
        return -ENOSYS;
    }
    /* Neither nests: a list in a list, and what leaves the hypervisor in the middle. */
    if (e->op == __HYPERVISOR_multicall || e->op == __HYPERVISOR_iret) {
        return -EINVAL;
    }
    this_cpu(multicall_entry) = e;
    rc = hypercall_table[e->op](e->args[0], e->args[1], e->args[2], e->args[3], e->args[4]);
    this_cpu(multicall_entry) = NULL;
    return rc;
}

long hypercall_multicall(void *list, unsigned int count)
{
    struct multicall_entry *guest = list;

    for (; count > 0; guest++, count--) {
        struct multicall_entry e;
        long rc;

        if (hypercall_preempt_check()) {
            goto preempted;
        }
        if (!read_guest(&e, guest)) {
            return -EFAULT;
        }
        rc = call_one(&e);
        if (rc == -ERESTART) {
            /* The entry keeps its progress in its arguments, which are the guest's to read. */
            if (copy_to_guest(guest->args, e.args, sizeof(e.args)) != 0) {
                return -EFAULT;
            }
            goto preempted;
        }
        if (copy_to_guest(&guest->result, &rc, sizeof(rc)) != 0) {
            return -EFAULT;
        }
    }
    return 0;

preempted:
    hypercall_set_arg(0, (unsigned long)guest);
    hypercall_set_arg(1, count);
    return -ERESTART;
}
