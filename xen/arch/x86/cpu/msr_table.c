/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of asm/msr.h's plain registers (docs/interface/emulation.md). Pure. */
#include "msr_table.h"

#define PAT_VALUE 0x0000050100070406UL

static const struct msr_row rows[] = {
    { 0x00000000, 0x00000001, MSR_ANY, MSR_VALUE, MSR_FAULT, 0 }, /* P5 machine check */
    { 0x00000017, 0x00000017, MSR_INTEL, MSR_VALUE, MSR_FAULT, 0 }, /* PLATFORM_ID */
    { 0x0000003a, 0x0000003a, MSR_INTEL, MSR_VALUE, MSR_FAULT, 1 }, /* FEATURE_CONTROL: locked */
    { 0x0000008b, 0x0000008b, MSR_INTEL, MSR_REAL, MSR_DROP_ZERO, 0 }, /* microcode revision */
    { 0x0000008b, 0x0000008b, MSR_AMD, MSR_REAL, MSR_FAULT, 0 },
    { 0x000000c1, 0x000000c8, MSR_INTEL, MSR_VALUE, MSR_DROP, 0 }, /* performance counters */
    { 0x000000ce, 0x000000ce, MSR_ANY, MSR_VALUE, MSR_FAULT, 0 }, /* PLATFORM_INFO */
    { 0x000000e7, 0x000000e8, MSR_ANY, MSR_FAULT, MSR_DROP, 0 }, /* MPERF, APERF */
    { 0x00000140, 0x00000140, MSR_ANY, MSR_VALUE, MSR_DROP_ZERO, 0 }, /* MISC_FEATURES_ENABLES */
    { 0x00000179, 0x00000179, MSR_INTEL, MSR_VALUE, MSR_DROP, 0x1000c02 }, /* MCG_CAP: two banks */
    { 0x00000179, 0x00000179, MSR_AMD, MSR_VALUE, MSR_DROP, 2 },
    { 0x0000017a, 0x0000017b, MSR_ANY, MSR_VALUE, MSR_DROP, 0 }, /* MCG_STATUS, MCG_CTL */
    { 0x00000186, 0x00000189, MSR_INTEL, MSR_VALUE, MSR_DROP, 0 }, /* event selects */
    { 0x00000198, 0x00000198, MSR_INTEL, MSR_VALUE, MSR_FAULT, 0 }, /* PERF_STATUS */
    { 0x00000199, 0x00000199, MSR_INTEL, MSR_VALUE, MSR_DROP, 0 }, /* PERF_CTL */
    { 0x0000019a, 0x0000019a, MSR_INTEL, MSR_FAULT, MSR_DROP, 0 }, /* clock modulation */
    { 0x0000019c, 0x0000019c, MSR_INTEL, MSR_VALUE, MSR_FAULT, 0 }, /* THERM_STATUS */
    { 0x000001b0, 0x000001b0, MSR_INTEL, MSR_FAULT, MSR_DROP, 0 }, /* ENERGY_PERF_BIAS */
    { 0x00000277, 0x00000277, MSR_ANY, MSR_VALUE, MSR_FAULT, PAT_VALUE },
    { 0x00000280, 0x0000029f, MSR_ANY, MSR_VALUE, MSR_DROP, 0 }, /* MCi_CTL2 */
    { 0x00000309, 0x0000030b, MSR_INTEL, MSR_VALUE, MSR_DROP, 0 }, /* fixed counters */
    { 0x00000345, 0x00000345, MSR_ANY, MSR_VALUE, MSR_FAULT, 0 }, /* PERF_CAPABILITIES */
    { 0x0000038d, 0x00000390, MSR_INTEL, MSR_VALUE, MSR_DROP, 0 }, /* counter control */
    { 0x00000400, 0x00000400, MSR_ANY, MSR_VALUE, MSR_DROP, ~0UL }, /* MC0_CTL */
    { 0x00000401, 0x00000403, MSR_ANY, MSR_VALUE, MSR_DROP, 0 },
    { 0x00000404, 0x00000404, MSR_ANY, MSR_VALUE, MSR_DROP, ~0UL }, /* MC1_CTL */
    { 0x00000405, 0x0000047f, MSR_ANY, MSR_VALUE, MSR_DROP, 0 }, /* the other banks' registers */
    { 0xc0010000, 0xc0010007, MSR_AMD, MSR_VALUE, MSR_DROP, 0 }, /* performance counters */
    { 0xc0010010, 0xc0010010, MSR_AMD, MSR_REAL_DOM0, MSR_FAULT, 0 }, /* SYSCFG */
    { 0xc0010015, 0xc0010015, MSR_AMD, MSR_VALUE, MSR_DROP, 0 }, /* HWCR */
    { 0xc0010016, 0xc001001a, MSR_AMD, MSR_REAL_DOM0, MSR_FAULT, 0 }, /* IORRs, TOP_MEM */
    { 0xc001001d, 0xc001001d, MSR_AMD, MSR_REAL_DOM0, MSR_FAULT, 0 }, /* TOP_MEM2 */
    { 0xc001001f, 0xc001001f, MSR_AMD, MSR_VALUE, MSR_DROP, 0 }, /* NB_CFG */
    { 0xc0010041, 0xc0010042, MSR_AMD, MSR_VALUE, MSR_DROP, 0 }, /* FIDVID control and status */
    { 0xc0010061, 0xc001006b, MSR_AMD, MSR_VALUE, MSR_DROP, 0 }, /* P-states */
    { 0xc0010112, 0xc0010113, MSR_AMD, MSR_REAL_DOM0, MSR_FAULT, 0 }, /* SMM address and mask */
    { 0xc0010200, 0xc001020b, MSR_AMD, MSR_VALUE, MSR_DROP, 0 }, /* performance counters */
    { 0xc0011029, 0xc0011029, MSR_AMD, MSR_VALUE, MSR_DROP, 2 }, /* DE_CFG: LFENCE serializes */
};

const struct msr_row *msr_table_rows(unsigned int *nr)
{
    *nr = ARRAY_SIZE(rows);
    return rows;
}

const struct msr_row *msr_table_find(uint32_t msr, enum msr_vendor vendor)
{
    for (const struct msr_row *row = rows;
         row < rows + ARRAY_SIZE(rows) && row->first <= msr; row++) {
        if (msr <= row->last && (row->vendor == MSR_ANY || row->vendor == vendor)) {
            return row;
        }
    }
    return NULL;
}
