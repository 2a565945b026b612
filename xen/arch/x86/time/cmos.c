/* SPDX-License-Identifier: BSD-2-Clause */
/* The MC146818 clock: registers by index and data port. */
#include <asm/acpi.h>
#include <asm/cmos.h>
#include <asm/cpu.h>
#include <xen/errno.h>
#include <xen/spinlock.h>

#define CMOS_INDEX 0x70
#define CMOS_DATA  0x71

#define REG_SECOND   0
#define REG_MINUTE   2
#define REG_HOUR     4
#define REG_DAY      7
#define REG_MONTH    8
#define REG_YEAR     9
#define REG_STATUS_A 10
#define REG_STATUS_B 11

#define STATUS_A_UPDATING 0x80

static struct spinlock cmos_lock = SPINLOCK_INIT(LOCK_TIME);

static uint8_t read_locked(uint8_t index)
{
    outb(CMOS_INDEX, index & 0x7f);
    return inb(CMOS_DATA);
}

uint8_t cmos_read(uint8_t index)
{
    unsigned long flags = spin_lock_irqsave(&cmos_lock);
    uint8_t value = read_locked(index);

    spin_unlock_irqrestore(&cmos_lock, flags);
    return value;
}

void cmos_write(uint8_t index, uint8_t value)
{
    unsigned long flags = spin_lock_irqsave(&cmos_lock);

    outb(CMOS_INDEX, index & 0x7f);
    outb(CMOS_DATA, value);
    spin_unlock_irqrestore(&cmos_lock, flags);
}

int cmos_get_time(uint64_t *seconds)
{
    struct cmos_date date = { 0 };
    unsigned long flags;
    bool is_updating;

    if (acpi.boot_arch & ACPI_BOOT_ARCH_NO_CMOS) {
        return -ENODEV;
    }
    flags = spin_lock_irqsave(&cmos_lock);
    /* For 244 us after this flag was seen clear the registers hold still. */
    is_updating = read_locked(REG_STATUS_A) & STATUS_A_UPDATING;
    if (!is_updating) {
        date.second = read_locked(REG_SECOND);
        date.minute = read_locked(REG_MINUTE);
        date.hour = read_locked(REG_HOUR);
        date.day = read_locked(REG_DAY);
        date.month = read_locked(REG_MONTH);
        date.year = read_locked(REG_YEAR);
        date.status_b = read_locked(REG_STATUS_B);
        if (acpi.century != 0) {
            date.century = read_locked(acpi.century);
        }
        /* All the same: an SMI may have come between. */
        is_updating = read_locked(REG_SECOND) != date.second;
    }
    spin_unlock_irqrestore(&cmos_lock, flags);
    if (is_updating) {
        return -EAGAIN;
    }
    *seconds = cmos_date_to_seconds(&date);
    return *seconds != 0 ? 0 : -ENODEV;
}
