/* SPDX-License-Identifier: BSD-2-Clause */
/* The MC146818 clock: registers by index and data port, and its date as seconds since 1970. */
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
#define STATUS_B_24_HOURS 0x02
#define STATUS_B_BINARY   0x04
#define HOUR_PM           0x80

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

static unsigned int from_bcd(uint8_t x, bool is_binary)
{
    return is_binary ? x : (x >> 4) * 10U + (x & 15);
}

/* Days from 1970-01-01 in the Gregorian calendar; years begin in March to have the leap day last. */
static uint64_t days_since_1970(unsigned int year, unsigned int month, unsigned int day)
{
    unsigned int y = month > 2 ? year : year - 1;
    unsigned int m = month > 2 ? month - 3 : month + 9;

    return 365UL * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

uint64_t cmos_date_to_seconds(const struct cmos_date *date)
{
    bool is_binary = date->status_b & STATUS_B_BINARY;
    unsigned int second = from_bcd(date->second, is_binary);
    unsigned int minute = from_bcd(date->minute, is_binary);
    unsigned int day = from_bcd(date->day, is_binary);
    unsigned int month = from_bcd(date->month, is_binary);
    unsigned int year = from_bcd(date->year, is_binary);
    unsigned int century = from_bcd(date->century, is_binary);
    unsigned int hour;

    if (date->status_b & STATUS_B_24_HOURS) {
        hour = from_bcd(date->hour, is_binary);
    } else {
        hour = from_bcd(date->hour & (uint8_t)~HOUR_PM, is_binary);
        if (hour < 1 || hour > 12) {
            return 0;
        }
        hour = hour % 12 + (date->hour & HOUR_PM ? 12 : 0);
    }
    /* Some firmware never sets the century: then 1970 is the watershed. */
    if (century < 19 || century > 99) {
        century = year < 70 ? 20 : 19;
    }
    year += century * 100;
    if (second > 59 || minute > 59 || hour > 23 || day < 1 || day > 31 || month < 1 || month > 12 ||
        year < 1970 || year % 100 + century * 100 != year) {
        return 0;
    }
    return ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
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
