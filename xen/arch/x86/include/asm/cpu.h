/* SPDX-License-Identifier: BSD-2-Clause */
/* Single instructions of the CPU, as functions. */
#ifndef ASM_CPU_H
#define ASM_CPU_H

#include <asm/cpuid_regs.h>
#include <xen/compiler.h>
#include <xen/types.h>

static inline void cpu_relax(void)
{
    __asm__ __volatile__("pause" ::: "memory");
}

static inline void irq_disable(void)
{
    __asm__ __volatile__("cli" ::: "memory");
}

static inline void irq_enable(void)
{
    __asm__ __volatile__("sti" ::: "memory");
}

static inline unsigned long flags_read(void)
{
    unsigned long f;

    __asm__ __volatile__("pushfq; popq %0" : "=rm"(f) :: "memory");
    return f;
}

static inline unsigned long irq_save(void)
{
    unsigned long f = flags_read();

    irq_disable();
    return f;
}

static inline void irq_restore(unsigned long f)
{
    if (f & 0x200) {
        irq_enable();
    }
}

static inline bool irq_is_enabled(void)
{
    return (flags_read() & 0x200) != 0;
}

static inline uint64_t rdtsc(void)
{
    uint32_t lo, hi;

    __asm__ __volatile__("rdtsc" : "=a"(lo), "=d"(hi));
    return ((uint64_t)hi << 32) | lo;
}

/* Ordered after all earlier loads. */
static inline uint64_t rdtsc_ordered(void)
{
    __asm__ __volatile__("lfence" ::: "memory");
    return rdtsc();
}

static inline uint64_t rdmsr(uint32_t msr)
{
    uint32_t lo, hi;

    __asm__ __volatile__("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
    return ((uint64_t)hi << 32) | lo;
}

static inline void wrmsr(uint32_t msr, uint64_t v)
{
    __asm__ __volatile__("wrmsr" ::"c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)) : "memory");
}

/* Through the exception table: false if the access faults. In trap/extable.c. */
must_check bool rdmsr_safe(uint32_t msr, uint64_t *v);
must_check bool wrmsr_safe(uint32_t msr, uint64_t v);

static inline struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid_regs r;

    __asm__ __volatile__("cpuid"
                         : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
                         : "a"(leaf), "c"(subleaf));
    return r;
}

#define DEFINE_CR(n)                                                    \
    static inline unsigned long read_cr##n(void)                        \
    {                                                                   \
        unsigned long v;                                                \
                                                                        \
        __asm__ __volatile__("mov %%cr" #n ", %0" : "=r"(v));           \
        return v;                                                       \
    }                                                                   \
    static inline void write_cr##n(unsigned long v)                     \
    {                                                                   \
        __asm__ __volatile__("mov %0, %%cr" #n :: "r"(v) : "memory");   \
    }
DEFINE_CR(0)
DEFINE_CR(2)
DEFINE_CR(3)
DEFINE_CR(4)
#undef DEFINE_CR

#define DEFINE_PORT(suffix, type)                                       \
    static inline type in##suffix(uint16_t port)                        \
    {                                                                   \
        type v;                                                         \
                                                                        \
        __asm__ __volatile__("in" #suffix " %w1, %0" : "=a"(v) : "Nd"(port)); \
        return v;                                                       \
    }                                                                   \
    static inline void out##suffix(uint16_t port, type v)               \
    {                                                                   \
        __asm__ __volatile__("out" #suffix " %0, %w1" :: "a"(v), "Nd"(port)); \
    }
DEFINE_PORT(b, uint8_t)
DEFINE_PORT(w, uint16_t)
DEFINE_PORT(l, uint32_t)
#undef DEFINE_PORT

static inline void invlpg(uint64_t va)
{
    __asm__ __volatile__("invlpg %0" :: "m"(*(const char *)va) : "memory");
}

static inline void wbinvd(void)
{
    __asm__ __volatile__("wbinvd" ::: "memory");
}

#define CR0_PE (1UL << 0)
#define CR0_MP (1UL << 1)
#define CR0_EM (1UL << 2)
#define CR0_TS (1UL << 3)
#define CR0_ET (1UL << 4)
#define CR0_NE (1UL << 5)
#define CR0_WP (1UL << 16)
#define CR0_AM (1UL << 18)
#define CR0_PG (1UL << 31)

#define CR4_TSD        (1UL << 2)
#define CR4_DE         (1UL << 3)
#define CR4_PAE        (1UL << 5)
#define CR4_MCE        (1UL << 6)
#define CR4_PGE        (1UL << 7)
#define CR4_OSFXSR     (1UL << 9)
#define CR4_OSXMMEXCPT (1UL << 10)
#define CR4_UMIP       (1UL << 11)
#define CR4_FSGSBASE   (1UL << 16)
#define CR4_PCIDE      (1UL << 17)
#define CR4_OSXSAVE    (1UL << 18)
#define CR4_SMEP       (1UL << 20)
#define CR4_SMAP       (1UL << 21)

#define MSR_APIC_BASE      0x1b
#define MSR_PAT            0x277
#define MSR_TSC_DEADLINE   0x6e0
#define MSR_EFER           0xc0000080
#define MSR_STAR           0xc0000081
#define MSR_LSTAR          0xc0000082
#define MSR_CSTAR          0xc0000083
#define MSR_SYSCALL_MASK   0xc0000084
#define MSR_FS_BASE        0xc0000100
#define MSR_GS_BASE        0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_TSC_AUX        0xc0000103
#define MSR_SYSENTER_CS    0x174
#define MSR_SYSENTER_ESP   0x175
#define MSR_SYSENTER_EIP   0x176

#define EFER_SCE  (1UL << 0)
#define EFER_LME  (1UL << 8)
#define EFER_LMA  (1UL << 10)
#define EFER_NX   (1UL << 11)
#define EFER_SVME (1UL << 12)

#endif
