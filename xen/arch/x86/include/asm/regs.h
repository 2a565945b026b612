/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The register frame that every entry from a guest (and every trap) leaves on the stack. Its
 * layout is that of the first 168 bytes of the ABI's cpu_user_regs.
 */
#ifndef ASM_REGS_H
#define ASM_REGS_H

#include <stdint.h>

struct cpu_regs {
    uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
    uint64_t rax, rcx, rdx, rsi, rdi;
    uint32_t error_code;
    uint32_t entry_vector;
    uint64_t rip, cs, rflags, rsp, ss;
};
_Static_assert(sizeof(struct cpu_regs) == 168, "entry.S relies on the frame's layout");

#define RFLAGS_CF   0x00000001UL
#define RFLAGS_MBS  0x00000002UL
#define RFLAGS_ZF   0x00000040UL
#define RFLAGS_TF   0x00000100UL
#define RFLAGS_IF   0x00000200UL
#define RFLAGS_DF   0x00000400UL
#define RFLAGS_IOPL 0x00003000UL
#define RFLAGS_NT   0x00004000UL
#define RFLAGS_RF   0x00010000UL
#define RFLAGS_VM   0x00020000UL
#define RFLAGS_AC   0x00040000UL
#define RFLAGS_VIF  0x00080000UL
#define RFLAGS_VIP  0x00100000UL
#define RFLAGS_ID   0x00200000UL

#define TRAP_DE  0
#define TRAP_DB  1
#define TRAP_NMI 2
#define TRAP_BP  3
#define TRAP_OF  4
#define TRAP_BR  5
#define TRAP_UD  6
#define TRAP_NM  7
#define TRAP_DF  8
#define TRAP_TS  10
#define TRAP_NP  11
#define TRAP_SS  12
#define TRAP_GP  13
#define TRAP_PF  14
#define TRAP_MF  16
#define TRAP_AC  17
#define TRAP_MC  18
#define TRAP_XM  19

#define PFEC_P   1U
#define PFEC_W   2U
#define PFEC_U   4U
#define PFEC_RSV 8U
#define PFEC_I   16U

#endif
