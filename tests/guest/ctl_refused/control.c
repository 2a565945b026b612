/* SPDX-License-Identifier: BSD-2-Clause */
/* domctl, sysctl, platform_op and other calls of the control domain. */
#include <public/errno.h>
#include <public/physdev.h>
#include <public/platform.h>
#include <public/sched.h>
#include <public/vcpu.h>

#include "check.h"
#include "control.h"
#include "hypercall.h"
#include "mm.h"
#include "parts.h"
#include "smp.h"
#include "string.h"

/* Operations of which the reference looks at the arguments before it looks at the caller. */
static bool looks_first(uint32_t cmd)
{
    switch (cmd) {
    case XEN_DOMCTL_ioport_permission:
    case XEN_DOMCTL_bind_pt_irq:
    case XEN_DOMCTL_unbind_pt_irq:
    case XEN_DOMCTL_memory_mapping:
    case XEN_DOMCTL_ioport_mapping:
    case XEN_DOMCTL_set_target:
    case XEN_DOMCTL_get_device_group:
        return true;
    default:
        return false;
    }
}

/* Operations that look for the domain themselves, or are about a device without one. */
static bool names_nobody(uint32_t cmd)
{
    return cmd == XEN_DOMCTL_createdomain || cmd == XEN_DOMCTL_getdomaininfo ||
           cmd == XEN_DOMCTL_assign_device || cmd == XEN_DOMCTL_deassign_device ||
           cmd == XEN_DOMCTL_test_assign_device;
}

/* Refused, and nothing written. */
static long refused(uint32_t cmd, unsigned int domain)
{
    struct xen_domctl op = { 0 }, before;
    long rc;

    op.cmd = cmd;
    op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op.domain = (domid_t)domain;
    before = op;
    rc = domctl(&op, cmd, domain);
    CHECK_EQ(memcmp(&op, &before, sizeof(op)), 0);
    return rc;
}

static void refused_domctl(uint32_t cmd)
{
    static const unsigned int nobody[] = { NO_DOMAIN, DOMID_SELF, DOMID_XEN, DOMID_IO, 0xffff };
    unsigned int targets[] = { 0, places.self, places.other };

    for (unsigned int i = 0; i < 3; i++) {
        long rc = refused(cmd, targets[i]);

        if (rc != -XEN_EPERM && !(looks_first(cmd) && rc < 0))
            check_equal(__FILE__, __LINE__, "domctl", cmd, (uint64_t)rc);
    }
    for (unsigned int i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
        long rc = refused(cmd, nobody[i]);

        if (names_nobody(cmd))
            CHECK(rc < 0);
        else if (rc != -XEN_ESRCH)
            check_equal(__FILE__, __LINE__, "domctl on nobody", cmd, (uint64_t)rc);
    }
}

static void refused_sysctl(uint32_t cmd)
{
    struct xen_sysctl op = { 0 }, before;

    op.cmd = cmd;
    op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    before = op;
    CHECK_EQ(sysctl(&op, cmd), -XEN_EPERM);
    CHECK_EQ(memcmp(&op, &before, sizeof(op)), 0);
}

/* Checks that come before the caller's rights. */
static void test_forms(void)
{
    struct xen_domctl d = { .cmd = XEN_DOMCTL_getdomaininfo, .interface_version = 1 };
    struct xen_sysctl s = { .cmd = XEN_SYSCTL_physinfo, .interface_version = 1 };

    CHECK_EQ(hypercall_1(__HYPERVISOR_domctl, &d), -XEN_EACCES);
    CHECK_EQ(hypercall_1(__HYPERVISOR_domctl, 0x1000), -XEN_EFAULT);
    CHECK_EQ(hypercall_1(__HYPERVISOR_sysctl, &s), -XEN_EACCES);
    CHECK_EQ(hypercall_1(__HYPERVISOR_sysctl, 0x1000), -XEN_EFAULT);
}

static void refused_platform(void)
{
    struct xen_platform_op op = { .interface_version = XENPF_INTERFACE_VERSION };

    for (uint32_t cmd = 1; cmd < 65; cmd++) {
        op.cmd = cmd;
        CHECK_EQ(hypercall_1(__HYPERVISOR_platform_op, &op), -XEN_EPERM);
    }
    op.interface_version = 1;
    CHECK_EQ(hypercall_1(__HYPERVISOR_platform_op, &op), -XEN_EACCES);
    CHECK_EQ(hypercall_1(__HYPERVISOR_platform_op, 0x1000), -XEN_EFAULT);
}

/* What only the domain with the machine's devices may. */
static void refused_machine(void)
{
    static const unsigned int devices[] = {
        PHYSDEVOP_apic_read, PHYSDEVOP_apic_write, PHYSDEVOP_alloc_irq_vector,
        PHYSDEVOP_manage_pci_add, PHYSDEVOP_manage_pci_add_ext, PHYSDEVOP_setup_gsi,
        PHYSDEVOP_pci_mmcfg_reserved, PHYSDEVOP_pci_device_add, PHYSDEVOP_pci_device_remove,
        PHYSDEVOP_dbgp_op, PHYSDEVOP_prepare_msix, PHYSDEVOP_release_msix,
    };
    static uint8_t zeros[128];
    struct sched_pin_override pin = { .pcpu = 0 };
    struct vcpu_get_physid physid;
    char text[16] = { 0 };

    for (unsigned int i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        memset(zeros, 0, sizeof(zeros));
        if (hypercall_2(__HYPERVISOR_physdev_op, devices[i], zeros) != -XEN_EPERM)
            check_equal(__FILE__, __LINE__, "physdev_op", devices[i], 0);
    }
    CHECK_EQ(hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_pin_override, &pin), -XEN_EPERM);
    CHECK_EQ(vcpu_op(VCPUOP_get_physid, 0, &physid), -XEN_EINVAL);
    CHECK_EQ(hypercall_3(__HYPERVISOR_console_io, 1, 1, text), -XEN_EPERM);
    CHECK_EQ(hypercall_2(__HYPERVISOR_xen_version, 10, NULL), -XEN_EPERM);
}

void refused_control(void)
{
    test_forms();
    for (uint32_t cmd = 1; cmd < 90; cmd++)
        refused_domctl(cmd);
    for (uint32_t cmd = 1; cmd < 32; cmd++)
        refused_sysctl(cmd);
    refused_platform();
    refused_machine();
}
