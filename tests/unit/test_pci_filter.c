/* SPDX-License-Identifier: BSD-2-Clause */
/* Which bits of a configuration write by dom0 reach a device with an MSI capability. */
#include "unit.h"

#include <asm/pci.h>

#define CAP 0x50

static uint8_t space[256];
static struct pci_device device;
static bool is_known = true;
static const struct pci_sbdf where = { 0, 3, 0x10 };

void pci_lock(void)
{
}

void pci_unlock(void)
{
}

struct pci_device *pci_device_find(struct pci_sbdf sbdf)
{
    assert_int_equal(sbdf.bus, where.bus);
    return is_known ? &device : NULL;
}

uint32_t pci_config_read(struct pci_sbdf sbdf, unsigned int reg, unsigned int size)
{
    uint32_t v = 0;

    (void)sbdf;
    assert_true(reg + size <= sizeof(space));
    memcpy(&v, space + reg, size);
    return v;
}

/* A capability whose bytes are 0xa0 + offset, but for the control word. */
static void make_cap(uint16_t control)
{
    for (unsigned int i = 0; i < sizeof(space); i++) {
        space[i] = (uint8_t)(0xa0 + i);
    }
    memcpy(space + CAP + 2, &control, 2);
    device.msi_cap = CAP;
    is_known = true;
}

/* Writes through the filter as the hypervisor does. */
static void guest_write(unsigned int reg, unsigned int size, uint32_t value)
{
    if (pci_filter_write(where, reg, size, &value)) {
        memcpy(space + reg, &value, size);
    }
}

static void enable_bit_only(void **state)
{
    (void)state;
    make_cap(0x0180);
    guest_write(CAP + 2, 2, 0xffff);
    assert_int_equal(pci_config_read(where, CAP + 2, 2), 0x0181);
    guest_write(CAP + 2, 2, 0);
    assert_int_equal(pci_config_read(where, CAP + 2, 2), 0x0180);
    guest_write(CAP + 2, 1, 0x71);
    assert_int_equal(pci_config_read(where, CAP + 2, 2), 0x0181);
}

static void message_is_kept(void **state)
{
    uint8_t before[256];

    for (unsigned int flags = 0; flags < 4; flags++) {
        unsigned int end = CAP + (flags & 1 ? 14 : 10) + (flags & 2 ? 10 : 0);

        make_cap((uint16_t)((flags & 1 ? 0x80 : 0) | (flags & 2 ? 0x100 : 0)));
        memcpy(before, space, sizeof(space));
        for (unsigned int reg = CAP + 4; reg < CAP + 28; reg++) {
            guest_write(reg, 1, 0x55);
            assert_int_equal(space[reg], reg < end ? before[reg] : 0x55);
        }
    }
    (void)state;
}

/* A dword that holds the capability's id, the next pointer and the control word. */
static void mixed_write(void **state)
{
    (void)state;
    make_cap(0x0180);
    guest_write(CAP, 4, 0xffff1234);
    assert_int_equal(pci_config_read(where, CAP, 4), 0x01811234);
    make_cap(0);
    guest_write(CAP + 8, 4, 0x11223344); /* data, and what lies behind it */
    assert_int_equal(pci_config_read(where, CAP + 8, 2), 0xa0 + CAP + 8 + ((0xa0 + CAP + 9) << 8));
    assert_int_equal(pci_config_read(where, CAP + 10, 2), 0x1122);
}

static void others_pass(void **state)
{
    (void)state;
    make_cap(0x0180);
    guest_write(4, 2, 0x0507);
    assert_int_equal(pci_config_read(where, 4, 2), 0x0507);
    guest_write(CAP - 4, 4, 0xdeadbeef);
    assert_int_equal(pci_config_read(where, CAP - 4, 4), 0xdeadbeef);
    is_known = false;
    guest_write(CAP + 4, 4, 0xfee00000);
    assert_int_equal(pci_config_read(where, CAP + 4, 4), 0xfee00000);
    is_known = true;
    device.msi_cap = 0;
    guest_write(CAP + 4, 4, 1);
    assert_int_equal(pci_config_read(where, CAP + 4, 4), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enable_bit_only),
        cmocka_unit_test(message_is_kept),
        cmocka_unit_test(mixed_write),
        cmocka_unit_test(others_pass),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
