/* SPDX-License-Identifier: BSD-2-Clause */
/* The MSRs whose guest view is constant, or is the machine's own (msr_table.c). */
#ifndef CPU_MSR_TABLE_H
#define CPU_MSR_TABLE_H

#include <xen/types.h>

enum msr_access {
    MSR_FAULT,     /* #GP */
    MSR_VALUE,     /* read: the row's value */
    MSR_REAL,      /* read: the machine's */
    MSR_REAL_DOM0, /* read: the machine's for dom0, #GP for others */
    MSR_DROP,      /* write: swallowed */
    MSR_DROP_ZERO  /* write: 0 is swallowed, others fault */
};

enum msr_vendor { MSR_ANY, MSR_INTEL, MSR_AMD };

struct msr_row {
    uint32_t first, last;
    uint8_t vendor, read, write; /* enum msr_vendor, enum msr_access */
    uint64_t value;
};

/* The row of @msr on a CPU of @vendor, or NULL: both accesses fault. */
const struct msr_row *msr_table_find(uint32_t msr, enum msr_vendor vendor);
/* All rows, in order of their numbers. */
const struct msr_row *msr_table_rows(unsigned int *nr);

#endif
