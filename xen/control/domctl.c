/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The domctl call (docs/interface/domctl.md): the table of operations, with who may in the same
 * row, and the checks that all of them share. Order of the checks: pointer, version, domain,
 * operation, permission.
 */
#include "domctl.h"

#include <asm/current.h>
#include <xen/control.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/usercopy.h>

enum who {
    CONTROL,  /* the control domain */
    XENSTORE, /* and the domain that runs xenstored */
    TARGET,   /* and a domain that was given rights over the one named */
};

enum {
    OUT = 1,      /* the structure is written back on success */
    OUT_ALWAYS = 2, /* and on failure: it says what failed */
    ANY_ID = 4,   /* the handler looks for the domain itself */
    ALIVE = 8,    /* not for a domain that is being destroyed: -EINVAL */
};

#define ROW(name, fn, who, flags) [XEN_DOMCTL_##name] = { fn, who, flags }

static const struct row {
    domctl_fn *fn;
    uint8_t who;
    uint8_t flags;
} rows[] = {
    ROW(createdomain,           domctl_createdomain,        CONTROL,  OUT | ANY_ID),
    ROW(destroydomain,          domctl_destroydomain,       CONTROL,  0),
    ROW(pausedomain,            domctl_pausedomain,         CONTROL,  0),
    ROW(unpausedomain,          domctl_unpausedomain,       CONTROL,  0),
    ROW(getdomaininfo,          domctl_getdomaininfo,       XENSTORE, OUT | ANY_ID),
    ROW(setvcpuaffinity,        domctl_setvcpuaffinity,     CONTROL,  OUT | ALIVE),
    ROW(shadow_op,              domctl_shadow_op,           CONTROL,  OUT),
    ROW(max_mem,                domctl_max_mem,             CONTROL,  0),
    ROW(setvcpucontext,         domctl_setvcpucontext,      CONTROL,  ALIVE),
    ROW(getvcpucontext,         domctl_getvcpucontext,      CONTROL,  0),
    ROW(getvcpuinfo,            domctl_getvcpuinfo,         CONTROL,  OUT),
    ROW(max_vcpus,              domctl_max_vcpus,           CONTROL,  ALIVE),
    ROW(scheduler_op,           domctl_scheduler_op,        CONTROL,  OUT),
    ROW(setdomainhandle,        domctl_setdomainhandle,     CONTROL,  0),
    ROW(setdebugging,           domctl_setdebugging,        CONTROL,  0),
    ROW(irq_permission,         domctl_irq_permission,      CONTROL,  ALIVE),
    ROW(iomem_permission,       domctl_iomem_permission,    CONTROL,  ALIVE),
    ROW(ioport_permission,      domctl_ioport_permission,   CONTROL,  ALIVE),
    ROW(hypercall_init,         domctl_hypercall_init,      CONTROL,  0),
    ROW(settimeoffset,          domctl_settimeoffset,       CONTROL,  0),
    ROW(getvcpuaffinity,        domctl_getvcpuaffinity,     CONTROL,  0),
    ROW(resumedomain,           domctl_resumedomain,        CONTROL,  0),
    ROW(sendtrigger,            domctl_sendtrigger,         CONTROL,  0),
    ROW(subscribe,              domctl_subscribe,           CONTROL,  ALIVE),
    ROW(gethvmcontext,          domctl_gethvmcontext,       CONTROL,  OUT),
    ROW(sethvmcontext,          domctl_sethvmcontext,       CONTROL,  ALIVE),
    ROW(set_address_size,       domctl_set_address_size,    CONTROL,  0),
    ROW(get_address_size,       domctl_get_address_size,    CONTROL,  OUT),
    ROW(assign_device,          domctl_no_iommu,            CONTROL,  0),
    ROW(bind_pt_irq,            domctl_only_hvm,            TARGET,   0),
    ROW(memory_mapping,         domctl_memory_mapping,      TARGET,   0),
    ROW(ioport_mapping,         domctl_not_offered,         TARGET,   0),
    ROW(set_ext_vcpucontext,    domctl_set_ext_vcpucontext, CONTROL,  ALIVE),
    ROW(get_ext_vcpucontext,    domctl_get_ext_vcpucontext, CONTROL,  OUT),
    ROW(test_assign_device,     domctl_no_iommu,            CONTROL,  0),
    ROW(set_target,             domctl_set_target,          CONTROL,  ALIVE),
    ROW(deassign_device,        domctl_no_iommu,            CONTROL,  0),
    ROW(unbind_pt_irq,          domctl_only_hvm,            TARGET,   0),
    ROW(get_device_group,       domctl_no_iommu,            CONTROL,  0),
    ROW(gethvmcontext_partial,  domctl_only_hvm,            CONTROL,  0),
    ROW(gettscinfo,             domctl_gettscinfo,          CONTROL,  OUT),
    ROW(settscinfo,             domctl_settscinfo,          CONTROL,  0),
    ROW(getpageframeinfo3,      domctl_getpageframeinfo3,   CONTROL,  0),
    ROW(setvcpuextstate,        domctl_setvcpuextstate,     CONTROL,  ALIVE),
    ROW(getvcpuextstate,        domctl_getvcpuextstate,     CONTROL,  OUT),
    ROW(set_virq_handler,       domctl_set_virq_handler,    CONTROL,  ALIVE),
    ROW(setnodeaffinity,        domctl_setnodeaffinity,     CONTROL,  0),
    ROW(getnodeaffinity,        domctl_getnodeaffinity,     CONTROL,  0),
    ROW(get_vcpu_msrs,          domctl_get_vcpu_msrs,       CONTROL,  OUT_ALWAYS),
    ROW(set_vcpu_msrs,          domctl_set_vcpu_msrs,       CONTROL,  OUT_ALWAYS | ALIVE),
    ROW(setvnumainfo,           domctl_setvnumainfo,        CONTROL,  0),
    ROW(psr_cmt_op,             domctl_no_device,           CONTROL,  0),
    ROW(psr_alloc,              domctl_no_device,           CONTROL,  0),
    ROW(monitor_op,             domctl_not_offered,         CONTROL,  0),
    ROW(soft_reset,             domctl_soft_reset,          CONTROL,  0),
    ROW(soft_reset_cont,        domctl_soft_reset,          CONTROL,  0),
    ROW(get_cpu_policy,         domctl_get_cpu_policy,      CONTROL,  OUT),
    ROW(set_cpu_policy,         domctl_set_cpu_policy,      CONTROL,  OUT_ALWAYS),
    ROW(vmtrace_op,             domctl_only_hvm,            CONTROL,  0),
    ROW(get_paging_mempool_size, domctl_get_paging_mempool_size, CONTROL, OUT),
    ROW(set_paging_mempool_size, domctl_set_paging_mempool_size, CONTROL, ALIVE),
};

int domctl_only_hvm(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    (void)op;
    return -EINVAL;
}

/* What the machine's CPUs could have. */
int domctl_no_device(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    (void)op;
    return -ENODEV;
}

int domctl_not_offered(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    (void)op;
    return -EOPNOTSUPP;
}

struct vcpu *domctl_vcpu(const struct domain *d, uint32_t id, int *rc)
{
    struct vcpu *v = domain_vcpu(d, id);

    *rc = id >= d->max_vcpus ? -EINVAL : v == NULL ? -ESRCH : 0;
    return v;
}

static bool is_permitted(const struct row *row, const struct domain *target)
{
    const struct domain *self = current->domain;

    return self->is_control || (row->who == XENSTORE && self->is_xenstore) ||
           (row->who == TARGET && target != NULL && target != self &&
            domain_may_control(self, target));
}

static const struct row *find_row(uint32_t cmd)
{
    return cmd < ARRAY_SIZE(rows) && rows[cmd].fn != NULL ? &rows[cmd] : NULL;
}

/* The operation, if the caller may, and the domain that it is about, held, or NULL: it finds it. */
static int check(const struct xen_domctl *op, const struct row **out, struct domain **target)
{
    const struct row *row = find_row(op->cmd);
    struct domain *d = NULL;
    int rc = 0;

    if (row == NULL || !(row->flags & ANY_ID)) {
        d = domain_get(op->domain);
        if (d == NULL) {
            return -ESRCH;
        }
    }
    if (row == NULL) {
        rc = current->domain->is_control ? -ENOSYS : -EPERM;
    } else if (!is_permitted(row, d)) {
        rc = -EPERM;
    }
    if (rc == 0) {
        *out = row;
        *target = d;
    } else if (d != NULL) {
        domain_put(d);
    }
    return rc;
}

static long run(const struct row *row, struct domain *d, struct xen_domctl *op, void *guest)
{
    int rc;

    if ((row->flags & ALIVE) && d != NULL && READ_ONCE(d->state) != DOMAIN_ALIVE) {
        return -EINVAL;
    }
    rc = row->fn(d, op);
    if ((rc == 0 && (row->flags & OUT)) || (rc != -ERESTART && (row->flags & OUT_ALWAYS))) {
        if (!write_guest((struct xen_domctl *)guest, op)) {
            rc = -EFAULT;
        }
    }
    return rc;
}

long hypercall_domctl(void *guest)
{
    const struct row *row;
    struct xen_domctl op;
    struct domain *d;
    long rc;

    if (!read_guest(&op, (struct xen_domctl *)guest)) {
        return -EFAULT;
    }
    if (op.interface_version != XEN_DOMCTL_INTERFACE_VERSION) {
        return -EACCES;
    }
    /* Before the turn: who may not do anything doesn't keep others waiting. */
    rc = check(&op, &row, &d);
    if (rc != 0) {
        return rc;
    }
    rc = -ERESTART;
    if (control_try_enter()) {
        rc = run(row, d, &op, guest);
        control_leave();
    }
    if (d != NULL) {
        domain_put(d);
    }
    return rc;
}
