/* SPDX-License-Identifier: BSD-2-Clause */
/* Instructions that may fault, and the accessors built on them. */
#include <asm/cpu.h>
#include <asm/extable.h>
#include <asm/uaccess.h>
#include <xen/init.h>

struct extable_entry {
    int32_t fault, fixup; /* relative to the field itself */
};

struct smap_site {
    int32_t place; /* relative to the field itself */
    uint32_t opcode;
};

extern const struct extable_entry extable_start[], extable_end[];
extern const struct smap_site smap_sites_start[], smap_sites_end[];

uint64_t extable_find(uint64_t rip)
{
    for (const struct extable_entry *e = extable_start; e < extable_end; e++) {
        if ((uint64_t)&e->fault + (int64_t)e->fault == rip) {
            return (uint64_t)&e->fixup + (int64_t)e->fixup;
        }
    }
    return 0;
}

bool rdmsr_safe(uint32_t msr, uint64_t *v)
{
    uint32_t lo = 0, hi = 0, ok = 0;

    __asm__ __volatile__("1: rdmsr\n"
                         "   mov $1, %2\n"
                         "2:\n"
                         EXTABLE(1b, 2b)
                         : "+a"(lo), "+d"(hi), "+r"(ok)
                         : "c"(msr));
    if (ok) {
        *v = ((uint64_t)hi << 32) | lo;
    }
    return ok;
}

bool wrmsr_safe(uint32_t msr, uint64_t v)
{
    uint32_t ok = 0;

    __asm__ __volatile__("1: wrmsr\n"
                         "   mov $1, %0\n"
                         "2:\n"
                         EXTABLE(1b, 2b)
                         : "+r"(ok)
                         : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32))
                         : "memory");
    return ok;
}

void __init smap_patch_sites(void)
{
    for (const struct smap_site *s = smap_sites_start; s < smap_sites_end; s++) {
        uint8_t *p = (uint8_t *)((uint64_t)&s->place + (int64_t)s->place);

        p[0] = 0x0f;
        p[1] = 0x01;
        p[2] = (uint8_t)s->opcode;
    }
}
