/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what the boot CPU is and has; refuses to go on without what the hypervisor needs. */
#include <asm/cpufeature.h>
#include <xen/bug.h>
#include <xen/init.h>
#include <xen/string.h>

struct cpu_features boot_cpu;

static const struct {
    uint8_t bit; /* CPU_BIT() */
    const char *name;
} required[] __initconst = {
    { CPU_BIT(WORD_1_EDX, 0), "x87 FPU" },
    { CPU_BIT(WORD_1_EDX, 4), "TSC" },
    { CPU_BIT(WORD_1_EDX, 5), "MSR" },
    { CPU_BIT(WORD_1_EDX, 6), "PAE" },
    { CPU_BIT(WORD_1_EDX, 8), "CMPXCHG8B" },
    { HAS_APIC, "APIC" },
    { CPU_BIT(WORD_1_EDX, 13), "PGE" },
    { CPU_BIT(WORD_1_EDX, 15), "CMOV" },
    { HAS_PAT, "PAT" },
    { HAS_FXSR, "FXSR" },
    { CPU_BIT(WORD_1_EDX, 25), "SSE" },
    { HAS_SSE2, "SSE2" },
    { HAS_SYSCALL, "SYSCALL" },
    { HAS_LM, "64-bit mode" },
};

static enum cpu_vendor __init vendor_of(const char name[12])
{
    static const struct {
        char name[13];
        enum cpu_vendor vendor;
    } names[] __initconst = {
        { "GenuineIntel", VENDOR_INTEL },
        { "AuthenticAMD", VENDOR_AMD },
        { "HygonGenuine", VENDOR_HYGON },
    };

    for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
        if (memcmp(name, names[i].name, sizeof(boot_cpu.vendor_name)) == 0) {
            return names[i].vendor;
        }
    }
    return VENDOR_OTHER;
}

/* Intel SDM vol. 2, CPUID leaf 1; AMD APM vol. 3, E.3.2: the same sums. */
static void __init read_signature(uint32_t eax)
{
    unsigned int family = eax >> 8 & 0xf, model = eax >> 4 & 0xf;

    if (family == 6 || family == 15) {
        model |= (eax >> 16 & 0xf) << 4;
    }
    if (family == 15) {
        family += eax >> 20 & 0xff;
    }
    boot_cpu.family = family;
    boot_cpu.model = model;
    boot_cpu.stepping = eax & 0xf;
}

static void __init read_basic(void)
{
    struct cpuid_regs r = cpuid(0, 0);

    boot_cpu.max_leaf = r.a;
    memcpy(boot_cpu.vendor_name, (uint32_t[]){ r.b, r.d, r.c }, sizeof(boot_cpu.vendor_name));
    boot_cpu.vendor = vendor_of(boot_cpu.vendor_name);
    r = cpuid(1, 0);
    read_signature(r.a);
    boot_cpu.word[WORD_1_ECX] = r.c;
    boot_cpu.word[WORD_1_EDX] = r.d;
    if (boot_cpu.max_leaf >= 6) {
        boot_cpu.word[WORD_6_EAX] = cpuid(6, 0).a;
    }
    if (boot_cpu.max_leaf >= 7) {
        r = cpuid(7, 0);
        boot_cpu.word[WORD_7_EBX] = r.b;
        boot_cpu.word[WORD_7_ECX] = r.c;
        boot_cpu.word[WORD_7_EDX] = r.d;
    }
    if (boot_cpu.max_leaf >= 0xd) {
        boot_cpu.word[WORD_D1_EAX] = cpuid(0xd, 1).a;
    }
}

static void __init read_extended(void)
{
    uint32_t max = cpuid(0x80000000, 0).a;
    struct cpuid_regs r;

    boot_cpu.phys_bits = 36;
    boot_cpu.max_ext_leaf = max >> 16 == 0x8000 ? max : 0;
    if (boot_cpu.max_ext_leaf >= 0x80000001) {
        r = cpuid(0x80000001, 0);
        boot_cpu.word[WORD_E1_ECX] = r.c;
        boot_cpu.word[WORD_E1_EDX] = r.d;
    }
    if (boot_cpu.max_ext_leaf >= 0x80000007) {
        boot_cpu.word[WORD_E7_EDX] = cpuid(0x80000007, 0).d;
    }
    if (boot_cpu.max_ext_leaf >= 0x80000008) {
        r = cpuid(0x80000008, 0);
        boot_cpu.phys_bits = MIN(r.a & 0xff, 52);
        boot_cpu.word[WORD_E8_EBX] = r.b;
    }
}

void __init cpu_identify(void)
{
    read_basic();
    read_extended();
    for (unsigned int i = 0; i < ARRAY_SIZE(required); i++) {
        if (!cpu_has(required[i].bit)) {
            panic("This CPU has no %s (CPUID). Xenios needs a CPU that has it.", required[i].name);
        }
    }
}
