/* SPDX-License-Identifier: BSD-2-Clause */
/* The CMOS clock's date as seconds since 1970. */
#include <asm/cmos.h>

#define STATUS_B_24_HOURS 0x02
#define STATUS_B_BINARY   0x04
#define HOUR_PM           0x80

static unsigned int from_bcd(uint8_t x, bool is_binary)
{
    return is_binary ? x : (x >> 4) * 10U + (x & 15);
}

/*
 * Days from 1970-01-01 in the Gregorian calendar; years begin in March to have the leap day last.
 */
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
