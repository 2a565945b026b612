/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Into a guest by VMLAUNCH or VMRESUME and out of it by an exit (Intel SDM vol. 3, 27 and 28). The
 * guest's registers are in the frame at the top of the CPU's stack, but for RSP, RIP and RFLAGS,
 * which the VMCS has.
 *
 * From the last look at the softirqs on, interrupts are off: one that comes meanwhile makes the
 * guest exit at once.
 */
#include <asm/offsets.h>

#define ENTRY(name) .globl name; .hidden name; .type name, @function; .balign 16; name:

        .section .text.hot, "ax", @progbits

ENTRY(vmx_run)
        cli
        mov     INFO_percpu_offset(%rsp), %rcx
        lea     percpu_softirq_bits(%rip), %rdx
        cmpq    $0, (%rdx, %rcx)
        jne     run_softirq
        call    vmx_before_entry
        test    %al, %al                /* nothing below changes the flags */

        mov     REGS_r15(%rsp), %r15
        mov     REGS_r14(%rsp), %r14
        mov     REGS_r13(%rsp), %r13
        mov     REGS_r12(%rsp), %r12
        mov     REGS_rbp(%rsp), %rbp
        mov     REGS_rbx(%rsp), %rbx
        mov     REGS_r11(%rsp), %r11
        mov     REGS_r10(%rsp), %r10
        mov     REGS_r9(%rsp), %r9
        mov     REGS_r8(%rsp), %r8
        mov     REGS_rax(%rsp), %rax
        mov     REGS_rcx(%rsp), %rcx
        mov     REGS_rdx(%rsp), %rdx
        mov     REGS_rsi(%rsp), %rsi
        mov     REGS_rdi(%rsp), %rdi
        jz      1f
        vmresume
        jmp     2f
1:      vmlaunch
2:      xor     %ebp, %ebp
        call    vmx_entry_failed
        jmp     vmx_run

ENTRY(vmx_exit_point)
        mov     %r15, REGS_r15(%rsp)
        mov     %r14, REGS_r14(%rsp)
        mov     %r13, REGS_r13(%rsp)
        mov     %r12, REGS_r12(%rsp)
        mov     %rbp, REGS_rbp(%rsp)
        mov     %rbx, REGS_rbx(%rsp)
        mov     %r11, REGS_r11(%rsp)
        mov     %r10, REGS_r10(%rsp)
        mov     %r9, REGS_r9(%rsp)
        mov     %r8, REGS_r8(%rsp)
        mov     %rax, REGS_rax(%rsp)
        mov     %rcx, REGS_rcx(%rsp)
        mov     %rdx, REGS_rdx(%rsp)
        mov     %rsi, REGS_rsi(%rsp)
        mov     %rdi, REGS_rdi(%rsp)
        xor     %ebp, %ebp
        call    vmx_exit
        jmp     vmx_run

run_softirq:
        sti
        call    softirq_run
        jmp     vmx_run

        .section .note.GNU-stack, "", @progbits
