/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads, cores and sockets. An APIC id is a socket number, then a core number, then a thread
 * number; CPUID says how many bits the lower two have: Intel SDM vol. 3, 9.9.5; AMD APM vol. 3,
 * leaves 8000_0008 and 8000_001E.
 */
#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <asm/cputopo.h>
#include <asm/lapic.h>
#include <xen/cpumask.h>

#define HAS_HTT CPU_BIT(WORD_1_EDX, 28)

struct id_bits {
    unsigned int thread; /* width */
    unsigned int below_socket;
};

/* Bits that number @n things. */
static unsigned int bits_for(uint32_t n)
{
    return n > 1 ? 32 - (unsigned int)__builtin_clz(n - 1) : 0;
}

static struct id_bits amd_bits(void)
{
    struct cpuid_regs r = cpuid(0x80000008, 0);
    struct id_bits b = { 0, r.c >> 12 & 0xf };

    if (b.below_socket == 0) {
        b.below_socket = bits_for((r.c & 0xff) + 1);
    }
    if (boot_cpu.max_ext_leaf >= 0x8000001e) {
        b.thread = bits_for((cpuid(0x8000001e, 0).b >> 8 & 0xff) + 1);
    }
    return b;
}

static struct id_bits other_bits(void)
{
    uint32_t cores = 1, threads = cpuid(1, 0).b >> 16 & 0xff;

    if (boot_cpu.max_leaf >= 0xb && cpuid(0xb, 0).b != 0) {
        unsigned int thread = cpuid(0xb, 0).a & 0x1f, all = cpuid(0xb, 1).a & 0x1f;

        return (struct id_bits){ thread, all > thread ? all : thread };
    }
    if (boot_cpu.max_leaf >= 4) {
        cores = (cpuid(4, 0).a >> 26) + 1;
    }
    return (struct id_bits){ bits_for(threads / cores), bits_for(threads) };
}

static struct id_bits id_bits(void)
{
    if (!cpu_has(HAS_HTT)) {
        return (struct id_bits){ 0, 0 };
    }
    return boot_cpu.vendor == VENDOR_AMD || boot_cpu.vendor == VENDOR_HYGON ? amd_bits()
                                                                            : other_bits();
}

struct cpu_topology cputopo_of(unsigned int cpu)
{
    struct id_bits b = id_bits();
    uint32_t id = cpu_apic_id[cpu];
    struct cpu_topology t = {
        .socket = id >> b.below_socket,
        .core = (id & ((1U << b.below_socket) - 1)) >> b.thread,
    };
    unsigned int other, first = 0;

    /* One thread of each core of the socket counts for the core. */
    for_each_cpu (other, &cpu_online_map) {
        uint32_t o = cpu_apic_id[other];

        if (o >> b.below_socket != t.socket) {
            continue;
        }
        t.threads_per_core += o >> b.thread == id >> b.thread;
        first += (o & ((1U << b.thread) - 1)) == (id & ((1U << b.thread) - 1));
    }
    t.cores_per_socket = first;
    return t;
}
