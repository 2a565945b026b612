/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sysctl call (docs/interface/sysctl.md): the table of operations, and the checks that all of
 * them share. Only the control domain may. Order of the checks: pointer, version, caller,
 * operation.
 */
#include "sysctl.h"

#include <asm/current.h>
#include <xen/control.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/usercopy.h>

/* What the machine or this hypervisor doesn't have: tools live without. */
static int not_offered(struct xen_sysctl *op)
{
    (void)op;
    return -EOPNOTSUPP;
}

static int no_device(struct xen_sysctl *op)
{
    (void)op;
    return -ENODEV;
}

/* All write their structure back on success: it is how results are given. */
#define ROW(name, fn) [XEN_SYSCTL_##name] = fn

static sysctl_fn *const rows[] = {
    ROW(readconsole,            sysctl_readconsole),
    ROW(physinfo,               sysctl_physinfo),
    ROW(sched_id,               sysctl_sched_id),
    ROW(getdomaininfolist,      sysctl_getdomaininfolist),
    ROW(debug_keys,             sysctl_debug_keys),
    ROW(getcpuinfo,             sysctl_getcpuinfo),
    ROW(availheap,              sysctl_availheap),
    ROW(cpu_hotplug,            not_offered),
    ROW(cputopoinfo,            sysctl_cputopoinfo),
    ROW(numainfo,               sysctl_numainfo),
    ROW(cpupool_op,             sysctl_cpupool_op),
    ROW(scheduler_op,           sysctl_scheduler_op),
    ROW(coverage_op,            not_offered),
    ROW(psr_cmt_op,             no_device),
    ROW(pcitopoinfo,            sysctl_pcitopoinfo),
    ROW(psr_alloc,              no_device),
    ROW(get_cpu_levelling_caps, sysctl_get_cpu_levelling_caps),
    ROW(get_cpu_featureset,     sysctl_get_cpu_featureset),
    ROW(get_cpu_policy,         sysctl_get_cpu_policy),
};

static long run(struct xen_sysctl *op, void *guest)
{
    int rc;

    if (op->cmd >= ARRAY_SIZE(rows) || rows[op->cmd] == NULL) {
        return -ENOSYS;
    }
    rc = rows[op->cmd](op);
    if (rc == 0 && !write_guest((struct xen_sysctl *)guest, op)) {
        rc = -EFAULT;
    }
    return rc;
}

long hypercall_sysctl(void *guest)
{
    struct xen_sysctl op;
    long rc;

    if (!read_guest(&op, (struct xen_sysctl *)guest)) {
        return -EFAULT;
    }
    if (op.interface_version != XEN_SYSCTL_INTERFACE_VERSION) {
        return -EACCES;
    }
    if (!current->domain->is_control) {
        return -EPERM;
    }
    if (!control_try_enter()) {
        return -ERESTART;
    }
    rc = run(&op, guest);
    control_leave();
    return rc;
}
