/* SPDX-License-Identifier: BSD-2-Clause */
/* What head.S and start.c know about how the guest was started. */
#ifndef GUEST_KIT_START_H
#define GUEST_KIT_START_H

#include <stdint.h>

/* Registers at the first instruction; head.S writes it by offset. */
struct entry_state {
    uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp;
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rflags;
    uint16_t cs, ss, ds, es, fs, gs;
    uint32_t tsc_low, tsc_high;
};

extern struct entry_state entry_state;

/* The test: defined by each tests/guest/NAME/main.c. */
void test_main(void);

/* Ends the guest: prints nothing, asks for a reboot (QEMU runs with -no-reboot). */
void guest_end(void) __attribute__((noreturn));

#endif
