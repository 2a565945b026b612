/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: set_gdt and update_descriptor. Which pages and descriptors are accepted, how
 * privilege is taken out of them, selector loads through the table in kernel and user mode.
 */
#include <public/errno.h>

#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "trap.h"
#include "user.h"

#define CODE64_DPL0 0x00af9b000000ffffUL
#define CODE64_DPL3 0x00affb000000ffffUL
#define DATA_DPL0   0x00cf93000000ffffUL
#define DATA_DPL3   0x00cff3000000ffffUL
#define TSS         0x0000890000000067UL
#define LDT_DESC    0x0000820000000067UL
#define INT_GATE    0x00008e0000100000UL
#define CALL_GATE   0x0000ec0000100000UL

static uint64_t gdt[512] __attribute__((aligned(4096)));
static uint64_t other[512] __attribute__((aligned(4096)));
static uint64_t plain[512] __attribute__((aligned(4096)));

static long set_gdt(const void *page, unsigned int entries)
{
    uint64_t frame = virt_to_mfn(page);

    return hypercall_2(__HYPERVISOR_set_gdt, &frame, entries);
}

static long update(const void *entry, uint64_t descriptor)
{
    uint64_t maddr = (virt_to_mfn(entry) << PAGE_SHIFT) | ((uintptr_t)entry & (PAGE_SIZE - 1));

    return hypercall_2(__HYPERVISOR_update_descriptor, maddr, descriptor);
}

static void test_refused(void)
{
    uint64_t frame = 0xfed00;

    CHECK_EQ(set_gdt(gdt, 16), -XEN_EINVAL); /* mapped writable */
    CHECK_EQ(hypercall_2(__HYPERVISOR_set_gdt, &frame, 16), -XEN_EINVAL);
    CHECK_EQ(set_gdt((void *)start_info->pt_base, 16), -XEN_EINVAL);
    CHECK_EQ(hypercall_2(__HYPERVISOR_set_gdt, &frame, 7169), -XEN_EINVAL);
    CHECK_EQ(hypercall_2(__HYPERVISOR_set_gdt, 0x1000, 16), -XEN_EFAULT);
}

/* One bad descriptor anywhere in the page refuses it. */
static void test_bad_page(void)
{
    static const uint64_t bad[] = { TSS, LDT_DESC, INT_GATE };

    for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        other[500] = bad[i];
        CHECK_EQ(page_make_readonly(other), 0);
        CHECK_EQ(set_gdt(other, 8), -XEN_EINVAL);
        CHECK_EQ(page_make_writable(other), 0);
    }
    other[500] = TSS & ~0x0000800000000000UL; /* not present */
    CHECK_EQ(page_make_readonly(other), 0);
    CHECK_EQ(set_gdt(other, 8), 0);
    CHECK_EQ(set_gdt(other, 0), 0);
    CHECK_EQ(page_make_writable(other), 0);
}

static void test_load(void)
{
    uint16_t selector;

    gdt[2] = CODE64_DPL0;
    gdt[3] = DATA_DPL0;
    gdt[4] = CALL_GATE;
    gdt[5] = DATA_DPL3;
    gdt[6] = CODE64_DPL3;
    CHECK_EQ(page_make_readonly(gdt), 0);
    CHECK_EQ(set_gdt(gdt, 16), 0);
    CHECK_EQ(gdt[2] & ~(1UL << 40), CODE64_DPL3 & ~(1UL << 40));
    CHECK_EQ(gdt[3] & ~(1UL << 40), DATA_DPL3 & ~(1UL << 40));
    CHECK_EQ(gdt[4] >> 45 & 3, 0);        /* a call gate's DPL becomes 0 */
    CHECK_EQ(gdt[4] >> 16 & 3, 3);        /* and its target's RPL 3 */
    CHECK_EQ(page_make_writable(gdt), -XEN_EBUSY);

    TRY("mov %w0, %%ds", : : "r"(0x2b));
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    __asm__ volatile("mov %%ds, %0" : "=r"(selector));
    CHECK_EQ(selector, 0x2b);
    TRY("mov %w0, %%ds", : : "r"(0x18));
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    TRY("mov %w0, %%ds", : : "r"(0x3b)); /* null descriptor */
    CHECK_EQ(trap_last.vector, 13);
    CHECK_EQ(trap_last.error, 0x38);
    TRY("mov %w0, %%ds", : : "r"(0));
    CHECK_EQ(trap_last.vector, TRAP_NONE);
}

static void test_update(void)
{
    CHECK_EQ(update(&gdt[7], DATA_DPL0), 0);
    CHECK_EQ(gdt[7], DATA_DPL3);
    TRY("mov %w0, %%ds", : : "r"(0x3b));
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    TRY("mov %w0, %%ds", : : "r"(0));
    CHECK_EQ(update(&gdt[7], TSS), -XEN_EINVAL);
    CHECK_EQ(update(&gdt[7], LDT_DESC), -XEN_EINVAL);
    CHECK_EQ(update(&gdt[7], INT_GATE), -XEN_EINVAL);
    CHECK_EQ(gdt[7] & ~(1UL << 40), DATA_DPL3 & ~(1UL << 40));
    CHECK_EQ(update(&gdt[7], 0), 0);
    CHECK_EQ(update((uint8_t *)&gdt[7] + 4, 0), -XEN_EINVAL);
    CHECK_EQ(update((void *)start_info->pt_base, 0), -XEN_EINVAL);
    CHECK_EQ(hypercall_2(__HYPERVISOR_update_descriptor, 0xfed00000, 0), -XEN_EINVAL);
    /* A page that is not in use as a table yet is written too, with DPL 3. */
    CHECK_EQ(update(&plain[3], DATA_DPL0), 0);
    CHECK_EQ(plain[3], DATA_DPL3);
}

static void user_nothing(void)
{
    user_exit(0);
}

/* User mode runs on the guest's own selectors; a system call shows the flat ones all the same. */
static void test_user_selectors(void)
{
    struct iret_frame frame = user_frame(user_nothing);

    frame.cs = 0x33;
    frame.ss = 0x2b;
    user_enter(&frame);
    CHECK_EQ(trap_last.vector, TRAP_SYSCALL);
    CHECK_EQ(trap_last.cs, GUEST_CS);
    CHECK_EQ(trap_last.ss, GUEST_SS);
}

static void user_ud2(void)
{
    __asm__ volatile("ud2");
}

static void test_user_trap(void)
{
    struct iret_frame frame = user_frame(user_ud2);

    frame.cs = 0x33;
    frame.ss = 0x2b;
    user_enter(&frame);
    CHECK_EQ(trap_last.vector, 6);
    CHECK_EQ(trap_last.cs, 0x33);
    CHECK_EQ(trap_last.ss, 0x2b);
}

void test_main(void)
{
    kit_init();
    user_init();
    test_refused();
    test_bad_page();
    test_load();
    test_update();
    test_user_selectors();
    test_user_trap();
    CHECK_EQ(set_gdt(gdt, 0), 0);
    CHECK_EQ(page_make_writable(gdt), 0);
}
