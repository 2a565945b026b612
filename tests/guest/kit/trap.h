/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions of a test guest. trap_init() registers vectors 0-31 and the callbacks. A fault
 * that a test expects is caught in one of three ways and then stands in trap_last:
 *   TRY(insn...)        one instruction of the guest kernel
 *   trap_catch(fn, arg) anything fn does
 *   user_run() (user.h) anything user mode does
 * Any other fault prints itself and fails the test. Only vCPU 0 may expect faults.
 */
#ifndef GUEST_KIT_TRAP_H
#define GUEST_KIT_TRAP_H

#include <stdbool.h>
#include <stdint.h>

#include "vectors.h"

#define GUEST_CS 0xe033
#define GUEST_SS 0xe02b

#define X86_FLAG_CF   0x1
#define X86_FLAG_ONE  0x2 /* always set */
#define X86_FLAG_ZF   0x40
#define X86_FLAG_TF   0x100
#define X86_FLAG_IF   0x200
#define X86_FLAG_DF   0x400
#define X86_FLAG_IOPL 0x3000
#define X86_FLAG_NT   0x4000
#define X86_FLAG_RF   0x10000
#define X86_FLAG_AC   0x40000
#define X86_FLAG_ID   0x200000

/* What trap.S leaves on the stack: registers, then the frame as the hypervisor pushed it. */
struct trap_frame {
    uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
    uint64_t vector;
    uint64_t live_rflags;
    uint64_t raw[11];
};

/* One trap, taken apart. rcx to ss are the frame's slots; live_* the CPU's at the handler. */
struct trap_record {
    unsigned int vector;
    bool has_error;
    uint64_t error;
    uint64_t rcx, r11, rip, cs, rflags, rsp, ss;
    uint64_t ds, es, fs, gs;  /* of a failsafe frame */
    uint8_t saved_mask;       /* bits 32-39 of the CS slot */
    uint8_t mask;             /* evtchn_upcall_mask when the handler began */
    uint64_t cr2;
    uint64_t base;            /* RSP at the handler */
    uint64_t live_rflags, live_rcx, live_r11;
    uint16_t live_cs, live_ss;
    uint64_t rax, rdi, rsi, rdx, r8, r9, r10, rbx;
    uint64_t insn, next;      /* after TRY: the instruction, and the one behind it */
};

extern struct trap_record trap_last;

/* The record that the iret hypercall takes, at RSP. */
struct iret_frame {
    uint64_t rax, r11, rcx, flags, rip, cs, rflags, rsp, ss;
};

struct jump {
    uint64_t saved[8];
};

int jump_set(struct jump *jump) __attribute__((returns_twice));
void jump_to(const struct jump *jump) __attribute__((noreturn));

/*
 * A test's own handler, asked first. It may change the registers in frame and the slots rcx
 * to ss in record; true means handled: go back there.
 */
typedef bool (*trap_hook_t)(struct trap_frame *frame, struct trap_record *record);
extern trap_hook_t trap_hook;

extern char trap_stubs[];
#define TRAP_STUB(nr) ((unsigned long)trap_stubs + (nr) * 16UL)

/* Registers traps 0-31 (DPL 3 for 3 and 4), the callbacks and SYSCALL. */
void trap_init(void);
/* Registers one more vector; flags as in struct trap_info. */
long trap_set(uint8_t vector, uint8_t flags);
long trap_set_callback(uint16_t type, uint16_t flags, unsigned long address);

/* Runs fn(arg); true when a trap ended it. */
bool trap_catch(void (*fn)(void *), void *arg);
/* What user mode's traps come back to while it runs; NULL: they are not expected. */
extern struct jump *trap_user_jump;

void trap_iret_to(const struct iret_frame *frame) __attribute__((noreturn));

/*
 * One instruction that may trap: TRY("insn", : outputs : inputs : clobbers), or with
 * instructions around it that may not: TRY_AT("before", "insn", "after", ...), where "after"
 * also runs when it trapped. Afterwards trap_last.vector is TRAP_NONE if it did not trap;
 * else insn and next are the addresses of the instruction and of the one behind it.
 */
#define TRY_AT(before, insn, after, ...)                                     \
    do {                                                                     \
        trap_last.vector = TRAP_NONE;                                        \
        __asm__ volatile("" : : : "memory");                                 \
        __asm__ volatile(before "\n771: " insn "\n772: nop\n773: " after "\n" \
                         ".pushsection .extable, \"a\"\n"                    \
                         ".quad 771b, 772b, 773b\n"                          \
                         ".popsection\n" __VA_ARGS__);                       \
        __asm__ volatile("" : : : "memory");                                 \
    } while (0)
#define TRY(insn, ...) TRY_AT("", insn, "", __VA_ARGS__)

#endif
