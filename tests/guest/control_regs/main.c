/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: control registers by the native instructions. What each read shows, which bits a
 * write may change, which writes raise #GP.
 */
#include "check.h"
#include "cpu.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"

#define CR0_TS 8UL
#define CR4_TSD 4UL
#define CR4_DE 8UL
#define CR4_BASE 0x660UL

#define READ_CR(n)                                        \
    ({                                                    \
        uint64_t value_ = 0;                              \
        TRY("mov %%cr" #n ", %0", : "+r"(value_));        \
        value_;                                           \
    })
#define WRITE_CR(n, value) TRY("mov %0, %%cr" #n, : : "r"((uint64_t)(value)) : "memory")

static void test_cr0(void)
{
    uint64_t cr0 = READ_CR(0);

    CHECK_EQ(cr0, 0x80050033);
    CHECK_EQ(hypercall_1(__HYPERVISOR_fpu_taskswitch, 1), 0);
    CHECK_EQ(READ_CR(0), cr0 | CR0_TS);
    TRY("clts");
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(READ_CR(0), cr0);
    WRITE_CR(0, cr0 | CR0_TS);
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(READ_CR(0), cr0 | CR0_TS);
    WRITE_CR(0, cr0);
    CHECK_EQ(READ_CR(0), cr0);
    WRITE_CR(0, cr0 & ~0x80000000UL);
    CHECK_EQ(trap_last.vector, 13);
    WRITE_CR(0, cr0 & ~0x10000UL);
    CHECK_EQ(trap_last.vector, 13);
    CHECK_EQ(READ_CR(0), cr0);
}

static void test_cr2(void)
{
    TRY("mov (%0), %%al", : : "r"(window(3)) : "rax");
    CHECK_EQ(trap_last.vector, 14);
    CHECK_EQ(READ_CR(2), window(3));
    WRITE_CR(2, 0x654321);
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(vcpu_info_self()->arch.cr2, 0x654321);
    CHECK_EQ(READ_CR(2), 0x654321);
}

static void test_cr3(void)
{
    uint64_t *l4 = page_alloc();
    uint64_t *old = (uint64_t *)start_info->pt_base;
    uint64_t old_cr3 = READ_CR(3);

    CHECK_EQ(old_cr3, virt_to_mfn(old) << PAGE_SHIFT);
    l4[511] = old[511];
    l4[1] = old[1];
    CHECK_EQ(table_pin(l4, 4), 0);
    WRITE_CR(3, virt_to_mfn(l4) << PAGE_SHIFT);
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(READ_CR(3), virt_to_mfn(l4) << PAGE_SHIFT);
    WRITE_CR(3, 0xfed00000);
    CHECK_EQ(trap_last.vector, 13);
    WRITE_CR(3, old_cr3);
    CHECK_EQ(READ_CR(3), old_cr3);
    CHECK_EQ(table_unpin(l4), 0);
}

/* Bits that are not the guest's vanish; nothing faults. */
static void test_cr4(void)
{
    CHECK_EQ(READ_CR(4), CR4_BASE);
    WRITE_CR(4, CR4_BASE | CR4_TSD | CR4_DE);
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(READ_CR(4), CR4_BASE | CR4_TSD | CR4_DE);
    TRY("rdtsc", : : : "rax", "rdx");
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    WRITE_CR(4, 0);
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(READ_CR(4), CR4_BASE);
    WRITE_CR(4, ~0UL & ~(CR4_TSD | CR4_DE | 1UL << 16 | 1UL << 18));
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(READ_CR(4), CR4_BASE);
}

static void test_cr8(void)
{
    READ_CR(8);
    CHECK_EQ(trap_last.vector, 13);
    WRITE_CR(8, 0);
    CHECK_EQ(trap_last.vector, 13);
}

void test_main(void)
{
    kit_init();
    test_cr0();
    test_cr2();
    test_cr3();
    test_cr4();
    test_cr8();
}
