/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: exceptions raised by the guest kernel itself. For each, the frame must hold what
 * a kernel expects: error code, RIP, CS with RPL 0, flags, stack and, for #PF, CR2; and the
 * handler must start with the documented live state.
 */
#include "check.h"
#include "event.h"
#include "kit.h"
#include "mm.h"
#include "print.h"
#include "trap.h"

static uint8_t page[PAGE_SIZE] __attribute__((aligned(4096)));

static void check_fault(unsigned int vector, uint64_t error)
{
    CHECK_EQ(trap_last.vector, vector);
    CHECK_EQ(trap_last.error, error);
    CHECK_EQ(trap_last.cs, GUEST_CS & ~3);
    CHECK_EQ(trap_last.ss, GUEST_SS);
    CHECK_EQ(trap_last.live_cs, GUEST_CS);
    CHECK_EQ(trap_last.live_ss, GUEST_SS);
}

static void check_page_fault(uint64_t error, const volatile void *address)
{
    check_fault(14, error);
    CHECK_EQ(trap_last.cr2, address);
}

static void read_at(void *va)
{
    (void)*(volatile uint8_t *)va;
}

static void write_at(void *va)
{
    *(volatile uint8_t *)va = 1;
}

static void call_at(void *va)
{
    ((void (*)(void))va)();
}

static void test_page_faults(void)
{
    uint8_t *va = window(3);
    uint64_t mfn = virt_to_mfn(page);

    trap_catch(read_at, va + 5);
    check_page_fault(0, va + 5);
    trap_catch(write_at, va + 6);
    check_page_fault(2, va + 6);
    trap_catch(call_at, va + 7);
    check_page_fault(0x10, va + 7);
    CHECK_EQ(trap_last.rip, va + 7);

    CHECK_EQ(va_map_flush(va, make_pte(mfn, PTE_RO)), 0);
    CHECK(!trap_catch(read_at, va));
    trap_catch(write_at, va + 8);
    check_page_fault(3, va + 8);
    CHECK_EQ(va_map_flush(va, make_pte(mfn, PTE_DATA | PTE_NX)), 0);
    CHECK(!trap_catch(write_at, va));
    trap_catch(call_at, va);
    check_page_fault(0x11, va);
    CHECK_EQ(va_map_flush(va, 0), 0);
}

static void test_general_protection(void)
{
    trap_catch(read_at, (void *)0x8000000000000000);
    check_fault(13, 0);
    TRY("hlt");
    check_fault(13, 0);
    TRY("mov %0, %%ds", : : "r"(0x7ff8));
    check_fault(13, 0x7ff8);
    TRY("mov %0, %%ds", : : "r"(0x7ffb));
    check_fault(13, 0x7ff8);
    TRY("mov %0, %%ds", : : "r"(0xc));
    check_fault(13, 0xc);
}

static void test_invalid_opcode(void)
{
    TRY("ud2");
    check_fault(6, 0);
    CHECK_EQ(trap_last.rip, trap_last.insn);
    if (!(trap_last.rflags & X86_FLAG_RF))
        check_skip_part("rf", "this QEMU does not set RF in the frame of a fault");
}

static void test_divide_error(void)
{
    uint32_t lo = 1, hi = 0;

    TRY("divl %2", : "+a"(lo), "+d"(hi) : "r"(0));
    check_fault(0, 0);
}

/* Traps report the instruction behind, and no RF. */
static void check_trap(unsigned int vector)
{
    check_fault(vector, 0);
    CHECK_EQ(trap_last.rip, trap_last.next);
    CHECK_EQ(trap_last.rflags & X86_FLAG_RF, 0);
}

static void test_breakpoint_and_overflow(void)
{
    TRY("int3");
    check_trap(3);
    TRY(".byte 0xcd, 3");
    check_trap(3);
    TRY(".byte 0xcd, 4");
    check_trap(4);
}

/* INT n is allowed where the guest registered DPL 3, or DPL 0 and the kernel executes it. */
static void test_software_interrupts(void)
{
    CHECK_EQ(trap_set(0x80, 3), 0);
    TRY("int $0x80");
    check_trap(0x80);
    CHECK_EQ(trap_set(0x80, 0), 0);
    TRY("int $0x80");
    check_trap(0x80);
    CHECK_EQ(trap_set(0x21, 3), 0);
    TRY("int $0x21");
    if (trap_last.vector == 13 && trap_last.error == 0x21 * 16 + 2) {
        check_skip_part("int-n", "this QEMU gives INT n a wrong #GP error code");
        return;
    }
    check_trap(0x21);
    TRY("int $0x22");
    check_fault(13, 0x22 * 8 + 2);
    CHECK_EQ(trap_last.rip, trap_last.insn);
}

/* The frame starts on a 16-byte boundary, below RSP, whatever RSP was. */
static void test_frame_place(void)
{
    for (uint64_t off = 0; off < 16; off += 4) {
        TRY_AT("mov %%rsp, %%rbx; and $-16, %%rsp; sub %0, %%rsp", "ud2", "mov %%rbx, %%rsp",
               : : "r"(off) : "rbx");
        CHECK_EQ(trap_last.rsp & 15, (0 - off) & 15);
        CHECK_EQ(trap_last.base, (trap_last.rsp & ~15UL) - 7 * 8);
    }
    TRY("hlt");
    CHECK_EQ(trap_last.base, (trap_last.rsp & ~15UL) - 8 * 8);
}

/* AC, NT, DF, ID and the arithmetic flags reach the frame; AC and NT are clear in the handler. */
static void test_flags(void)
{
    const uint64_t set = X86_FLAG_AC | X86_FLAG_NT | X86_FLAG_DF | X86_FLAG_ID | X86_FLAG_CF |
                         X86_FLAG_ZF;

    TRY_AT("pushfq; pop %%rbx; mov %%rbx, %%rcx; or %0, %%rcx; push %%rcx; popfq", "ud2",
           "push %%rbx; popfq", : : "r"(set) : "rbx", "rcx", "cc");
    check_fault(6, 0);
    CHECK_EQ(trap_last.rflags & set, set);
    CHECK_EQ(trap_last.rflags & X86_FLAG_IOPL, 0);
    CHECK_EQ(trap_last.live_rflags & (X86_FLAG_AC | X86_FLAG_NT | X86_FLAG_TF | X86_FLAG_RF), 0);
    CHECK_EQ(trap_last.live_rflags & X86_FLAG_DF, X86_FLAG_DF);
    CHECK_EQ(trap_last.live_rflags & X86_FLAG_IF, X86_FLAG_IF);
}

/* IF in the frame is the opposite of the event mask; the mask itself stands in the CS slot. */
static void test_event_mask(void)
{
    events_disable();
    TRY("ud2");
    CHECK_EQ(trap_last.saved_mask, 1);
    CHECK_EQ(trap_last.rflags & X86_FLAG_IF, 0);
    CHECK_EQ(trap_last.mask, 1);

    events_enable();
    TRY("ud2");
    CHECK_EQ(trap_last.saved_mask, 0);
    CHECK_EQ(trap_last.rflags & X86_FLAG_IF, X86_FLAG_IF);
    CHECK_EQ(trap_last.mask, 0);
    CHECK_EQ(vcpu_info_self()->evtchn_upcall_mask, 0);

    CHECK_EQ(trap_set(6, 4), 0);
    TRY("ud2");
    CHECK_EQ(trap_last.saved_mask, 0);
    CHECK_EQ(trap_last.mask, 1);
    CHECK_EQ(vcpu_info_self()->evtchn_upcall_mask, 0);
    events_disable();
}

/* RCX and R11 of the interrupted code stand in the frame and come back. */
static void test_scratch_registers(void)
{
    uint64_t rcx = 0x1122334455667788, r11 = 0x8877665544332211;

    TRY_AT("mov %1, %%r11", "ud2", "mov %%r11, %1", : "+c"(rcx), "+b"(r11) : : "r11");
    CHECK_EQ(trap_last.rcx, 0x1122334455667788);
    CHECK_EQ(trap_last.r11, 0x8877665544332211);
    CHECK_EQ(rcx, 0x1122334455667788);
    CHECK_EQ(r11, 0x8877665544332211);
}

void test_main(void)
{
    kit_init();
    test_page_faults();
    test_general_protection();
    test_invalid_opcode();
    test_divide_error();
    test_breakpoint_and_overflow();
    test_software_interrupts();
    test_frame_place();
    test_flags();
    test_event_mask();
    test_scratch_registers();
}
