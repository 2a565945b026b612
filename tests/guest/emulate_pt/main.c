/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: a kernel writes its L1 tables with plain instructions. The tables are mapped
 * read-only, the writes are emulated: each instruction form leaves the right entry and the
 * right registers and flags. Writes that may not be emulated reach the kernel as #PF.
 */
#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "trap.h"

static uint8_t data_page[PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t other_page[PAGE_SIZE] __attribute__((aligned(4096)));
static volatile uint64_t *slot; /* an entry in the window's table, by its read-only address */
static uint64_t base, other;    /* machine addresses of the two pages */

/* What the hypervisor makes of a kernel's entry. */
#define KERNEL(pte) ((pte) | PTE_US | PTE_GUEST_KERNEL)

static void reset(uint64_t pte)
{
    CHECK_EQ(mmu_update_one(pte_maddr(window(40), 1), pte, NULL, DOMID_SELF), 0);
}

static void check_emulated(const char *what, uint64_t want)
{
    check_equal(__FILE__, __LINE__, what, trap_last.vector, TRAP_NONE);
    check_equal(__FILE__, __LINE__, what, *slot, want);
}

static void check_passed_on(const char *what, const volatile void *address, uint64_t unchanged)
{
    check_equal(__FILE__, __LINE__, what, trap_last.vector, 14);
    check_equal(__FILE__, __LINE__, what, trap_last.error, 3);
    check_equal(__FILE__, __LINE__, what, trap_last.cr2, (uint64_t)address);
    check_equal(__FILE__, __LINE__, what, *slot, unchanged);
}

static void test_stores(void)
{
    uint64_t rdi;

    reset(0);
    TRY("mov %1, %0", : "=m"(*slot) : "r"(base | PTE_DATA));
    check_emulated("mov r64", KERNEL(base | PTE_DATA));
    TRY("movq $0, %0", : "=m"(*slot));
    check_emulated("mov imm32 to 64", 0);
    TRY("movnti %1, %0", : "=m"(*slot) : "r"(base | PTE_RO));
    check_emulated("movnti", KERNEL(base | PTE_RO));
    TRY("movb %b1, %0", : "=m"(*(volatile uint8_t *)slot) : "q"((uint8_t)(base | 0x67)));
    check_emulated("mov r8", KERNEL(base | 0x67));
    TRY("movl %1, %0", : "=m"(*(volatile uint32_t *)slot) : "r"((uint32_t)(base | 0x61)));
    check_emulated("mov r32", KERNEL(base | 0x61));
    TRY("movl $0, %0", : "=m"(*(volatile uint32_t *)slot));
    check_emulated("mov imm32", (base >> 32 << 32) | PTE_GUEST_KERNEL);

    reset(0);
    rdi = (uint64_t)slot;
    TRY("stosq", : "+D"(rdi) : "a"(base | PTE_DATA) : "memory");
    check_emulated("stosq", KERNEL(base | PTE_DATA));
    CHECK_EQ(rdi, slot + 1);
    TRY_AT("push %1", "popq %0", "", : "=m"(*slot) : "r"(base | PTE_RO));
    check_emulated("pop m64", KERNEL(base | PTE_RO));
}

static void test_repeated_store(void)
{
    uint64_t rdi = (uint64_t)(slot - 4), rcx = 8;

    reset(base | PTE_DATA);
    TRY("rep stosq", : "+D"(rdi), "+c"(rcx) : "a"(0) : "memory");
    check_emulated("rep stosq", 0);
    CHECK_EQ(rcx, 0);
    CHECK_EQ(rdi, slot + 4);
}

static void test_exchange(void)
{
    uint64_t reg = 0;

    reset(base | PTE_DATA);
    TRY("xchg %0, %1", : "+r"(reg), "+m"(*slot));
    check_emulated("xchg", 0);
    CHECK_EQ(reg, KERNEL(base | PTE_DATA));
    reg = other | PTE_DATA;
    TRY("xchg %0, %1", : "+r"(reg), "+m"(*slot));
    check_emulated("xchg", KERNEL(other | PTE_DATA));
    CHECK_EQ(reg, 0);
    reg = 0x1000;
    TRY("lock xadd %0, %1", : "+r"(reg), "+m"(*slot));
    CHECK_EQ(reg, KERNEL(other | PTE_DATA));
}

static void test_compare_exchange(void)
{
    uint64_t was = KERNEL(base | PTE_DATA), rax;
    uint8_t zf;

    reset(base | PTE_DATA);
    rax = was;
    TRY_AT("", "lock cmpxchg %3, %1", "sete %2", : "+a"(rax), "+m"(*slot), "=q"(zf)
           : "r"(base | PTE_RO) : "cc");
    check_emulated("lock cmpxchg", KERNEL(base | PTE_RO));
    CHECK_EQ(zf, 1);
    CHECK_EQ(rax, was);
    rax = 0x1234;
    TRY_AT("", "lock cmpxchg %3, %1", "sete %2", : "+a"(rax), "+m"(*slot), "=q"(zf)
           : "r"(0UL) : "cc");
    check_emulated("lock cmpxchg that fails", KERNEL(base | PTE_RO));
    CHECK_EQ(zf, 0);
    CHECK_EQ(rax, KERNEL(base | PTE_RO));
    rax = *slot;
    TRY_AT("", "cmpxchg %3, %1", "sete %2", : "+a"(rax), "+m"(*slot), "=q"(zf)
           : "r"(0UL) : "cc");
    check_emulated("cmpxchg", 0);
    CHECK_EQ(zf, 1);
}

static void test_compare_exchange_8b(void)
{
    uint64_t was = KERNEL(base | PTE_DATA), want = base | PTE_RO;
    uint32_t lo = (uint32_t)was, hi = (uint32_t)(was >> 32);
    uint8_t zf;

    reset(base | PTE_DATA);
    TRY_AT("", "lock cmpxchg8b %2", "sete %3", : "+a"(lo), "+d"(hi), "+m"(*slot), "=q"(zf)
           : "b"((uint32_t)want), "c"((uint32_t)(want >> 32)) : "cc");
    check_emulated("cmpxchg8b", KERNEL(want));
    CHECK_EQ(zf, 1);
    lo = 1;
    TRY_AT("", "cmpxchg8b %2", "sete %3", : "+a"(lo), "+d"(hi), "+m"(*slot), "=q"(zf)
           : "b"(0), "c"(0) : "cc");
    check_emulated("cmpxchg8b that fails", KERNEL(want));
    CHECK_EQ(zf, 0);
    CHECK_EQ(((uint64_t)hi << 32) | lo, KERNEL(want));
}

/* Logic on one byte, four and eight; with and without LOCK; by register and immediate. */
static void test_logic(void)
{
    reset(base | PTE_DATA);
    TRY("lock andb $0xfd, %0", : "+m"(*(volatile uint8_t *)slot) : : "cc");
    check_emulated("lock andb imm", KERNEL(base | PTE_RO));
    TRY("lock orb $2, %0", : "+m"(*(volatile uint8_t *)slot) : : "cc");
    check_emulated("lock orb imm", KERNEL(base | PTE_DATA));
    TRY("andl %1, %0", : "+m"(*(volatile uint32_t *)slot) : "r"(~2U) : "cc");
    check_emulated("andl reg", KERNEL(base | PTE_RO));
    TRY("lock orq %1, %0", : "+m"(*slot) : "r"(2UL) : "cc");
    check_emulated("lock orq reg", KERNEL(base | PTE_DATA));
    TRY("lock andq %1, %0", : "+m"(*slot) : "r"(~2UL) : "cc");
    check_emulated("lock andq reg", KERNEL(base | PTE_RO));
    TRY("lock addq $2, %0", : "+m"(*slot) : : "cc");
    check_emulated("lock addq imm", KERNEL(base | PTE_DATA));
    TRY("andq %%gs:%1, %0", : "+r"(other) : "m"(*slot) : "cc");
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    other = virt_to_mfn(other_page) << PAGE_SHIFT;
}

static void test_bits(void)
{
    uint8_t cf;

    reset(base | PTE_DATA);
    TRY_AT("", "lock btrq $5, %0", "setc %1", : "+m"(*slot), "=q"(cf) : : "cc");
    check_emulated("lock btr imm", KERNEL(base | (PTE_DATA & ~PTE_A)));
    CHECK_EQ(cf, 1);
    TRY_AT("", "lock btrq $5, %0", "setc %1", : "+m"(*slot), "=q"(cf) : : "cc");
    check_emulated("lock btr imm, clear", KERNEL(base | (PTE_DATA & ~PTE_A)));
    CHECK_EQ(cf, 0);
    TRY_AT("", "lock btsq %2, %0", "setc %1", : "+m"(*slot), "=q"(cf) : "r"(5UL) : "cc");
    check_emulated("lock bts reg", KERNEL(base | PTE_DATA));
    CHECK_EQ(cf, 0);
    TRY_AT("", "btrl %2, %0", "setc %1", : "+m"(*(volatile uint32_t *)slot), "=q"(cf)
           : "r"(1) : "cc");
    check_emulated("btr r32", KERNEL(base | PTE_RO));
    CHECK_EQ(cf, 1);
    TRY_AT("", "lock btrq %2, %0", "setc %1", : "+m"(*slot), "=q"(cf) : "r"(0UL) : "cc");
    CHECK_EQ(*slot & 1, 0);
    CHECK_EQ(cf, 1);
}

/* The new entry holds its references: the page behind it can't become a table. */
static void test_references(void)
{
    volatile uint64_t *va = window(40);

    reset(0);
    TRY("mov %1, %0", : "=m"(*slot) : "r"(base | PTE_DATA));
    check_emulated("mov", KERNEL(base | PTE_DATA));
    *va = 0x77;
    CHECK_EQ(*(uint64_t *)data_page, 0x77);
    *va = 0;
    CHECK_EQ(page_make_readonly(data_page), 0);
    CHECK_EQ(mmuext_one(MMUEXT_PIN_L1_TABLE, virt_to_mfn(data_page), 0), -22);
    TRY("movq $0, %0", : "=m"(*slot));
    check_emulated("mov 0", 0);
    CHECK_EQ(mmuext_one(MMUEXT_PIN_L1_TABLE, virt_to_mfn(data_page), 0), 0);
    CHECK_EQ(mmuext_one(MMUEXT_UNPIN_TABLE, virt_to_mfn(data_page), 0), 0);
    CHECK_EQ(page_make_writable(data_page), 0);
}

static void test_passed_on(void)
{
    uint8_t *bytes = (uint8_t *)slot;
    uint64_t was = KERNEL(base | PTE_DATA);
    uint64_t l4 = virt_to_mfn((void *)start_info->pt_base) << PAGE_SHIFT;

    reset(base | PTE_DATA);
    TRY("movl $0, %0", : "=m"(*(uint32_t *)(bytes + 2)));
    check_passed_on("unaligned", bytes + 2, was);
    TRY("mov %1, %0", : "=m"(*(uint64_t *)(bytes + 4)) : "r"(0UL));
    check_passed_on("crossing", bytes + 4, was);
    TRY("mov %1, %0", : "=m"(*slot) : "r"(l4 | PTE_DATA));
    check_passed_on("a writable map of a table", slot, was);
    TRY("mov %1, %0", : "=m"(*slot) : "r"(0x7fffffffff001UL | PTE_DATA));
    check_passed_on("a frame that is not there", slot, was);
    TRY("movups %%xmm0, %0", : "=m"(*slot));
    check_passed_on("SSE store", slot, was);
    TRY("lock cmpxchg16b %0", : "+m"(*slot) : "a"(was), "d"(slot[1]), "b"(0UL), "c"(0UL) : "cc");
    check_passed_on("cmpxchg16b", slot, was);
}

static void write_through(void *va)
{
    *(volatile uint64_t *)va = 0;
}

/* Other levels, and pages that are read-only for the guest's own reasons. */
static void test_other_targets(void)
{
    uint64_t *table = page_alloc();

    for (int level = 2; level <= 4; level++) {
        void *entry = (void *)(pte_of((void *)0xffffffff80000000, level) + (level == 2 ? 300 : 0));

        if (level > 2)
            entry = (uint8_t *)((uintptr_t)entry & ~(PAGE_SIZE - 1)) + 8 * 300;
        trap_catch(write_through, entry);
        CHECK_EQ(trap_last.vector, 14);
        CHECK_EQ(trap_last.error, 3);
        CHECK_EQ(trap_last.cr2, entry);
    }
    CHECK_EQ(page_make_readonly(table), 0);
    CHECK(trap_catch(write_through, table));
    CHECK_EQ(trap_last.error, 3);
    CHECK_EQ(mmuext_one(MMUEXT_PIN_L1_TABLE, virt_to_mfn(table), 0), 0);
    CHECK(!trap_catch(write_through, table));
    CHECK_EQ(mmuext_one(MMUEXT_UNPIN_TABLE, virt_to_mfn(table), 0), 0);
    CHECK(trap_catch(write_through, table));
    CHECK_EQ(trap_last.error, 3);
}

void test_main(void)
{
    kit_init();
    /* Xen emulates stores only for those who ask; its control domain need not. */
    hypercall_2(__HYPERVISOR_vm_assist, 0, 2);
    slot = pte_of(window(40), 1);
    base = virt_to_mfn(data_page) << PAGE_SHIFT;
    other = virt_to_mfn(other_page) << PAGE_SHIFT;
    test_stores();
    test_repeated_store();
    test_exchange();
    test_compare_exchange();
    test_compare_exchange_8b();
    test_logic();
    test_bits();
    test_references();
    test_passed_on();
    test_other_targets();
}
