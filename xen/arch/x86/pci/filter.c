/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What dom0 may write to configuration space: everything but the fields of the MSI capability that
 * say where and what a device sends. Those are the hypervisor's; of the control word only the
 * enable bit is dom0's. (MSI-X has no such fields there: its table is in memory.)
 */
#include <asm/pci.h>

#define MSI_CONTROL 2
#define MSI_CONTROL_ENABLE   0x01
#define MSI_CONTROL_64BIT    0x80
#define MSI_CONTROL_MASKABLE 0x100

/* Where the capability ends, by its control word. */
static unsigned int msi_cap_length(uint32_t control)
{
    unsigned int data_end = control & MSI_CONTROL_64BIT ? 14 : 10;

    return control & MSI_CONTROL_MASKABLE ? data_end + 10 : data_end; /* 2 unused, mask, pending */
}

/* Replaces the bytes of *value that belong to the hypervisor by what the device holds. */
static bool keep_msi_fields(struct pci_sbdf s, unsigned int cap, unsigned int reg,
                            unsigned int size, uint32_t *value)
{
    unsigned int end = cap + msi_cap_length(pci_config_read(s, cap + MSI_CONTROL, 2));
    uint32_t old, merged = 0;
    bool anything_left = false;

    if (reg + size <= cap + MSI_CONTROL || reg >= end) {
        return true;
    }
    old = pci_config_read(s, reg, size);
    for (unsigned int i = 0; i < size; i++) {
        unsigned int at = reg + i;
        uint8_t was = (uint8_t)(old >> (8 * i)), wanted = (uint8_t)(*value >> (8 * i));

        if (at == cap + MSI_CONTROL) {
            wanted = (uint8_t)((was & ~MSI_CONTROL_ENABLE) | (wanted & MSI_CONTROL_ENABLE));
            anything_left = true;
        } else if (at > cap + MSI_CONTROL && at < end) {
            wanted = was;
        } else {
            anything_left = true;
        }
        merged |= (uint32_t)wanted << (8 * i);
    }
    *value = merged;
    return anything_left;
}

bool pci_filter_write(struct pci_sbdf s, unsigned int reg, unsigned int size, uint32_t *value)
{
    const struct pci_device *dev;
    uint8_t cap;

    pci_lock();
    dev = pci_device_find(s);
    cap = dev ? dev->msi_cap : 0;
    pci_unlock();
    return !cap || keep_msi_fields(s, cap, reg, size, value);
}
