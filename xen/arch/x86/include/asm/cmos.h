/* SPDX-License-Identifier: BSD-2-Clause */
/* The battery-backed clock and its RAM. Index and data port belong together: one lock for both. */
#ifndef ASM_CMOS_H
#define ASM_CMOS_H

#include <xen/compiler.h>
#include <xen/types.h>

uint8_t cmos_read(uint8_t index);
void cmos_write(uint8_t index, uint8_t value);

/* UTC by the clock, in seconds since 1970. -EAGAIN during its update (for 2 ms), -ENODEV. */
must_check int cmos_get_time(uint64_t *seconds);

/* The registers 0, 2, 4, 6 (unused), 7, 8, 9 and the century as the clock has them. */
struct cmos_date {
    uint8_t second, minute, hour, day, month, year, century;
    uint8_t status_b;
};
/* 0 for what is no date. A century of 0 means there is no such register. */
uint64_t cmos_date_to_seconds(const struct cmos_date *date);

#endif
