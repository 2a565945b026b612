/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: 32-bit programs under a 64-bit kernel: user mode with a compatibility code
 * segment, its INT 0x80, its SYSCALL (on an AMD CPU) and its faults.
 */
#include <public/callback.h>

#include "check.h"
#include "cpu.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "string.h"
#include "user.h"

#define USER32_CS 0xe023
#define LOW_VA 0x400000UL

static uint8_t code_page[PAGE_SIZE] __attribute__((aligned(4096)));
static uint64_t l1[512] __attribute__((aligned(4096)));
static uint64_t l2[512] __attribute__((aligned(4096)));
static uint64_t l3[512] __attribute__((aligned(4096)));

extern uint8_t code32_begin[], code32_int80[], code32_syscall[], code32_ud2[], code32_end[];

__asm__(".pushsection .rodata\n.code32\n"
        "code32_begin:\n"
        "code32_int80: mov $0x12345678, %eax; mov $5, %ebx; int $0x80\n"
        "code32_syscall: mov $0x12345678, %eax; syscall\n"
        "code32_ud2: pushl $7; ud2\n"
        "code32_end:\n.code64\n.popsection\n");

/* A page of code and stack in the low 4 GiB of the user's tables. */
static void map_low(void)
{
    uint64_t slot = virt_to_mfn(user_l4) << PAGE_SHIFT;

    memcpy(code_page, code32_begin, (size_t)(code32_end - code32_begin));
    l1[(LOW_VA >> 12) & 511] = make_pte(virt_to_mfn(code_page), PTE_DATA | PTE_US);
    l2[(LOW_VA >> 21) & 511] = make_pte(virt_to_mfn(l1), PTE_TABLE);
    l3[0] = make_pte(virt_to_mfn(l2), PTE_TABLE);
    CHECK_EQ(page_make_readonly(l1), 0);
    CHECK_EQ(page_make_readonly(l2), 0);
    CHECK_EQ(page_make_readonly(l3), 0);
    CHECK_EQ(mmu_update_one(slot, make_pte(virt_to_mfn(l3), PTE_TABLE), NULL, DOMID_SELF), 0);
}

static uint64_t low(const uint8_t *code)
{
    return LOW_VA + (uint64_t)(code - code32_begin);
}

static void enter(const uint8_t *code)
{
    struct iret_frame frame = user_frame(NULL);

    frame.rip = low(code);
    frame.cs = USER32_CS;
    frame.rsp = LOW_VA + PAGE_SIZE;
    user_enter(&frame);
}

void test_main(void)
{
    kit_init();
    user_init();
    map_low();
    CHECK_EQ(trap_set(0x80, 3), 0);
    CHECK_EQ(trap_set_callback(CALLBACKTYPE_syscall32, CALLBACKF_mask_events,
                               TRAP_STUB(TRAP_SYSCALL32)), 0);
    enter(code32_int80);
    CHECK_EQ(trap_last.vector, 0x80);
    CHECK_EQ(trap_last.rip, low(code32_syscall));
    CHECK_EQ(trap_last.cs, USER32_CS);
    CHECK_EQ(trap_last.ss, USER_SS);
    CHECK_EQ(trap_last.rax, 0x12345678);
    CHECK_EQ(trap_last.rbx, 5);
    CHECK_EQ(trap_last.rsp, LOW_VA + PAGE_SIZE);

    enter(code32_ud2);
    CHECK_EQ(trap_last.vector, 6);
    CHECK_EQ(trap_last.cs, USER32_CS);
    CHECK_EQ(trap_last.rsp, LOW_VA + PAGE_SIZE - 4);

    if (!cpu_is_amd()) {
        check_skip_part("syscall32", "the CPU is not an AMD one");
        return;
    }
    enter(code32_syscall);
    CHECK_EQ(trap_last.vector, TRAP_SYSCALL32);
    CHECK_EQ(trap_last.rip, low(code32_ud2));
    CHECK_EQ(trap_last.cs, USER32_CS);
    CHECK_EQ(trap_last.ss, USER_SS);
    CHECK_EQ(trap_last.rax, 0x12345678);
    CHECK_EQ(trap_last.mask, 1);
    CHECK_EQ(trap_set_callback(CALLBACKTYPE_syscall32, 0, 0), 0);
    enter(code32_syscall);
    CHECK_EQ(trap_last.vector, 6);
}
