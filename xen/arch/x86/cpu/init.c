/* SPDX-License-Identifier: BSD-2-Clause */
/* The control registers and MSRs that all CPUs have alike (asm/cpu_init.h). */
#include <asm/cpu.h>
#include <asm/cpu_init.h>
#include <asm/cpufeature.h>
#include <asm/fpu.h>

/* Entries 0-7: WB WT UC- UC WC WP UC UC. Guests read this value and build their PTEs for it. */
#define PAT_VALUE 0x0000050100070406UL

static void set_cr4(void)
{
    unsigned long cr4 = read_cr4() | CR4_PAE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT;

    static const struct {
        uint8_t feature;
        uint32_t bit;
    } optional[] = {
        { HAS_MCE, CR4_MCE },   { HAS_FSGSBASE, CR4_FSGSBASE }, { HAS_XSAVE, CR4_OSXSAVE },
        { HAS_SMEP, CR4_SMEP }, { HAS_SMAP, CR4_SMAP },
    };

    for (unsigned int i = 0; i < ARRAY_SIZE(optional); i++) {
        if (cpu_has(optional[i].feature)) {
            cr4 |= optional[i].bit;
        }
    }
    /* PV kernels run SGDT, SIDT, SLDT, STR and SMSW at CPL 3 and expect them to work. */
    write_cr4(cr4 & ~(CR4_UMIP | CR4_TSD | CR4_DE));
}

static void set_efer(void)
{
    uint64_t efer = rdmsr(MSR_EFER);
    uint64_t want = efer | EFER_SCE | (cpu_has(HAS_NX) ? EFER_NX : 0);

    if (efer != want) {
        wrmsr(MSR_EFER, want);
    }
}

void cpu_init(void)
{
    set_cr4();
    set_efer();
    wrmsr(MSR_PAT, PAT_VALUE);
    fpu_cpu_init();
}
