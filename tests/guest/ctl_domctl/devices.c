/* SPDX-License-Identifier: BSD-2-Clause */
/* Permissions: given and taken by who has them. */
#include <public/errno.h>
#include <public/physdev.h>

#include "builder.h"
#include "check.h"
#include "hypercall.h"
#include "mm.h"
#include "parts.h"

#define LAPIC_FRAME 0xfee00

static void test_iomem(unsigned int id)
{
    struct xen_domctl op = {
        .u.iomem_permission = { .first_mfn = 0xb8, .nr_mfns = 2, .allow_access = 1 },
    };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_iomem_permission, id), 0);
    op.u.iomem_permission.allow_access = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_iomem_permission, id), 0);
    op.u.iomem_permission.nr_mfns = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_iomem_permission, id), -XEN_EINVAL);
    op.u.iomem_permission.first_mfn = LAPIC_FRAME;
    op.u.iomem_permission.nr_mfns = 1;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_iomem_permission, id), -XEN_EPERM);
}

static void test_ports(unsigned int id)
{
    struct xen_domctl op = {
        .u.ioport_permission = { .first_port = 0x80, .nr_ports = 1, .allow_access = 1 },
    };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_ioport_permission, id), 0);
    op.u.ioport_permission.allow_access = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_ioport_permission, id), 0);
    op.u.ioport_permission.first_port = 0xffff;
    op.u.ioport_permission.nr_ports = 2;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_ioport_permission, id), -XEN_EINVAL);
    op.u.ioport_permission.first_port = 0x20;
    op.u.ioport_permission.nr_ports = 1;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_ioport_permission, id), -XEN_EPERM);
}

/* An interrupt that we don't drive ourselves is not ours to give. */
static void test_irqs(unsigned int id)
{
    struct xen_domctl op = { .u.irq_permission = { .pirq = 4, .allow_access = 1 } };
    struct physdev_map_pirq map = {
        .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = 9, .pirq = 9,
    };
    struct physdev_unmap_pirq unmap = { .domid = DOMID_SELF, .pirq = 9 };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_irq_permission, id), -XEN_EPERM);
    op.u.irq_permission.pirq = 1000000;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_irq_permission, id), -XEN_EINVAL);
    CHECK_EQ(hypercall_2(__HYPERVISOR_physdev_op, PHYSDEVOP_map_pirq, &map), 0);
    op.u.irq_permission.pirq = (uint32_t)map.pirq;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_irq_permission, id), 0);
    op.u.irq_permission.allow_access = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_irq_permission, id), 0);
    CHECK_EQ(hypercall_2(__HYPERVISOR_physdev_op, PHYSDEVOP_unmap_pirq, &unmap), 0);
}

/* PV domains map frames themselves; here is only asked whether they may be given. */
static void test_mappings(unsigned int id)
{
    struct xen_domctl op = {
        .u.memory_mapping = { .first_mfn = 0xb8, .nr_mfns = 8, .add_mapping = 1 },
    };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_memory_mapping, id), 0);
    op.u.memory_mapping.nr_mfns = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_memory_mapping, id), -XEN_EINVAL);
    op.u.memory_mapping.nr_mfns = 2;
    op.u.memory_mapping.first_mfn = ~0UL;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_memory_mapping, id), -XEN_EINVAL);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_ioport_mapping, id), -XEN_EOPNOTSUPP);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_bind_pt_irq, id), -XEN_EINVAL);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_unbind_pt_irq, id), -XEN_EINVAL);
}

/* Of CPUs that this machine has not. */
static void test_resources(unsigned int id)
{
    CHECK_EQ(domctl_plain(XEN_DOMCTL_psr_cmt_op, id), -XEN_ENODEV);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_psr_alloc, id), -XEN_ENODEV);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_vmtrace_op, id), -XEN_EINVAL);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_monitor_op, id), -XEN_EOPNOTSUPP);
}

void test_devices(unsigned int id)
{
    struct xen_domctl op = { .u.assign_device = { .dev = XEN_DOMCTL_DEV_PCI } };

    test_iomem(id);
    test_ports(id);
    test_irqs(id);
    test_mappings(id);
    test_resources(id);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_assign_device, id), -XEN_EOPNOTSUPP);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_deassign_device, id), -XEN_EOPNOTSUPP);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_get_device_group, id), -XEN_EOPNOTSUPP);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_test_assign_device, NO_DOMAIN), -XEN_ESRCH);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_test_assign_device, DOMID_IO), -XEN_ESRCH);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_test_assign_device, id), -XEN_EOPNOTSUPP);
}
