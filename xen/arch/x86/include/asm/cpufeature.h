/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's CPU features, read once on the boot CPU (cpu/identify.c). Raw CPUID words;
 * cpu_has(X) tests one bit.
 */
#ifndef ASM_CPUFEATURE_H
#define ASM_CPUFEATURE_H

#include <asm/cpu.h>

enum cpu_vendor { VENDOR_OTHER, VENDOR_INTEL, VENDOR_AMD, VENDOR_HYGON };

enum cpuid_word {
    WORD_1_ECX, WORD_1_EDX, WORD_7_EBX, WORD_7_ECX, WORD_7_EDX, WORD_D1_EAX,
    WORD_E1_ECX, WORD_E1_EDX, WORD_E7_EDX, WORD_E8_EBX, WORD_6_EAX,
    NR_CPUID_WORDS
};

struct cpu_features {
    enum cpu_vendor vendor;
    char vendor_name[12]; /* as CPUID has it, without a zero at its end */
    unsigned int family, model, stepping;
    uint32_t max_leaf, max_ext_leaf;
    unsigned int phys_bits;
    uint32_t word[NR_CPUID_WORDS];
};

extern struct cpu_features boot_cpu;

#define CPU_BIT(w, b) ((w) * 32 + (b))
#define HAS_SSE3        CPU_BIT(WORD_1_ECX, 0)
#define HAS_CX16        CPU_BIT(WORD_1_ECX, 13)
#define HAS_X2APIC      CPU_BIT(WORD_1_ECX, 21)
#define HAS_TSC_DEADLINE CPU_BIT(WORD_1_ECX, 24)
#define HAS_XSAVE       CPU_BIT(WORD_1_ECX, 26)
#define HAS_HYPERVISOR  CPU_BIT(WORD_1_ECX, 31)
#define HAS_MCE         CPU_BIT(WORD_1_EDX, 7)
#define HAS_APIC        CPU_BIT(WORD_1_EDX, 9)
#define HAS_MCA         CPU_BIT(WORD_1_EDX, 14)
#define HAS_PAT         CPU_BIT(WORD_1_EDX, 16)
#define HAS_FXSR        CPU_BIT(WORD_1_EDX, 24)
#define HAS_SSE2        CPU_BIT(WORD_1_EDX, 26)
#define HAS_FSGSBASE    CPU_BIT(WORD_7_EBX, 0)
#define HAS_SMEP        CPU_BIT(WORD_7_EBX, 7)
#define HAS_SMAP        CPU_BIT(WORD_7_EBX, 20)
#define HAS_UMIP        CPU_BIT(WORD_7_ECX, 2)
#define HAS_IBRSB       CPU_BIT(WORD_7_EDX, 26)
#define HAS_ARCH_CAPS   CPU_BIT(WORD_7_EDX, 29)
#define HAS_XSAVEOPT    CPU_BIT(WORD_D1_EAX, 0)
#define HAS_XSAVEC      CPU_BIT(WORD_D1_EAX, 1)
#define HAS_SYSCALL     CPU_BIT(WORD_E1_EDX, 11)
#define HAS_NX          CPU_BIT(WORD_E1_EDX, 20)
#define HAS_PAGE1GB     CPU_BIT(WORD_E1_EDX, 26)
#define HAS_RDTSCP      CPU_BIT(WORD_E1_EDX, 27)
#define HAS_LM          CPU_BIT(WORD_E1_EDX, 29)
#define HAS_RSTR_FP_ERR_PTRS CPU_BIT(WORD_E8_EBX, 2)
#define HAS_AMD_IBPB    CPU_BIT(WORD_E8_EBX, 12)
#define HAS_INVARIANT_TSC CPU_BIT(WORD_E7_EDX, 8)
#define HAS_ARAT        CPU_BIT(WORD_6_EAX, 2)

static inline bool cpu_has(unsigned int bit)
{
    return (boot_cpu.word[bit / 32] >> (bit % 32)) & 1;
}

/* Fills boot_cpu; panics with the name of a required feature that is missing. */
void cpu_identify(void);

#endif
