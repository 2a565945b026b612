/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: a kernel with a HYPERCALL_PAGE note calls the hypervisor through the page. Each
 * of its 128 stubs of 32 bytes has the documented instructions; writing MSR 0x40000000 fills
 * another page in the same way.
 */
#include <public/version.h>

#include "check.h"
#include "cpu.h"
#include "kit.h"
#include "mm.h"
#include "string.h"
#include "trap.h"

extern uint8_t hypercall_page[];
/* Not zero, so that it lies in the file: the builder fills it after loading. */
uint8_t hypercall_page[PAGE_SIZE] __attribute__((aligned(4096))) = { 1 };

static long call_page(unsigned int nr, unsigned long a1, unsigned long a2)
{
    long rc;

    __asm__ volatile("call *%3"
                     : "=a"(rc), "+D"(a1), "+S"(a2)
                     : "r"(hypercall_page + nr * 32)
                     : "rcx", "rdx", "r8", "r9", "r10", "r11", "memory");
    return rc;
}

static void check_page(const uint8_t *page)
{
    static const uint8_t common[] = { 0x51, 0x41, 0x53, 0xb8 };
    static const uint8_t tail[] = { 0, 0, 0, 0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3 };
    static const uint8_t iret[] = { 0x51, 0x41, 0x53, 0x50, 0xb8, 23, 0, 0, 0, 0x0f, 0x05 };
    unsigned int wrong = 0;

    for (unsigned int nr = 0; nr < 64; nr++) {
        const uint8_t *stub = page + nr * 32;

        if (nr == 23)
            wrong += memcmp(stub, iret, sizeof(iret)) != 0;
        else
            wrong += memcmp(stub, common, 4) != 0 || stub[4] != nr ||
                     memcmp(stub + 5, tail, sizeof(tail)) != 0;
    }
    CHECK_EQ(wrong, 0);
}

void test_main(void)
{
    uint8_t *page;

    kit_init();
    check_page(hypercall_page);
    CHECK_EQ(call_page(__HYPERVISOR_xen_version, XENVER_version, 0), 0x40011);
    CHECK_EQ(call_page(60, 0, 0), -38);

    page = page_alloc();
    msr_write(0x40000000, virt_to_mfn(page) << PAGE_SHIFT);
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    check_page(page);
    msr_write(0x40000000, (virt_to_mfn(page) << PAGE_SHIFT) | 1);
    CHECK_EQ(trap_last.vector, 13);
    msr_write(0x40000000, 0x7fffffffUL << PAGE_SHIFT);
    CHECK_EQ(trap_last.vector, 13);
}
