/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: physdev_op of the control domain: IO-APIC reads, mapping and binding GSIs, the
 * timer's and the serial port's interrupts, MSIs without a device, PCI devices, EOI.
 */
#include <public/errno.h>
#include <public/event_channel.h>
#include <public/physdev.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"

#define IOAPIC_BASE 0xfec00000UL
#define SERIAL_GSI 4
#define FREE_GSI 10

static uint8_t eoi_page[PAGE_SIZE] __attribute__((aligned(4096)));

static long physdev(unsigned int cmd, void *arg)
{
    return hypercall_2(__HYPERVISOR_physdev_op, cmd, arg);
}

static long map_pirq(int type, int index, int *pirq)
{
    struct physdev_map_pirq op = {
        .domid = DOMID_SELF, .type = type, .index = index, .pirq = *pirq,
    };
    long rc = physdev(PHYSDEVOP_map_pirq, &op);

    if (!rc)
        *pirq = op.pirq;
    return rc;
}

static long map_gsi(int gsi)
{
    int pirq = gsi;
    long rc = map_pirq(MAP_PIRQ_TYPE_GSI, gsi, &pirq);

    if (!rc)
        CHECK_EQ(pirq, gsi);
    return rc;
}

static long setup_gsi(int gsi, uint8_t triggering, uint8_t polarity)
{
    struct physdev_setup_gsi op = { .gsi = gsi, .triggering = triggering, .polarity = polarity };

    return physdev(PHYSDEVOP_setup_gsi, &op);
}

static long bind_pirq(unsigned int pirq)
{
    struct evtchn_bind_pirq op = { .pirq = pirq };
    long rc = event_op(EVTCHNOP_bind_pirq, &op);

    return rc ? rc : (long)op.port;
}

static void test_ioapic(void)
{
    struct physdev_apic op = { .apic_physbase = IOAPIC_BASE, .reg = 1 };

    CHECK_EQ(physdev(PHYSDEVOP_apic_read, &op), 0);
    CHECK_EQ(op.value & 0xff0000, 23 << 16);
    op.apic_physbase = 0xfed00000;
    CHECK_EQ(physdev(PHYSDEVOP_apic_read, &op), -XEN_EINVAL);
}

static void test_gsis(void)
{
    struct physdev_irq vector = { .irq = FREE_GSI };
    struct physdev_irq_status_query query = { .irq = FREE_GSI };
    struct physdev_eoi eoi = { .irq = FREE_GSI };
    struct physdev_unmap_pirq unmap = { .domid = DOMID_SELF, .pirq = FREE_GSI };
    long port;

    CHECK_EQ(bind_pirq(FREE_GSI), -XEN_EPERM);
    CHECK_EQ(physdev(PHYSDEVOP_eoi, &eoi), -XEN_EINVAL);
    CHECK_EQ(map_gsi(FREE_GSI), 0);
    CHECK_EQ(physdev(PHYSDEVOP_alloc_irq_vector, &vector), 0);
    CHECK_EQ(setup_gsi(FREE_GSI, 1, 1), 0);
    CHECK_EQ(setup_gsi(FREE_GSI, 1, 1), -XEN_EEXIST);
    CHECK_EQ(physdev(PHYSDEVOP_irq_status_query, &query), 0);
    port = bind_pirq(FREE_GSI);
    CHECK(port > 0);
    CHECK_EQ(event_status((unsigned int)port), EVTCHNSTAT_pirq);
    CHECK_EQ(bind_pirq(FREE_GSI), -XEN_EEXIST);
    CHECK_EQ(event_send((unsigned int)port), -XEN_EINVAL);
    CHECK_EQ(physdev(PHYSDEVOP_eoi, &eoi), 0);
    CHECK_EQ(event_close((unsigned int)port), 0);
    CHECK_EQ(physdev(PHYSDEVOP_unmap_pirq, &unmap), 0);
    CHECK_EQ(physdev(PHYSDEVOP_unmap_pirq, &unmap), -XEN_EINVAL);
}

/* The timer is the hypervisor's; the serial interrupt can be mapped, not bound. */
static void test_own_interrupts(void)
{
    CHECK_EQ(map_gsi(0), -XEN_EPERM);
    CHECK_EQ(map_gsi(SERIAL_GSI), 0);
    CHECK_EQ(bind_pirq(SERIAL_GSI), -XEN_EBUSY);
    CHECK_EQ(setup_gsi(0, 0, 0), -XEN_EEXIST);
    CHECK_EQ(setup_gsi(SERIAL_GSI, 0, 0), -XEN_EEXIST);
}

static void test_refused(void)
{
    struct physdev_irq_status_query query = { .irq = 100000 };
    int any = -1;

    CHECK_EQ(map_gsi(100000), -XEN_EINVAL);
    CHECK_EQ(map_gsi(-5), -XEN_EINVAL);
    CHECK_EQ(map_pirq(2, 10, &any), -XEN_EINVAL);
    CHECK_EQ(map_pirq(99, 10, &any), -XEN_EINVAL);
    CHECK_EQ(setup_gsi(100000, 0, 0), -XEN_EINVAL);
    CHECK_EQ(bind_pirq(100000), -XEN_EINVAL);
    CHECK_EQ(physdev(PHYSDEVOP_irq_status_query, &query), -XEN_EINVAL);

    struct physdev_map_pirq op = { .domid = 999, .type = MAP_PIRQ_TYPE_GSI, .index = FREE_GSI };
    CHECK_EQ(physdev(PHYSDEVOP_map_pirq, &op), -XEN_ESRCH);
    op = (struct physdev_map_pirq){
        .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_MSI_SEG, .index = -1, .pirq = -1,
        .bus = 0x77, .devfn = 0xf8,
    };
    CHECK_EQ(physdev(PHYSDEVOP_map_pirq, &op), -XEN_ENODEV);
    CHECK_EQ(physdev(PHYSDEVOP_map_pirq, (void *)0x1000), -XEN_EFAULT);
}

static void test_pci(void)
{
    struct physdev_pci_device_add add = { .bus = 0, .devfn = 0 };
    struct physdev_pci_device device = { .bus = 0x77, .devfn = 0xf8 };
    struct physdev_pci_mmcfg_reserved mmcfg = {
        .address = 0x12300000, .end_bus = 5, .flags = XEN_PCI_MMCFG_RESERVED,
    };

    CHECK_EQ(physdev(PHYSDEVOP_pci_device_add, &add), 0);
    add.bus = 0x55;
    CHECK_EQ(physdev(PHYSDEVOP_pci_device_add, &add), 0);
    CHECK_EQ(physdev(PHYSDEVOP_pci_device_remove, &device), -XEN_ENODEV);
    CHECK_EQ(physdev(PHYSDEVOP_restore_msi_ext, &device), -XEN_ENODEV);
    CHECK_EQ(physdev(PHYSDEVOP_prepare_msix, &device), -XEN_ENODEV);
    CHECK_EQ(physdev(PHYSDEVOP_pci_mmcfg_reserved, &mmcfg), -XEN_ENODEV);
}

static void test_eoi_page(void)
{
    struct physdev_pirq_eoi_gmfn op = { .gmfn = virt_to_mfn(eoi_page) };

    CHECK_EQ(physdev(PHYSDEVOP_pirq_eoi_gmfn_v2, &op), 0);
    CHECK_EQ(physdev(PHYSDEVOP_pirq_eoi_gmfn_v2, &op), -XEN_EBUSY);
    CHECK_EQ(page_make_readonly(eoi_page), 0);
    CHECK_EQ(mmuext_one(MMUEXT_PIN_L1_TABLE, virt_to_mfn(eoi_page), 0), -XEN_EINVAL);
}

static void test_unknown(void)
{
    static const unsigned int absent[] = { 0, 1, 2, 3, 11, 18, 22, 32, 33, 1000 };
    uint8_t arg[64] = { 0 };

    for (unsigned int i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
        CHECK_EQ(physdev(absent[i], arg), -XEN_ENOSYS);
}

void test_main(void)
{
    kit_init();
    if (!is_initial_domain()) {
        check_skip("only the control domain has interrupts and devices");
        return;
    }
    test_ioapic();
    test_gsis();
    test_own_interrupts();
    test_refused();
    test_pci();
    test_eoi_page();
    test_unknown();
}
